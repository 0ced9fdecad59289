"""How often a node's segments could not be stored: counted where they are moved, read where metrics are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from narrows.store.schema import offloads

if TYPE_CHECKING:
    from sqlalchemy import Connection


def fail(connection: Connection, node: str) -> None:
    """Counts an attempt that failed. Only a node's own process writes its row, so nobody comes between."""
    here = offloads.c.node == node
    counted = update(offloads).where(here).values(failures=offloads.c.failures + 1)
    if connection.execute(counted).rowcount == 0:
        connection.execute(insert(offloads).values(node=node, failures=1))


def failures(connection: Connection, node: str) -> int:
    """Attempts of a node that failed, since there is a store."""
    query = select(offloads.c.failures).where(offloads.c.node == node)
    return connection.execute(query).scalar() or 0
