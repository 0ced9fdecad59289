"""A recording followed while its session goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.recordings.frames import read_part
from narrows.recordings.reading import Numbered

if TYPE_CHECKING:
    from narrows.recordings.reading import Recording


class Growing:
    """Reads a recording on from some moment, a part at a time, as it grows.

    Args:
        recording: Whose.
        start: The number of the first moment that is wanted.
    """

    def __init__(self, recording: Recording, start: int = 0) -> None:
        self._recording = recording
        self._start = start
        place = recording.place(start)
        recording.fetch(place)
        self._transcript = place.transcript()
        self._position = place.position
        self._sequence = place.sequence
        self.is_current = False
        """Whether the last look found that nothing more has been written."""
        self.is_over = False
        """Its last frame has been read."""

    def more(self) -> list[Numbered]:
        """What has come since, of at most one part of the journal. Raises RecordingError."""
        part = read_part(self._recording.journal, self._position, session=self._recording.session)
        self.is_current = part.end == self._position
        self._position = part.end
        found: list[Numbered] = []
        for frame in part.frames:
            if frame.sequence < self._sequence:
                continue
            self._sequence = frame.sequence + 1
            for moment in self._transcript.feed(frame):
                number = self._transcript.moments - 1
                if number >= self._start:
                    found.append(Numbered(number, moment))
            self.is_over = self.is_over or frame.kind == "close"
        return found
