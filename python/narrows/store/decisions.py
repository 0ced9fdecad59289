"""The audit log: one row per question that Python answered, append-only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from narrows.store.schema import decisions
from narrows.store.values import values_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

LIST_MAX = 10_000
"""The most rows that one listing returns, oldest first."""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One line of the audit log."""

    time_ms: int
    session: int
    principal: str
    target: str
    effect: str
    """`allow`, `deny` or `require-approval` as policy said; `release` when people let it pass."""
    rule: str
    reason: str
    digest: str
    text: str
    policy_version: str
    approval: str | None = None
    approver: str | None = None


def add(connection: Connection, rows: Sequence[DecisionRow]) -> None:
    """Appends rows in order."""
    connection.execute(insert(decisions), [values_of(row) for row in rows])


def of_session(connection: Connection, session: int, *, limit: int = LIST_MAX) -> list[DecisionRow]:
    """What was decided in one session, in order."""
    columns = [decisions.c[name] for name in DecisionRow.__slots__]
    query = select(*columns).where(decisions.c.session == session).order_by(decisions.c.number).limit(limit)
    return [DecisionRow(**row) for row in connection.execute(query).mappings()]


def forget_texts(connection: Connection, session: int) -> None:
    """Takes the statements out of a session's decisions; what was decided, by which rule, stays."""
    connection.execute(update(decisions).where(decisions.c.session == session).values(text=""))
