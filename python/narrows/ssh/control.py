"""What the engine and the control plane say to each other; one is asyncio's thread, the other is Trio's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from narrows.errors import NarrowsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from narrows.credentials.host import HostTerms
    from narrows.seam import Ask


class NotAdmittedError(NarrowsError):
    """No session is opened; all of it is told to the agent."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


class Recording(Protocol):
    """A session's place in the journal: `_core.Recording`."""

    @property
    def session(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def head(self) -> bytes: ...
    def append(self, kind: str, head: bytes, data: bytes) -> None:
        """Writes a frame of `head` and `data`. Raises OSError when nothing may be done any more."""
        ...


class Masker(Protocol):
    """Masks one stream as it passes."""

    def feed(self, data: bytes) -> bytes:
        """What may pass by now."""
        ...

    def finish(self) -> bytes:
        """What was kept back."""
        ...

    def masked(self) -> Mapping[str, int]:
        """How many finds were masked, by what was found."""
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """Someone presents evidence and wants a session."""

    login: str
    """The account on the target."""
    target: str
    """Its name; empty where the connection is for jumps to some."""
    evidence: bytes = field(repr=False)
    peer: str
    """The agent's address with its port."""
    proves_key: bool = False
    """The evidence is a certificate whose key the agent has proved to hold; else it is a password."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A session that may go on."""

    recording: Recording
    principal: str
    """The principal's key."""
    ends_at: float
    """Seconds since 1970 when the session must end."""
    upstream: HostTerms
    masker: Callable[[bool], Masker | None]
    """Makes what masks one stream, given whether it is a terminal's; None: nothing is masked."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a session ended, with its counts."""

    session: int
    reason: str
    operations: int
    denials: int
    masked_values: int
    bytes_to_agent: int
    frames: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to an ask."""

    allowed: bool
    rule: str
    reason: str = ""
    hint: str = ""
    approval: str | None = None
    released: str = ""
    """What of a command may run: what was judged, written anew; empty: what was sent."""
    carries_files: bool = False
    """Its output is a file or a repository on its way, which a mask would spoil."""

    record: str = "full"
    """How much of what comes back is kept: `full` or `statements`."""
    reusable: bool = False
    """It holds for the same operation again, as long as the epoch is the same."""

    @property
    def denial(self) -> str:
        """What a denial says: the rule, its reason and what to do."""
        hint = f"\n  {self.hint}" if self.hint else ""
        return f"denied by rule {self.rule}: {self.reason}{hint}"


class Control(Protocol):
    """The control plane as the engine sees it; all but `epoch` runs in Trio's thread."""

    @property
    def epoch(self) -> object:
        """What verdicts rest on: another value once policy, or who is revoked, is another. For any thread."""
        ...

    async def admit(self, offer: Offer) -> Admitted:
        """Opens a session. Raises NotAdmittedError."""
        ...

    async def admit_jump(self, offer: Offer) -> float:
        """Looks at evidence for connections to targets within this one, each of which brings its own.

        Returns when the connection must end, in seconds since 1970. Raises NotAdmittedError.
        """
        ...

    def ask(self, session: int, ask: Ask) -> None:
        """An operation waits for its verdict, which comes over `Engine.settle`."""
        ...

    def withdraw(self, session: int, ask: int, why: str) -> None:
        """Nobody waits for it any more."""
        ...

    def ended(self, end: Ended) -> None:
        """A session that was admitted is over."""
        ...
