"""The keys of single sessions, handed over so that somebody may read those and no others.

They go apart from the bundle that they open: whoever has both can read. The file has a line for each session:
its id and its key in base64.
"""

from __future__ import annotations

import base64
import binascii
import os
from typing import TYPE_CHECKING

from narrows.errors import RecordingError
from narrows.recordings.journal import session_id, session_name
from narrows.recordings.proof import content_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from narrows.recordings.frames import Journal

KEY_BYTES = 32


def write(file: Path, journal: Journal, sessions: Sequence[int]) -> None:
    """Writes the keys of sessions to a new file that only its owner may read.

    Args:
        file: It must not exist.
        journal: Where the sessions are, and what their keys are unwrapped with.
        sessions: Whose keys.

    Raises:
        RecordingError: A key cannot be had, as of a session that is not encrypted or was erased; or the file
            exists or cannot be written.
    """
    keys = [base64.b64encode(content_key(journal, session)).decode() for session in sessions]
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.writelines(f"{session_name(one)} {key}\n" for one, key in zip(sessions, keys, strict=True))
    except OSError as error:
        raise RecordingError(f"no content keys were written: {error}") from None


def read(file: Path) -> dict[int, bytes]:
    """The keys in a file, by session.

    Raises:
        RecordingError: It cannot be read or holds something else; what it holds is in no message.
    """
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        raise RecordingError(f"{file} is no file of content keys that can be read") from None
    keys = {}
    for number, line in enumerate(lines, 1):
        try:
            name, _, text = line.partition(" ")
            session, key = session_id(name), base64.b64decode(text, validate=True)
        except (ValueError, binascii.Error):
            key = b""
        if len(key) != KEY_BYTES:
            raise RecordingError(f"{file} holds no session and its key in line {number}")
        keys[session] = key
    return keys
