"""The guarded shell: interactive work without a terminal on the target, line by line.

The gateway owns the line editor. A whole line is judged like any command, and what is released of it goes to
a shell without a terminal that lives as long as the session: so the working directory and variables stay, and
there is no history, completion or echo that could make a line other than what was judged. The shell says with
a marker that nobody could know beforehand that a line has ended, with its status and the working directory.

Sans-IO: each method says what is to be done, in order. The states are `ExpectLine` (which may hold a line's
first part), `ExpectVerdict` and `ExpectEnd`.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from narrows.policy.ssh.reading import parse_command
from narrows.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.policy.ssh.reading import ParsedCommand

COLLECTED_BYTES_MAX = 65_536
"""Of lines that belong together; a longer command could not be judged either."""
MARKER_BYTES_MAX = 8_192
"""Of what may follow a marker's start: the working directory is at most PATH_MAX, 4096 bytes."""
CONTINUED = "> "
ON_INTERRUPT = b"trap 'command break 99 2>/dev/null' INT\n"
"""What runs ends by itself; what is still to come of its line is left too. See `script`."""
LEAVING = frozenset({"exit", "logout"})

Stream = Literal["output", "errors"]
STREAMS: tuple[Stream, ...] = ("output", "errors")
RECORD_SEPARATOR = b"\x1e"


@dataclass(frozen=True, slots=True)
class Prompt:
    """Show this and read a line."""

    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Have this command judged."""

    text: str


@dataclass(frozen=True, slots=True)
class Send:
    """Write this to the upstream shell."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Show:
    """Pass this on to the agent."""

    stream: Stream
    data: bytes


@dataclass(frozen=True, slots=True)
class Leave:
    """The shell is over; this is its status."""

    status: int


Action = Prompt | Ask | Send | Show | Leave


@dataclass(slots=True)
class ExpectLine:
    """The agent types."""

    collected: str = ""
    """Lines that are not complete without the next."""


@dataclass(slots=True)
class ExpectVerdict:
    """A line is being judged."""

    may_stay: bool
    """What it does to the shell itself may stay: it was understood whole."""


@dataclass(slots=True)
class ExpectEnd:
    """A line runs."""

    nonce: str
    kept: dict[Stream, bytes] = field(default_factory=lambda: dict.fromkeys(STREAMS, b""))
    """What could be the start of a marker."""
    ended: set[Stream] = field(default_factory=set)


State = ExpectLine | ExpectVerdict | ExpectEnd


class GuardedShell:
    """One interactive session.

    Args:
        name: What the prompt begins with, such as `deploy@web`.
        nonce: Makes a word that no program on the target can guess, a new one for each line.
    """

    def __init__(self, name: str, nonce: Callable[[], str] = lambda: secrets.token_hex(16)) -> None:
        self._name = name
        self._nonce = nonce
        self._state: State = ExpectLine()
        self._directory = "~"
        self._status = 0

    @property
    def directory(self) -> str:
        """Where the shell is, as it said last."""
        return self._directory

    @property
    def status(self) -> int:
        """How the last line ended."""
        return self._status

    @property
    def wants_line(self) -> bool:
        """Whether the agent may type."""
        return isinstance(self._state, ExpectLine)

    def begin(self) -> list[Action]:
        """The upstream shell (`sh`, without a terminal) runs; interrupts are for what it runs, not for it."""
        return [Send(ON_INTERRUPT), self._prompt()]

    def line(self, text: str) -> list[Action]:
        """The agent has typed a line, without its end."""
        if not isinstance(self._state, ExpectLine):
            raise AssertionError("a line was read that was not wanted")
        collected = self._state.collected
        whole = f"{collected}\n{text}" if collected else text
        if not collected and text.strip() in LEAVING:
            return [Leave(self._status)]
        if not is_text(whole):
            return self._refused("Narrows: the line is not UTF-8 text")
        if len(whole.encode()) > COLLECTED_BYTES_MAX:
            return self._refused(f"Narrows: a command has at most {COLLECTED_BYTES_MAX} bytes")
        parsed = parse_command(whole)
        if parsed.outcome == "unfinished":
            self._state.collected = whole
            return [Prompt(CONTINUED)]
        if parsed.outcome == "understood" and not parsed.commands:
            self._state.collected = ""
            return [self._prompt()]
        self._state = ExpectVerdict(may_stay=_is_understood(parsed))
        return [Ask(whole)]

    def interrupt(self) -> list[Action]:
        """The agent gives up what it has typed so far; what runs or is being judged goes on."""
        if not isinstance(self._state, ExpectLine):
            return []
        self._state = ExpectLine()
        return [self._prompt()]

    def end_of_input(self) -> list[Action]:
        """The agent will type nothing more."""
        return [Leave(self._status)]

    def allowed(self, released: str) -> list[Action]:
        """The line may run, as this."""
        state = self._state
        if not isinstance(state, ExpectVerdict):
            raise AssertionError("a line was let through that was not being judged")
        nonce = self._nonce()
        self._state = ExpectEnd(nonce)
        return [Send(script(released, nonce, may_stay=state.may_stay))]

    def denied(self, message: str) -> list[Action]:
        """The line may not run; the shell is as it was."""
        if not isinstance(self._state, ExpectVerdict):
            raise AssertionError("a line was denied that was not being judged")
        return self._refused(message)

    def upstream(self, stream: Stream, data: bytes) -> list[Action]:
        """The upstream shell has written something."""
        state = self._state
        if not isinstance(state, ExpectEnd) or stream in state.ended:
            return [Show(stream, data)] if data else []
        data = state.kept[stream] + data
        found = marker(state.nonce).search(data)
        if found is None:
            split = _could_start(data, state.nonce)
            state.kept[stream] = data[split:]
            return [Show(stream, data[:split])] if split else []
        state.kept[stream] = b""
        state.ended.add(stream)
        if stream == "output":
            self._status = int(found["status"])
            self._directory = printable(found["directory"].decode(errors="replace"))
        shown = data[: found.start()] + data[found.end() :]
        actions: list[Action] = [Show(stream, shown)] if shown else []
        if len(state.ended) < len(STREAMS):
            return actions
        self._state = ExpectLine()
        return [*actions, self._prompt()]

    def upstream_closed(self) -> list[Show]:
        """The upstream shell has ended, by a line or otherwise: what was kept is output after all."""
        if not isinstance(self._state, ExpectEnd):
            return []
        kept = [Show(stream, self._state.kept[stream]) for stream in STREAMS]
        return [show for show in kept if show.data]

    def _refused(self, message: str) -> list[Action]:
        self._state = ExpectLine()
        self._status = 126
        return [Show("errors", message.encode() + b"\n"), self._prompt()]

    def _prompt(self) -> Prompt:
        return Prompt(f"{self._name}:{self._directory}$ ")


def is_text(text: str) -> bool:
    """Whether what was typed was UTF-8: what was not was read as surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _is_understood(parsed: ParsedCommand) -> bool:
    return parsed.outcome == "understood" and not any(command.opaque for command in parsed.commands)


def script(released: str, nonce: str, *, may_stay: bool = True) -> bytes:
    """What makes a shell run a text as one, and say afterwards how and where it ended.

    Args:
        released: The text.
        nonce: What the end is known by.
        may_stay: Whether what it does to the shell itself stays. Else it runs in a subshell: a function or an
            alias that people approved with one line must not change what the next ones mean.

    The text is one word to `eval`, so that it cannot go on beyond its end, whatever it is; `command` keeps an
    error in it from ending the shell; it reads nothing of what the shell itself is yet to read; and it runs
    in a loop of one turn, which an interrupt can leave: otherwise `a; b` would go on with b.
    """
    end = f"\\036{nonce}\\036"
    quoted = "'" + released.replace("'", "'\\''") + "'"
    run = f"command eval {quoted}" if may_stay else f"( eval {quoted} )"
    return (
        f"for _ in 1; do {run} </dev/null; done\n"
        f"printf '\\036{nonce} %d %s{end}' \"$?\" \"$PWD\"; printf '\\036{nonce} 0 {end}' >&2\n"
    ).encode()


def marker(nonce: str) -> re.Pattern[bytes]:
    """What the shell says when a line has ended."""
    word = re.escape(nonce.encode())
    return re.compile(
        b"\\x1e" + word + b" (?P<status>\\d{1,3}) (?P<directory>.{0,4096}?)\\x1e" + word + b"\\x1e", re.DOTALL
    )


def _could_start(data: bytes, nonce: str) -> int:
    """Where the rest could be the start of a marker; the end where it could not."""
    start = RECORD_SEPARATOR + nonce.encode() + b" "
    at = data.find(start)
    if at >= 0 and len(data) - at < MARKER_BYTES_MAX:
        return at
    for length in range(min(len(start) - 1, len(data)), 0, -1):
        if data.endswith(start[:length]):
            return len(data) - length
    return len(data)
