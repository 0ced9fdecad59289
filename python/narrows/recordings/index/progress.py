"""How far the index has come in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite3 import Connection

    from narrows.recordings.frames import Position


def reached(connection: Connection) -> Position:
    """The place up to which everything is in the index."""
    row = connection.execute("SELECT segment, offset FROM progress").fetchone()
    return row["segment"], row["offset"]


def reach(connection: Connection, position: Position, newest_us: int) -> None:
    """Notes a further place, and the time of the newest frame before it."""
    connection.execute(
        "UPDATE progress SET segment = ?, offset = ?, time_us = max(time_us, ?)", (*position, newest_us)
    )


def needed_from(connection: Connection) -> int:
    """The first segment that the index has to read yet, or again after a restart."""
    row = connection.execute(
        "SELECT min(segment) FROM (SELECT segment FROM progress UNION ALL SELECT max(segment) FROM places"
        " WHERE session IN (SELECT id FROM sessions WHERE closed_us IS NULL) GROUP BY session)"
    ).fetchone()
    return int(row[0])


def segments_of(connection: Connection, session: int) -> tuple[int, int]:
    """The first and the last segment that a session's frames are in."""
    first = connection.execute("SELECT min(segment) FROM places WHERE session = ?", (session,)).fetchone()[0]
    last = connection.execute(
        "SELECT coalesce(last_segment, (SELECT segment FROM progress)) FROM sessions WHERE id = ?", (session,)
    ).fetchone()
    return (first or 0, last[0] if last else 0)
