"""The one writer: who shares a transaction with others cannot tell."""

from __future__ import annotations

import threading

import pytest
import trio
import trio.testing
from sqlalchemy import event

from narrows.errors import NarrowsError, StoreError
from narrows.store import open_store, sessions
from narrows.store.sessions import SessionRow
from narrows.store.writer import SHARED_MAX


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "narrows.db")
    yield opened
    opened.close()


def row(number):
    return SessionRow(number, "alice", "orders-db", "10.0.0.9:5000", 1_000, "{}")


class Gate:
    """Work that holds the writer until it is opened, so that others gather behind it."""

    def __init__(self):
        self.begun = trio.Event()
        self._open = threading.Event()
        self._token = trio.lowlevel.current_trio_token()

    def __call__(self, connection):
        self._token.run_sync_soon(self.begun.set)
        assert self._open.wait(10)

    def open(self):
        self._open.set()


async def behind_a_gate(store, nursery, *works):
    """Starts each of the works while the writer is busy, and then lets it go on."""
    gate = Gate()
    nursery.start_soon(store.run, gate)
    await gate.begun.wait()
    for work in works:
        nursery.start_soon(work)
    await trio.testing.wait_all_tasks_blocked()
    return gate


def commits_of(store):
    seen = []
    event.listen(store._engine, "commit", lambda connection: seen.append(connection))
    return seen


async def test_whoever_waits_shares_the_next_transaction(store):
    commits = commits_of(store)
    adds = [lambda number=number: store.run(sessions.add, row(number)) for number in range(20)]
    async with trio.open_nursery() as nursery:
        (await behind_a_gate(store, nursery, *adds)).open()
    assert len(store.run_here(sessions.newest)) == 20
    assert len(commits) == 3  # the gate, the twenty, the reading


async def test_no_more_share_one_than_may(store):
    commits = commits_of(store)
    adds = [lambda number=number: store.run(sessions.add, row(number)) for number in range(SHARED_MAX + 1)]
    async with trio.open_nursery() as nursery:
        (await behind_a_gate(store, nursery, *adds)).open()
    assert len(commits) == 3
    assert len(store.run_here(sessions.newest)) == SHARED_MAX + 1


async def test_who_fails_takes_nobody_along_and_leaves_nothing_behind(store):
    told = {}

    def add_then_fail(connection):
        sessions.add(connection, row(2))
        raise NarrowsError("changed my mind")

    def add_twice(connection):
        sessions.add(connection, row(3))
        sessions.add(connection, row(3))

    async def run(name, work):
        try:
            told[name] = await store.run(work)
        except NarrowsError as error:
            told[name] = error

    works = {
        "first": lambda connection: sessions.add(connection, row(1)) or "first",
        "fails": add_then_fail,
        "twice": add_twice,
        "last": lambda connection: sessions.add(connection, row(4)) or "last",
    }
    async with trio.open_nursery() as nursery:
        tasks = [lambda item=item: run(*item) for item in works.items()]
        (await behind_a_gate(store, nursery, *tasks)).open()
    assert (told["first"], told["last"]) == ("first", "last")
    assert str(told["fails"]) == "changed my mind"
    assert isinstance(told["twice"], StoreError)
    assert {one.id for one in store.run_here(sessions.newest)} == {1, 4}


async def test_when_the_commit_fails_everyone_is_told(store):
    told = []

    async def add(number):
        with pytest.raises(StoreError):
            await store.run(sessions.add, row(number))
        told.append(number)

    def drop_the_transaction(connection):
        connection.exec_driver_sql("ROLLBACK")

    async def drop():
        with pytest.raises(StoreError):
            await store.run(drop_the_transaction)

    async with trio.open_nursery() as nursery:
        (await behind_a_gate(store, nursery, lambda: add(1), drop, lambda: add(2))).open()
    assert sorted(told) == [1, 2]
    assert store.run_here(sessions.newest) == []


async def test_who_is_cancelled_while_waiting_writes_nothing(store):
    left = trio.CancelScope()

    async def add_and_leave():
        with left:
            await store.run(sessions.add, row(1))

    async with trio.open_nursery() as nursery:
        gate = await behind_a_gate(store, nursery, add_and_leave, lambda: store.run(sessions.add, row(2)))
        left.cancel()
        await trio.testing.wait_all_tasks_blocked()
        gate.open()
    assert [one.id for one in store.run_here(sessions.newest)] == [2]


async def test_who_is_cancelled_while_others_write_for_it_waits_for_the_end(store):
    left, ended = trio.CancelScope(), []

    async def add_and_leave():
        with left:
            await store.run(sessions.add, row(1))
        ended.append(store.run_here(sessions.find, 1))

    async with trio.open_nursery() as nursery:
        second = Gate()
        first = await behind_a_gate(store, nursery, lambda: store.run(second), add_and_leave)
        first.open()
        await second.begun.wait()
        left.cancel()
        await trio.testing.wait_all_tasks_blocked()
        assert not ended
        second.open()
    assert ended == [row(1)]
