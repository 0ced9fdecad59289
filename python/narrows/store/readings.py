"""Who read which recording, when and how: reading is itself on record."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from narrows.store.schema import readings

if TYPE_CHECKING:
    from sqlalchemy import Connection

LIST_MAX = 1_000
"""The most that one listing returns, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One look at recordings."""

    time_ms: int
    reader: str
    """A principal's key; `os:NAME` for whoever was on the node."""
    how: str
    """`replay`, `follow`, `search` or `export`."""
    what: str
    """The session's name; of a search and an export, what was asked for."""


def add(connection: Connection, reading: Reading) -> None:
    """Notes a look, before anything is shown."""
    connection.execute(insert(readings).values(asdict(reading)))


def newest(connection: Connection, *, limit: int = LIST_MAX) -> list[Reading]:
    """Looks, newest first."""
    columns = [readings.c[name] for name in Reading.__slots__]
    query = select(*columns).order_by(readings.c.number.desc()).limit(limit)
    return [Reading(**row) for row in connection.execute(query).mappings()]
