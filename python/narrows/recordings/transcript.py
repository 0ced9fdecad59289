"""From a session's frames to what happened in it: operations, decisions, results, errors, events.

What frames hold is the protocol's own, so each protocol has its reader. Where nothing is due, what a reader
knows is small enough to be kept: a recording can be read on from there, and a long one need not be read
from its start to show its end.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from narrows.recordings.calls import CallReader
from narrows.recordings.channels import ChannelReader
from narrows.recordings.happening import ROWS, never
from narrows.recordings.statements import StatementReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from narrows.recordings.happening import Enough, Happening
    from narrows.recordings.journal import Frame


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened."""

    time_us: int
    event: str
    """`open`, `prepare`, `statement`, `decision`, `columns`, `row`, `copy`, `result`, `error`, `notice`,
    `held`, `withdrawn`, `masked`, `left-out`, `close` or another that the gateway noted; of SSH `command`,
    `input`, `output`, `errors`, `exit`, `resized`; of Kubernetes also `call`, `answer`, `body`, `stream`,
    `forward-opened`, `forward-refused`, `forward-failed`, `forward-ended`."""
    detail: dict[str, Any]
    operation: int | None = None
    """The number, within the session, of the operation that it belongs to; None where it belongs to none."""


class Reader(Protocol):
    """Reads the frames of sessions of one protocol."""

    def frame(self, frame: Frame) -> Iterator[Happening]:
        """What happened in the next frame. Raises RecordingError when it does not hold what frames hold."""
        ...

    def is_quiet_before(self, frame: Frame) -> bool:
        """Whether nothing is due, begun or cut where the next frame begins: only there is what is known
        small."""
        ...

    def over(self, operations: Set[int]) -> Set[int]:
        """Those of some operations of which nothing more comes, as far as the frames so far tell."""
        ...

    def state(self) -> dict[str, Any]:
        """What is known of the session where it is quiet, for `resumed`; as JSON can hold it."""
        ...

    @staticmethod
    def resumed(state: dict[str, Any]) -> Reader:
        """A reader that goes on where `state` was taken."""
        ...


READERS: dict[str, type[Reader]] = {"ssh": ChannelReader, "kubernetes": CallReader}
"""By protocol; any other is PostgreSQL's."""


def transcript(frames: Iterable[Frame]) -> Iterator[Moment]:
    """What happened in a session.

    Args:
        frames: Its frames, in order.

    Raises:
        RecordingError: They do not hold what a session's frames hold.
    """
    reading = Transcript()
    for frame in frames:
        yield from reading.feed(frame)


class Transcript:
    """Reads one session's frames, one after the other.

    Args:
        enough: Whether no more need be read of the rows that answer an operation, by its number; they are one
            moment then, `rows`, which counts for as many as they are.
    """

    def __init__(self, enough: Enough = never) -> None:
        self.moments = 0
        """How many moments there have been."""
        self._enough = enough
        self._protocol = ""
        self._reader: Reader = StatementReader(enough)

    def feed(self, frame: Frame) -> Iterator[Moment]:
        """What happened in the next frame. Raises RecordingError when it does not hold what frames hold."""
        if frame.kind == "open":
            self._protocol = json.loads(frame.payload).get("protocol", "")
            reader = READERS.get(self._protocol)
            self._reader = reader() if reader else StatementReader(self._enough)
        for event, detail, operation in self._reader.frame(frame):
            self.moments += detail["count"] if event == ROWS else 1
            yield Moment(frame.time_us, event, detail, operation)

    def is_quiet_before(self, frame: Frame) -> bool:
        """See `Reader.is_quiet_before`."""
        return self._reader.is_quiet_before(frame)

    def over(self, operations: Set[int]) -> Set[int]:
        """See `Reader.over`."""
        return self._reader.over(operations)

    def state(self) -> dict[str, Any]:
        """What is known of the session, for `resumed`; as JSON can hold it."""
        return {"moments": self.moments, "protocol": self._protocol, **self._reader.state()}

    @staticmethod
    def resumed(state: dict[str, Any], enough: Enough = never) -> Transcript:
        """A transcript that goes on where `state` was taken."""
        reading = Transcript(enough)
        reading.moments = state["moments"]
        reading._protocol = state["protocol"]
        reader = READERS.get(reading._protocol)
        reading._reader = reader.resumed(state) if reader else StatementReader.resumed(state, enough)
        return reading
