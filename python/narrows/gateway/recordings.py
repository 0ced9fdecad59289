"""Recordings as people read them over the console: who may, and that it is on record before they do."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import trio

from narrows.errors import NarrowsError, RecordingError, StoreError
from narrows.gateway.operations import is_operator
from narrows.gateway.storage import restorer
from narrows.recordings import session_name
from narrows.recordings.frames import journal_of, read_part
from narrows.recordings.growing import Growing
from narrows.recordings.index import newest_recorded, read_index, recorded, search
from narrows.recordings.index.outbox import BEGINNING, events_after
from narrows.recordings.index.progress import reached
from narrows.recordings.reading import Recording
from narrows.store import exports, readings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from sqlite3 import Connection

    from narrows.config import Located, RecordingsSection
    from narrows.model import Principal
    from narrows.recordings.frames import Journal, Position
    from narrows.recordings.index import Hit, RecordedSession, Wanted
    from narrows.recordings.reading import Numbered
    from narrows.store import Store

T = TypeVar("T")

READERS_MAX = 2
"""Recordings that are read at a time, each in a thread."""
POLL_S = 0.25
"""How long a running session's recording may have grown before its followers are told."""
NOTED_AGAIN_S = 600.0
"""The same look by the same person is noted once in this time: a page that renews itself is one look."""
NOTED_MAX = 10_000


class NoReaderError(NarrowsError):
    """The principal is known, but may not read recordings."""


@dataclass(frozen=True, slots=True)
class Page:
    """Moments of a recording in a row."""

    session: RecordedSession
    moments: list[Numbered]
    following: int | None
    """The number of the next page's first moment; None when there is none yet."""


@dataclass(slots=True, kw_only=True, eq=False)
class Recordings:
    """What may be read of the recordings, by whom.

    Args:
        store: Where reading is noted.
        journal: What is read.
        index: The index's file.
        readers: Whom the configuration lets read.
        is_operator: Who may where the configuration names nobody.
        exports: The names of the exports that are configured.
        node: This gateway's name among those that share the store.
        restore: Brings segments back from the object store, where there is one.
    """

    store: Store
    journal: Journal
    index: Path
    readers: RecordingsSection
    is_operator: Callable[[Principal], bool]
    exports: Sequence[str] = ()
    node: str = ""
    restore: Callable[[int, int], object] | None = None
    followers: int = 0
    """How many follow a recording over the API now."""
    _threads: trio.CapacityLimiter = field(default_factory=lambda: trio.CapacityLimiter(READERS_MAX))
    _noted: dict[tuple[str, str, str], float] = field(default_factory=dict)

    def may_read(self, principal: Principal) -> bool:
        """Whether the configuration lets the principal read recordings."""
        if not (self.readers.reader_groups or self.readers.reader_roles):
            return self.is_operator(principal)
        return bool(
            principal.groups.intersection(self.readers.reader_groups)
            or principal.roles.intersection(self.readers.reader_roles)
        )

    async def newest(self, by: Principal, limit: int) -> list[RecordedSession]:
        """Recorded sessions, newest first. Raises NoReaderError and StoreError."""
        self._check(by)
        return await self._indexed(partial(newest_recorded, limit=limit))

    async def search(self, by: Principal, wanted: Wanted) -> list[Hit]:
        """Operations as wanted, newest first. Raises NoReaderError, SearchError and StoreError."""
        await self._note(by, "search", wanted.described())
        return await self._indexed(partial(search, wanted=wanted))

    async def page(self, by: Principal, session: int, start: int, most: int) -> Page:
        """Moments of a recording.

        Args:
            by: Who reads.
            session: Whose recording.
            start: The number of the first moment.
            most: How many moments.

        Raises:
            NoReaderError: They may not.
            RecordingError: There is no such recording, or it cannot be read.
            StoreError: It cannot be put on record.
        """
        await self._note(by, "replay", session_name(session))
        return await self._in_thread(self._read_page, session, start, most)

    async def follow(self, by: Principal, session: int, start: int) -> Growing:
        """A recording to be read on from a moment as it grows, with `more`; raises as `page`."""
        await self._note(by, "follow", session_name(session))
        await self._indexed(partial(_known, session=session))
        return await self._in_thread(
            Growing, Recording(self.journal, self.index, session, self.restore), start
        )

    async def more(self, growing: Growing) -> list[Numbered]:
        """What has come since. Waits a little where nothing has, and then returns nothing."""
        found = await self._in_thread(growing.more)
        if growing.is_current and not found:
            await trio.sleep(POLL_S)
        return found

    async def lag(self) -> dict[str, Any]:
        """How old, in seconds, what has not been taken yet is: by the index, and by each export of the index.

        0 when everything has been taken, None when it is not known.
        """
        try:
            index: float | None = await self._in_thread(self._behind, await self._indexed(reached))
        except (RecordingError, StoreError):
            index = None
        return {"index_lag_s": index, "exports": {name: await self._export(name) for name in self.exports}}

    def _behind(self, position: Position) -> float:
        frames = read_part(self.journal, position, frames_max=1).frames
        return _age_s(frames[0].time_us) if frames else 0.0

    async def _export(self, name: str) -> dict[str, Any]:
        try:
            state = await self.store.run(exports.find, self.node, name)
            key = (state.segment, state.offset, state.n) if state else BEGINNING
            waiting = await self._indexed(partial(events_after, key=key, limit=1))
        except StoreError:
            return {"lag_s": None, "failing": True}
        lag = _age_s(waiting[0].time_us) if waiting else 0.0
        return {"lag_s": lag, "failing": bool(state and state.error)}

    def _check(self, by: Principal) -> None:
        if not self.may_read(by):
            raise NoReaderError("this is for whom reader-groups and reader-roles in [recordings] name")

    async def _note(self, by: Principal, how: str, what: str) -> None:
        self._check(by)
        key, now = (by.key, how, what), trio.current_time()
        if now - self._noted.get(key, -NOTED_AGAIN_S) < NOTED_AGAIN_S:
            return
        reading = readings.Reading(time_ms=time.time_ns() // 1_000_000, reader=by.key, how=how, what=what)
        await self.store.run(readings.add, reading)
        if len(self._noted) >= NOTED_MAX:
            self._noted.clear()
        self._noted[key] = now

    def _read_page(self, session: int, start: int, most: int) -> Page:
        with closing(read_index(self.index)) as connection:
            found = _known(connection, session)
        moments = list(
            islice(Recording(self.journal, self.index, session, self.restore).moments(start), most + 1)
        )
        following = moments[most].number if len(moments) > most else None
        return Page(found, moments[:most], following)

    async def _indexed(self, look: Callable[[Connection], T]) -> T:
        def run() -> T:
            with closing(read_index(self.index)) as connection:
                return look(connection)

        return await self._in_thread(run)

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        return await trio.to_thread.run_sync(work, *arguments, limiter=self._threads)


def _age_s(time_us: int) -> float:
    return round(max(0.0, time.time() - time_us / 1_000_000), 3)


def _known(connection: Connection, session: int) -> RecordedSession:
    found = recorded(connection, session)
    if found is None:
        raise RecordingError("there is no recording of that session, or it is not indexed yet")
    return found


def recordings_of(located: Located, store: Store) -> Recordings:
    """The recordings of this gateway, as the configuration has them. Raises as `restorer`."""
    config = located.config
    return Recordings(
        store=store,
        journal=journal_of(located),
        index=located.index,
        readers=config.recordings,
        is_operator=partial(is_operator, config.console),
        exports=[section.name for section in config.export],
        node=located.node,
        restore=restorer(located, store),
    )
