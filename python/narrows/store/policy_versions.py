"""Which policy versions have decided here, and since when: recordings and approvals name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from narrows.store.schema import policy_versions

if TYPE_CHECKING:
    from sqlalchemy import Connection


def note(connection: Connection, version: str, *, now_ms: int) -> None:
    """Remembers when a policy version first decided something."""
    known = connection.execute(select(policy_versions).where(policy_versions.c.version == version)).first()
    if known is None:
        connection.execute(insert(policy_versions).values(version=version, first_ms=now_ms))
