"""A recording as a page shows it."""

from __future__ import annotations

from narrows.console.web import timeline as module
from narrows.console.web.timeline import timeline
from narrows.recordings import Moment


def recording():
    return [
        Moment(1_000_000, "open", {}),
        Moment(1_000_500, "statement", {"text": "select 1"}),
        Moment(1_000_500, "decision", {"effect": "allow"}),
        Moment(1_001_000, "columns", {"names": ["a"]}),
        Moment(1_001_000, "row", {"values": ["1"]}),
        Moment(1_001_000, "row", {"values": [None]}),
        Moment(1_002_000, "result", {"tag": "SELECT 2", "rows": 2}),
        Moment(1_002_000, "result", {"tag": "", "rows": 0}),
        Moment(1_003_000, "close", {"reason": "done"}),
    ]


def test_a_result_is_one_entry():
    page = timeline(recording())
    assert [entry.kind for entry in page.entries] == [
        "open", "statement", "decision", "result", "result", "close",
    ]  # fmt: skip
    first, second = (entry for entry in page.entries if entry.kind == "result")
    assert (first.columns, first.rows, first.tag) == (["a"], [["1"], [None]], "SELECT 2")
    assert (second.rows, second.tag) == ([], "done")
    assert page.following is None


def test_every_moment_has_an_address_of_its_own():
    anchors = [entry.anchor for entry in timeline(recording()).entries]
    assert len(set(anchors)) == len(anchors)
    assert anchors[:3] == ["t=0.000000", "t=0.000500", "t=0.000501"]


def test_long_results_and_recordings_are_shown_in_parts(monkeypatch):
    monkeypatch.setattr(module, "ROWS_SHOWN_MAX", 1)
    monkeypatch.setattr(module, "MOMENTS_MAX", 6)
    first = timeline(recording())
    assert first.following == 6
    assert (first.entries[-1].rows, first.entries[-1].rows_count) == ([["1"]], 2)
    second = timeline(recording(), first.following)
    assert [entry.kind for entry in second.entries] == ["result", "result", "close"]
    assert second.entries[-1].anchor == "t=0.003000"
    assert second.following is None


def test_what_is_beyond_the_end_is_empty():
    assert timeline([]).entries == []
    assert timeline(recording(), 1_000).entries == []
