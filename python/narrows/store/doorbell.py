"""Tells whoever listens that rows changed: what changed they read from the store.

A listener that does not keep up misses rings and is told so; the ones who ring never wait. Where several
nodes share a store, `postgres.Line` carries rings from one to the others.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import trio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BACKLOG_MAX = 1_000
"""Rings that may wait for one listener."""


class Ring(NamedTuple):
    """Something changed."""

    kind: str
    """`approval`, `grant`, `session`, `revocation`, or `kill`: a session is to end, wherever it is."""
    id: str
    node: str = ""
    """The other node that it changed at; empty: this one."""


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
        self.tell_others: Callable[[Ring], None] = lambda ring: None
        """Carries a ring to the other nodes."""

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return len(self._listeners)

    def ring(self, kind: str, name: str) -> None:
        """Tells every listener, here and at other nodes, that something changed."""
        ring = Ring(kind, name)
        self.hear(ring)
        self.tell_others(ring)

    def hear(self, ring: Ring) -> None:
        """Tells every listener here."""
        for listener in self._listeners:
            listener.take(ring)

    def miss(self) -> None:
        """Tells every listener that rings may have been lost."""
        for listener in self._listeners:
            listener.missed = True
            listener.take(Ring("missed", ""))

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        """A listener for as long as the context lasts."""
        listener = Listener()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.remove(listener)
