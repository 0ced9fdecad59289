"""Feeds the index from the journal, a part at a time; what has been taken is never taken twice.

The place reached is written with the rows, in one transaction. What goes on is written as far as it has
come, and again when there is more of it, so that a command is found while it runs. Sessions that were in the
middle of something are read again from the last place at which nothing was under way.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from narrows.errors import RecordingError, StoreError
from narrows.recordings.frames import Part, Position, read_part
from narrows.recordings.index.progress import reach, reached
from narrows.recordings.index.rows import OperationRows, insert
from narrows.recordings.index.schema import lock_index, open_index
from narrows.recordings.journal import WITHHELD, session_name
from narrows.recordings.operations import UNDECIDED, Operation, Operations
from narrows.recordings.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Set
    from pathlib import Path

    from narrows.recordings.frames import Journal
    from narrows.recordings.journal import Frame

PLACE_FRAMES = 500
"""Frames of a session between two places from which it can be read."""
STATE_CHARACTERS_MAX = 256 * 1024
"""The largest state of a transcript that is kept; at a larger one there is no place."""

log = structlog.get_logger("narrows.recordings")


@dataclass(slots=True)
class _Session:
    """A session that is being read."""

    sequence: int = 0
    """The next frame's."""
    place: int = 0
    """The sequence at which its last place is."""
    operations: Operations = field(default_factory=Operations)
    transcript: Transcript = field(init=False)
    numbers: dict[int, int] = field(default_factory=dict)
    """The index's numbers of operations that go on."""
    unfinished: set[int] = field(default_factory=set)
    """Operations that are in the index as far as they have come."""
    damaged: bool = False
    """A frame of it could not be read: what follows means nothing."""

    def __post_init__(self) -> None:
        self.transcript = Transcript(self.operations.shows_enough)


class IndexWriter:
    """The one writer of an index.

    Args:
        path: The index's file.
        journal: What it is made of.

    Raises:
        StoreError: The index cannot be used, or somebody else writes it.
    """

    def __init__(self, path: Path, journal: Journal) -> None:
        self._lock = lock_index(path)
        self._connection = open_index(path)
        self._journal = journal
        self._sessions: dict[int, _Session] = {}
        self._rows = OperationRows(self._connection)
        self._end = reached(self._connection)
        self._position = self._resume()

    def close(self) -> None:
        """Closes the index, so that another may write it."""
        self._connection.close()
        self._lock.close()

    def step(self) -> bool:
        """Takes the next part of the journal; False when there is none yet.

        Raises:
            RecordingError: The journal cannot be read.
            StoreError: The index cannot be written; nothing of the part has been taken.
        """
        part = read_part(self._journal, self._position)
        if not part.frames and part.end == self._position:
            return False
        self.take(part)
        return True

    def take(self, part: Part) -> None:
        """Takes a part of the journal. Raises StoreError as `step`."""
        try:
            with self._transaction():
                self._take(part)
        except (RecordingError, StoreError):
            self._sessions.clear()
            self._position = self._resume()
            raise
        self._position = part.end
        self._end = max(self._end, part.end)

    def open_sessions(self) -> list[int]:
        """Sessions of which the last frame has not been read."""
        rows = self._connection.execute("SELECT id FROM sessions WHERE closed_us IS NULL ORDER BY id")
        return [row["id"] for row in rows]

    def end_lost(self, ended: dict[int, tuple[int, str]]) -> int:
        """Ends sessions that have no last frame because the gateway was killed; returns how many.

        Args:
            ended: When, in milliseconds since 1970, and why they ended, by session.
        """
        with self._transaction():
            lost = [session for session in self.open_sessions() if session in ended]
            for session in lost:
                known = self._sessions.pop(session, _Session())
                at_ms, reason = ended[session]
                for operation in known.operations.take():
                    self._finish(session, known, operation, self._end, at_ms * 1000)
                self._connection.execute(
                    "UPDATE sessions SET closed_us = ?, close_reason = ? WHERE id = ?",
                    (at_ms * 1000, reason, session),
                )
                self._send("close", session, self._end, at_ms * 1000)
        return len(lost)

    def _resume(self) -> Position:
        """Takes up the open sessions at their last places; where to read on from, for all of them."""
        position = reached(self._connection)
        for session in self.open_sessions():
            place = self._connection.execute(
                "SELECT * FROM places WHERE session = ? ORDER BY moment DESC LIMIT 1", (session,)
            ).fetchone()
            known = self._sessions[session] = _Session(place["sequence"], place["sequence"])
            if place["state"]:
                known.transcript = Transcript.resumed(
                    json.loads(place["state"]), known.operations.shows_enough
                )
            position = min(position, (place["segment"], place["offset"]))
        return position

    def _take(self, part: Part) -> None:
        newest = 0
        for frame in part.frames:
            newest = frame.time_us
            if frame.session == 0 or frame.withheld == "erased":
                continue  # the node's own, or gone for good
            if frame.withheld is not None:
                raise RecordingError(f"session {session_name(frame.session)} {WITHHELD[frame.withheld]}")
            known = self._sessions.get(frame.session)
            if known is None:
                if frame.kind != "open" or self._knows(frame.session):
                    continue  # it has been read to its end before
                known = self._sessions[frame.session] = _Session()
                self._open_session(frame)
            if frame.sequence >= known.sequence:
                self._frame(frame, known)
        if part.end > self._end:
            for session in {frame.session for frame in part.frames} & self._sessions.keys():
                self._write_unfinished(session, self._sessions[session])
            reach(self._connection, part.end, newest)

    def _knows(self, session: int) -> bool:
        return bool(self._connection.execute("SELECT 1 FROM sessions WHERE id = ?", (session,)).fetchone())

    def _frame(self, frame: Frame, known: _Session) -> None:
        if known.transcript.is_quiet_before(frame):
            self._finish_all(frame, known)
            if frame.sequence - known.place >= PLACE_FRAMES:
                self._place(frame, known)
        known.sequence = frame.sequence + 1
        if not known.damaged:
            try:
                self._feed(frame, known)
            except (RecordingError, ValueError, KeyError) as error:
                known.damaged = True
                log.error("recording not understood", session=frame.session, error=str(error))
        if known.damaged or known.operations.is_full or frame.kind == "close":
            self._finish_all(frame, known)
        elif over := known.transcript.over(known.operations.going_on):
            self._finish_all(frame, known, over)
        if frame.kind == "close":
            self._close_session(frame)

    def _feed(self, frame: Frame, known: _Session) -> None:
        """Takes what happened by a frame; what has been decided by then gets its number."""
        for moment in known.transcript.feed(frame):
            operation = known.operations.add(known.transcript.moments - 1, moment)
            if operation is None or operation.effect == UNDECIDED or operation.number in known.numbers:
                continue
            known.numbers[operation.number] = self._number(frame, known, operation)

    def _open_session(self, frame: Frame) -> None:
        document = json.loads(frame.payload)
        principal = document.get("principal", {})
        key = str(principal.get("key", ""))
        values = {
            "id": frame.session,
            "principal": key,
            "name": str(principal.get("name", "")),
            "object": key.rpartition("/")[2],
            "target": str(document.get("target", "")),
            "peer": str(document.get("peer", "")),
            "masks": json.dumps(document.get("masks", [])),
            "opened_us": frame.time_us,
            "frames": 0,
            "document": frame.payload.decode(),
        }
        insert(self._connection, "sessions", values)
        insert(self._connection, "places", _place(frame, 0, ""))
        self._send("open", frame.session, frame.position, frame.time_us)

    def _place(self, frame: Frame, known: _Session) -> None:
        state = json.dumps(known.transcript.state())
        if len(state) <= STATE_CHARACTERS_MAX:
            insert(self._connection, "places", _place(frame, known.transcript.moments, state))
        known.place = frame.sequence

    def _close_session(self, frame: Frame) -> None:
        document = json.loads(frame.payload)
        self._connection.execute(
            "UPDATE sessions SET closed_us = ?, close_reason = ?, bytes_to_agent = ?, frames = ?,"
            " last_segment = ? WHERE id = ?",
            (
                frame.time_us,
                document.get("reason", ""),
                document.get("bytes_to_agent", 0),
                frame.sequence + 1,
                frame.position[0],
                frame.session,
            ),
        )
        self._send("close", frame.session, frame.position, frame.time_us)
        del self._sessions[frame.session]

    def _number(self, frame: Frame, known: _Session, operation: Operation) -> int:
        """The number of an operation; the one that it got when it was read before."""
        before = self._rows.known(frame.session, operation.number) if frame.position < self._end else None
        if before is None:
            return self._rows.next_number(operation.time_us)
        number, has_ended = before
        if not has_ended:
            known.unfinished.add(operation.number)
        return number

    def _finish_all(self, frame: Frame, known: _Session, numbers: Set[int] | None = None) -> None:
        for operation in known.operations.take(numbers):
            self._finish(frame.session, known, operation, frame.position, frame.time_us)

    def _finish(
        self, session: int, known: _Session, operation: Operation, at: Position, time_us: int
    ) -> None:
        """Writes an operation of which nothing more comes, and leaves it to the exports."""
        number = known.numbers.pop(operation.number, None) or self._rows.next_number(operation.time_us)
        replaces = operation.number in known.unfinished
        known.unfinished.discard(operation.number)
        if self._rows.write(session, number, operation, ended=True, replaces=replaces):
            self._send("operation", session, at, time_us, number)

    def _write_unfinished(self, session: int, known: _Session) -> None:
        """Writes what goes on, as far as it has come; what waits to be decided is not there yet."""
        for operation in known.operations.changed():
            if operation.effect != UNDECIDED:
                replaces = operation.number in known.unfinished
                number = known.numbers[operation.number]
                self._rows.write(session, number, operation, ended=False, replaces=replaces)
                known.unfinished.add(operation.number)

    def _send(self, event: str, session: int, at: Position, time_us: int, number: int | None = None) -> None:
        """Leaves to the exports what happened by the frame at that place."""
        self._connection.execute(
            "INSERT INTO outbox SELECT ?, ?, coalesce(max(n) + 1, 0), ?, ?, ?, ? FROM outbox"
            " WHERE segment = ? AND offset = ?",
            (*at, time_us, event, session, number, *at),
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._rows.begin()
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"the index cannot be written: {error}") from error


def _place(frame: Frame, moment: int, state: str) -> dict[str, Any]:
    segment, offset = frame.position
    return {
        "session": frame.session,
        "moment": moment,
        "sequence": frame.sequence,
        "time_us": frame.time_us,
        "segment": segment,
        "offset": offset,
        "state": state,
    }
