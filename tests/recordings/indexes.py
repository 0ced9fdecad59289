"""An index of sessions made by hand."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from narrows.recordings import frames
from narrows.recordings.index import IndexWriter
from tests.recordings.journals import Journal

if TYPE_CHECKING:
    from pathlib import Path


def add_session(index: Path, number: int, statements: int) -> None:
    """A session of so many statements, the last of which is denied."""
    journal = Journal()
    begins = number * 1_000_000
    journal.open(number, begins, policy_version="v1", database="orders")
    for count in range(statements):
        verdict = 6 if count == statements - 1 else 5
        journal.query(number, begins + count, f"select {count} from customers", "Ada", verdict=verdict)
    journal.close(number, begins + 900_000)
    part = journal.part()
    moved = [
        frame.__class__(**{**vars(frame), "position": (number, frame.sequence)}) for frame in part.frames
    ]
    with closing(IndexWriter(index, frames.Journal(index.parent))) as writer:
        writer.take(part.__class__(moved, (number, len(moved))))
