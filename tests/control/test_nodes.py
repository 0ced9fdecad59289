"""Two nodes over one real PostgreSQL: what is decided at one is known at the other, and decided once."""

from __future__ import annotations

import secrets
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest
import trio
from sqlalchemy import text

from narrows.approvals.grants import Grants
from narrows.approvals.lifecycle import Approvals
from narrows.approvals.request import State
from narrows.config import ApprovalsSection
from narrows.decide.people import asked_by
from narrows.demo.postgres import POSTGRES_18, EmbeddedPostgres
from narrows.errors import ApprovalError, StoreError
from narrows.gateway.tickets import StoredTickets
from narrows.identity.tickets import Redeemed, TicketRecord
from narrows.model import Statement
from narrows.seam import Session
from narrows.store.doorbell import Doorbell
from narrows.store.migrations import MIGRATIONS, migrate
from narrows.store.postgres import Line, open_shared_store
from tests.control.simulation import AGENT, DBA, ORDERS, OTHER_DBA, TERMS, require_approval

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from narrows.approvals.asking import Asked
    from narrows.model import Principal
    from narrows.store import Store

WOKEN_S_MAX = 0.1
"""How long after a decision at one node an operation held at another goes on."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="narrows-nodes-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o755)
        with EmbeddedPostgres(folder / "postgres", distribution=POSTGRES_18) as server:
            yield server


@pytest.fixture
def url(postgres: EmbeddedPostgres) -> str:
    """An empty store."""
    name = f"store_{secrets.token_hex(4)}"
    postgres.run(f"CREATE DATABASE {name}")
    return f"postgresql://postgres:postgres@{postgres.address}/{name}"


@dataclass
class Node:
    """What of a gateway shares the store."""

    name: str
    store: Store
    doorbell: Doorbell
    approvals: Approvals
    grants: Grants


@asynccontextmanager
async def node(url: str, name: str) -> AsyncIterator[Node]:
    store = open_shared_store(url)
    doorbell = Doorbell()
    approvals = Approvals(store, doorbell=doorbell, limits=ApprovalsSection(pending_max=100), node=name)
    here = Node(name, store, doorbell, approvals, Grants(store, doorbell=doorbell))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Line(url, store, doorbell, name).run)
        nursery.start_soon(_heed, here)
        await _listened_to(store, doorbell)
        yield here
        nursery.cancel_scope.cancel()
    store.close()


async def _heed(here: Node) -> None:
    with here.doorbell.listening() as listener:
        while True:
            ring = await listener.next()
            if ring.node and ring.kind == "approval":
                await here.approvals.look_at(ring.id)


async def _listened_to(store: Store, doorbell: Doorbell) -> None:
    with doorbell.listening() as listener:
        while (await listener.next()).kind != "missed":
            pass


@asynccontextmanager
async def two(url: str) -> AsyncIterator[tuple[Node, Node]]:
    async with node(url, "a") as a, node(url, "b") as b:
        yield a, b


def asked(sql: str = "UPDATE orders SET total = 0", session: int = 7, **terms: object) -> Asked:
    decision = require_approval(replace(TERMS, **terms))
    here = Session(session, str(session), AGENT, ORDERS, "orders", nursery=None, enforcement=None)
    return asked_by(here, Statement(sql), decision)


async def test_a_decision_at_one_node_wakes_what_is_held_at_another(url: str) -> None:
    async with two(url) as (a, b):
        woken: list[float] = []

        async def hold(request: object) -> None:
            outcome = await a.approvals.outcome(request)
            woken.append(time.perf_counter())
            assert outcome.state is State.APPROVED

        took = []
        for number in range(20):
            request = await a.approvals.request(asked(f"UPDATE orders SET total = {number}"))
            async with trio.open_nursery() as nursery:
                nursery.start_soon(hold, request)
                await b.approvals.approve(request.id, DBA)
                decided = time.perf_counter()
            took.append(woken.pop() - decided)
            await a.approvals.leave(request, "done")
        print(f"woken after {median(took) * 1000:.1f} ms")
        assert median(took) < WOKEN_S_MAX, took


async def test_the_same_operation_asked_at_two_nodes_is_one_request(url: str) -> None:
    async with two(url) as (a, b):
        requests: list[object] = []

        async def ask(here: Node) -> None:
            requests.append(await here.approvals.request(asked()))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask, a)
            nursery.start_soon(ask, b)
        first, second = requests
        assert first.id == second.id
        assert len(await a.approvals.newest(State.REQUESTED)) == 1
        await a.approvals.leave(first, "hung up")
        assert (await b.approvals.find(first.id)).state is State.REQUESTED, "the other node still waits"
        await b.approvals.leave(second, "hung up too")
        assert (await a.approvals.find(first.id)).state is State.WITHDRAWN


async def test_an_approval_of_once_is_used_once_whichever_node_comes_first(url: str) -> None:
    async with two(url) as (a, b):
        request = await a.approvals.request(asked())
        await b.approvals.request(asked())
        await a.approvals.approve(request.id, DBA)
        uses: list[object] = []

        async def claim(here: Node) -> None:
            uses.append(await here.approvals.claim(request))

        async with trio.open_nursery() as nursery:
            for here in (a, b, a, b):
                nursery.start_soon(claim, here)
        assert len([use for use in uses if use is not None]) == 1


async def test_two_people_at_two_nodes_make_one_quorum(url: str) -> None:
    async with two(url) as (a, b):
        request = await a.approvals.request(asked(quorum=2))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(a.approvals.approve, request.id, DBA)
            nursery.start_soon(b.approvals.approve, request.id, OTHER_DBA)
        found = await a.approvals.find(request.id)
        assert (found.state, len(found.votes)) == (State.APPROVED, 2)


async def test_yes_here_and_no_there_leave_one_final_state(url: str) -> None:
    async with two(url) as (a, b):
        for number in range(10):
            request = await a.approvals.request(asked(f"UPDATE t SET a = {number}"))
            outcomes: list[str] = []
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_vote, a.approvals.approve, request.id, DBA, outcomes)
                nursery.start_soon(_vote, b.approvals.deny, request.id, OTHER_DBA, outcomes)
            final = (await b.approvals.find(request.id)).state
            assert sorted(outcomes) == sorted(["closed", final.value])
            await a.approvals.leave(request, "done")


async def _vote(how: Callable[..., Any], request: str, person: Principal, outcomes: list[str]) -> None:
    try:
        outcomes.append((await how(request, person)).state.value)
    except ApprovalError as error:
        outcomes.append(error.code)


async def test_a_grants_last_use_goes_to_one_node(url: str) -> None:
    async with two(url) as (a, b):
        wanted = asked(scope="statement", grant_s=60.0, grant_uses=3)
        request = await a.approvals.request(wanted)
        await a.approvals.approve(request.id, DBA)
        uses: list[object] = []

        async def claim(here: Node) -> None:
            uses.append(await here.grants.claim(wanted.key))

        async with trio.open_nursery() as nursery:
            for here in (a, b) * 5:
                nursery.start_soon(claim, here)
        assert len([use for use in uses if use is not None]) == 3


async def test_the_end_of_one_node_withdraws_only_what_it_alone_held(url: str) -> None:
    async with two(url) as (a, b):
        both = await a.approvals.request(asked("UPDATE both SET a = 1"))
        await b.approvals.request(asked("UPDATE both SET a = 1"))
        only_a = await a.approvals.request(asked("UPDATE only_a SET a = 1"))
        only_b = await b.approvals.request(asked("UPDATE only_b SET a = 1"))
        assert await a.approvals.withdraw_held("gateway stopped") == 1
        states = [(await b.approvals.find(one.id)).state.value for one in (both, only_a, only_b)]
        assert states == ["requested", "withdrawn", "requested"]


async def test_a_ring_that_is_lost_is_made_up_for(url: str) -> None:
    async with node(url, "a") as a:
        request = await a.approvals.request(asked())
        silent = Approvals(a.store, node="b")
        await silent.approve(request.id, DBA)
        await a.approvals.look_at_all()
        with trio.fail_after(5):
            assert (await a.approvals.outcome(request)).state is State.APPROVED


async def test_a_ticket_is_spent_once(url: str) -> None:
    async with two(url) as (a, b):
        ticket = TicketRecord(b"digest", AGENT, "orders-db", None, None, time.time() + 60, 1)
        await StoredTickets(a.store).put(ticket)
        redeemed: list[object] = []

        async def redeem(here: Node) -> None:
            redeemed.append(await StoredTickets(here.store).redeem(b"digest", time.time(), "peer"))

        async with trio.open_nursery() as nursery:
            for here in (a, b, a, b):
                nursery.start_soon(redeem, here)
        assert len([one for one in redeemed if isinstance(one, Redeemed)]) == 1


async def test_a_store_that_goes_away_fails_and_comes_back(url: str, postgres: EmbeddedPostgres) -> None:
    async with node(url, "a") as a:
        request = await a.approvals.request(asked())
        await trio.to_thread.run_sync(postgres.stop)
        try:
            with pytest.raises(StoreError):
                await a.approvals.approve(request.id, DBA)
        finally:
            await trio.to_thread.run_sync(postgres.start)
        await _listened_to(a.store, a.doorbell)
        assert (await a.approvals.approve(request.id, DBA)).state is State.APPROVED


def test_migrating_twice_at_once_makes_the_tables_once(url: str) -> None:
    first, second = open_shared_store(url), open_shared_store(url)
    assert second.run_here(migrate, 0) == 0
    counted = first.run_here(lambda c: c.execute(text("SELECT count(*) FROM migrations")).scalar_one())
    assert counted == len(MIGRATIONS)
    first.close()
    second.close()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("postgresql://u:hunter2@db.example/narrows", "sslmode=verify-full"),
        ("postgresql://u:hunter2@db.example/narrows?sslmode=require", "sslmode=verify-full"),
        ("mysql://db.example/narrows", "postgresql://"),
        ("postgresql://u:hunter2@127.0.0.1:1/narrows", "cannot be reached"),
    ],
)
def test_an_address_that_cannot_serve_is_refused_without_its_password(address: str, why: str) -> None:
    with pytest.raises(StoreError, match=why) as raised:
        open_shared_store(address)
    assert "hunter2" not in str(raised.value)
