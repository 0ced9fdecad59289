"""An SSH session as an asciicast: what a terminal player needs to show what the agent saw."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.errors import RecordingError
from narrows.recordings.asciicast import VERSIONS, asciicast
from narrows.recordings.transcript import Moment

START_US = 1_764_000_000_000_000

OPEN = Moment(START_US, "open", {"protocol": "ssh", "login": "deploy", "target": "web", "session": "6h0v"})
SESSION = [
    OPEN,
    Moment(START_US + 1_000_000, "command", {"channel": 1, "text": "cat -", "terminal": False}),
    Moment(START_US + 1_250_000, "decision", {"effect": "allow", "rule": "reads"}),
    Moment(START_US + 1_500_000, "input", {"channel": 1, "text": "é\n"}),
    Moment(START_US + 2_000_000, "output", {"channel": 1, "text": "é\na\r\n"}),
    Moment(START_US + 2_500_000, "errors", {"channel": 1, "text": "no\n"}),
    Moment(START_US + 2_500_000, "exit", {"channel": 1, "status": 3}),
    Moment(START_US + 3_000_000, "close", {"reason": "done"}),
]


def parsed(moments, version=3):
    header, *events = (json.loads(line) for line in asciicast(moments, version=version))
    return header, events


def test_version_3_has_intervals_markers_and_the_exit_status():
    header, events = parsed(SESSION)
    assert header == {
        "version": 3,
        "term": {"cols": 80, "rows": 24},
        "timestamp": 1_764_000_000,
        "title": "deploy@web, session 6h0v",
    }
    assert events == [
        [1.0, "m", "command: cat -"],
        [0.25, "m", "allow: reads"],
        [0.25, "i", "é\n"],
        [0.5, "o", "é\r\na\r\n"],
        [0.5, "o", "no\r\n"],
        [0.0, "x", "3"],
    ]


def test_version_2_has_times_since_the_start_and_nothing_that_it_does_not_know():
    header, events = parsed(SESSION, version=2)
    assert (header["version"], header["width"], header["height"]) == (2, 80, 24)
    assert "term" not in header
    assert [event[0] for event in events] == [1.0, 1.25, 1.5, 2.0, 2.5]
    assert {event[1] for event in events} == {"m", "i", "o"}


def test_what_a_terminal_was_sent_is_as_it_was_sent():
    moments = [
        OPEN,
        Moment(START_US, "command", {"channel": 1, "text": "", "start": "shell", "terminal": True}),
        Moment(START_US, "resized", {"channel": 1, "columns": 100, "rows": 40}),
        Moment(START_US, "output", {"channel": 1, "text": "a\nb\r\n\x1b[1m"}),
        Moment(START_US, "output", {"channel": 2, "text": "c\n"}),
    ]
    _, events = parsed(moments)
    assert [event[1:] for event in events[1:]] == [["r", "100x40"], ["o", "a\nb\r\n\x1b[1m"], ["o", "c\r\n"]]


def test_a_clock_that_goes_back_makes_no_interval_negative():
    back = Moment(START_US - 5, "output", {"channel": 1, "text": "x"})
    later = Moment(START_US + 1_000_000, "output", {"channel": 1, "text": "y"})
    assert [event[0] for event in parsed([OPEN, back, later])[1]] == [0.0, 1.0]


def test_a_session_of_statements_has_no_terminal():
    with pytest.raises(RecordingError, match="only SSH sessions"):
        list(asciicast([Moment(START_US, "open", {"protocol": "postgres"})]))


@given(st.lists(st.tuples(st.integers(0, 10**9), st.text()), max_size=20), st.sampled_from(VERSIONS))
def test_every_line_is_json_of_its_own_and_nothing_that_was_written_is_lost(written, version):
    now, moments = (
        START_US,
        [OPEN, Moment(START_US, "command", {"channel": 1, "text": "x", "terminal": True})],
    )
    for pause, text in written:
        now += pause
        moments.append(Moment(now, "output", {"channel": 1, "text": text}))
    lines = list(asciicast(moments, version=version))
    assert all("\n" not in line for line in lines)
    events = [json.loads(line) for line in lines[2:]]
    assert [event[2] for event in events] == [text for _, text in written]
    elapsed = sum(event[0] for event in events) if version == 3 else (events[-1][0] if events else 0)
    assert elapsed == pytest.approx((now - START_US) / 1e6, abs=1e-3)
