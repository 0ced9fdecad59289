"""Rows that are written behind: in order, in batches, and never lost because a write failed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from narrows.errors import StoreError
from narrows.store import open_store, sessions
from narrows.store.behind import BATCH_MAX, GATHER_S, RETRY_S, WrittenBehind
from narrows.store.sessions import Ending, SessionRow


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "narrows.db")
    yield opened
    opened.close()


class Table:
    """What was written, a batch after the other; it refuses as often as it is told to."""

    def __init__(self, refusals=0):
        self.batches = []
        self.refusals = refusals

    def __call__(self, connection, rows):
        if self.refusals:
            self.refusals -= 1
            raise StoreError("the disk is full")
        self.batches.append(list(rows))

    @property
    def rows(self):
        return [row for batch in self.batches for row in batch]


def opened(number):
    return SessionRow(number, "alice", "orders-db", "10.0.0.9:5000", 1_000 + number, "{}")


def ending(number):
    return Ending(number, 2_000, "the agent disconnected", 1, 0, 0, 10, 3, "ab")


async def test_rows_gather_and_share_a_batch(store, nursery, mock_clock):
    table = Table()
    behind = WrittenBehind(store, table, "rows")
    nursery.start_soon(behind.run)
    for number in range(3):
        behind.note(number)
    await wait_all_tasks_blocked()
    assert table.batches == []
    mock_clock.jump(GATHER_S)
    await behind.flush()
    assert table.batches == [[0, 1, 2]]


async def test_who_needs_them_does_not_wait_for_others(store, nursery, mock_clock):
    table = Table()
    behind = WrittenBehind(store, table, "rows")
    nursery.start_soon(behind.run)
    behind.note("row")
    await behind.flush()  # the clock stands still
    assert table.rows == ["row"]


async def test_more_than_a_batch_is_written_in_order(store, nursery):
    table = Table()
    behind = WrittenBehind(store, table, "rows")
    nursery.start_soon(behind.run)
    for number in range(BATCH_MAX + 1):
        behind.note(number)
    await behind.flush()
    assert table.rows == list(range(BATCH_MAX + 1))
    assert len(table.batches) == 2


async def test_a_failed_write_is_tried_again_and_nobody_reads_past_it(store, nursery, mock_clock):
    table, told = Table(refusals=1), []
    behind = WrittenBehind(store, table, "rows", told.extend)
    nursery.start_soon(behind.run)
    behind.note("row")
    await behind.flush_once()
    assert behind.failing
    assert (table.rows, told) == ([], [])
    await wait_all_tasks_blocked()
    mock_clock.jump(RETRY_S)
    await behind.flush()
    assert not behind.failing
    assert table.rows == told == ["row"]


async def test_what_is_left_is_written_at_the_end(store):
    table = Table()
    behind = WrittenBehind(store, table, "rows")
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as inner:
            inner.start_soon(behind.run)
            behind.note("row")
            scope.cancel()
    assert table.rows == ["row"]


async def test_a_session_that_opens_and_ends_in_one_batch_is_listed_as_over(store, nursery):
    listed = WrittenBehind(store, sessions.note, "the list of sessions")
    nursery.start_soon(listed.run)
    listed.note(opened(1))
    listed.note(ending(1))
    listed.note(opened(2))
    await listed.flush()
    rows = store.run_here(sessions.newest)
    assert [(row.id, row.closed_ms, row.frames) for row in rows] == [(2, None, 0), (1, 2_000, 3)]


def test_a_reason_that_no_database_keeps_holds_up_no_other_row(store):
    store.run_here(sessions.note, [opened(1), replace(ending(1), close_reason="by\0e"), opened(2)])
    assert [row.close_reason for row in store.run_here(sessions.newest)] == ["", "by\u2400e"]


def test_sessions_that_never_came_to_the_list_are_known_as_such(store):
    store.run_here(sessions.add, opened(1))
    assert store.run_here(sessions.unknown, [1, 2, 3]) == [2, 3]
