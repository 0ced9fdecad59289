"""One command from the agent's request to its exit status: asked about, started upstream, relayed.

The bytes of both directions stay in asyncio's thread. Each is written down, and what comes back is masked,
before it goes on. Whoever cannot take more closes the other's window; nothing is queued here.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import asyncssh
import structlog

from narrows.model import Command
from narrows.ssh import limits
from narrows.ssh.channel import AgentChannel, Terminal, environment_of
from narrows.ssh.control import Verdict
from narrows.ssh.output import Output
from narrows.ssh.recorder import ERRORS, OUTPUT
from narrows.ssh.replies import Replies
from narrows.ssh.sftp import SUBSYSTEM, Sftp
from narrows.ssh.shell import Shell
from narrows.ssh.upstreams import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.ssh.downstream import Downstream

DENIED = 126
"""The exit status of what policy denies: a shell's for a command that may not be run."""
UNREACHABLE = 255
"""OpenSSH's exit status for what is wrong between it and the command."""
ENDING_SIGNALS = {"HUP", "INT", "KILL", "QUIT", "TERM"}
"""Signals that end a command which is still waiting."""

log = structlog.get_logger("narrows.ssh")


class Exec(asyncssh.SSHServerSession[bytes]):
    """The agent's side of a command.

    Args:
        downstream: The session it belongs to.
        number: Names its channel in the recording.
    """

    replies: Replies

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
        self._files: Sftp | None = None
        self._shell: Shell | None = None
        self._target_is_full = False
        self._is_gone = False

    # What asyncssh tells of the agent's requests.

    def connection_made(self, chan: Any) -> None:
        """The channel is open."""
        self._channel = chan
        self.replies = Replies(self._downstream, self._number, chan)

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Mapping[int, int]) -> bool:
        """The agent wants a terminal; it gets one if policy lets the command have it."""
        self._terminal = Terminal(term_type, term_size, term_modes)
        self.replies.on_terminal = True
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
        if self._shell is not None:
            with self._downstream.ending_without_journal():
                self._shell.from_agent(data)
            return
        if self._terminal is None:
            with self._downstream.ending_without_journal():
                self._recorder.sent(self._number, data)
        self._upstream.write(data)

    def eof_received(self) -> bool:
        """Standard input ends; output goes on."""
        if self._files is not None:
            self._files.input_ended()
        elif self._shell is not None:
            self._shell.input_ended()
        elif self._upstream is not None:
            self._upstream.write_eof()
        return True

    def signal_received(self, signal: str) -> None:
        """The agent signals the command."""
        if self._shell is not None and signal == "INT":
            self._shell.interrupt()
        elif self._upstream is not None:
            self._upstream.send_signal(signal)
        elif signal in ENDING_SIGNALS and self._running is not None:
            self._running.cancel()
            self._channel.exit_with_signal(signal)

    def break_received(self, msec: int) -> bool:
        """The agent sends a break."""
        if self._shell is not None:
            self._shell.interrupt()
        elif self._upstream is not None:
            self._upstream.send_break(msec)
        return self._upstream is not None

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """The agent's window has another size."""
        size = (width, height, pixwidth, pixheight)
        if self._terminal is not None:
            self._terminal = Terminal(self._terminal.kind, size, self._terminal.modes)
        if self._upstream is not None:
            with self._downstream.ending_without_journal():
                self._record_size(width, height)
        if self._shell is not None:
            self._shell.resize(width)
        elif self._upstream is not None:
            self._upstream.change_terminal_size(*size)

    def pause_writing(self) -> None:
        """The agent reads slower than the command writes."""
        if self._upstream is not None:
            self._upstream.pause_reading()

    def resume_writing(self) -> None:
        """The agent has caught up."""
        if self.replies.is_over:
            self.replies.drained()
        elif self._upstream is not None:
            self._upstream.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone, whoever closed it."""
        self._is_gone = True
        if self._running is not None:
            self._running.cancel()
        self._hang_up()
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
        self.replies.decided(verdict, self._recorder.verdict(self._number, verdict))
        if not verdict.allowed:
            self._end(f"Narrows: {verdict.denial}", DENIED)
            return
        if self._terminal is not None:
            self._record_size(*self._terminal.size[:2])
        if command.start == "shell" and verdict.released:
            await self._guard(command, verdict.released)
            return
        if (command.start, command.text) == ("subsystem", SUBSYSTEM):
            self._files = Sftp(self, self._downstream, self._number)
            self._terminal = None
            self.replies.mask(ERRORS)
        elif not verdict.carries_files:
            self.replies.mask(OUTPUT, ERRORS, terminal=command.terminal)
        await self._open_upstream(command, verdict.released or command.text)
        self._channel.open_window()

    async def _guard(self, command: Command, shell: str) -> None:
        """Starts a shell that gets judged lines alone, and so has no terminal."""
        terminal, self._terminal = self._terminal, None
        self._shell = Shell(self, self._downstream, self._number, terminal)
        await self._open_upstream(replace(command, start="exec"), shell)
        self._shell.begin()
        self._channel.open_window()

    def _record_size(self, columns: int, rows: int) -> None:
        if columns and rows:  # zero: the agent does not know
            self._recorder.event("resized", channel=self._number, columns=columns, rows=rows)

    async def _verdict(self, command: Command) -> Verdict:
        if self._channel.refusal:
            return Verdict(
                allowed=False, rule="not-understood", reason=self._channel.refusal, hint="Send it otherwise."
            )
        return await self._downstream.ask(command, self.replies.say)

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
        """Reads from the agent where the target takes more, and whoever looks in between."""
        between = self._files or self._shell
        if self._target_is_full or (between is not None and not between.wants_input):
            self._channel.pause_reading()
        else:
            self._channel.resume_reading()

    def to_target(self, data: bytes) -> None:
        """Sends what was asked about already."""
        if self._upstream is not None and not self._upstream.is_closing():
            self._upstream.write(data)

    def end_input(self) -> None:
        """Tells the target that the agent sends no more."""
        if self._upstream is not None:
            self._upstream.write_eof()

    def signal_target(self, signal: str) -> None:
        """Signals what runs."""
        if self._upstream is not None:
            self._upstream.send_signal(signal)

    def leave(self, status: int) -> None:
        """Ends what the agent has left."""
        if self._upstream is not None:
            self._upstream.close()
        self.replies.exited((status,))
        self.replies.finish()

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

    def _hang_up(self) -> None:
        if self._shell is not None:
            self._shell.hang_up()
        if self._files is not None:
            with self._downstream.ending_without_journal():
                self._files.hang_up()

    # What comes back.

    def upstream_open(self, channel: asyncssh.SSHClientChannel[bytes]) -> None:
        """The target has opened a channel: output may come before it says that the command was started."""
        self._upstream = channel

    def output(self, stream: int, data: bytes) -> None:
        """Passes on what the command wrote."""
        with self._downstream.ending_without_journal():
            if self._files is not None and stream == OUTPUT:
                self._files.from_target(data)
            elif self._shell is not None:
                self._shell.from_target(stream, data)
            else:
                self.replies.output(stream, data)

    def output_ended(self) -> None:
        """The command writes no more."""
        if self._shell is None:
            self.replies.write_eof()

    def upstream_closed(self, error: Exception | None) -> None:
        """Nothing more comes."""
        if self._shell is not None and not self.replies.is_over:
            self._shell.target_closed()
        self.replies.finish_masking()
        self._hang_up()
        if self._is_gone or self.replies.is_over:
            return
        if not self.replies.has_exit and error is not None:
            self._end("Narrows: the connection to the target was lost", UNREACHABLE)
            return
        self.replies.finish()

    def _end(self, text: str, status: int) -> None:
        """Ends what never ran, or can run no longer."""
        self.replies.say(text)
        self.replies.exited((status,))
        self.replies.finish()
