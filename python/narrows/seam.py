"""The seam as the deciding side sees it: an ask comes up, a session asks it, an answer goes down.

These are the few things that a decision needs of whatever enforces it, so that deciding knows no protocol and
can be tested without one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

import trio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from narrows.model import Decision, Operation, Principal, Target


RETURNED_MAX = 4
"""Operations that a session keeps after they were sent back; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Ask:
    """An operation that waits for its verdict."""

    number: int
    """Names it to whoever asked."""
    operation: Operation
    catalogue_epoch: int = 0
    """What is known of the target may be no older than this."""


class Answers(Protocol):
    """Answers the asks of one protocol; each method returns False when the ask is gone."""

    def allow(
        self,
        ask: int,
        decision: Decision,
        *,
        approval: str | None,
        reusable: bool,
        asks_again: bool,
        catalogue_epoch: int,
    ) -> bool:
        """Lets an operation go.

        Args:
            ask: Its number.
            decision: What comes with the permission.
            approval: The approval that lets it go, if people did.
            reusable: Whether the same operation may go again without being asked about.
            asks_again: Whether what it prepares is to be asked about when it runs.
            catalogue_epoch: What was known of the target when this was decided.
        """
        ...

    def deny(self, ask: int, decision: Decision, *, reusable: bool = False) -> bool:
        """Refuses an operation, in the protocol's own voice."""
        ...

    def hold(self, ask: int, *, until_ms: int, message: str, detail: str = "", hint: str = "") -> bool:
        """Keeps an operation waiting for people, and says so where the protocol can."""
        ...

    def record(self, session: int, document: str) -> bool:
        """Adds an event (JSON) to a session's recording."""
        ...

    def end(self, session: int, *, reason: str, hint: str = "") -> bool:
        """Ends a session at once."""
        ...


CatalogueT = TypeVar("CatalogueT")


@dataclass(frozen=True, slots=True)
class Known(Generic[CatalogueT]):
    """A target's catalogue and the epoch that it is good for."""

    catalogue: CatalogueT
    epoch: int


class Catalogues(Protocol[CatalogueT]):
    """What the targets' catalogues say."""

    def current(self, target: str, at_least: int) -> Known[CatalogueT] | None:
        """The catalogue, unless what is known is older than epoch `at_least`."""
        ...

    async def fresh(self, target: str, at_least: int) -> Known[CatalogueT]:
        """Waits for one that is no older. Raises NarrowsError when it cannot be had."""
        ...


class NoCatalogues:
    """For targets of which nothing need be known: there is nothing to wait for."""

    def current(self, target: str, at_least: int) -> Known[None]:
        """See `Catalogues.current`."""
        return Known(None, at_least)

    async def fresh(self, target: str, at_least: int) -> Known[None]:
        """See `Catalogues.fresh`."""
        return Known(None, at_least)


async def _as_sent(session: Session, operation: Any) -> Operation:
    """What was sent is all that there is to it."""
    return cast("Operation", operation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforcement(Generic[CatalogueT]):
    """One protocol's part in the path from question to verdict."""

    answers: Answers
    judge: Callable[[Session, Any, CatalogueT], Decision]
    """Policy: the decision on an operation of a session, given the target's catalogue."""
    shape_of: Callable[[Any], Mapping[str, Any]]
    """What stays the same in every operation that an approval of scope `shape` covers, as JSON values."""
    catalogues: Catalogues[CatalogueT]
    bound: Callable[[Session, Any], Awaitable[Operation]] = _as_sent
    """The operation with what it rests on besides what was sent, which an approval of it is bound to: looked
    at when people are asked, and again before what they let through goes. Raises NarrowsError when it cannot
    be seen."""


@dataclass(slots=True, eq=False)
class Wait:
    """An operation whose answer takes time; ending it lets the waiting task clean up."""

    operation: Operation
    scope: trio.CancelScope = field(default_factory=trio.CancelScope)
    why: str = ""
    for_people: bool = False
    """An approval request has been made, or is about to be."""

    def end(self, why: str) -> None:
        """Stops waiting, for the reason given; the first reason counts."""
        self.why = self.why or why
        self.scope.cancel()


@dataclass(slots=True, eq=False)
class Session:
    """An admitted session as decisions see it."""

    id: int
    name: str
    """The id as people see it."""
    principal: Principal
    target: Target
    database: str
    """Empty where the target has none."""
    nursery: trio.Nursery
    """The session's own; its end is theirs."""
    enforcement: Enforcement[Any]
    waits: dict[int, Wait] = field(default_factory=dict)
    """By ask."""
    returned: deque[Operation] = field(default_factory=lambda: deque(maxlen=RETURNED_MAX))
    """What was sent back until people have decided, so that they can be shown what it would do."""
