"""The index of the recordings: what was done, found by words and by what it was done to."""

from narrows.recordings.index.query import SearchError
from narrows.recordings.index.schema import open_index, read_index, remove
from narrows.recordings.index.search import Hit, Wanted, search
from narrows.recordings.index.sessions import RecordedSession, newest_recorded, recorded
from narrows.recordings.index.writer import IndexWriter

__all__ = [
    "Hit",
    "IndexWriter",
    "RecordedSession",
    "SearchError",
    "Wanted",
    "newest_recorded",
    "open_index",
    "read_index",
    "recorded",
    "remove",
    "search",
]
