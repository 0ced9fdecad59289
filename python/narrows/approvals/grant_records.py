"""Grants in the store. A use is a conditional update, so that no grant is used more often than it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import and_, func, insert, or_, select, update

from narrows.approvals.grant import Grant, Use
from narrows.store.schema import approvals, grants

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

LIST_MAX = 1_000
"""The most grants that one listing returns, newest first."""


def add(connection: Connection, grant: Grant) -> None:
    """Stores a new grant."""
    connection.execute(insert(grants).values(msgspec.to_builtins(grant)))


def claim(connection: Connection, key: str, *, now_ms: int) -> Use | None:
    """Uses a live grant of that key once; None when there is none."""
    return _claim(connection, grants.c.key == key, now_ms=now_ms)


def claim_of_approval(connection: Connection, approval: str, *, now_ms: int) -> Use | None:
    """Uses the live grant that came out of an approval once; None when there is none."""
    return _claim(connection, grants.c.approval == approval, now_ms=now_ms)


def give_back(connection: Connection, grant: str) -> None:
    """Takes back a use that released nothing."""
    connection.execute(
        update(grants).where(grants.c.id == grant, grants.c.uses > 0).values(uses=grants.c.uses - 1)
    )


def revoke(connection: Connection, grant: str, *, now_ms: int, by: str, reason: str) -> bool:
    """Ends a grant; False when it was revoked before, or there is none."""
    result = connection.execute(
        update(grants)
        .where(grants.c.id == grant, grants.c.revoked_ms.is_(None))
        .values(revoked_ms=now_ms, revoked_by=by, revoke_reason=reason)
    )
    return result.rowcount == 1


def void_others(connection: Connection, policy_version: str, *, now_ms: int, reason: str) -> int:
    """Ends every live grant of another policy than this; returns how many."""
    result = connection.execute(
        update(grants)
        .where(_live(now_ms), grants.c.policy_version != policy_version)
        .values(revoked_ms=now_ms, revoked_by="", revoke_reason=reason)
    )
    return result.rowcount


def find(connection: Connection, grant: str) -> Grant | None:
    """The grant of that id, if there is one."""
    row = connection.execute(select(grants).where(grants.c.id == grant)).mappings().first()
    return _grant(row) if row else None


def newest(connection: Connection, *, live_at_ms: int | None = None) -> list[Grant]:
    """Grants, newest first: all, or those live at a time."""
    query = select(grants).order_by(grants.c.granted_ms.desc(), grants.c.id).limit(LIST_MAX)
    if live_at_ms is not None:
        query = query.where(_live(live_at_ms))
    return [_grant(row) for row in connection.execute(query).mappings()]


def _claim(connection: Connection, which: ColumnElement[bool], *, now_ms: int) -> Use | None:
    query = select(grants).where(which, _live(now_ms)).order_by(grants.c.expires_ms).limit(1)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    used = connection.execute(
        update(grants)
        .where(grants.c.id == row["id"], _live(now_ms))
        .values(uses=grants.c.uses + 1, used_ms=now_ms)
    )
    if used.rowcount != 1:
        return None
    connection.execute(
        update(approvals)
        .where(approvals.c.id == row["approval"])
        .values(used_ms=func.coalesce(approvals.c.used_ms, now_ms))
    )
    return Use(approval=row["approval"], grant=row["id"], by=row["granted_by"], bound=row["key"])


def _live(now_ms: int) -> ColumnElement[bool]:
    return and_(
        grants.c.revoked_ms.is_(None),
        grants.c.expires_ms > now_ms,
        or_(grants.c.uses_max == 0, grants.c.uses < grants.c.uses_max),
    )


def _grant(row: Any) -> Grant:
    return Grant(**row)
