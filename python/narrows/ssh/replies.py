"""All that an agent is sent on one channel: output, masked and written down first, and last how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncssh.constants import EXTENDED_DATA_STDERR

from narrows.ssh.recorder import ERRORS, OUTPUT, LeftOut

if TYPE_CHECKING:
    from narrows.ssh.channel import AgentChannel
    from narrows.ssh.control import Masker, Verdict
    from narrows.ssh.downstream import Downstream


class Replies:
    """The agent's side of one channel's output.

    Args:
        downstream: The session it belongs to.
        number: Names the channel in the recording.
        channel: Where it goes.
    """

    def __init__(self, downstream: Downstream, number: int, channel: AgentChannel) -> None:
        self._downstream = downstream
        self._recorder = downstream.recorder
        self._number = number
        self._channel = channel
        self._maskers: dict[int, Masker] = {}
        self._left_out: dict[int, LeftOut] = {}
        self._exit: tuple[Any, ...] | None = None
        self.on_terminal = False
        """Lines end as terminals want them."""
        self.is_over = False
        """How it ended is known; the agent is told once it has all that came before."""

    @property
    def has_exit(self) -> bool:
        """Whether it is known how the command ended."""
        return self._exit is not None

    def decided(self, verdict: Verdict, number: int) -> None:
        """What runs from now on, and so how much is kept of its output.

        Args:
            verdict: What let it run.
            number: The verdict's, in the recording.
        """
        keeps = verdict.record == "full"
        self._left_out = {} if keeps else {s: LeftOut(number, verdict.record) for s in (OUTPUT, ERRORS)}

    def mask(self, *streams: int, terminal: bool = False) -> None:
        """Masks these streams from now on.

        Args:
            streams: OUTPUT, ERRORS.
            terminal: Whether what is masked was written for a terminal.
        """
        for stream in streams:
            if masker := self._downstream.masker(terminal=terminal):
                self._maskers[stream] = masker

    def output(self, stream: int, data: bytes) -> None:
        """Passes on what a command wrote, once it is masked."""
        masker = self._maskers.get(stream)
        self.show(stream, masker.feed(data) if masker else data)

    def finish_masking(self) -> None:
        """Passes on what masking kept back, for there is no more."""
        maskers, self._maskers = self._maskers, {}
        for stream, masker in maskers.items():
            self.show(stream, masker.finish())
            self._recorder.masked_values += sum(masker.masked().values())

    def show(self, stream: int, data: bytes) -> None:
        """Passes on what a command wrote and is masked already."""
        self._pass_on(stream, data, self._left_out.get(stream))

    def write(self, stream: int, data: bytes) -> None:
        """Passes on what is no command's output: it is kept in any case."""
        self._pass_on(stream, data, None)

    def _pass_on(self, stream: int, data: bytes, left_out: LeftOut | None) -> None:
        if not data or self._channel.is_closing():
            return
        with self._downstream.ending_without_journal():
            if left_out is None:
                self._recorder.reply(self._number, stream, data)
            else:
                self._recorder.reply_left_out(self._number, stream, data, left_out)
        self._channel.write(data, EXTENDED_DATA_STDERR if stream == ERRORS else None)

    def files(self, data: bytes) -> None:
        """Passes on what is no text of anybody's, and so not masked or written down."""
        if not self._channel.is_closing():
            self._recorder.bytes_to_agent += len(data)
            self._channel.write(data)

    def say(self, text: str) -> None:
        """Tells the agent something on its standard error; it is no part of the command's output."""
        line_end = "\r\n" if self.on_terminal else "\n"
        self.write(ERRORS, (text.replace("\n", line_end) + line_end).encode())

    def write_eof(self) -> None:
        """The command writes no more."""
        self.finish_masking()
        if not self._channel.is_closing():
            self._channel.write_eof()

    def exited(self, how: tuple[Any, ...]) -> None:
        """How the command ended; that is told when all that it wrote has been."""
        self._exit = how

    def finish(self) -> None:
        """Says how it ended once the agent has all that came before."""
        self.finish_masking()
        self.is_over = True
        if self._exit is not None:
            with self._downstream.ending_without_journal():
                self._recorder.event("exit", channel=self._number, **_exit_document(self._exit))
        self._channel.set_write_buffer_limits(0)
        if not self._channel.get_write_buffer_size():
            self.drained()

    def drained(self) -> None:
        """The agent has all that came before the end."""
        how, self._exit = self._exit, None
        if how is None:
            self._channel.close()
        elif len(how) == 1:
            self._channel.exit(*how)
        else:
            self._channel.exit_with_signal(*how)


def _exit_document(how: tuple[Any, ...]) -> dict[str, Any]:
    return {"status": how[0]} if len(how) == 1 else {"signal": how[0], "core_dumped": how[1]}
