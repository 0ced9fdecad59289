"""A data plane without sockets, and the control plane around it: what a test says happens, happens."""

from __future__ import annotations

import itertools
import os
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import trio
import trio.testing

from narrows.approvals.grants import Grants
from narrows.approvals.lifecycle import Approvals
from narrows.decide import Decider
from narrows.gateway.sessions import LiveSession
from narrows.model import ApprovalTerms, Decision, Effect, Principal, Statement, Target
from narrows.plane import StatementAnswers, ask_of
from narrows.policy.postgres.shape import statement_shape
from narrows.seam import Enforcement, Known, Session
from narrows.store import open_store
from narrows.store.audit import Audit
from narrows.store.doorbell import Doorbell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from narrows.store import Store

CONSOLE = "https://narrows.example"
START_S = int(time.time())
"""When a simulation starts, in seconds since 1970, and when its people have signed in."""
AGENT = Principal(
    issuer="entra",
    tenant="t1",
    object_id="agent-1",
    kind="app",
    app="app-1",
    name="support agent",
    owners=frozenset({"owner-1"}),
    expires_at=2e9,
)
DBA = Principal(
    "entra",
    "t1",
    "dba-1",
    "user",
    name="Dana",
    groups=frozenset({"sg-dba"}),
    expires_at=2e9,
    signed_in_at=START_S,
)
OTHER_DBA = replace(DBA, object_id="dba-2", name="Robin")
STRANGER = replace(DBA, object_id="user-9", groups=frozenset({"sg-sales"}))
ORDERS = Target("orders-db", "postgres")
TERMS = ApprovalTerms(approver_groups=frozenset({"sg-dba"}), expires_s=900)


@dataclass(frozen=True)
class StatementAsked:
    """Goes by the name of the extension's event."""

    ask: int
    session: int
    text: str
    phase: str = "query"
    parameter_types: tuple[int, ...] = ()
    parameters: tuple[tuple[int, bytes | None], ...] | None = None
    transaction: str = "idle"
    settings_epoch: int = 0
    policy_epoch: int = 0
    catalogue_epoch: int = 0


@dataclass(frozen=True)
class QueryAnswered:
    query: int
    rows: list[tuple[str | None, ...]] | None = None
    error: str | None = None


@dataclass
class FakePlane:
    """Keeps every answer; an ask that is not open is answered False, as the real one does."""

    open_asks: set[int] = field(default_factory=set)
    answers: dict[int, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    held: dict[int, dict[str, Any]] = field(default_factory=dict)
    recorded: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    epoch: int = 1
    queries: dict[int, str] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._eventfd = os.eventfd(0)
        self._numbers = itertools.count(1)

    def allow(self, ask: int, **verdict: Any) -> bool:
        return self._answer(ask, "allow", verdict)

    def deny(self, ask: int, **verdict: Any) -> bool:
        return self._answer(ask, "deny", verdict)

    def hold(self, ask: int, **terms: Any) -> bool:
        if ask in self.open_asks:
            self.held[ask] = terms
        return ask in self.open_asks

    def record(self, session: int, document: str) -> bool:
        self.recorded.append(document)
        return True

    def note(self, document: str) -> None:
        self.noted.append(document)

    def policy_epoch(self) -> int:
        return self.epoch

    def query(self, upstream: Any, sql: str, *, deadline_ms: int = 0) -> int:
        number = next(self._numbers)
        self.queries[number] = sql
        return number

    def fileno(self) -> int:
        return self._eventfd

    def drain(self, events_max: int) -> list[Any]:
        drained, self.events = self.events[:events_max], self.events[events_max:]
        if not self.events:
            os.eventfd_read(self._eventfd)
        return drained

    def emit(self, *events: Any) -> None:
        self.events += events
        os.eventfd_write(self._eventfd, 1)

    def close(self) -> None:
        os.close(self._eventfd)

    def _answer(self, ask: int, effect: str, verdict: dict[str, Any]) -> bool:
        if ask not in self.open_asks:
            return False
        self.open_asks.remove(ask)
        self.answers[ask] = (effect, verdict)
        return True


@dataclass
class FakeCatalogues:
    """One catalogue for all; `stale` makes statements wait for `load`."""

    epoch: int = 0
    loaded: trio.Event = field(default_factory=trio.Event)

    def current(self, target: str, at_least: int) -> Known[str] | None:
        return Known("catalogue", self.epoch) if self.epoch >= at_least else None

    async def fresh(self, target: str, at_least: int) -> Known[str]:
        while self.epoch < at_least:
            await self.loaded.wait()
        return Known("catalogue", self.epoch)

    def load(self, epoch: int) -> None:
        self.epoch = epoch
        self.loaded.set()


@dataclass
class World:
    """The control plane around a fake data plane, with one session of `AGENT`."""

    plane: FakePlane
    catalogues: FakeCatalogues
    approvals: Approvals
    grants: Grants
    doorbell: Doorbell
    store: Store
    audit: Audit
    decider: Decider
    session: Session
    policy: dict[str, Decision]
    version: str = "v1"
    settings: dict[str, Any] = field(default_factory=dict)
    """What the session has set."""

    def __post_init__(self) -> None:
        self._asks = itertools.count(1)

    def ask(self, text: str, **fields: Any) -> int:
        """A statement arrives; returns its ask."""
        ask = next(self._asks)
        self.plane.open_asks.add(ask)
        self.decider.answer(
            self.session, ask_of(StatementAsked(ask, self.session.id, text, **fields), self.settings)
        )
        return ask

    def withdraw(self, ask: int, why: str = "the agent cancelled the statement") -> None:
        """The data plane no longer waits for an answer."""
        self.plane.open_asks.discard(ask)
        self.decider.withdraw(self.session, ask, why)

    def publish(self, version: str, **policy: Decision) -> None:
        """Another policy comes into force."""
        self.version = version
        self.policy |= policy
        self.plane.epoch += 1
        self.decider.policy_moved(self.session)

    async def held(self) -> str:
        """Waits until everything that can happen has; the id of the one request that waits for people."""
        await self.settled()
        (pending,) = [one for one in await self.approvals.newest() if one.state.value == "requested"]
        return pending.request.id

    async def settled(self) -> None:
        """Waits until nothing happens any more. The store's thread takes work in turn: ours comes last."""
        for _ in range(8):
            await trio.testing.wait_all_tasks_blocked()
            await self.store.run(lambda connection: None)
            await self.store.run_beside(lambda connection: None)

    def end_session(self) -> None:
        """The agent is gone."""
        for wait in list(self.session.waits.values()):
            wait.end("the agent hung up")

    async def state(self, approval: str) -> str:
        return (await self.approvals.find(approval)).state.value


class OneSession:
    """Stands in for the gateway's list of open sessions; the session is in another fake's hands."""

    def __init__(self, session: Session, plane: Any) -> None:
        enforcement = replace(session.enforcement, answers=StatementAnswers(plane))
        self._live = LiveSession(replace(session, enforcement=enforcement))

    def __iter__(self) -> Iterator[LiveSession]:
        return iter([self._live])

    def find(self, session: int) -> LiveSession | None:
        return self._live if session == self._live.decided.id else None


def allow(rule: str = "read-orders") -> Decision:
    return Decision(Effect.ALLOW, rule, "allowed", exposure="clear")


def deny(rule: str = "never-destroy") -> Decision:
    return Decision(Effect.DENY, rule, "destructive statements go through a migration", "ask first")


def require_approval(terms: ApprovalTerms = TERMS) -> Decision:
    return Decision(
        Effect.REQUIRE_APPROVAL, "refunds-need-a-person", "a refund needs a person", approval=terms
    )


@asynccontextmanager
async def world(path: Path, *, start_s: int = START_S) -> AsyncIterator[World]:
    """Starts a control plane whose clock is Trio's, and ends it as a stop does."""

    def now_ms() -> int:
        return start_s * 1000 + int(trio.current_time() * 1000)

    store = open_store(path / "narrows.db")
    plane = FakePlane()
    catalogues = FakeCatalogues()
    doorbell = Doorbell()
    approvals = Approvals(store, doorbell=doorbell, now_ms=now_ms)
    grants = Grants(store, doorbell=doorbell, now_ms=now_ms)
    audit = Audit(store)
    policy = {"SELECT": allow(), "DROP": deny(), "UPDATE": require_approval()}

    def judge(session: Session, statement: Statement, catalogue: str) -> Decision:
        return replace(policy[statement.text.split()[0]], policy_version=here.version)

    statements = Enforcement(
        answers=StatementAnswers(plane), judge=judge, shape_of=statement_shape, catalogues=catalogues
    )
    decider = Decider(approvals=approvals, grants=grants, audit=audit, now_ms=now_ms, console_url=CONSOLE)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(audit.run)
            async with trio.open_nursery() as session_nursery:
                session = Session(7, "7", AGENT, ORDERS, "orders", session_nursery, statements)
                here = World(
                    plane, catalogues, approvals, grants, doorbell, store, audit, decider, session, policy
                )
                yield here
                session_nursery.cancel_scope.cancel()
            nursery.cancel_scope.cancel()
    finally:
        plane.close()
        store.close()
