"""Rows that are written behind what they note: taken at once, gathered, and written in batches, in order.

The journal is the record of truth, and holds whatever these rows say before anything is done because of it.
So nobody waits for the database; but when the database falls too far behind, what would have to be noted is
refused.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog
import trio

from narrows.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from narrows.store.database import Store

Row = TypeVar("Row")

BACKLOG_MAX = 10_000
"""Rows that may wait for the database; beyond this no more are taken."""
BATCH_MAX = 500
GATHER_S = 0.05
"""How long rows gather before they are written, unless someone waits for them: a write for each takes the
interpreter from whoever is served next."""
RETRY_S = 1.0
"""Pause after a failed write."""

log = structlog.get_logger("narrows.store")


class WrittenBehind(Generic[Row]):
    """Takes rows and writes them in order.

    Args:
        store: Where to.
        write: Writes a batch.
        what: What the rows are, for the log.
        written: Told of each batch once it is committed.
    """

    def __init__(
        self,
        store: Store,
        write: Callable[[Connection, Sequence[Row]], None],
        what: str,
        written: Callable[[Sequence[Row]], None] = lambda _rows: None,
    ) -> None:
        self._store = store
        self._write = write
        self._what = what
        self._told_written = written
        self._rows: deque[Row] = deque()
        self._wake = trio.Event()
        self._hurry = trio.Event()
        self._attempted = trio.Condition()
        self._taken = 0
        self._done = 0
        self.failing = False
        """The last write failed; it is tried again."""

    @property
    def has_room(self) -> bool:
        """Whether more rows are taken; when not, nothing may happen that has to be noted."""
        return len(self._rows) < BACKLOG_MAX

    def note(self, row: Row) -> None:
        """Takes a row.

        The caller has looked at `has_room`, or the row says that something was refused or is over.
        """
        self._rows.append(row)
        self._taken += 1
        self._wake.set()

    async def flush(self) -> None:
        """Waits until every row taken so far is written."""
        wanted = self._taken
        while self._done < wanted:
            await self._attempt()

    async def flush_once(self) -> None:
        """As `flush`, but no longer than until a write fails; the store tells a reader so itself."""
        wanted = self._taken
        while self._done < wanted and not self.failing:
            await self._attempt()

    async def _attempt(self) -> None:
        self._hurry.set()
        async with self._attempted:
            await self._attempted.wait()

    async def run(self) -> None:
        """Writes until cancelled; what is left then is written first."""
        try:
            while True:
                await self._wake.wait()
                with trio.move_on_after(GATHER_S):
                    await self._hurry.wait()
                self._wake, self._hurry = trio.Event(), trio.Event()
                while self._rows:
                    await self._write_batch()
        finally:
            with trio.move_on_after(RETRY_S, shield=True):
                while self._rows:
                    await self._write_batch()

    async def _write_batch(self) -> None:
        batch = [self._rows[index] for index in range(min(BATCH_MAX, len(self._rows)))]
        try:
            await self._store.run(self._write, batch)
        except StoreError as error:
            self.failing = True
            log.error(f"{self._what} cannot be written", error=str(error), waiting=len(self._rows))
        else:
            self.failing = False
            for _ in batch:
                self._rows.popleft()
            self._done += len(batch)
            self._told_written(batch)
        async with self._attempted:
            self._attempted.notify_all()
        if self.failing:
            await trio.sleep(RETRY_S)
