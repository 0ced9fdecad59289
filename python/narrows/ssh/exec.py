"""One command from the agent's request to its exit status: asked about, started upstream, relayed.

The bytes of both directions stay in asyncio's thread. Each is written down, and what comes back is masked,
before it goes on. Whoever cannot take more closes the other's window; nothing is queued here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncssh
import structlog
from asyncssh.constants import EXTENDED_DATA_STDERR

from narrows.model import Command
from narrows.ssh import limits
from narrows.ssh.channel import AgentChannel, environment_of
from narrows.ssh.control import Verdict
from narrows.ssh.output import Output
from narrows.ssh.recorder import ERRORS, OUTPUT
from narrows.ssh.sftp import SUBSYSTEM, Sftp
from narrows.ssh.upstreams import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.ssh.control import Masker
    from narrows.ssh.downstream import Downstream

DENIED = 126
"""The exit status of what policy denies: a shell's for a command that may not be run."""
UNREACHABLE = 255
"""OpenSSH's exit status for what is wrong between it and the command."""
ENDING_SIGNALS = {"HUP", "INT", "KILL", "QUIT", "TERM"}
"""Signals that end a command which is still waiting."""

log = structlog.get_logger("narrows.ssh")


@dataclass(frozen=True, slots=True)
class Terminal:
    """A pseudo-terminal as it was asked for."""

    kind: str
    size: tuple[int, int, int, int]
    modes: Mapping[int, int]


class Exec(asyncssh.SSHServerSession[bytes]):
    """The agent's side of a command.

    Args:
        downstream: The session it belongs to.
        number: Names its channel in the recording.
    """

    def __init__(self, downstream: Downstream, number: int) -> None:
        self._downstream = downstream
        self._number = number
        self._recorder = downstream.recorder
        self._loop = asyncio.get_running_loop()
        self._channel: AgentChannel
        self._terminal: Terminal | None = None
        self._start: tuple[str, str] = ("shell", "")
        self._running: asyncio.Task[None] | None = None
        self._upstream: asyncssh.SSHClientChannel[bytes] | None = None
        self._maskers: dict[int, Masker | None] = {}
        self._files: Sftp | None = None
        self._target_is_full = False
        self._exit: tuple[Any, ...] | None = None
        self._is_over = False
        self._is_gone = False

    # What asyncssh tells of the agent's requests.

    def connection_made(self, chan: Any) -> None:
        """The channel is open."""
        self._channel = chan

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Mapping[int, int]) -> bool:
        """The agent wants a terminal; it gets one if policy lets the command have it."""
        self._terminal = Terminal(term_type, term_size, term_modes)
        return True

    def exec_requested(self, command: str) -> bool:
        """The agent wants a command run."""
        self._start = ("exec", command)
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        """The agent wants a subsystem."""
        self._start = ("subsystem", subsystem)
        return True

    def shell_requested(self) -> bool:
        """The agent wants a shell."""
        return True

    def session_started(self) -> None:
        """The request was answered; the command's output and status follow."""
        self._running = self._loop.create_task(self._run())

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Standard input; with a terminal it is not written down, for passwords are typed there."""
        if self._upstream is None or self._upstream.is_closing():
            return
        if self._files is not None:
            with self._downstream.ending_without_journal():
                self._files.from_agent(data)
            return
        if self._terminal is None:
            with self._downstream.ending_without_journal():
                self._recorder.sent(self._number, data)
        self._upstream.write(data)

    def eof_received(self) -> bool:
        """Standard input ends; output goes on."""
        if self._files is not None:
            self._files.input_ended()
        elif self._upstream is not None:
            self._upstream.write_eof()
        return True

    def signal_received(self, signal: str) -> None:
        """The agent signals the command."""
        if self._upstream is not None:
            self._upstream.send_signal(signal)
        elif signal in ENDING_SIGNALS and self._running is not None:
            self._running.cancel()
            self._channel.exit_with_signal(signal)

    def break_received(self, msec: int) -> bool:
        """The agent sends a break."""
        if self._upstream is not None:
            self._upstream.send_break(msec)
        return self._upstream is not None

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """The agent's window has another size."""
        size = (width, height, pixwidth, pixheight)
        if self._terminal is not None:
            self._terminal = Terminal(self._terminal.kind, size, self._terminal.modes)
        if self._upstream is not None:
            with self._downstream.ending_without_journal():
                self._recorder.event("resized", channel=self._number, columns=width, rows=height)
            self._upstream.change_terminal_size(*size)

    def pause_writing(self) -> None:
        """The agent reads slower than the command writes."""
        if self._upstream is not None:
            self._upstream.pause_reading()

    def resume_writing(self) -> None:
        """The agent has caught up."""
        if self._is_over:
            self._say_exit()
        elif self._upstream is not None:
            self._upstream.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone, whoever closed it."""
        self._is_gone = True
        if self._running is not None:
            self._running.cancel()
        self._end_files()
        if self._upstream is not None:
            self._upstream.close()
        self._downstream.channel_closed(self)

    # What becomes of it.

    async def _run(self) -> None:
        try:
            await self._ask_and_start()
        except UnreachableError as error:
            self._end(f"Narrows: {error}", UNREACHABLE)
        except OSError:
            self._downstream.journal_failed()
        except asyncssh.Error as error:
            log.warning("command not started", error=str(error))
            self._end("Narrows: the target ended the connection", UNREACHABLE)

    async def _ask_and_start(self) -> None:
        start, text = self._start
        command = Command(
            text,
            self._downstream.login,
            start=start,  # type: ignore[arg-type]
            terminal=self._terminal is not None,
            environment=environment_of(self._channel),
        )
        self._recorder.start(self._number, command)
        verdict = await self._verdict(command)
        self._recorder.verdict(verdict)
        if not verdict.allowed:
            hint = f"\n  {verdict.hint}" if verdict.hint else ""
            self._end(f"Narrows: denied by rule {verdict.rule}: {verdict.reason}{hint}", DENIED)
            return
        if (command.start, command.text) == ("subsystem", SUBSYSTEM):
            self._files = Sftp(self, self._downstream, self._number)
            self._terminal = None
            self._maskers[ERRORS] = self._downstream.masker()
        elif not verdict.carries_files:
            for stream in (OUTPUT, ERRORS):
                self._maskers[stream] = self._downstream.masker(terminal=command.terminal)
        await self._open_upstream(command, verdict.released or command.text)
        self._channel.open_window()

    async def _verdict(self, command: Command) -> Verdict:
        if self._channel.refusal:
            return Verdict(
                allowed=False, rule="not-understood", reason=self._channel.refusal, hint="Send it otherwise."
            )
        return await self._downstream.ask(command, self.say)

    async def _open_upstream(self, command: Command, text: str) -> None:
        """Starts a command on the target; `text` is what of it may run."""
        terminal = self._terminal
        await self._downstream.start(
            lambda: Output(self),
            command=text if command.start == "exec" else None,
            subsystem=text if command.start == "subsystem" else None,
            env=dict(command.environment),
            request_pty=terminal is not None,
            term_type=terminal.kind or "dumb" if terminal else None,
            term_size=terminal.size if terminal else (),
            term_modes=terminal.modes if terminal else (),
            encoding=None,
            window=limits.WINDOW_BYTES,
            max_pktsize=limits.PACKET_BYTES_MAX,
        )

    def pause_input(self) -> None:
        """The target takes no more for now."""
        self._target_is_full = True
        self.take_turns()

    def resume_input(self) -> None:
        """The target takes more."""
        self._target_is_full = False
        self.take_turns()

    def take_turns(self) -> None:
        """Reads from the agent where the target takes more, and whoever looks at files in between."""
        if self._target_is_full or (self._files is not None and not self._files.wants_input):
            self._channel.pause_reading()
        else:
            self._channel.resume_reading()

    def to_target(self, data: bytes) -> None:
        """Sends what was asked about already."""
        if self._upstream is not None and not self._upstream.is_closing():
            self._upstream.write(data)

    def to_agent(self, data: bytes) -> None:
        """Sends what is no text of anybody's, and so not masked or written down."""
        if not self._channel.is_closing():
            self._recorder.bytes_to_agent += len(data)
            self._channel.write(data)

    def end_input(self) -> None:
        """Tells the target that the agent sends no more."""
        if self._upstream is not None:
            self._upstream.write_eof()

    def fail(self, text: str) -> None:
        """Ends what can run no longer."""
        if self._upstream is not None:
            self._upstream.abort()
        self._end(text, UNREACHABLE)

    def policy_moved(self) -> None:
        """What was decided is decided again."""
        if self._files is not None:
            with self._downstream.ending_without_journal():
                self._files.policy_moved()

    def _end_files(self) -> None:
        if self._files is not None:
            with self._downstream.ending_without_journal():
                self._files.hang_up()

    # What comes back.

    def upstream_open(self, channel: asyncssh.SSHClientChannel[bytes]) -> None:
        """The target has opened a channel: output may come before it says that the command was started."""
        self._upstream = channel

    def output(self, stream: int, data: bytes) -> None:
        """Passes on what the command wrote."""
        if self._files is not None and stream == OUTPUT:
            with self._downstream.ending_without_journal():
                self._files.from_target(data)
            return
        masker = self._maskers.get(stream)
        self._pass_on(stream, masker.feed(data) if masker else data)

    def output_ended(self) -> None:
        """The command writes no more."""
        self._finish_masking()
        if not self._channel.is_closing():
            self._channel.write_eof()

    def exited(self, how: tuple[Any, ...]) -> None:
        """The command has ended; that is told when all that it wrote has been."""
        self._exit = how

    def upstream_closed(self, error: Exception | None) -> None:
        """Nothing more comes."""
        self._finish_masking()
        self._end_files()
        if self._is_gone:
            return
        if self._exit is None and error is not None:
            self._end("Narrows: the connection to the target was lost", UNREACHABLE)
            return
        self._finish()

    def say(self, text: str) -> None:
        """Tells the agent something on its standard error; it is no part of the command's output."""
        if self._channel.is_closing():
            return
        line_end = "\r\n" if self._terminal else "\n"
        said = (text.replace("\n", line_end) + line_end).encode()
        with self._downstream.ending_without_journal():
            self._recorder.reply(self._number, ERRORS, said)
        self._channel.write(said, EXTENDED_DATA_STDERR)

    def _pass_on(self, stream: int, data: bytes) -> None:
        if not data or self._channel.is_closing():
            return
        with self._downstream.ending_without_journal():
            self._recorder.reply(self._number, stream, data)
        self._channel.write(data, EXTENDED_DATA_STDERR if stream == ERRORS else None)

    def _finish_masking(self) -> None:
        maskers, self._maskers = self._maskers, {}
        for stream, masker in maskers.items():
            if masker:
                self._pass_on(stream, masker.finish())
                self._recorder.masked_values += sum(masker.masked().values())

    def _end(self, text: str, status: int) -> None:
        """Ends what never ran, or can run no longer."""
        self.say(text)
        self._exit = (status,)
        self._finish()

    def _finish(self) -> None:
        """Says how it ended once the agent has all that came before."""
        self._is_over = True
        if self._exit is not None:
            with self._downstream.ending_without_journal():
                self._recorder.event("exit", channel=self._number, **_exit_document(self._exit))
        self._channel.set_write_buffer_limits(0)
        if not self._channel.get_write_buffer_size():
            self._say_exit()

    def _say_exit(self) -> None:
        how, self._exit = self._exit, None
        if how is None:
            self._channel.close()
        elif len(how) == 1:
            self._channel.exit(*how)
        else:
            self._channel.exit_with_signal(*how)


def _exit_document(how: tuple[Any, ...]) -> dict[str, Any]:
    return {"status": how[0]} if len(how) == 1 else {"signal": how[0], "core_dumped": how[1]}
