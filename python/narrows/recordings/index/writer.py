"""Feeds the index from the journal, a part at a time; what has been taken is never taken twice.

The place reached is written with the rows, in one transaction. Sessions that were in the middle of something
are read again from the last place at which their transcript was small enough to be kept.
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
from narrows.recordings.index.schema import NUMBER_BITS, lock_index, open_index
from narrows.recordings.index.subjects import subjects
from narrows.recordings.journal import WITHHELD, session_name
from narrows.recordings.operations import TEXT_CHARACTERS_MAX, Operation, Operations
from narrows.recordings.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    transcript: Transcript = field(default_factory=Transcript)
    operations: Operations = field(default_factory=Operations)
    damaged: bool = False
    """A frame of it could not be read: what follows means nothing."""


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
                    self._add(session, operation, self._end, at_ms * 1000)
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
                known.transcript = Transcript.resumed(json.loads(place["state"]))
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
            reach(self._connection, part.end, newest)

    def _knows(self, session: int) -> bool:
        return bool(self._connection.execute("SELECT 1 FROM sessions WHERE id = ?", (session,)).fetchone())

    def _frame(self, frame: Frame, known: _Session) -> None:
        if known.transcript.is_quiet and frame.sequence - known.place >= PLACE_FRAMES:
            self._place(frame, known)
        known.sequence = frame.sequence + 1
        if not known.damaged:
            try:
                for moment in known.transcript.feed(frame):
                    known.operations.add(known.transcript.moments - 1, moment)
            except (RecordingError, ValueError, KeyError) as error:
                known.damaged = True
                log.error("recording not understood", session=frame.session, error=str(error))
        if known.damaged or known.transcript.is_quiet or known.operations.is_full or frame.kind == "close":
            for operation in known.operations.take():
                self._add(frame.session, operation, frame.position, frame.time_us)
        if frame.kind == "close":
            self._close_session(frame)

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
        self._insert("sessions", values)
        self._insert("places", _place(frame, 0, ""))
        self._send("open", frame.session, frame.position, frame.time_us)

    def _place(self, frame: Frame, known: _Session) -> None:
        state = json.dumps(known.transcript.state())
        if len(state) <= STATE_CHARACTERS_MAX:
            self._insert("places", _place(frame, known.transcript.moments, state))
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

    def _add(self, session: int, operation: Operation, at: Position, time_us: int) -> None:
        number = self._number(operation.time_us)
        values = {
            "number": number,
            "session": session,
            "operation": operation.number,
            "text": operation.text[:TEXT_CHARACTERS_MAX],
            "parameters": _parameters(operation),
        }
        for name in (
            "moment", "kind", "effect", "rule", "reason", "approval", "rows", "masked", "took_us", "error",
            "left_out_bytes", "output",
        ):  # fmt: skip
            values[name] = getattr(operation, name)
        if not self._insert("operations", values):
            return  # it was added before the gateway stopped
        names = [f"rule:{operation.rule}", f"effect:{operation.effect}", *subjects(operation.text)]
        if operation.approval:
            names.append(f"approval:{operation.approval}")
        self._connection.executemany("INSERT INTO touches VALUES (?, ?)", [(name, number) for name in names])
        self._send("operation", session, at, time_us, number)

    def _send(self, event: str, session: int, at: Position, time_us: int, number: int | None = None) -> None:
        """Leaves to the exports what happened by the frame at that place."""
        self._connection.execute(
            "INSERT INTO outbox SELECT ?, ?, coalesce(max(n) + 1, 0), ?, ?, ?, ? FROM outbox"
            " WHERE segment = ? AND offset = ?",
            (*at, time_us, event, session, number, *at),
        )

    def _number(self, time_us: int) -> int:
        """The first number of that microsecond that is free; where none is, one of the next."""
        number = time_us << NUMBER_BITS
        while True:
            last = number | ((1 << NUMBER_BITS) - 1)
            taken = self._connection.execute(
                "SELECT max(number) FROM operations WHERE number BETWEEN ? AND ?", (number, last)
            ).fetchone()[0]
            if taken is None:
                return number
            number = int(taken) + 1
            if taken < last:
                return number

    def _insert(self, table: str, values: dict[str, Any]) -> bool:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        cursor = self._connection.execute(
            f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})",  # noqa: S608, names of our own
            tuple(values.values()),
        )
        return cursor.rowcount > 0

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"the index cannot be written: {error}") from error


def _parameters(operation: Operation) -> str:
    """Parameters as JSON; where there is no room for all of them, as much as there is of its text."""
    if not operation.parameters:
        return ""
    return json.dumps(operation.parameters, ensure_ascii=False)[:TEXT_CHARACTERS_MAX]


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
