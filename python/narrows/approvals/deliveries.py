"""Whether approvers were told of a request: one row per request and notifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, insert, select

from narrows.store.schema import deliveries

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """How far telling the approvers of one request through one notifier has come."""

    approval: str
    notifier: str
    state: str
    """`sent`, `retrying` or `failed`."""
    attempts: int
    error: str = ""
    """Why the last attempt failed; holds no address, which may be a secret."""
    time_ms: int
    reference: str = ""
    """What names the message, where it is to be changed once the request is decided; empty: nothing is."""


def note(connection: Connection, delivery: Delivery) -> None:
    """Keeps the newest state."""
    connection.execute(
        delete(deliveries).where(
            deliveries.c.approval == delivery.approval, deliveries.c.notifier == delivery.notifier
        )
    )
    connection.execute(insert(deliveries).values(msgspec.to_builtins(delivery)))


def of_approval(connection: Connection, approval: str) -> list[Delivery]:
    """The states of one request, by name of notifier."""
    query = select(deliveries).where(deliveries.c.approval == approval).order_by(deliveries.c.notifier)
    return [Delivery(**row) for row in connection.execute(query).mappings()]
