"""How far each export has come: what is before that place has been taken by its sink."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

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


def reached(connection: Connection, node: str, name: str) -> tuple[int, int, int]:
    """The key of the last event taken of a node's journal."""
    state = find(connection, node, name)
    return (state.segment, state.offset, state.n) if state else BEGINNING


def find(connection: Connection, node: str, name: str) -> ExportState | None:
    """An export's standing at a node, if it has any yet."""
    columns = [exports.c[column] for column in ExportState.__slots__]
    query = select(*columns).where(exports.c.node == node, exports.c.name == name)
    row = connection.execute(query).mappings().first()
    return ExportState(**row) if row else None


def reach(
    connection: Connection, node: str, name: str, key: tuple[int, int, int], *, sent: int, time_us: int
) -> None:
    """Notes that everything up to `key` has been taken, `sent` events more than before."""
    before = find(connection, node, name) or FRESH
    segment, offset, n = key
    _put(
        connection,
        node,
        replace(
            before,
            name=name,
            segment=segment,
            offset=offset,
            n=n,
            sent=before.sent + sent,
            time_us=time_us,
            failing_since_us=0,
            error="",
        ),
    )


def fail(connection: Connection, node: str, name: str, error: str, *, now_us: int) -> None:
    """Notes why nothing more is taken now."""
    before = find(connection, node, name) or FRESH
    since = before.failing_since_us or now_us
    _put(connection, node, replace(before, name=name, failing_since_us=since, error=error))


def _put(connection: Connection, node: str, state: ExportState) -> None:
    """Only a node's own process writes its rows, so nobody comes between."""
    values = asdict(state)
    here = (exports.c.node == node, exports.c.name == state.name)
    if connection.execute(update(exports).where(*here).values(values)).rowcount == 0:
        connection.execute(insert(exports).values(values | {"node": node}))


FRESH = ExportState("", *BEGINNING, sent=0, time_us=0, failing_since_us=0, error="")
"""An export that nothing has been sent to."""
