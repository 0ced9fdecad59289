"""The seam as the deciding side sees it: an ask comes up, a session asks it, an answer goes down.

These are the few things that a decision needs of the data plane, so that deciding can be tested without one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import trio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from narrows.model import Principal, Target


class Ask(Protocol):
    """A statement that waits for its verdict: the data plane's StatementAsked."""

    @property
    def ask(self) -> int: ...
    @property
    def phase(self) -> Any: ...
    @property
    def text(self) -> str: ...
    @property
    def parameter_types(self) -> tuple[int, ...]: ...
    @property
    def parameters(self) -> tuple[tuple[int, bytes | None], ...] | None: ...
    @property
    def transaction(self) -> Any: ...
    @property
    def settings_epoch(self) -> int: ...
    @property
    def catalogue_epoch(self) -> int: ...


class Answers(Protocol):
    """The part of the data plane that answers statements; each method returns False when the ask is gone."""

    def allow(
        self,
        ask: int,
        *,
        rule: str,
        approval: str | None = None,
        reusable: bool,
        exposure: Any,
        columns: Sequence[Any] | None = None,
        copy: Any = None,
        effects: Sequence[Any] = (),
        gives: Sequence[Any] = (),
        reads: Sequence[Any] = (),
        ask_at_bind: bool = False,
        policy_epoch: int,
        catalogue_epoch: int,
    ) -> bool: ...
    def deny(
        self,
        ask: int,
        *,
        rule: str,
        reason: str,
        hint: str = "",
        sqlstate: str = "42501",
        reusable: bool = False,
    ) -> bool: ...
    def hold(self, ask: int, *, until_ms: int, message: str, detail: str = "", hint: str = "") -> bool: ...
    def record(self, session: int, document: str) -> bool: ...
    def policy_epoch(self) -> int: ...


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


@dataclass(slots=True, eq=False)
class Wait:
    """A statement whose answer takes time; ending it lets the waiting task clean up."""

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
    nursery: trio.Nursery
    """The session's own; its end is theirs."""
    waits: dict[int, Wait] = field(default_factory=dict)
    """By ask."""
