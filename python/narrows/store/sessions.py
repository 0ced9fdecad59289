"""Sessions as they are listed: opened once, closed once, or found open by the next start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, or_, select, update

from narrows.store.schema import decisions, sessions
from narrows.store.values import values_of

if TYPE_CHECKING:
    from collections.abc import Sequence

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


@dataclass(frozen=True, slots=True)
class Ending:
    """How a session ended, with its counts."""

    session: int
    closed_ms: int
    close_reason: str
    operations: int
    denials: int
    masked_values: int
    bytes_to_agent: int
    frames: int
    head: str


ADD = insert(sessions)
CLOSE = (
    update(sessions)
    .where(sessions.c.id == bindparam("session"), sessions.c.closed_ms.is_(None))
    .values({name: bindparam(name) for name in Ending.__slots__ if name != "session"})
)
"""Made once: putting a statement together costs more than running it."""


def add(connection: Connection, *rows: SessionRow) -> None:
    """Notes sessions that are about to be admitted."""
    connection.execute(ADD, [values_of(row) for row in rows])


def close(connection: Connection, *endings: Ending) -> None:
    """Notes the ends of sessions, each once."""
    connection.execute(CLOSE, [values_of(ending) for ending in endings])


def note(connection: Connection, noted: Sequence[SessionRow | Ending]) -> None:
    """Notes beginnings and ends in any order, but that of one session."""
    if opened := [row for row in noted if isinstance(row, SessionRow)]:
        add(connection, *opened)
    if over := [ending for ending in noted if isinstance(ending, Ending)]:
        close(connection, *over)


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


def unknown(connection: Connection, among: Sequence[int]) -> list[int]:
    """Those of these sessions that are not on the list: the gateway was killed before it had them there."""
    listed = set(connection.execute(select(sessions.c.id).where(sessions.c.id.in_(among))).scalars())
    return [session for session in among if session not in listed]


def ended(connection: Connection, among: Sequence[int]) -> dict[int, tuple[int, str]]:
    """When, in milliseconds since 1970, and why each of these sessions ended, of those that have."""
    query = select(sessions.c.id, sessions.c.closed_ms, sessions.c.close_reason).where(
        sessions.c.id.in_(among), sessions.c.closed_ms.is_not(None)
    )
    return {row.id: (row.closed_ms, row.close_reason) for row in connection.execute(query)}


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
