"""What proves a recording: verification of the journal or of a bundle, and the key that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.errors import RecordingError
from narrows.recordings.journal import session_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from narrows.recordings.frames import Journal


@dataclass(frozen=True, slots=True)
class Shown:
    """A session that a bundle shows."""

    session: str
    frames: int
    closed: bool
    """False: it was open at the checkpoint."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What verification found; it proves something only if there are no problems."""

    sessions: int
    frames: int
    problems: tuple[str, ...]
    shown: tuple[Shown, ...] = ()
    """Of a bundle: its sessions."""
    signed: int | None = None
    """Of a bundle: how many segments its checkpoint vouches for."""


def verify(journal: Path, *, key: str | None = None, since: str | None = None) -> Verified:
    """Checks framing, checksums, numbering, hash chains and the log of a journal.

    Args:
        journal: Its directory.
        key: The log's verifier key; None: nobody's signature is looked at.
        since: A checkpoint that was kept, which the log has to continue.

    Raises:
        RecordingError: There is no journal, or `key` is none.
    """
    from narrows import _core

    try:
        sessions, frames, problems = _core.verify_journal(str(journal), key=key, since=since)
    except (OSError, ValueError) as error:
        raise RecordingError(f"the journal in {journal} cannot be verified: {error}") from error
    return Verified(sessions, frames, tuple(problems))


def verify_bundle(bundle: Path, *, key: str, since: str | None = None) -> Verified:
    """Checks all that `verify` does, and that the checkpoint's signature covers what a bundle shows.

    Args:
        bundle: The file.
        key: The log's verifier key, which has to have come another way than the bundle.
        since: A checkpoint that was kept, which the log has to continue.

    Raises:
        RecordingError: The bundle cannot be read, or `key` is none.
    """
    from narrows import _core

    try:
        sessions, signed, frames, problems = _core.verify_bundle(str(bundle), key=key, since=since)
    except (OSError, ValueError) as error:
        raise RecordingError(f"{bundle} cannot be verified: {error}") from error
    shown = tuple(Shown(session_name(session), count, closed) for session, count, closed in sessions)
    return Verified(len(shown), frames, tuple(problems), shown, signed)


def bundle(journal: Path, sessions: Sequence[int], file: Path) -> None:
    """Writes sessions and what proves them to a file, as far as the newest checkpoint goes.

    Raises:
        RecordingError: The file exists or cannot be written, the journal cannot be read, or no checkpoint
            covers one of the sessions.
    """
    from narrows import _core

    try:
        _core.write_bundle(str(journal), list(sessions), str(file))
    except (OSError, ValueError) as error:
        raise RecordingError(f"no bundle was made: {error}") from error


def public_key(signing_key: Path, origin: str) -> str:
    """What checkpoints are verified with. Raises RecordingError."""
    from narrows import _core

    try:
        return _core.journal_public_key(str(signing_key), origin or None)
    except (OSError, ValueError) as error:
        raise RecordingError(f"the journal's key cannot be used: {error}") from error


def content_key(journal: Journal, session: int) -> bytes:
    """The key of one session, which opens its payloads and no others.

    Raises:
        RecordingError: The session is not encrypted, was erased, or is wrapped by another key.
    """
    from narrows import _core

    try:
        return _core.content_key(str(journal.directory), session, [str(file) for file in journal.keys])
    except (OSError, ValueError) as error:
        raise RecordingError(f"session {session_name(session)}: {error}") from error


def erase(journal: Path, session: int) -> None:
    """Destroys what a session is decrypted with; that it was recorded can still be verified.

    Raises:
        RecordingError: It is not encrypted, or its key cannot be overwritten.
    """
    from narrows import _core

    try:
        _core.erase_session(str(journal), session)
    except OSError as error:
        raise RecordingError(f"session {session_name(session)} was not erased: {error}") from error
