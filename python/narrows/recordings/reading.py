"""Reading one recording from any moment of it, with what the index knows of where its frames are."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.errors import RecordingError, StoreError
from narrows.recordings.frames import START, Position, frames_of
from narrows.recordings.index.progress import segments_of
from narrows.recordings.index.schema import read_index
from narrows.recordings.journal import session_name
from narrows.recordings.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from narrows.recordings.frames import Journal
    from narrows.recordings.transcript import Moment


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recording can be read from without what is before."""

    sequence: int = 0
    position: Position = START
    state: dict[str, Any] | None = None
    """Of the transcript there; None at the recording's start."""

    def transcript(self) -> Transcript:
        """A transcript that goes on from here."""
        return Transcript() if self.state is None else Transcript.resumed(self.state)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A moment with its place among all of the recording's."""

    number: int
    moment: Moment


@dataclass(frozen=True, slots=True)
class Recording:
    """One session's recording.

    Args:
        journal: What it is read from.
        index: The index's file. Without one a recording is read from the journal's start.
        session: Whose.
        restore: Brings segments back that are in an object store, from a first to a last one.
    """

    journal: Journal
    index: Path
    session: int
    restore: Callable[[int, int], object] | None = None

    def moments(self, start: int = 0) -> Iterator[Numbered]:
        """What happened, from moment number `start` on, up to what is written by now.

        Raises:
            RecordingError: There is nothing of the session, or the journal is damaged.
        """
        place = self.place(start)
        return (one for one in self._read(place) if one.number >= start)

    def moments_since(self, time_us: int) -> Iterator[Numbered]:
        """What happened, from a time in microseconds since 1970 on. Raises RecordingError as `moments`."""
        place = self.place(time_us, column="time_us")
        return (one for one in self._read(place) if one.moment.time_us >= time_us)

    def opening(self) -> Moment:
        """The recording's first moment. Raises RecordingError as `moments`."""
        return next(self.moments()).moment

    def _read(self, place: Place) -> Iterator[Numbered]:
        self.fetch(place)
        transcript = place.transcript()
        found = place.state is not None
        for frame in frames_of(self.journal, self.session, place.position, sequence=place.sequence):
            found = True
            yield from (Numbered(transcript.moments - 1, moment) for moment in transcript.feed(frame))
        if not found:
            where, name = self.journal.directory, session_name(self.session)
            raise RecordingError(f"the journal in {where} holds nothing of session {name}")

    def fetch(self, place: Place) -> None:
        """Has what is read from a place on brought back to this node. Raises RecordingError."""
        if self.restore is None:
            return
        try:
            with closing(read_index(self.index)) as connection:
                first, last = segments_of(connection, self.session)
        except (StoreError, sqlite3.Error):
            return  # without an index everything that is here is read
        self.restore(max(first, place.position[0]), last)

    def place(self, wanted: int, *, column: str = "moment") -> Place:
        """The last place that is not behind what is wanted: a moment's number, or with `time_us` a time."""
        try:
            with closing(read_index(self.index)) as connection:
                query = (
                    f"SELECT * FROM places WHERE session = ? AND {column} <= ? ORDER BY moment DESC LIMIT 1"  # noqa: S608
                )
                found = connection.execute(query, (self.session, wanted)).fetchone()
                if found is None:
                    query = "SELECT * FROM places WHERE session = ? ORDER BY moment LIMIT 1"
                    found = connection.execute(query, (self.session,)).fetchone()
        except (StoreError, sqlite3.Error):
            return Place()
        if found is None:
            return Place()
        state = json.loads(found["state"]) if found["state"] else None
        return Place(found["sequence"], (found["segment"], found["offset"]), state)
