"""Recordings: one session's view of the journal, read back as what happened in it."""

from narrows.recordings.journal import read, session_id, session_name
from narrows.recordings.transcript import Moment, transcript

__all__ = ["Moment", "read", "session_id", "session_name", "transcript"]
