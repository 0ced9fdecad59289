"""A recording as a page shows it."""

from __future__ import annotations

from narrows.console.web import timeline as module
from narrows.console.web.timeline import timeline
from narrows.recordings import Moment
from narrows.recordings.reading import Numbered

OPENED = 1_000_000


def recording():
    moments = [
        Moment(1_000_000, "open", {}),
        Moment(1_000_500, "statement", {"text": "select 1"}, 0),
        Moment(1_000_500, "decision", {"effect": "allow"}, 0),
        Moment(1_001_000, "masked", {"values": 2}, 0),
        Moment(1_001_000, "columns", {"names": ["a"]}, 0),
        Moment(1_001_000, "row", {"values": ["1"]}, 0),
        Moment(1_001_000, "row", {"values": [None]}, 0),
        Moment(1_002_000, "result", {"tag": "SELECT 2", "rows": 2}, 0),
        Moment(1_002_000, "result", {"tag": "", "rows": 0}, 0),
        Moment(1_003_000, "close", {"reason": "done"}),
    ]
    return [Numbered(number, moment) for number, moment in enumerate(moments)]


def test_a_result_is_one_entry():
    entries = timeline(recording(), OPENED)
    assert [entry.kind for entry in entries] == [
        "open", "statement", "decision", "result", "result", "close",
    ]  # fmt: skip
    first, second = (entry for entry in entries if entry.kind == "result")
    assert (first.columns, first.rows, first.tag) == (["a"], [["1"], [None]], "SELECT 2")
    assert (first.masked, round(first.took_s, 6)) == (2, 0.0015)
    assert (second.rows, second.tag) == ([], "done")


def test_every_moment_has_an_address_that_stays_its_own():
    anchors = [entry.anchor for entry in timeline(recording(), OPENED)]
    assert anchors == ["m0", "m1", "m2", "m3", "m8", "m9"]
    assert [entry.anchor for entry in timeline(recording()[8:], OPENED)] == ["m8", "m9"]


def test_long_results_are_shown_in_part(monkeypatch):
    monkeypatch.setattr(module, "ROWS_SHOWN_MAX", 1)
    (result, _) = (entry for entry in timeline(recording(), OPENED) if entry.kind == "result")
    assert (result.rows, result.rows_count) == ([["1"]], 2)


def test_a_result_without_its_statement_has_no_duration():
    assert timeline(recording()[4:], OPENED)[0].took_s is None
    assert timeline([], OPENED) == []
