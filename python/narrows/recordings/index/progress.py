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
