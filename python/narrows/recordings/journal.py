"""Reading the journal back. The extension is loaded at first use: other commands do without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from narrows.errors import RecordingError

if TYPE_CHECKING:
    from pathlib import Path


class Frame(Protocol):
    """One frame as `_core.read_journal` returns it."""

    @property
    def session(self) -> int: ...
    @property
    def sequence(self) -> int: ...
    @property
    def time_us(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def payload(self) -> bytes: ...
    @property
    def position(self) -> tuple[int, int]: ...


def read(journal: Path, session: int) -> list[Frame]:
    """The frames of one session, in order.

    Raises:
        RecordingError: There are none, or the journal is damaged; the message names segment and offset.
    """
    from narrows import _core

    try:
        frames: list[Frame] = list(_core.read_journal(str(journal), session))
    except (OSError, ValueError) as error:
        raise RecordingError(f"the journal in {journal} cannot be read: {error}") from error
    if not frames:
        raise RecordingError(f"the journal in {journal} holds nothing of session {session_name(session)}")
    return frames


def verify(journal: Path) -> tuple[int, int, list[str]]:
    """Checks framing, checksums, numbering and hash chains; returns sessions, frames and problems.

    Raises:
        RecordingError: There is no journal.
    """
    from narrows import _core

    try:
        return _core.verify_journal(str(journal))
    except (OSError, ValueError) as error:
        raise RecordingError(f"the journal in {journal} cannot be read: {error}") from error


def session_name(session: int) -> str:
    """A session id as people see it: 13 characters of base32."""
    from narrows import _core

    return _core.session_name(session)


def session_id(name: str) -> int:
    """The inverse of `session_name`; ValueError when it is none."""
    from narrows import _core

    return _core.session_id(name)
