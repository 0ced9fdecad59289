"""What a bundle shows, for whoever has it: nothing of a gateway is needed, and nothing of it is believed.

Whether it is true says `proof.verify_bundle`; here it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.errors import RecordingError
from narrows.recordings.frames import frames_shown
from narrows.recordings.journal import session_name
from narrows.recordings.transcript import Moment, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def moments(bundle: Path, session: int, keys: Mapping[int, bytes]) -> Iterator[Moment]:
    """What happened in a session that a bundle shows, as far as it can be read.

    Args:
        bundle: The file; it is read from its start.
        session: Which.
        keys: The keys of encrypted sessions, by session.

    Raises:
        RecordingError: The bundle cannot be read, or the session is encrypted and its key is not there.
    """
    transcript = Transcript()
    for frame in frames_shown(bundle, keys):
        if frame.session != session:
            continue
        if frame.withheld is not None:
            raise RecordingError(
                f"session {session_name(session)} is encrypted: it is read with --content-keys, a file that"
                " whoever made the bundle gives you apart from it"
            )
        try:
            yield from transcript.feed(frame)
        except (ValueError, KeyError) as error:
            raise RecordingError(f"the recording cannot be understood: {error}") from None


def sessions(bundle: Path) -> list[int]:
    """The sessions that a bundle shows something of, in its order; for one that does not verify.

    Raises:
        RecordingError: The bundle cannot be read.
    """
    found: dict[int, None] = {}
    try:
        for frame in frames_shown(bundle, {}):
            found.setdefault(frame.session)
    except RecordingError:
        if not found:
            raise
    return [session for session in found if session != 0]  # 0 is the node itself
