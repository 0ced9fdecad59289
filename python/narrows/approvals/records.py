"""Approval requests in the store. Every change of state is one conditional update: the first one wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import insert, select, update

from narrows.approvals.request import Approval, Request, State, Vote
from narrows.store.schema import approvals, votes

if TYPE_CHECKING:
    from sqlalchemy import Connection

LIST_MAX = 1_000
"""The most requests that one listing returns, newest first."""


def add(connection: Connection, request: Request) -> None:
    """Stores a new request."""
    connection.execute(
        insert(approvals).values(
            id=request.id,
            state=State.REQUESTED.value,
            session=request.session,
            principal=request.principal,
            target=request.target,
            rule=request.rule,
            digest=request.digest,
            requested_ms=request.requested_ms,
            expires_ms=request.expires_ms,
            close_reason="",
            request=msgspec.json.encode(request).decode(),
        )
    )


def cast(connection: Connection, request: Request, vote: Vote) -> Approval | None:
    """Counts a vote, and closes the request once one denies or the quorum approves.

    Returns:
        Where the request stands after it; None when it was closed, or past its time, before.
    """
    standing = find(connection, request.id)
    if standing is None or standing.state is not State.REQUESTED or request.expires_ms <= vote.time_ms:
        return None
    if all(earlier.approver != vote.approver for earlier in standing.votes):
        connection.execute(insert(votes).values(approval=request.id, **msgspec.to_builtins(vote)))
    if vote.vote == "deny":
        close(connection, request.id, State.DENIED, now_ms=vote.time_ms, reason=vote.reason)
    elif len(_votes(connection, request.id)) >= request.terms.quorum:
        close(connection, request.id, State.APPROVED, now_ms=vote.time_ms, reason=vote.reason)
    return find(connection, request.id)


def close(connection: Connection, approval: str, state: State, *, now_ms: int, reason: str) -> bool:
    """Moves a request to a final state; False when it is in one already."""
    result = connection.execute(
        update(approvals)
        .where(approvals.c.id == approval, approvals.c.state == State.REQUESTED.value)
        .values(state=state.value, closed_ms=now_ms, close_reason=reason)
    )
    return result.rowcount == 1


def withdraw_all(connection: Connection, *, now_ms: int, reason: str) -> int:
    """Withdraws everything that still waits; returns how many."""
    result = connection.execute(
        update(approvals)
        .where(approvals.c.state == State.REQUESTED.value)
        .values(state=State.WITHDRAWN.value, closed_ms=now_ms, close_reason=reason)
    )
    return result.rowcount


def mark_used(connection: Connection, approval: str, *, now_ms: int) -> None:
    """Notes that the approved statement was released."""
    connection.execute(update(approvals).where(approvals.c.id == approval).values(used_ms=now_ms))


def find(connection: Connection, approval: str) -> Approval | None:
    """The request of that id, if there is one."""
    row = connection.execute(select(approvals).where(approvals.c.id == approval)).first()
    return _approval(row, _votes(connection, approval)) if row else None


def newest(connection: Connection, *, state: State | None = None, limit: int = LIST_MAX) -> list[Approval]:
    """Requests, newest first, all or those in one state."""
    query = select(approvals).order_by(approvals.c.requested_ms.desc(), approvals.c.id).limit(limit)
    if state is not None:
        query = query.where(approvals.c.state == state.value)
    return [_approval(row, _votes(connection, row.id)) for row in connection.execute(query)]


def _votes(connection: Connection, approval: str) -> tuple[Vote, ...]:
    query = select(votes).where(votes.c.approval == approval).order_by(votes.c.time_ms)
    return tuple(
        Vote(approver=row.approver, name=row.name, vote=row.vote, reason=row.reason, time_ms=row.time_ms)
        for row in connection.execute(query)
    )


def _approval(row: Any, cast_votes: tuple[Vote, ...]) -> Approval:
    return Approval(
        request=msgspec.json.decode(row.request, type=Request),
        state=State(row.state),
        close_reason=row.close_reason,
        closed_ms=row.closed_ms,
        used_ms=row.used_ms,
        votes=cast_votes,
    )
