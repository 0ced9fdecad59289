"""How lines for the guarded shell are typed: plainly, or on a terminal in the gateway's own line editor."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Protocol
from unicodedata import east_asian_width

from asyncssh.editor import SSHLineEditor

from narrows.ssh.guarded import COLLECTED_BYTES_MAX
from narrows.ssh.recorder import OUTPUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.ssh.replies import Replies

TYPED_AHEAD_MAX = COLLECTED_BYTES_MAX
"""Characters that are kept while a line runs, and of one plain line."""
EDITED_LINE_MAX = 4_096
"""Characters of a line on a terminal: what one's own line editing (Linux, canonical mode) holds."""
COLUMNS = (20, 1_000)
"""The least and the most columns that lines are drawn for, whatever a terminal says it has."""
ROOM_COLUMNS = 8
"""What is left behind the prompt at the least, for the editor cannot draw what is typed in no room."""
HISTORY_LINES = 100
INTERRUPT, END = "\x03", "\x04"
STEP = re.compile(r"[^\r\n\x03\x04]*[\r\n\x03\x04]?")
"""What a terminal sends up to the next key that the shell acts on."""


class Listener(Protocol):
    """Who is told of what was typed."""

    def line(self, text: str) -> None:
        """A line, without its end."""
        ...

    def interrupt(self) -> None:
        """Ctrl-C."""
        ...

    def end_of_input(self) -> None:
        """Ctrl-D, or the end."""
        ...


class Typist(Protocol):
    """Someone who types and is shown things."""

    def typed(self, text: str) -> str:
        """Takes what was typed up to the next line end or the like; returns the rest."""
        ...

    def prompt(self, text: str) -> None:
        """A line may be typed."""
        ...

    def show(self, stream: int, data: bytes) -> None:
        """Output, masked."""
        ...

    def resize(self, columns: int) -> None:
        """The terminal has another width."""
        ...


class PlainLines:
    """Lines as a script or a pipe has them: no echo, no prompt."""

    def __init__(self, listener: Listener, replies: Replies) -> None:
        self._listener = listener
        self._replies = replies

    def typed(self, text: str) -> str:
        """See `Typist.typed`."""
        line, end, rest = text.partition("\n")
        if not end:
            return text
        self._listener.line(line.removesuffix("\r"))
        return rest

    def prompt(self, text: str) -> None:
        """See `Typist.prompt`."""

    def show(self, stream: int, data: bytes) -> None:
        """See `Typist.show`."""
        self._replies.show(stream, data)

    def resize(self, columns: int) -> None:
        """See `Typist.resize`."""


class LineEditor:
    """A terminal whose line editor is asyncssh's, here and not on the target.

    Args:
        listener: Who is told of lines.
        replies: Where echo, prompts and output go.
        kind: The terminal's, as in TERM.
        columns: Its width.
    """

    def __init__(self, listener: Listener, replies: Replies, kind: str, columns: int) -> None:
        self._listener = listener
        self._replies = replies
        self._at_line_start = True
        self._terminal_columns = columns
        self._prompt_columns = 0
        self._editor = SSHLineEditor(
            _Screen(replies),  # type: ignore[arg-type]  # of a channel it only writes
            _Keys(listener, self._given_up),  # type: ignore[arg-type]  # of a session it calls these
            line_echo=True,
            history_size=HISTORY_LINES,
            max_line_length=EDITED_LINE_MAX,
            term_type=kind,
            width=self._columns(),
        )

    def typed(self, text: str) -> str:
        """See `Typist.typed`."""
        step = STEP.match(text)
        end = step.end() if step else len(text)
        self._editor.process_input(text[:end], None)
        return text[end:]

    def prompt(self, text: str) -> None:
        """See `Typist.prompt`; a prompt begins a line, as the editor takes it to."""
        self._prompt_columns = sum(1 + (east_asian_width(character) in "WF") for character in text)
        self._editor.set_width(self._columns())
        self._editor.process_output(text if self._at_line_start else f"\n{text}")
        self._at_line_start = True

    def show(self, stream: int, data: bytes) -> None:
        """See `Typist.show`; a terminal has one stream."""
        if data:
            self._at_line_start = data.endswith(b"\n")
            self._replies.show(OUTPUT, data.replace(b"\n", b"\r\n"))

    def resize(self, columns: int) -> None:
        """See `Typist.resize`."""
        self._terminal_columns = columns
        self._editor.set_width(self._columns())

    def _columns(self) -> int:
        """How many columns lines are drawn for."""
        least, most = COLUMNS
        fit = min(max(self._terminal_columns or 80, least), most)
        return max(fit, self._prompt_columns + ROOM_COLUMNS)

    def _given_up(self) -> None:
        self._editor.set_input("", 0)
        self._editor.process_output("^C\n")


class _Screen:
    """What the editor writes to."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def write(self, text: str) -> None:
        self._replies.write(OUTPUT, text.encode())


class _Keys:
    """What the editor tells of keys."""

    def __init__(self, listener: Listener, give_up: Callable[[], None]) -> None:
        self._listener = listener
        self._give_up = give_up

    def data_received(self, text: str, datatype: None) -> None:
        self._listener.line(text.removesuffix("\n"))

    def break_received(self, msec: int) -> None:
        self._give_up()
        self._listener.interrupt()

    def soft_eof_received(self) -> None:
        self._listener.end_of_input()


def decoder() -> codecs.IncrementalDecoder:
    """Makes text of what is typed; what is no UTF-8 becomes what no line may hold."""
    return codecs.getincrementaldecoder("utf-8")("surrogateescape")
