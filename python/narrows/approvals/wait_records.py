"""Which nodes wait for which request, in the store: a request that nobody waits for any more is withdrawn.

Where several nodes share a store, the same operation asked at two of them waits for one request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from narrows.approvals import records
from narrows.approvals.request import State
from narrows.store.schema import approvals, waits

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from narrows.approvals.request import Request


def join(connection: Connection, request: Request, node: str) -> Request | None:
    """Waits for the request that is open for the same operation, at whichever node; None: there is none."""
    standing = records.standing(connection, request.digest, now_ms=request.requested_ms)
    if standing is None or standing.state is not State.REQUESTED:
        return None
    if standing.request.key != request.key or standing.request.terms.mode != "hold":
        return None
    note(connection, standing.request, node)
    return standing.request


def note(connection: Connection, request: Request, node: str) -> None:
    """A node waits for a request."""
    connection.execute(delete(waits).where(waits.c.approval == request.id, waits.c.node == node))
    connection.execute(insert(waits).values(approval=request.id, node=node))


def leave(connection: Connection, approval: str, node: str, *, now_ms: int, reason: str) -> bool:
    """A node waits no longer; whether that withdrew the request, because no other does."""
    connection.execute(delete(waits).where(waits.c.approval == approval, waits.c.node == node))
    others = connection.execute(select(waits.c.node).where(waits.c.approval == approval)).first()
    if others is not None:
        return False
    return records.close(connection, approval, State.WITHDRAWN, now_ms=now_ms, reason=reason)


def leave_all(connection: Connection, node: str, *, now_ms: int, reason: str) -> list[str]:
    """A node waits for nothing, at start and stop; returns the requests that this withdrew."""
    connection.execute(delete(waits).where(waits.c.node == node))
    awaited = select(waits.c.approval)
    query = select(approvals.c.id).where(
        approvals.c.state == State.REQUESTED.value, approvals.c.mode == "hold", approvals.c.id.not_in(awaited)
    )
    names = list(connection.execute(query).scalars())
    return [
        name
        for name in names
        if records.close(connection, name, State.WITHDRAWN, now_ms=now_ms, reason=reason)
    ]
