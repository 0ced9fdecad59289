"""Tickets in the store: spent atomically, so that of two who race for one only one gets in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, insert, select, update

from narrows.identity.tickets import Expired, Redeemed, Redemption, Spent, TicketRecord, Unknown
from narrows.model import Principal  # noqa: TC001, read at run time to decode
from narrows.store.schema import tickets

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from narrows.store import Store

KEPT_AFTER_EXPIRY_MS = 86_400_000
"""How long an old ticket can still be told from one that never was."""


class _Document(msgspec.Struct, frozen=True):
    """What is kept of a ticket besides its uses."""

    principal: Principal
    target: str
    user: str | None
    source: str | None
    expires_at: float


class StoredTickets:
    """The `TicketStore` of a gateway."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def put(self, record: TicketRecord) -> None:
        """See `TicketStore.put`."""
        await self._store.run(_put, record)

    async def redeem(self, digest: bytes, now: float, peer: str) -> Redemption:
        """See `TicketStore.redeem`."""
        return await self._store.run(_redeem, digest.hex(), int(now * 1000), peer)

    async def look(self, digest: bytes, now: float) -> Redemption:
        """See `TicketStore.look`."""
        return await self._store.run(_look, digest.hex(), int(now * 1000))


def _put(connection: Connection, record: TicketRecord) -> None:
    expires_ms = int(record.expires_at * 1000)
    connection.execute(delete(tickets).where(tickets.c.expires_ms < expires_ms - KEPT_AFTER_EXPIRY_MS))
    connection.execute(
        insert(tickets).values(
            digest=record.digest.hex(),
            expires_ms=expires_ms,
            uses=0,
            uses_max=record.uses_max,
            used_ms=0,
            used_from="",
            document=msgspec.json.encode(
                _Document(record.principal, record.target, record.user, record.source, record.expires_at)
            ).decode(),
        )
    )


def _redeem(connection: Connection, digest: str, now_ms: int, peer: str) -> Redemption:
    outcome = _look(connection, digest, now_ms)
    if isinstance(outcome, Redeemed):
        connection.execute(
            update(tickets)
            .where(tickets.c.digest == digest)
            .values(uses=tickets.c.uses + 1, used_ms=now_ms, used_from=peer)
        )
    return outcome


def _look(connection: Connection, digest: str, now_ms: int) -> Redemption:
    row = connection.execute(select(tickets).where(tickets.c.digest == digest)).first()
    if row is None:
        return Unknown()
    if row.uses >= row.uses_max:
        return Spent(row.used_ms / 1000, row.used_from)
    if now_ms >= row.expires_ms:
        return Expired(row.expires_ms / 1000)
    kept = msgspec.json.decode(row.document, type=_Document)
    return Redeemed(
        TicketRecord(
            bytes.fromhex(digest),
            kept.principal,
            kept.target,
            kept.user,
            kept.source,
            kept.expires_at,
            row.uses_max,
        )
    )
