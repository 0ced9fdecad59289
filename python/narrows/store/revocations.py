"""Principals, apps, tokens and certificates that are accepted no more, as they were revoked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from narrows.store.schema import revocations

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class RevocationRow:
    """One thing that is revoked."""

    subject: str
    """`principal`, `app`, `token` or `certificate`."""
    value: str
    revoked_ms: int
    revoked_by: str
    reason: str


def add(connection: Connection, row: RevocationRow) -> None:
    """Stores a revocation, in place of an earlier one of the same thing."""
    connection.execute(
        delete(revocations).where(revocations.c.subject == row.subject, revocations.c.value == row.value)
    )
    connection.execute(
        insert(revocations).values({name: getattr(row, name) for name in RevocationRow.__slots__})
    )


def everything(connection: Connection) -> list[RevocationRow]:
    """All that is revoked."""
    return [RevocationRow(**row) for row in connection.execute(select(revocations)).mappings()]
