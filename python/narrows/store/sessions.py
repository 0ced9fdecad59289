"""Sessions as they are listed: opened once, closed once, or found open by the next start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, or_, select, update

from narrows.store.schema import decisions, sessions

if TYPE_CHECKING:
    from sqlalchemy import Connection

LIST_MAX = 1_000
"""The most sessions that one listing returns, newest first."""
SEARCHED_DECISIONS_MAX = 100_000
"""How many decisions, newest first, a search looks through."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One admitted session."""

    id: int
    principal: str
    target: str
    peer: str
    opened_ms: int
    document: str
    """JSON: what the recording's first frame holds."""
    closed_ms: int | None = None
    close_reason: str = ""
    operations: int = 0
    denials: int = 0
    masked_values: int = 0
    bytes_to_agent: int = 0
    frames: int = 0
    head: str = ""
    """The last link of the hash chain, in hex."""
    node: str = ""
    """The node that serves it."""


def add(connection: Connection, row: SessionRow) -> None:
    """Notes a session that is about to be admitted."""
    connection.execute(insert(sessions).values(_values(row)))


@dataclass(frozen=True, slots=True)
class Ending:
    """How a session ended, with its counts."""

    closed_ms: int
    close_reason: str
    operations: int
    denials: int
    masked_values: int
    bytes_to_agent: int
    frames: int
    head: str


def close(connection: Connection, session: int, ending: Ending) -> None:
    """Notes the end of a session, once."""
    connection.execute(
        update(sessions)
        .where(sessions.c.id == session, sessions.c.closed_ms.is_(None))
        .values({name: getattr(ending, name) for name in Ending.__slots__})
    )


def close_all(connection: Connection, node: str, *, now_ms: int, reason: str) -> int:
    """Ends every session of a node that is still open, as after a crash; returns how many."""
    result = connection.execute(
        update(sessions)
        .where(sessions.c.closed_ms.is_(None), sessions.c.node == node)
        .values(closed_ms=now_ms, close_reason=reason)
    )
    return result.rowcount


def find(connection: Connection, session: int) -> SessionRow | None:
    """The session of that id, if there is one."""
    row = connection.execute(select(sessions).where(sessions.c.id == session)).mappings().first()
    return SessionRow(**row) if row else None


def newest(connection: Connection, *, open_only: bool = False, limit: int = LIST_MAX) -> list[SessionRow]:
    """Sessions, newest first."""
    query = select(sessions).order_by(sessions.c.opened_ms.desc(), sessions.c.id.desc()).limit(limit)
    if open_only:
        query = query.where(sessions.c.closed_ms.is_(None))
    return [SessionRow(**row) for row in connection.execute(query).mappings()]


def matching(connection: Connection, text: str, *, limit: int = LIST_MAX) -> list[SessionRow]:
    """Sessions, newest first, in whose principal, target, address, record or statements a text occurs.

    Of the statements, the newest `SEARCHED_DECISIONS_MAX` are looked through.
    """
    newest_decision = select(func.max(decisions.c.number)).scalar_subquery()
    said = select(decisions.c.session).where(
        decisions.c.number > func.coalesce(newest_decision, 0) - SEARCHED_DECISIONS_MAX,
        decisions.c.text.icontains(text, autoescape=True),
    )
    named = (sessions.c.principal, sessions.c.target, sessions.c.peer, sessions.c.document)
    query = (
        select(sessions)
        .where(or_(sessions.c.id.in_(said), *(column.icontains(text, autoescape=True) for column in named)))
        .order_by(sessions.c.opened_ms.desc(), sessions.c.id.desc())
        .limit(limit)
    )
    return [SessionRow(**row) for row in connection.execute(query).mappings()]


def _values(row: SessionRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SessionRow.__slots__}
