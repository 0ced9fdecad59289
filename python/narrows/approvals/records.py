"""Approval requests in the store. Every change of state is one conditional update: the first one wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, func, insert, select, update

from narrows.approvals import grant_records
from narrows.approvals.grant import Grant, Use
from narrows.approvals.request import Approval, Request, Review, State, Vote, new_id
from narrows.store.schema import approvals, votes, waits

if TYPE_CHECKING:
    from sqlalchemy import Connection

LIST_MAX = 1_000
"""The most requests that one listing returns, newest first."""
LETS_THROUGH = (State.APPROVED.value, State.BROKEN_GLASS.value)


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
            mode=request.terms.mode,
            policy_version=request.policy_version,
        )
    )


def standing(connection: Connection, digest: str, *, now_ms: int) -> Approval | None:
    """The newest request for an operation whose time is not over, if there is one."""
    query = (
        select(approvals)
        .where(approvals.c.digest == digest, approvals.c.expires_ms > now_ms)
        .order_by(approvals.c.requested_ms.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return _approval(row, _votes(connection, row.id)) if row else None


def counts(connection: Connection, principal: str, *, since_ms: int) -> tuple[int, int]:
    """How many requests of a principal wait, and how many it has made since a time."""
    mine = select(func.count()).select_from(approvals).where(approvals.c.principal == principal)
    waiting = connection.execute(mine.where(approvals.c.state == State.REQUESTED.value)).scalar_one()
    recent = connection.execute(mine.where(approvals.c.requested_ms > since_ms)).scalar_one()
    return waiting, recent


def cast(connection: Connection, request: Request, vote: Vote) -> Approval | None:
    """Counts a vote, and closes the request once one denies, breaks the glass, or the quorum approves.

    Returns:
        Where the request stands after it; None when it was closed, or past its time, before.

    Raises:
        ApprovalError: A yes is for something else than what is shown by now.
    """
    before = find(connection, request.id)
    if before is None or before.state is not State.REQUESTED or request.expires_ms <= vote.time_ms:
        return None
    if vote.vote != "deny":
        before.check_shown(vote.digest)
    earlier = next((one for one in before.votes if one.approver == vote.approver), None)
    if earlier is None:
        connection.execute(insert(votes).values(approval=request.id, **msgspec.to_builtins(vote)))
    elif earlier.vote != vote.vote:  # who approved may still think better of it
        connection.execute(
            update(votes)
            .where(votes.c.approval == request.id, votes.c.approver == vote.approver)
            .values(vote=vote.vote, reason=vote.reason, time_ms=vote.time_ms, digest=vote.digest)
        )
    if vote.vote == "deny":
        close(connection, request.id, State.DENIED, now_ms=vote.time_ms, reason=vote.reason)
    elif vote.vote == "break-glass":
        _let_through(connection, request, State.BROKEN_GLASS, vote)
    elif len(_votes(connection, request.id)) >= request.terms.quorum:
        _let_through(connection, request, State.APPROVED, vote)
    return find(connection, request.id)


def close(connection: Connection, approval: str, state: State, *, now_ms: int, reason: str) -> bool:
    """Moves a request to a final state; False when it is in one already."""
    result = connection.execute(
        update(approvals)
        .where(approvals.c.id == approval, approvals.c.state == State.REQUESTED.value)
        .values(state=state.value, closed_ms=now_ms, close_reason=reason)
    )
    connection.execute(delete(waits).where(waits.c.approval == approval))
    return result.rowcount == 1


def close_all(
    connection: Connection,
    state: State,
    *,
    now_ms: int,
    reason: str,
    due: bool = False,
    not_policy: str | None = None,
) -> list[str]:
    """Closes what waits and is past its time, or of another policy; returns the ids."""
    query = select(approvals.c.id).where(approvals.c.state == State.REQUESTED.value)
    if due:
        query = query.where(approvals.c.expires_ms <= now_ms)
    if not_policy is not None:
        query = query.where(approvals.c.policy_version != not_policy)
    names = list(connection.execute(query).scalars())
    return [name for name in names if close(connection, name, state, now_ms=now_ms, reason=reason)]


def claim(connection: Connection, request: Request, *, now_ms: int) -> Use | None:
    """Uses what came out of a request once: its grant, or where it made none, itself."""
    if request.terms.grant_ms:
        return grant_records.claim_of_approval(connection, request.id, now_ms=now_ms)
    result = connection.execute(
        update(approvals)
        .where(
            approvals.c.id == request.id, approvals.c.state.in_(LETS_THROUGH), approvals.c.used_ms.is_(None)
        )
        .values(used_ms=now_ms)
    )
    if result.rowcount != 1:
        return None
    by = ",".join(vote.approver for vote in _votes(connection, request.id))
    return Use(approval=request.id, by=by, bound=request.digest)


def give_back(connection: Connection, use: Use) -> None:
    """Takes back a use that released nothing."""
    if use.grant:
        grant_records.give_back(connection, use.grant)
    else:
        connection.execute(update(approvals).where(approvals.c.id == use.approval).values(used_ms=None))


def describe(connection: Connection, approval: str, preview: dict[str, Any]) -> None:
    """Keeps what the operation would touch, while the request waits."""
    encoded = msgspec.json.encode(preview).decode()
    waits_still = (approvals.c.id == approval) & (approvals.c.state == State.REQUESTED.value)
    connection.execute(update(approvals).where(waits_still).values(preview=encoded))


def review(connection: Connection, approval: str, said: Review) -> bool:
    """Keeps the review of a broken glass; False when there is one already, or nothing to review."""
    result = connection.execute(
        update(approvals)
        .where(
            approvals.c.id == approval,
            approvals.c.state == State.BROKEN_GLASS.value,
            approvals.c.review.is_(None),
        )
        .values(review=msgspec.json.encode(said).decode())
    )
    return result.rowcount == 1


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


def pending(connection: Connection) -> int:
    """How many requests wait for people."""
    query = select(func.count()).where(approvals.c.state == State.REQUESTED.value)
    return int(connection.execute(query).scalar_one())


def _let_through(connection: Connection, request: Request, state: State, vote: Vote) -> None:
    """Closes the request with a yes, and makes the grant that its terms promise."""
    close(connection, request.id, state, now_ms=vote.time_ms, reason=vote.reason)
    terms = request.terms
    if not terms.grant_ms:
        return
    alone = state is State.BROKEN_GLASS
    grant = Grant(
        id=new_id("grt"),
        key=request.key,
        approval=request.id,
        principal=request.principal,
        target=request.target,
        rule=request.rule,
        scope=terms.scope,
        session=request.session,
        statement=request.text,
        policy_version=request.policy_version,
        granted_by=",".join(one.approver for one in _votes(connection, request.id)),
        granted_ms=vote.time_ms,
        expires_ms=vote.time_ms + terms.grant_ms,
        uses_max=1 if alone else terms.grant_uses,
    )
    grant_records.add(connection, grant)


def _votes(connection: Connection, approval: str) -> tuple[Vote, ...]:
    query = select(votes).where(votes.c.approval == approval).order_by(votes.c.time_ms)
    return tuple(
        Vote(
            approver=row.approver,
            name=row.name,
            vote=row.vote,
            reason=row.reason,
            time_ms=row.time_ms,
            digest=row.digest,
        )
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
        preview=msgspec.json.decode(row.preview) if row.preview else None,
        review=msgspec.json.decode(row.review, type=Review) if row.review else None,
    )
