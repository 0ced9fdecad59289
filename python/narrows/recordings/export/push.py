"""Pushes events to a sink, each at least once: the place reached moves only when the sink has taken them.

The journal keeps what a sink does not take. A sink that is slow or dead is behind, which shows; nothing waits
for it, neither sessions nor other sinks.
"""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import structlog
import trio

from narrows.errors import NarrowsError
from narrows.recordings.export.forms import line
from narrows.recordings.export.sink import Outgoing, SinkError
from narrows.recordings.index import read_index
from narrows.recordings.index.outbox import events_after
from narrows.store import exports

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.recordings.export.sink import Sink
    from narrows.recordings.index.outbox import Event, Key
    from narrows.store import Store

BATCH_MAX = 200
"""Events sent at once."""
BATCH_BYTES_MAX = 1 << 20
"""Bytes after which no further event joins a batch."""
SEND_DEADLINE_S = 60.0
"""For a sink to take a batch; then it is tried anew."""
POLL_S = 0.25
PAUSE_MIN_S = 1.0
PAUSE_MAX_S = 60.0
"""Between attempts; doubled each time, and back at the first success."""

log = structlog.get_logger("narrows.export")


class Push:
    """Keeps one sink up to date.

    Args:
        name: The export's, for the store and the log.
        form: Of the lines, a name in `FORMS`.
        sink: Where they go.
        index: The index's file.
        store: Keeps the place reached.
        node: Whose journal it is, among those that share the store.
    """

    def __init__(
        self, name: str, form: str, sink: Sink, *, index: Path, store: Store, node: str = ""
    ) -> None:
        self._name = name
        self._form = form
        self._sink = sink
        self._index = index
        self._store = store
        self._node = node

    async def run(self) -> None:
        """Pushes until cancelled."""
        pause = PAUSE_MIN_S
        try:
            while True:
                try:
                    if not await self._push():
                        await trio.sleep(POLL_S)
                    pause = PAUSE_MIN_S
                except (NarrowsError, OSError, trio.TooSlowError) as error:
                    await self._failed(error, pause)
                    await trio.sleep(pause)
                    pause = min(pause * 2, PAUSE_MAX_S)
        finally:
            with trio.CancelScope(shield=True):
                await self._sink.close()

    async def _push(self) -> bool:
        """Sends the next batch; False when there is nothing to send."""
        reached = await self._store.run(exports.reached, self._node, self._name)
        events = await trio.to_thread.run_sync(self._read, reached)
        if not events:
            return False
        batch = self._batch(events)
        with trio.fail_after(SEND_DEADLINE_S):
            await self._sink.send(batch)
        last = batch[-1].event
        await self._store.run(
            exports.reach, self._node, self._name, last.key, sent=len(batch), time_us=last.time_us
        )
        return True

    def _read(self, reached: Key) -> list[Event]:
        with closing(read_index(self._index)) as connection:
            return events_after(connection, reached, BATCH_MAX)

    def _batch(self, events: list[Event]) -> list[Outgoing]:
        batch: list[Outgoing] = []
        size = 0
        for event in events:
            batch.append(Outgoing(event, line(event, self._form)))
            size += len(batch[-1].line)
            if size > BATCH_BYTES_MAX:
                break
        return batch

    async def _failed(self, error: Exception, pause: float) -> None:
        told = str(error) or f"it did not take a batch within {SEND_DEADLINE_S:g} s"
        if not isinstance(error, SinkError) and isinstance(error, OSError):
            told = f"it cannot be reached: {error.strerror or error}"
        log.warning("export is behind", export=self._name, error=told, again_in_s=pause)
        try:
            await self._store.run(exports.fail, self._node, self._name, told, now_us=time.time_ns() // 1_000)
        except NarrowsError as failure:
            log.error("export's state not noted", export=self._name, error=str(failure))
