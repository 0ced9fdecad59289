"""The audit log's writer: rows are taken at once and written in batches behind the decisions they note.

The journal is the record of truth: it holds every verdict before the verdict is first used. So a decision
need not wait for the database; but when the database falls too far behind, new decisions are refused.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import structlog
import trio

from narrows.errors import StoreError
from narrows.store import decisions

if TYPE_CHECKING:
    from narrows.store.database import Store
    from narrows.store.decisions import DecisionRow

BACKLOG_MAX = 10_000
"""Rows that may wait for the database; beyond this the log takes no more."""
BATCH_MAX = 500
RETRY_S = 1.0
"""Pause after a failed write."""

log = structlog.get_logger("narrows.audit")


class Audit:
    """Takes rows and writes them in order."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rows: deque[DecisionRow] = deque()
        self._wake = trio.Event()
        self._written = trio.Condition()
        self._taken = 0
        self._done = 0

    @property
    def has_room(self) -> bool:
        """Whether the log takes more rows; when not, nothing may be decided."""
        return len(self._rows) < BACKLOG_MAX

    def note(self, row: DecisionRow) -> None:
        """Takes a row; the caller has looked at `has_room`, or the row is of a denial."""
        self._rows.append(row)
        self._taken += 1
        self._wake.set()

    async def flush(self) -> None:
        """Waits until every row taken so far is written."""
        wanted = self._taken
        async with self._written:
            while self._done < wanted:
                await self._written.wait()

    async def run(self) -> None:
        """Writes until cancelled; what is left then is written first."""
        try:
            while True:
                await self._wake.wait()
                self._wake = trio.Event()
                while self._rows:
                    await self._write_batch()
        finally:
            with trio.move_on_after(RETRY_S, shield=True):
                while self._rows:
                    await self._write_batch()

    async def _write_batch(self) -> None:
        batch = [self._rows[index] for index in range(min(BATCH_MAX, len(self._rows)))]
        try:
            await self._store.run(decisions.add, batch)
        except StoreError as error:
            log.error("audit log cannot be written", error=str(error), waiting=len(self._rows))
            await trio.sleep(RETRY_S)
            return
        for _ in batch:
            self._rows.popleft()
        self._done += len(batch)
        async with self._written:
            self._written.notify_all()
