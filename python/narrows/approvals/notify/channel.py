"""What every channel is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

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

    async def send(self, message: Message) -> str | None:
        """Tells them. Raises DeliveryFailed.

        Returns:
            What names the message, where the channel can change it later.
        """
        ...


@runtime_checkable
class ChangingChannel(Channel, Protocol):
    """One whose messages can be changed."""

    async def change(self, reference: str, outcome: str) -> None:
        """Puts an outcome in a message's place. Raises DeliveryFailed."""
        ...
