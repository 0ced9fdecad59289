"""Frames of the journal in parts: a recording is read as far as somebody looks, and while it grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.errors import RecordingError
from narrows.recordings.journal import WITHHELD, session_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from narrows.config import Located
    from narrows.recordings.journal import Frame

Position = tuple[int, int]
"""A place in the journal from which it can be read on: the segment's number, and an offset in it."""

START: Position = (0, 0)
FRAMES_MAX = 2_000
"""Frames in one part, unless somebody wants fewer."""
BYTES_MAX = 4 << 20
"""Bytes of payload after which a part ends; its last frame may reach beyond."""


@dataclass(frozen=True, slots=True)
class Journal:
    """Where the journal is, and what it is decrypted with."""

    directory: Path
    keys: tuple[Path, ...] = ()
    """The files of the keys."""


def journal_of(where: Located) -> Journal:
    """The journal of a configuration."""
    return Journal(where.journal, tuple(where.encryption_keys))


@dataclass(frozen=True, slots=True)
class Part:
    """Some frames in a row."""

    frames: list[Frame]
    end: Position
    """Where to read on from."""


def read_part(
    journal: Journal,
    position: Position = START,
    *,
    session: int | None = None,
    frames_max: int = FRAMES_MAX,
    bytes_max: int = BYTES_MAX,
) -> Part:
    """Reads frames from a place on.

    Args:
        journal: Which.
        position: Where to start; frames before it may come too, and are told by their sequence.
        session: Whose frames are wanted; None: everybody's.
        frames_max: How many frames at most.
        bytes_max: Bytes of payload after which no further frame is read.

    Returns:
        What there is by now; no frames at the journal's end.

    Raises:
        RecordingError: The journal cannot be read; the message names segment and offset.
    """
    from narrows import _core

    try:
        frames, end = _core.read_frames(
            str(journal.directory),
            position,
            session=session,
            frames_max=frames_max,
            bytes_max=bytes_max,
            keys=[str(file) for file in journal.keys],
        )
    except FileNotFoundError:
        return Part([], position)  # nothing has been written yet
    except (OSError, ValueError) as error:
        raise RecordingError(f"the journal in {journal.directory} cannot be read: {error}") from error
    return Part(list(frames), end)


def frames_of(
    journal: Journal, session: int, position: Position = START, *, sequence: int = 0
) -> Iterator[Frame]:
    """One session's frames up to its close, or to what is written by now; never many in memory.

    Args:
        journal: Which.
        session: Whose.
        position: Where to start reading.
        sequence: The number of the first frame that is wanted.

    Raises:
        RecordingError: The journal cannot be read, or not what it holds of the session.
    """
    while True:
        part = read_part(journal, position, session=session)
        for frame in part.frames:
            if frame.withheld is not None:
                raise RecordingError(f"session {session_name(session)} {WITHHELD[frame.withheld]}")
            if frame.sequence > sequence and sequence:
                raise RecordingError(f"frames of session {session_name(session)} are missing")
            if frame.sequence >= sequence:
                yield frame
                sequence = frame.sequence + 1
            if frame.kind == "close":
                return
        if part.end == position:
            return
        position = part.end


def frames_shown(bundle: Path, keys: Mapping[int, bytes]) -> Iterator[Frame]:
    """The frames whose payloads a bundle has, in its order; whether they are true is for `proof` to say.

    Args:
        bundle: The file.
        keys: The keys of encrypted sessions, by session; frames of others are withheld.

    Raises:
        RecordingError: The bundle cannot be read, or not any further.
    """
    from narrows import _core

    try:
        yield from _core.BundleFrames(str(bundle), list(keys.items()))
    except (OSError, ValueError) as error:
        raise RecordingError(f"{bundle} cannot be read any further: {error}") from error
