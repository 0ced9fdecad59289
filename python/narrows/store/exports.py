"""How far each export has come: what is before that place has been taken by its sink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, select
from sqlalchemy.dialects.sqlite import insert

from narrows.store.schema import exports

if TYPE_CHECKING:
    from sqlalchemy import Connection

BEGINNING = (0, 0, -1)


@dataclass(frozen=True, slots=True)
class ExportState:
    """One export's standing."""

    name: str
    segment: int
    offset: int
    n: int
    sent: int
    """Events taken by its sink so far, those that had to be sent twice counted twice."""
    time_us: int
    """Of the last event taken; 0 before the first."""
    failing_since_us: int
    """When its sink first refused what it has not taken yet; 0 while it takes what it is sent."""
    error: str
    """Why."""


def reached(connection: Connection, name: str) -> tuple[int, int, int]:
    """The key of the last event taken."""
    state = find(connection, name)
    return (state.segment, state.offset, state.n) if state else BEGINNING


def find(connection: Connection, name: str) -> ExportState | None:
    """An export's standing, if it has any yet."""
    columns = [exports.c[column] for column in ExportState.__slots__]
    row = connection.execute(select(*columns).where(exports.c.name == name)).mappings().first()
    return ExportState(**row) if row else None


def reach(connection: Connection, name: str, key: tuple[int, int, int], *, sent: int, time_us: int) -> None:
    """Notes that everything up to `key` has been taken, `sent` events more than before."""
    segment, offset, n = key
    fresh = {
        "segment": segment,
        "offset": offset,
        "n": n,
        "time_us": time_us,
        "error": "",
        "failing_since_us": 0,
    }
    statement = insert(exports).values(name=name, sent=sent, **fresh)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_=fresh | {"sent": exports.c.sent + sent})
    )


def fail(connection: Connection, name: str, error: str, *, now_us: int) -> None:
    """Notes why nothing more is taken now."""
    segment, offset, n = BEGINNING
    statement = insert(exports).values(
        name=name,
        segment=segment,
        offset=offset,
        n=n,
        sent=0,
        time_us=0,
        error=error,
        failing_since_us=now_us,
    )
    since = case((exports.c.failing_since_us == 0, now_us), else_=exports.c.failing_since_us)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"error": error, "failing_since_us": since},
        )
    )
