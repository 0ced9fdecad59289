"""Answers longer than the index keeps: counted to their end, and read no further than they are shown."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from narrows.recordings.operations import OUTPUT_CHARACTERS_MAX, Operations
from narrows.recordings.transcript import Transcript
from tests.control.test_transcript import message
from tests.recordings.journals import Journal


def read(frames, *, skim):
    """Operations and number of moments of some frames."""
    operations = Operations()
    transcript = Transcript(operations.shows_enough) if skim else Transcript()
    events = []
    for frame in frames:
        for moment in transcript.feed(frame):
            events.append(moment.event)
            operations.add(transcript.moments - 1, moment)
    return operations.take(), transcript.moments, events


def in_pieces(frame, sizes):
    """A reply as it may have been read: cut anywhere."""
    pieces, at = [], 0
    for size in [*sizes, len(frame.payload)]:
        pieces.append(replace(frame, payload=frame.payload[at : at + size]))
        at += size
    return pieces


@given(
    rows=st.lists(st.text(max_size=300), max_size=60),
    after=st.lists(st.text(max_size=20), max_size=3),
    sizes=st.lists(st.integers(1, 2_000), max_size=20),
)
def test_skimming_changes_nothing_of_what_is_kept(rows, after, sizes):
    journal = Journal()
    journal.open(1, 1_000)
    journal.query(1, 2_000, "select a from long", *(row.replace("\0", "") for row in rows))
    journal.query(1, 3_000, "select a from short", *(row.replace("\0", "") for row in after))
    frames = [
        piece
        for frame in journal.frames
        for piece in (in_pieces(frame, sizes) if frame.kind == "reply" else [frame])
    ]
    operations, moments, _ = read(frames, skim=True)
    assert (operations, moments) == read(frames, skim=False)[:2]


def test_rows_behind_what_is_shown_are_one_moment():
    journal = Journal()
    journal.open(1, 1_000)
    journal.query(1, 2_000, "select a from long", *["x" * OUTPUT_CHARACTERS_MAX] * 1_000)
    operations, moments, events = read(journal.frames, skim=True)
    assert operations[0].rows == 1_000
    assert events.count("row") + events.count("rows") < 5
    assert moments == read(journal.frames, skim=False)[1]


def test_copied_rows_are_counted_too():
    journal = Journal()
    journal.open(1, 1_000)
    journal.add(1, 2_000, "request", message("Q", b"copy long to stdout\0"))
    journal.add(1, 2_000, "applied", (5).to_bytes(8, "big"))
    rows = message("d", b"x" * OUTPUT_CHARACTERS_MAX + b"\n") + message("d", b"y\n") * 999
    journal.add(1, 2_010, "reply", message("H", b"\0\0\0") + rows + message("c", b""))
    journal.add(1, 2_020, "reply", message("C", b"COPY 1000\0") + message("Z", b"I"))
    operations, _, events = read(journal.frames, skim=True)
    assert operations[0].rows == 1_000
    assert events.count("copy") + events.count("rows") < 5
