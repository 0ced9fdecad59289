"""Segments of the journal that are in the object store, and so need not be on this node."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from narrows.store.schema import segments

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment that the object store has been seen to hold."""

    number: int
    bytes: int
    sha256: str
    stored_ms: int


def add(connection: Connection, node: str, segment: StoredSegment) -> None:
    """Notes a segment of a node's journal, once it has been read back."""
    connection.execute(insert(segments).values(asdict(segment) | {"node": node}))


def between(connection: Connection, node: str, first: int, last: int) -> list[StoredSegment]:
    """A node's stored segments by their numbers, in order, both ends included."""
    columns = [segments.c[name] for name in StoredSegment.__slots__]
    wanted = (segments.c.node == node, segments.c.number.between(first, last))
    query = select(*columns).where(*wanted).order_by(segments.c.number)
    return [StoredSegment(**row) for row in connection.execute(query).mappings()]
