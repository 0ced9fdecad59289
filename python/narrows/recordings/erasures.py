"""Recordings that retention deleted, as the node itself noted it under its signed checkpoints."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.errors import RecordingError
from narrows.recordings.frames import frames_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.recordings.frames import Journal

NODE = 0
"""The session that is the node itself."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """A recording that was deleted, and why."""

    session: str
    time_us: int
    """When its deletion was noted, in microseconds since 1970."""
    rule: str
    reason: str


def erasures(journal: Journal) -> list[Erasure]:
    """What the node noted of deletions, oldest first; it proves something if the journal verifies.

    Raises:
        RecordingError: The journal cannot be read, or holds a note that is none of ours.
    """
    try:
        return [
            Erasure(note["session"], time_us, note["rule"], note["reason"])
            for time_us, note in _notes(journal)
            if note["event"] == "deleted"
        ]
    except (ValueError, KeyError) as error:
        raise RecordingError(f"what the node noted cannot be understood: {error}") from error


def _notes(journal: Journal) -> Iterator[tuple[int, dict[str, Any]]]:
    """They are never encrypted, so no key is needed."""
    for frame in frames_of(journal, NODE):
        if frame.kind == "event":
            yield frame.time_us, json.loads(frame.payload)
