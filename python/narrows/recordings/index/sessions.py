"""Recorded sessions as lists show them, from the index alone."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.errors import StoreError
from narrows.recordings.journal import session_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.recordings.index.outbox import Key

LISTED_MAX = 1_000


@dataclass(frozen=True, slots=True)
class RecordedSession:
    """One session of which there is a recording."""

    id: int
    principal: str
    name: str
    target: str
    peer: str
    masks: tuple[str, ...]
    opened_us: int
    closed_us: int | None
    close_reason: str
    document: dict[str, Any]
    """What the recording's first frame holds."""

    def shown(self) -> dict[str, Any]:
        """As commands and the API show it."""
        names = ("principal", "name", "target", "peer", "masks", "opened_us", "closed_us", "close_reason")
        return {"id": session_name(self.id), **{name: getattr(self, name) for name in names}}


def recorded(connection: sqlite3.Connection, session: int) -> RecordedSession | None:
    """The session of that id, if it is in the index. Raises StoreError."""
    return next(_rows(connection, "WHERE id = ?", session), None)


def newest_recorded(connection: sqlite3.Connection, *, limit: int = LISTED_MAX) -> list[RecordedSession]:
    """Sessions, newest first. Raises StoreError."""
    return list(_rows(connection, "ORDER BY opened_us DESC, id DESC LIMIT ?", limit))


def ended_before(connection: sqlite3.Connection, time_us: int, *, sent: Key | None) -> list[RecordedSession]:
    """Sessions that ended before a time, oldest first. Raises StoreError.

    Args:
        connection: Of `read_index`.
        time_us: Microseconds since 1970.
        sent: The last event that every export has been sent: later ones keep their session. None: all were.
    """
    ended = _rows(connection, "WHERE closed_us < ? ORDER BY closed_us, id", time_us)
    if sent is None:
        return list(ended)
    waiting = connection.execute(
        "SELECT DISTINCT session FROM outbox WHERE (segment, offset, n) > (?, ?, ?)", sent
    )
    unsent = {row["session"] for row in waiting}
    return [session for session in ended if session.id not in unsent]


def _rows(connection: sqlite3.Connection, condition: str, value: int) -> Iterator[RecordedSession]:
    query = (
        "SELECT id, principal, name, target, peer, masks, opened_us, closed_us, close_reason, document "  # noqa: S608
        f"FROM sessions {condition}"
    )
    try:
        for row in connection.execute(query, (value,)):
            fields = dict(row)
            masks, document = json.loads(fields.pop("masks")), json.loads(fields.pop("document"))
            yield RecordedSession(**fields, masks=tuple(masks), document=document)
    except sqlite3.Error as error:
        raise StoreError(f"the index cannot be read: {error}") from error
