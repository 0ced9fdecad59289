"""Tells whoever listens that rows changed: what changed they read from the store.

A listener that does not keep up misses rings and is told so; the ones who ring never wait.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import trio

if TYPE_CHECKING:
    from collections.abc import Iterator

BACKLOG_MAX = 1_000
"""Rings that may wait for one listener."""


class Ring(NamedTuple):
    """Something changed."""

    kind: str
    """`approval`, `grant` or `session`."""
    id: str


class Listener:
    """One listener's queue."""

    def __init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel[Ring](BACKLOG_MAX)
        self.missed = False
        """Rings were lost: what was known may be out of date."""

    async def next(self) -> Ring:
        """Waits for the next ring."""
        return await self._receive.receive()

    def take(self, ring: Ring) -> None:
        """Queues a ring, if there is room."""
        try:
            self._send.send_nowait(ring)
        except trio.WouldBlock:
            self.missed = True


class Doorbell:
    """Rings at every listener."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return len(self._listeners)

    def ring(self, kind: str, name: str) -> None:
        """Tells every listener that something changed."""
        for listener in self._listeners:
            listener.take(Ring(kind, name))

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        """A listener for as long as the context lasts."""
        listener = Listener()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.remove(listener)
