"""Reading the journal back. The extension is loaded at first use: other commands do without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from narrows.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Sequence
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
    def withheld(self) -> str | None: ...


WITHHELD = {
    "erased": "was erased: that it was recorded can be verified, what was recorded is gone",
    "locked": "is encrypted, and none of the configured encryption-keys opens it",
}


def read(journal: Path, session: int, keys: Sequence[Path] = ()) -> list[Frame]:
    """The frames of one session, in order.

    Args:
        journal: Its directory.
        session: Which.
        keys: The files of the keys that recordings are decrypted with.

    Raises:
        RecordingError: There are none, they cannot be decrypted, or the journal is damaged; the message then
            names segment and offset.
    """
    from narrows import _core

    try:
        frames: list[Frame] = list(
            _core.read_journal(str(journal), session, keys=[str(file) for file in keys])
        )
    except (OSError, ValueError) as error:
        raise RecordingError(f"the journal in {journal} cannot be read: {error}") from error
    if not frames:
        raise RecordingError(f"the journal in {journal} holds nothing of session {session_name(session)}")
    for frame in frames:
        if frame.withheld is not None:
            raise RecordingError(f"session {session_name(session)} {WITHHELD[frame.withheld]}")
    return frames


def session_name(session: int) -> str:
    """A session id as people see it: 13 characters of base32."""
    from narrows import _core

    return _core.session_name(session)


def session_id(name: str) -> int:
    """The inverse of `session_name`; ValueError when it is none."""
    from narrows import _core

    return _core.session_id(name)
