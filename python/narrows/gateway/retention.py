"""Deletes recordings that are older than their rule says: their keys, and what the index has of them.

What was done is written down in the journal before and after, so under the journal's signed checkpoints. That
a session was recorded can still be verified afterwards; what was recorded cannot be read by anybody.
"""

from __future__ import annotations

import json
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import structlog
import trio

from narrows.errors import NarrowsError, RecordingError
from narrows.recordings.index import read_index
from narrows.recordings.index.forget import forget
from narrows.recordings.index.sessions import ended_before
from narrows.recordings.journal import session_name
from narrows.recordings.proof import erase
from narrows.recordings.retention import DAY_US, due
from narrows.store import decisions, exports, holds

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.config import Located
    from narrows.recordings.index import RecordedSession
    from narrows.recordings.retention import Deletion
    from narrows.store import Store

CHECK_S = 3_600.0
"""Between two looks for what has to go."""

log = structlog.get_logger("narrows.retention")


class Retention:
    """Keeps recordings for as long as the configuration says, and no longer.

    Args:
        where: The configuration.
        store: Has the holds, and the texts of decisions.
        note: Writes down in the journal what the node does.
    """

    def __init__(self, where: Located, store: Store, note: Callable[[str], None]) -> None:
        self._where = where
        self._store = store
        self._note = note
        self._labels = {target.name: target.labels for target in where.config.target}
        self._stuck: set[int] = set()
        """Sessions that could not be deleted: they are told of once."""

    async def run(self) -> None:
        """Deletes what is due until cancelled."""
        while self._where.config.retention:
            try:
                await self.step(time.time_ns() // 1_000)
            except (NarrowsError, OSError) as error:
                log.error("recordings not deleted", error=str(error))
            await trio.sleep(CHECK_S)

    async def step(self, now_us: int) -> int:
        """Deletes what is due; returns how many recordings.

        Raises:
            StoreError: The index or the store cannot be used.
            OSError: The journal cannot be written.
        """
        rules = self._where.config.retention
        oldest_kept = now_us - min(rule.keep_days for rule in rules) * DAY_US
        sessions = await trio.to_thread.run_sync(self._ended, oldest_kept)
        held = await self._store.run(holds.everything)
        deletions = due(sessions, rules, held, self._labels, now_us=now_us)
        wanted = [one for one in deletions if one.session.id not in self._stuck]
        return sum([await self._delete(deletion) for deletion in wanted])

    def _ended(self, before_us: int) -> list[RecordedSession]:
        """Sessions that ended before a time, and that every export has been sent."""
        names = [export.name for export in self._where.config.export]
        sent = [self._store.run_here(exports.reached, self._where.node, name) for name in names]
        with closing(read_index(self._where.index)) as connection:
            return ended_before(connection, before_us, sent=min(sent, default=None))

    async def _delete(self, deletion: Deletion) -> bool:
        session = deletion.session.id
        await trio.to_thread.run_sync(self._note, json.dumps(deletion.note("deleting")))
        try:
            await trio.to_thread.run_sync(erase, self._where.journal, session)
        except RecordingError as error:
            self._stuck.add(session)
            log.error("recording not deleted", session=session_name(session), error=str(error))
            return False
        await self._store.run(partial(decisions.forget_texts, session=session))
        await trio.to_thread.run_sync(forget, self._where.index, session)
        await trio.to_thread.run_sync(self._note, json.dumps(deletion.note("deleted")))
        log.info("recording deleted", session=session_name(session), rule=deletion.rule)
        return True
