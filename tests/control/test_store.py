"""The store: its migrations, its transactions, and what is written in it."""

from __future__ import annotations

import pytest
import trio
from sqlalchemy import create_engine, inspect, text

from narrows.errors import StoreError
from narrows.gateway.tickets import StoredTickets
from narrows.identity.tickets import Expired, Redeemed, Spent, TicketRecord, Unknown
from narrows.store import open_store, revocations, sessions
from narrows.store.migrations import MIGRATIONS, migrate
from narrows.store.revocations import RevocationRow
from narrows.store.schema import metadata
from narrows.store.sessions import Ending, SessionRow
from tests.control.simulation import AGENT

SESSION = SessionRow(7, AGENT.key, "orders-db", "10.0.0.9:5000", 1_000, "{}")


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "state" / "narrows.db")
    yield opened
    opened.close()


def test_the_migrations_make_exactly_the_tables_of_the_schema(tmp_path):
    migrated = create_engine(f"sqlite:///{tmp_path}/migrated.db")
    declared = create_engine(f"sqlite:///{tmp_path}/declared.db")
    with migrated.begin() as connection:
        assert migrate(connection, 0) == len(MIGRATIONS)
    metadata.create_all(declared)
    assert _shape(migrated) == _shape(declared)
    migrated.dispose()
    declared.dispose()


def test_migrating_twice_changes_nothing(store):
    assert store.run_here(migrate, 0) == 0


def test_a_store_of_a_newer_version_is_not_touched(tmp_path, store):
    newer = {"number": len(MIGRATIONS) + 1}
    statement = text("INSERT INTO migrations (number, applied_ms) VALUES (:number, 0)")
    store.run_here(lambda connection: connection.execute(statement, newer))
    with pytest.raises(StoreError, match="newer"):
        open_store(tmp_path / "state" / "narrows.db")


def test_a_missing_store_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match="narrows serve"):
        open_store(tmp_path / "none.db", create=False)
    assert not (tmp_path / "none.db").exists()


def test_what_is_no_database_is_refused(tmp_path):
    path = tmp_path / "narrows.db"
    path.write_bytes(b"this is not a database, not at all" * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_store(path)


def test_the_file_is_for_its_owner_only(tmp_path, store):
    assert (tmp_path / "state" / "narrows.db").stat().st_mode & 0o077 == 0


def test_a_transaction_that_fails_leaves_nothing_behind(store):
    def half(connection):
        sessions.add(connection, SESSION)
        sessions.add(connection, SESSION)

    with pytest.raises(StoreError):
        store.run_here(half)
    assert store.run_here(sessions.find, 7) is None


def test_an_error_does_not_quote_parameters(store):
    store.run_here(sessions.add, SESSION)
    with pytest.raises(StoreError) as caught:
        store.run_here(sessions.add, SESSION)
    assert "10.0.0.9" not in str(caught.value)


async def test_a_cancelled_caller_still_finds_its_transaction_whole(store):
    with trio.CancelScope() as scope:
        scope.cancel()
        await store.run(sessions.add, SESSION)
    assert store.run_here(sessions.find, 7) in (None, SESSION)


def test_a_session_ends_once(store):
    store.run_here(sessions.add, SESSION)
    store.run_here(sessions.close, Ending(7, 2_000, "hung up", 3, 1, 0, 100, 9, "ab"))
    store.run_here(sessions.close, Ending(7, 9_000, "again", 0, 0, 0, 0, 0, ""))
    found = store.run_here(sessions.find, 7)
    assert (found.closed_ms, found.close_reason, found.operations) == (2_000, "hung up", 3)
    assert store.run_here(sessions.close_all, "", now_ms=1, reason="restart") == 0


def test_sessions_left_open_are_closed_by_the_next_start(store):
    store.run_here(sessions.add, SESSION)
    assert store.run_here(sessions.close_all, "", now_ms=5_000, reason="restart") == 1
    assert store.run_here(sessions.newest, open_only=True) == []
    assert store.run_here(sessions.newest)[0].close_reason == "restart"


def test_a_revocation_replaces_an_earlier_one_of_the_same(store):
    first = RevocationRow("principal", AGENT.key, 1, "op", "left")
    second = RevocationRow("principal", AGENT.key, 2, "op", "left again")
    store.run_here(revocations.add, first)
    store.run_here(revocations.add, second)
    assert store.run_here(revocations.everything) == [second]


async def test_of_two_who_race_for_a_ticket_one_gets_in(store):
    tickets = StoredTickets(store)
    record = TicketRecord(b"d" * 32, AGENT, "orders-db", None, "10.0.0.9", 100.0, 1)
    await tickets.put(record)
    outcomes = []

    async def redeem(peer):
        outcomes.append(await tickets.redeem(record.digest, 50.0, peer))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(redeem, "10.0.0.9")
        nursery.start_soon(redeem, "10.0.0.8")
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Redeemed", "Spent"]
    assert Redeemed(record) in outcomes


async def test_tickets_expire_and_strangers_are_unknown(store):
    tickets = StoredTickets(store)
    await tickets.put(TicketRecord(b"d" * 32, AGENT, "orders-db", "agent", None, 100.0, 2))
    assert await tickets.redeem(b"d" * 32, 100.0, "peer") == Expired(100.0)
    assert await tickets.redeem(b"e" * 32, 0.0, "peer") == Unknown()
    assert isinstance(await tickets.look(b"d" * 32, 1.0), Redeemed)
    assert isinstance(await tickets.redeem(b"d" * 32, 1.0, "peer"), Redeemed)
    assert isinstance(await tickets.redeem(b"d" * 32, 2.0, "peer"), Redeemed)
    assert await tickets.redeem(b"d" * 32, 3.0, "late") == Spent(2.0, "peer")


def _shape(engine):
    found = inspect(engine)
    return {
        table: (
            [
                (column["name"], str(column["type"]), column["nullable"])
                for column in found.get_columns(table)
            ],
            found.get_pk_constraint(table)["constrained_columns"],
            {index["name"]: index["column_names"] for index in found.get_indexes(table)},
        )
        for table in sorted(found.get_table_names())
    }
