"""What exports send: what happened, in the journal's order, found again by the frame that it happened by."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.errors import StoreError
from narrows.recordings.index.search import found
from narrows.recordings.index.sessions import RecordedSession, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.recordings.index.search import Hit

Key = tuple[int, int, int]
"""Segment and offset of the frame, and a count of what happened by it."""

BEGINNING: Key = (0, 0, -1)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    key: Key
    time_us: int
    kind: str
    """`open`, `operation` or `close`."""
    session: RecordedSession
    operation: Hit | None = None


def events_after(connection: sqlite3.Connection, key: Key, limit: int) -> list[Event]:
    """The next events behind one.

    Raises:
        StoreError: The index cannot be read.
    """
    query = "SELECT * FROM outbox WHERE (segment, offset, n) > (?, ?, ?) ORDER BY segment, offset, n LIMIT ?"
    try:
        rows = connection.execute(query, (*key, limit)).fetchall()
    except sqlite3.Error as error:
        raise StoreError(f"the index cannot be read: {error}") from error
    return list(_events(connection, rows))


def _events(connection: sqlite3.Connection, rows: list[sqlite3.Row]) -> Iterator[Event]:
    sessions: dict[int, RecordedSession | None] = {}
    for row in rows:
        if row["session"] not in sessions:
            sessions[row["session"]] = recorded(connection, row["session"])
        session = sessions[row["session"]]
        operation = None if row["number"] is None else found(connection, row["number"])
        if session is None or (row["event"] == "operation" and operation is None):
            raise StoreError("the index is not whole; make it anew: narrows recordings index --rebuild")
        yield Event(
            (row["segment"], row["offset"], row["n"]), row["time_us"], row["event"], session, operation
        )


def operation_event(connection: sqlite3.Connection, operation: Hit) -> Event:
    """The event of an operation that was found. Raises StoreError."""
    try:
        row = connection.execute("SELECT * FROM outbox WHERE number = ?", (operation.number,)).fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"the index cannot be read: {error}") from error
    return next(_events(connection, [row]))
