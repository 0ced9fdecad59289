"""What a push goes to, as the pusher sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from narrows.errors import NarrowsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from narrows.recordings.index.outbox import Event


class SinkError(NarrowsError):
    """A sink did not take what it was sent; the message holds no secret."""


class Outgoing(NamedTuple):
    """An event on its way."""

    event: Event
    line: bytes
    """In its form, as one line without its end."""


class Sink(Protocol):
    """Takes events in order."""

    async def send(self, batch: Sequence[Outgoing]) -> None:
        """Returns once the other side has taken all of them. Raises SinkError or OSError."""
        ...

    async def close(self) -> None:
        """Ends what is open to the other side."""
        ...
