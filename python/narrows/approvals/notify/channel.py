"""What every channel is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from narrows.errors import NarrowsError

if TYPE_CHECKING:
    from narrows.approvals.notify.message import Message


class DeliveryFailed(NarrowsError):
    """A message was not taken. The text is shown to approvers, and holds no address and no secret."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        self.final = final
        """Trying again would not help."""
        super().__init__(message)


class Channel(Protocol):
    """One configured way to tell approvers."""

    async def send(self, message: Message) -> None:
        """Tells them. Raises DeliveryFailed."""
        ...
