"""Moves sealed segments to the object store, and brings them back for whoever looks at what is in them."""

from __future__ import annotations

import time
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING

import structlog
import trio

from narrows.errors import NarrowsError, RecordingError, StoreError
from narrows.recordings.index.progress import needed_from
from narrows.recordings.index.schema import read_index
from narrows.recordings.storage import Fingerprint, local_segments, segment_path
from narrows.store import offloads, segments
from narrows.store.segments import StoredSegment

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.recordings.storage import RemoteSegments
    from narrows.store import Store

POLL_S = 5.0
RETRY_S = 30.0
"""Pause after something that failed: the segments are still here."""
NUMBER_MAX = 2**62
RESTORED_MAX = 64
"""Segments that one look brings back."""

log = structlog.get_logger("narrows.storage")


class Offload:
    """Keeps the object store up to date with the journal.

    Args:
        journal: The journal's directory.
        index: The index's file: what it still has to read stays here.
        remote: The object store.
        store: Notes what is there.
        keep_local_s: How long a segment stays here after it was last written or brought back.
        node: Whose journal it is, among those that share the store.
    """

    def __init__(
        self,
        journal: Path,
        index: Path,
        remote: RemoteSegments,
        store: Store,
        *,
        keep_local_s: float,
        node: str = "",
    ) -> None:
        self._journal = journal
        self._index = index
        self._remote = remote
        self._store = store
        self._keep_local_s = keep_local_s
        self._node = node

    async def run(self) -> None:
        """Moves segments until cancelled."""
        complained = ""
        while True:
            try:
                await self.step()
                complained = ""
            except (NarrowsError, OSError) as error:
                if str(error) != complained:
                    log.error("segments not stored", error=str(error))
                    complained = str(error)
                with suppress(StoreError):  # which may be what failed
                    await self._store.run(offloads.fail, self._node)
                await trio.sleep(RETRY_S)
            else:
                await trio.sleep(POLL_S)

    async def step(self) -> None:
        """Stores what is sealed and not stored yet, then drops what need not be here.

        Raises:
            RecordingError: The object store does not do its part; everything is still here.
            OSError: A file cannot be read or dropped.
        """
        here = await trio.to_thread.run_sync(local_segments, self._journal)
        stored = {
            one.number: one for one in await self._store.run(segments.between, self._node, 0, NUMBER_MAX)
        }
        for number in here[:-1]:
            if number not in stored:
                await self._put(number)
            elif await self._may_go(number):
                await self._drop(stored[number])

    async def _put(self, number: int) -> None:
        path = segment_path(self._journal, number)
        found: Fingerprint = await trio.to_thread.run_sync(self._remote.put, path)
        noted = StoredSegment(number, found.bytes, found.sha256, time.time_ns() // 1_000_000)
        await self._store.run(segments.add, self._node, noted)
        log.info("segment stored", segment=number, bytes=found.bytes)

    async def _may_go(self, number: int) -> bool:
        age_s = time.time() - segment_path(self._journal, number).stat().st_mtime
        return age_s >= self._keep_local_s and number < await trio.to_thread.run_sync(self._needed_from)

    async def _drop(self, segment: StoredSegment) -> None:
        path = segment_path(self._journal, segment.number)
        expected = Fingerprint(segment.bytes, segment.sha256)
        if not await trio.to_thread.run_sync(self._remote.holds, path.name, expected):
            raise RecordingError(f"{path.name} is not in the object store any more, so it stays here")
        path.unlink()
        log.info("segment dropped", segment=segment.number)

    def _needed_from(self) -> int:
        with closing(read_index(self._index)) as connection:
            return needed_from(connection)


def restore(
    journal: Path, remote: RemoteSegments, store: Store, first: int, last: int, *, node: str = ""
) -> int:
    """Brings segments back that are in the object store only; waits for it.

    Args:
        journal: The journal's directory.
        remote: The object store.
        store: Knows what is there.
        first: The first segment that is wanted.
        last: The last one.
        node: Whose journal it is, among those that share the store.

    Returns:
        How many were brought back.

    Raises:
        RecordingError: There are more than one look brings back, or one is not what was put there.
    """
    here = set(local_segments(journal))
    known = store.run_here(partial(segments.between, node=node, first=first, last=last))
    missing = [one for one in known if one.number not in here]
    if len(missing) > RESTORED_MAX:
        raise RecordingError(
            f"this recording is in {len(missing)} segments of the object store, more than {RESTORED_MAX};"
            " bring them back first: narrows recordings restore"
        )
    for one in missing:
        remote.fetch(segment_path(journal, one.number), Fingerprint(one.bytes, one.sha256))
    return len(missing)
