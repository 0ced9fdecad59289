"""The guarded shell of one channel: what the state machine says is done, and it is told what happens.

What is typed is judged line by line, as commands are, and written down as such; what is not yet wanted waits
here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from narrows.model import Command
from narrows.ssh.control import Verdict
from narrows.ssh.guarded import Ask, GuardedShell, Leave, Prompt, Send, Show
from narrows.ssh.recorder import ERRORS, OUTPUT
from narrows.ssh.typist import INTERRUPT, TYPED_AHEAD_MAX, LineEditor, PlainLines, decoder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.ssh.channel import Terminal
    from narrows.ssh.control import Masker
    from narrows.ssh.downstream import Downstream
    from narrows.ssh.exec import Exec
    from narrows.ssh.guarded import Action
    from narrows.ssh.typist import Typist

STREAMS = {"output": OUTPUT, "errors": ERRORS}
GIVEN_UP = Verdict(allowed=False, rule="not-decidable", reason="the agent gave it up")


class Shell:
    """Drives one guarded shell.

    Args:
        command: The channel that carries it.
        downstream: The session it belongs to.
        number: Names the channel in the recording.
        terminal: The agent's, where it has one; the target has none.
    """

    def __init__(self, command: Exec, downstream: Downstream, number: int, terminal: Terminal | None) -> None:
        self._command = command
        self._downstream = downstream
        self._number = number
        self._guarded = GuardedShell(f"{downstream.login}@{downstream.target}")
        self._typist: Typist = (
            LineEditor(self, command.replies, terminal.kind, terminal.size[0])
            if terminal
            else PlainLines(self, command.replies)
        )
        self._on_terminal = terminal is not None
        self._decoder = decoder()
        self._typed = ""
        self._input_has_ended = False
        self._asking: asyncio.Task[None] | None = None
        self._maskers: dict[int, Masker] = {}
        self._is_over = False
        self._mask()

    @property
    def wants_input(self) -> bool:
        """Whether the agent may be read from."""
        return len(self._typed) < TYPED_AHEAD_MAX

    def begin(self) -> None:
        """The upstream shell runs."""
        self._perform(self._guarded.begin())
        self._read()

    # What the agent does.

    def from_agent(self, data: bytes) -> None:
        """The agent has typed something."""
        self._typed += self._decoder.decode(data)
        self._read()

    def input_ended(self) -> None:
        """The agent will type nothing more; what it has typed is done before that counts."""
        self._input_has_ended = True
        self._read()

    def line(self, text: str) -> None:
        """See `Listener.line`."""
        self._perform(self._guarded.line(text))

    def interrupt(self) -> None:
        """Ctrl-C: gives up what is typed, withdraws what is held, interrupts what runs."""
        if self._guarded.wants_line:
            self._perform(self._guarded.interrupt())
        elif self._asking is not None:
            self._asking.cancel()
            self._asking = None
            self._settle(GIVEN_UP, "")
        else:
            self._command.signal_target("INT")

    def end_of_input(self) -> None:
        """See `Listener.end_of_input`."""
        self._perform(self._guarded.end_of_input())

    def resize(self, columns: int) -> None:
        """The agent's terminal has another width."""
        self._typist.resize(columns)

    def hang_up(self) -> None:
        """The channel is gone."""
        self._is_over = True
        if self._asking is not None:
            self._asking.cancel()

    # What the target does.

    def from_target(self, stream: int, data: bytes) -> None:
        """The upstream shell has written something."""
        self._perform(self._guarded.upstream("output" if stream == OUTPUT else "errors", data))

    def target_closed(self) -> None:
        """The upstream shell has ended; how, the target has said or not."""
        for action in self._guarded.upstream_closed():
            self._show(action)
        self._flush()

    # What is done.

    def _perform(self, actions: Iterable[Action]) -> None:
        for action in actions:
            if self._is_over:
                return
            match action:
                case Prompt(text):
                    self._flush()
                    self._typist.prompt(text)
                    asyncio.get_running_loop().call_soon(self._read)  # not within what the editor does
                case Ask(text):
                    self._asking = asyncio.get_running_loop().create_task(self._judge(text))
                case Send(data):
                    self._command.to_target(data)
                case Show():
                    self._show(action)
                case Leave(status):
                    self._flush()
                    self._is_over = True
                    self._command.leave(status)

    def _show(self, shown: Show) -> None:
        stream = STREAMS[shown.stream]
        masker = self._maskers.get(stream)
        self._typist.show(stream, masker.feed(shown.data) if masker else shown.data)

    def _read(self) -> None:
        """Reads what was typed, as far as the shell wants a line or is to be interrupted."""
        while self._typed and not self._is_over:
            if self._guarded.wants_line:
                rest = self._typist.typed(self._typed)
            elif self._on_terminal and INTERRUPT in self._typed:
                rest = self._typed.partition(INTERRUPT)[2]
                self.interrupt()
            else:
                break
            if rest == self._typed:
                break
            self._typed = rest
        if self._guarded.wants_line and not self._is_over:
            self._read_to_the_end()
        self._command.take_turns()

    def _read_to_the_end(self) -> None:
        if len(self._typed) >= TYPED_AHEAD_MAX:
            self.hang_up()
            self._command.fail(f"Narrows: a line has at most {TYPED_AHEAD_MAX} characters")
        elif self._input_has_ended and self._typed:
            last, self._typed = self._typed, ""
            self.line(last)
        elif self._input_has_ended:
            self.end_of_input()

    async def _judge(self, text: str) -> None:
        operation = Command(text, self._downstream.login, directory=self._guarded.directory)
        try:
            self._downstream.recorder.start(self._number, operation)
            verdict = await self._downstream.ask(operation, self._command.replies.say)
            self._asking = None
            self._settle(verdict, text)
        except OSError:
            self.hang_up()
            self._downstream.journal_failed()

    def _settle(self, verdict: Verdict, text: str) -> None:
        number = self._downstream.recorder.verdict(self._number, verdict)
        self._command.replies.decided(verdict, number)
        if verdict.allowed:
            self._perform(self._guarded.allowed(verdict.released or text))
        else:
            self._perform(self._guarded.denied(f"Narrows: {verdict.denial}"))

    # Masks are finished with every line, so that all of its output stands before the prompt.

    def _mask(self) -> None:
        for stream in (OUTPUT, ERRORS):
            if masker := self._downstream.masker(terminal=self._on_terminal):
                self._maskers[stream] = masker

    def _flush(self) -> None:
        for stream, masker in self._maskers.items():
            self._typist.show(stream, masker.finish())
            self._downstream.recorder.masked_values += sum(masker.masked().values())
        self._mask()
