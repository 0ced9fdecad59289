"""The whole control plane as it is composed, over a data plane that a test plays."""

from __future__ import annotations

import functools
import json
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
import trio
import trio.testing

from narrows.config import locate
from narrows.errors import PlaneError, PolicyError
from narrows.gateway import Gateway
from narrows.identity.revocation import Revocation
from narrows.model import Principal
from narrows.policy.postgres.catalogue import QUERIES
from narrows.store import open_store, sessions
from tests.control.simulation import FakePlane, QueryAnswered, StatementAsked

CONFIGURATION = """\
[listen]
postgres = "127.0.0.1:0"

[[issuer]]
name = "entra"
kind = "entra"
tenant = "11111111-2222-4333-8444-555555555555"
audiences = ["api://narrows"]
authority = "https://127.0.0.1:1"

[[target]]
name = "orders-db"
kind = "postgres"
address = "127.0.0.1:5433"
database = "orders"
tls = "off"
credential = { kind = "password", user = "narrows", secret = "env:ORDERS_DB_PASSWORD" }
"""
RULES = """\
[principals.support-agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "read-orders"
principals = ["support-agents"]
targets = ["orders-db"]
effect = "allow"
postgres = { verbs = ["select"], tables = ["public.orders", "public.customers"] }

[[rule]]
id = "refunds-need-a-person"
principals = ["support-agents"]
targets = ["orders-db"]
effect = "require-approval"
postgres = { verbs = ["update"], tables = ["public.orders"] }
approval = { approvers = { groups = "sg-dba" }, expires = "15m" }
"""
MASK = """
[[mask]]
id = "cards"
targets = ["orders-db"]
columns = ["public.customers.card_number"]
transform = "last4"
"""
ROWS = {
    "version": [("180004",)],
    "relations": [("16400", "public", "customers", "r"), ("16401", "public", "orders", "r")],
    "columns": [
        ("16400", "1", "id", "", "23", "-1"),
        ("16400", "2", "card_number", "", "25", "-1"),
        ("16401", "1", "id", "", "23", "-1"),
    ],
    "types": [],
    "views": [],
    "depends": [],
    "inherits": [],
    "functions": [],
    "row_functions": [],
    "hidden_code": [("0",)],
}
AGENT = Principal(
    "entra", "t1", "agent-1", "app", app="app-1", groups=frozenset({"sg-support"}), expires_at=4e9
)


@dataclass(frozen=True)
class OpenAsked:
    ask: int
    session: int
    database: str = "orders-db"
    user: str = "agent"
    peer: str = "192.0.2.7:50000"
    server_name: str | None = None
    tls_version: str = "TLSv1.3"
    listener: str = "postgres"
    evidence: bytes = b"good"

    def take_evidence(self):
        return self.evidence


@dataclass(frozen=True)
class AskWithdrawn:
    ask: int
    session: int
    reason: str = "hang-up"


@dataclass(frozen=True)
class CatalogueMoved:
    target: str
    epoch: int


@dataclass(frozen=True)
class JournalFailed:
    reason: str


@dataclass(frozen=True)
class SessionClosed:
    session: int
    reason: str = "the agent said goodbye"
    admitted: bool = True
    peer: str = "192.0.2.7:50000"
    operations: int = 3
    denials: int = 1
    masked_values: int = 0
    bytes_to_agent: int = 10
    frames: int = 9
    head: bytes = bytes(32)


@dataclass
class Played(FakePlane):
    """A data plane that admits, and whose database holds `ROWS`."""

    admitted: dict = field(default_factory=dict)
    refused: dict = field(default_factory=dict)
    closed: dict = field(default_factory=dict)
    masks: dict = field(default_factory=dict)
    rows: dict = field(default_factory=lambda: dict(ROWS))
    catalogue: int = 1
    database_down: bool = False
    loads: int = 0

    def listen_postgres(self, address, **terms):
        return "127.0.0.1:5432"

    def admit(self, ask, **terms):
        self.admitted[ask] = terms
        return True

    def refuse(self, ask, **terms):
        self.refused[ask] = terms
        return True

    def move_policy(self):
        self.epoch += 1
        return self.epoch

    def catalogue_epoch(self, target):
        return self.catalogue

    def move_catalogue(self, target):
        self.catalogue += 1
        return self.catalogue

    def publish_masks(self, mask_set, relations, *, pseudonym_key, detectors, own_detectors, types):
        assert len(pseudonym_key) == 32
        self.masks[mask_set] = relations

    def close_session(self, session, *, reason, hint=""):
        self.closed[session] = reason
        return True

    def query(self, upstream, sql, *, deadline_ms=0):
        number = super().query(upstream, sql)
        name = next(name for name, text in QUERIES.items() if text == sql)
        self.loads += name == "version"
        if self.database_down:
            self.emit(QueryAnswered(number, error="connection refused"))
        else:
            self.emit(QueryAnswered(number, rows=self.rows.get(name, [])))
        return number

    def shutdown(self, deadline_ms):
        pass


@dataclass
class Running:
    plane: Played
    gateway: Gateway
    directory: object

    async def settled(self):
        for _ in range(40):
            await trio.testing.wait_all_tasks_blocked()
            await self.gateway._store.run(lambda connection: None)

    async def emit(self, *events):
        self.plane.emit(*events)
        await self.settled()

    async def opened(self, session=7, **fields):
        """A session of the agent; returns what it was admitted with."""
        await self.emit(OpenAsked(session, session, **fields))
        return self.plane.admitted[session]

    async def asked(self, text, ask=100, session=7, **fields):
        """A statement; returns its answer, if it has one by now."""
        self.plane.open_asks.add(ask)
        await self.emit(StatementAsked(ask, session, text, **fields))
        return self.plane.answers.get(ask)

    def publish(self, text):
        (self.directory / "policies" / "base.toml").write_text(text)
        return self.gateway._policies.reload()


@pytest.fixture
def directory(tmp_path, monkeypatch):
    monkeypatch.setenv("ORDERS_DB_PASSWORD", "hunter2-secret")
    (tmp_path / "narrows.toml").write_text(CONFIGURATION)
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "base.toml").write_text(RULES)
    (tmp_path / "state").mkdir()
    return tmp_path


@asynccontextmanager
async def running(directory, monkeypatch):
    """A gateway that serves; its authenticator knows one agent, whose evidence is `good`."""
    plane = Played()
    gateway = Gateway(
        locate(directory / "narrows.toml"),
        plane,
        upstream=lambda terms: terms,
        name_of=lambda number: str(number),
    )

    async def authenticate(evidence, **context):
        if evidence == b"explode":
            raise RuntimeError("a defect")
        if evidence != b"good":
            return await gateway._authenticator.verify(evidence)
        gateway._revocations.check(AGENT)
        return AGENT

    monkeypatch.setattr(gateway._authenticator, "authenticate", authenticate)
    monkeypatch.setattr(gateway._authenticator, "keep_keys_fresh", trio.sleep_forever)
    listening = {}
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(functools.partial(gateway.run, console=None, ready=listening.__setitem__))
            here = Running(plane, gateway, directory)
            await here.settled()
            assert listening == {"postgres": "127.0.0.1:5432"}
            yield here
            nursery.cancel_scope.cancel()
    finally:
        plane.close()


async def test_an_agent_is_admitted_with_its_record_and_its_login(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        terms = await here.opened()
        assert terms["upstream"].secret == b"hunter2-secret"
        assert "hunter2" not in repr(terms)
        document = json.loads(terms["document"])
        assert document["principal"]["key"] == AGENT.key
        assert (document["target"], document["peer"]) == ("orders-db", "192.0.2.7:50000")
        assert terms["mask_set"] == 0
        (row,) = await here.gateway._operations().list_sessions(open_only=True)
        assert (row.id, row.principal) == (7, AGENT.key)


async def test_nobody_is_admitted_whom_nobody_would_see(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        here.gateway._sessions.list.failing = True
        await here.emit(OpenAsked(8, 8))
        assert "try again later" in here.plane.refused[8]["hint"]


async def test_a_statement_goes_through_policy(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        await here.opened()
        effect, verdict = await here.asked("SELECT id FROM public.orders")
        assert (effect, verdict["rule"]) == ("allow", "read-orders")
        effect, verdict = await here.asked("DROP TABLE public.orders", ask=101)
        assert (effect, verdict["rule"]) == ("deny", "default-deny")
        assert await here.asked("UPDATE public.orders SET id = 1 WHERE id = 2", ask=102) is None
        assert "waiting for approval" in here.plane.held[102]["message"]


@pytest.mark.parametrize(
    ("fields", "sqlstate", "message"),
    [
        ({"evidence": b""}, "28P01", "no token"),
        ({"evidence": b"not.a.token"}, "28P01", ""),
        ({"evidence": b"explode"}, "08001", "cannot be reached"),
        ({"database": "other-db"}, "3D000", "no target other-db"),
        ({"database": ""}, "3D000", "no target"),
        ({"database": "orders-db/postgres"}, "3D000", "serves its database orders only"),
        ({"database": "postgres", "server_name": "orders-db.gw"}, "3D000", "orders only"),
    ],
)
async def test_who_is_not_let_in_is_told_why(directory, monkeypatch, mock_clock, fields, sqlstate, message):
    async with running(directory, monkeypatch) as here:
        await here.emit(OpenAsked(7, 7, **fields))
        assert here.plane.admitted == {}
        assert here.plane.refused[7]["sqlstate"] == sqlstate
        assert message in here.plane.refused[7]["message"]
        await here.opened(8)  # and nobody else is worse off


@pytest.mark.parametrize(
    "fields",
    [
        {"database": "orders-db/orders"},
        {"database": "orders", "server_name": "orders-db.gateway.example"},
        {"database": "agent", "server_name": "orders-db.gateway.example"},
    ],
)
async def test_other_ways_to_name_the_target(directory, monkeypatch, mock_clock, fields):
    async with running(directory, monkeypatch) as here:
        assert (await here.opened(**fields))["target"] == "orders-db"


async def test_a_principal_without_any_rule_is_refused(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        assert here.publish(RULES.replace("sg-support", "sg-other"))
        await here.emit(OpenAsked(7, 7))
        assert here.plane.refused[7]["sqlstate"] == "42501"


async def test_a_database_that_is_down_refuses_without_its_details(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        here.plane.database_down = True
        await here.emit(OpenAsked(7, 7))
        assert here.plane.refused[7]["sqlstate"] == "08001"
        assert "refused" not in here.plane.refused[7]["message"]


async def test_who_hangs_up_while_waiting_is_not_admitted(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        here.plane.emit(OpenAsked(7, 7), AskWithdrawn(7, 7))
        await here.settled()
        assert here.plane.admitted == {}
        assert here.gateway._store.run_here(sessions.newest, open_only=True) == []


async def test_masks_are_published_before_the_session_is_admitted(directory, monkeypatch, mock_clock):
    (directory / "policies" / "base.toml").write_text(RULES + MASK)
    async with running(directory, monkeypatch) as here:
        terms = await here.opened()
        assert here.plane.masks[terms["mask_set"]][16400] == {2: "last4"}
        assert here.plane.masks[terms["mask_set"]][16401] == {}
        assert (await here.opened(8))["mask_set"] == terms["mask_set"]


async def test_a_new_transform_reaches_sessions_that_are_open(directory, monkeypatch, mock_clock):
    (directory / "policies" / "base.toml").write_text(RULES + MASK)
    async with running(directory, monkeypatch) as here:
        number = (await here.opened())["mask_set"]
        epoch = here.plane.epoch
        assert here.publish(RULES + MASK.replace("last4", "redact"))
        assert here.plane.masks[number][16400] == {2: "redact"}
        assert here.plane.epoch == epoch + 1
        assert here.plane.closed == {}


async def test_a_session_to_which_a_mask_comes_is_ended(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        await here.opened()
        assert here.publish(RULES + MASK)
        assert "masks" in here.plane.closed[7]


async def test_a_wrong_policy_leaves_the_old_one_in_force(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        await here.opened()
        epoch = here.plane.epoch
        assert not here.publish(RULES.replace('effect = "allow"', 'effect = "alow"'))
        assert here.plane.epoch == epoch
        assert (await here.asked("SELECT id FROM public.orders"))[0] == "allow"


async def test_a_changed_file_is_noticed(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        await here.opened()
        path = directory / "policies" / "base.toml"
        path.write_text(RULES.replace('"public.orders", "public.customers"', '"public.customers"'))
        os.utime(path, ns=(1, 1))
        mock_clock.jump(1.5)
        await here.settled()
        assert (await here.asked("SELECT id FROM public.orders"))[0] == "deny"


async def test_a_policy_that_takes_everything_away_ends_the_session(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        await here.opened()
        assert here.publish(RULES.replace("sg-support", "sg-other"))
        assert 7 in here.plane.closed


async def test_a_moved_catalogue_is_read_again_before_the_next_answer(directory, monkeypatch, mock_clock):
    (directory / "policies" / "base.toml").write_text(RULES + MASK)
    async with running(directory, monkeypatch) as here:
        number = (await here.opened())["mask_set"]
        assert here.plane.loads == 1
        here.plane.catalogue = 5
        here.plane.rows["columns"] = [*ROWS["columns"], ("16402", "1", "card_number", "", "25", "-1")]
        here.plane.rows["relations"] = [*ROWS["relations"], ("16402", "public", "copies", "r")]
        here.plane.rows["inherits"] = [("16402", "16400")]
        await here.emit(CatalogueMoved("orders-db", 5))
        effect, verdict = await here.asked("SELECT id FROM public.orders", catalogue_epoch=5)
        assert effect == "allow"
        assert verdict["catalogue_epoch"] >= 5
        assert here.plane.loads == 2
        assert here.plane.masks[number][16402] == {1: "last4"}


async def test_while_the_catalogue_cannot_be_read_statements_are_denied(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        await here.opened()
        here.plane.database_down = True
        await here.emit(CatalogueMoved("orders-db", 2))
        effect, verdict = await here.asked("SELECT id FROM public.orders", catalogue_epoch=2)
        assert (effect, verdict["rule"]) == ("deny", "not-decidable")


async def test_ddl_that_went_round_the_gateway_is_found_by_the_timer(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        await here.opened()
        here.plane.rows["relations"] = [*ROWS["relations"], ("16402", "public", "copies", "r")]
        epoch = here.plane.catalogue
        mock_clock.jump(301)
        await here.settled()
        assert here.plane.catalogue == epoch + 1
        mock_clock.jump(301)
        await here.settled()
        assert here.plane.catalogue == epoch + 1, "what has not changed must not void verdicts"


async def test_the_end_of_a_session_is_noted_and_withdraws_its_requests(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        await here.opened()
        await here.asked("UPDATE public.orders SET id = 1 WHERE id = 2")
        await here.emit(SessionClosed(7))
        (row,) = await here.gateway._operations().list_sessions()
        assert (row.close_reason, row.operations) == ("the agent said goodbye", 3)
        (approval,) = await here.gateway._approvals.newest()
        assert approval.state.value == "withdrawn"


async def test_revoking_a_principal_ends_its_session_and_bars_the_door(directory, monkeypatch, mock_clock):
    async with running(directory, monkeypatch) as here:
        await here.opened()
        operator = SimpleNamespace(key="op")
        assert await here.gateway._operations().revoke("principal", AGENT.key, operator, "leaked") == 1
        assert 7 in here.plane.closed
        await here.emit(OpenAsked(8, 8))
        assert "revoked" in here.plane.refused[8]["message"]
    store = open_store(directory / "state" / "narrows.db")
    again = Gateway(
        locate(directory / "narrows.toml"),
        Played(),
        upstream=lambda terms: terms,
        name_of=lambda number: str(number),
    )
    assert again._revocations.covers(AGENT) == Revocation("principal", AGENT.key, "leaked")
    again._store.close()
    again._plane.close()
    store.close()


async def test_a_journal_that_cannot_be_written_stops_the_gateway(directory, monkeypatch, mock_clock):
    with pytest.RaisesGroup(pytest.RaisesExc(PlaneError, match="No space left")):
        async with running(directory, monkeypatch) as here:
            here.plane.emit(JournalFailed("No space left on device"))
            await trio.sleep_forever()


async def test_without_a_usable_policy_nothing_starts(directory):
    (directory / "policies" / "base.toml").write_text("[[rule]]\n")
    plane = Played()
    with pytest.raises(PolicyError, match=r"base\.toml:"):
        Gateway(locate(directory / "narrows.toml"), plane, upstream=repr, name_of=repr)
    plane.close()
