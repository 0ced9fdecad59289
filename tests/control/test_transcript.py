"""A recording read back: bytes made by hand, as the protocol's documentation has them."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import dataclass

import pytest

from narrows.errors import RecordingError
from narrows.printable import printable
from narrows.recordings.replay import Player, at_speed
from narrows.recordings.transcript import Moment, transcript
from narrows.recordings.values import rendered

READ = {"id": 5, "effect": "allow", "rule": "read-orders", "approval": None, "scope": "statement"}
DENY = {"id": 6, "effect": "deny", "rule": "never-destroy", "reason": "no", "scope": "statement"}


@dataclass
class Frame:
    kind: str
    payload: bytes
    time_us: int = 0
    session: int = 7
    sequence: int = 0


def message(tag, body=b""):
    return tag.encode() + struct.pack("!i", len(body) + 4) + body


def text(value):
    return value.encode() + b"\0"


def row_description(*columns):
    fields = b"".join(
        text(name) + struct.pack("!IhIhih", 0, 0, type_oid, -1, -1, format_)
        for name, type_oid, format_ in columns
    )
    return message("T", struct.pack("!H", len(columns)) + fields)


def data_row(*values):
    cells = b"".join(
        struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value for value in values
    )
    return message("D", struct.pack("!H", len(values)) + cells)


def bind(portal="", statement="", *, parameters=(), formats=(), results=()):
    body = text(portal) + text(statement)
    body += struct.pack(f"!H{len(formats)}h", len(formats), *formats)
    body += struct.pack("!H", len(parameters))
    for value in parameters:
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    return message("B", body + struct.pack(f"!H{len(results)}h", len(results), *results))


def verdict(document):
    return Frame("verdict", json.dumps(document).encode())


def applied(number):
    return Frame("applied", number.to_bytes(8, "big"))


def events(*frames):
    return [(moment.event, moment.detail) for moment in transcript(frames)]


COMPLETE = message("C", text("SELECT 1"))
READY = message("Z", b"I")
SYNC = message("S")


def test_a_simple_query_with_its_decision_and_rows():
    assert events(
        verdict(READ),
        Frame("request", message("Q", text("select id, name from customers"))),
        applied(5),
        Frame(
            "reply",
            row_description(("id", 23, 0), ("name", 25, 0)) + data_row(b"1", None) + COMPLETE + READY,
        ),
    ) == [
        ("statement", {"text": "select id, name from customers"}),
        ("decision", READ),
        ("columns", {"names": ["id", "name"]}),
        ("row", {"values": ["1", None]}),
        ("result", {"tag": "SELECT 1", "rows": 1}),
    ]


def test_prepared_binary_results_are_rendered_by_type():
    parse = message("P", text("s1") + text("select id from t where id = $1") + struct.pack("!HI", 1, 23))
    describe = message("D", b"S" + text("s1"))
    request = parse + describe + SYNC
    answer = (
        message("1")
        + message("t", struct.pack("!HI", 1, 23))
        + row_description(("id", 23, 0), ("name", 25, 0))
        + READY
    )
    run = bind("", "s1", parameters=[struct.pack("!i", 7)], formats=[1], results=[1])
    told = events(
        verdict(READ),
        Frame("request", request),
        applied(5),
        Frame("reply", answer),
        Frame("request", run),
        applied(5),
        Frame("request", message("E", text("") + struct.pack("!i", 0)) + SYNC),
        Frame("reply", message("2") + data_row(struct.pack("!i", -9), b"Ann") + COMPLETE + READY),
    )
    assert [name for name, _ in told] == [
        "prepare",
        "decision",
        "columns",
        "statement",
        "decision",
        "row",
        "result",
    ]
    assert told[3][1] == {"text": "select id from t where id = $1", "parameters": ["7"]}
    assert told[5][1] == {"values": ["-9", "Ann"]}


def test_types_that_only_the_target_knew_render_parameters():
    parse = message("P", text("s1") + text("select $1") + struct.pack("!H", 0))
    described = message("t", struct.pack("!HI", 1, 20)) + row_description(("?column?", 20, 0))
    told = events(
        Frame("request", parse + message("D", b"S" + text("s1")) + SYNC),
        Frame("reply", message("1") + described + READY),
        Frame("request", bind("", "s1", parameters=[struct.pack("!q", 2**40)], formats=[1])),
    )
    assert told[-1] == ("statement", {"text": "select $1", "parameters": [str(2**40)]})


def test_messages_cut_anywhere_give_the_same_events():
    request = message("Q", text("select 1; select 2"))
    one = row_description(("a", 23, 0)) + data_row(b"1") + COMPLETE
    reply = one + one + READY
    whole = events(Frame("request", request), Frame("reply", reply))
    frames = [Frame("request", request[index : index + 1]) for index in range(len(request))]
    frames += [Frame("reply", reply[index : index + 1]) for index in range(len(reply))]
    assert events(*frames) == whole
    assert [detail["rows"] for name, detail in whole if name == "result"] == [1, 1]


def test_after_an_error_replies_line_up_again_at_sync():
    execute = message("E", text("") + struct.pack("!i", 0))
    parse = message("P", text("") + text("drop table t") + struct.pack("!H", 0))
    failed = message("E", b"SERROR\0VERROR\0C42501\0MNarrows: no\0Drule never-destroy\0\0")
    told = events(
        verdict(DENY),
        Frame("request", parse),
        applied(6),
        Frame("request", bind() + execute + SYNC + message("Q", text("select 1"))),
        Frame("reply", failed + READY + row_description(("a", 25, 0)) + data_row(b"x") + COMPLETE + READY),
    )
    assert ("decision", DENY) in told
    error = {"severity": "ERROR", "code": "42501", "message": "Narrows: no", "detail": "rule never-destroy"}
    assert ("error", error) in told
    assert told[-2:] == [("row", {"values": ["x"]}), ("result", {"tag": "SELECT 1", "rows": 1})]


def test_what_the_gateway_noted_keeps_its_place():
    told = events(
        Frame("open", b'{"session": "x"}'),
        Frame("event", b'{"event": "held", "message": "waiting for approval apr_1"}'),
        Frame("close", b'{"reason": "hung up"}'),
    )
    assert [name for name, _ in told] == ["open", "held", "close"]


@pytest.mark.parametrize(
    "payload",
    [b"Q\0\0\0\x03", message("Q", b"no zero byte"), message("P", b"a\0"), message("B", b"\0\0\0\1")],
)
def test_a_damaged_recording_is_an_error(payload):
    with pytest.raises(RecordingError):
        events(Frame("request", payload))


@pytest.mark.parametrize(
    ("type_oid", "value", "shown"),
    [
        (16, b"\x01", "t"),
        (20, struct.pack("!q", -5), "-5"),
        (25, "naïve".encode(), "naïve"),
        (701, struct.pack("!d", 1.5), "1.5"),
        (1082, struct.pack("!i", 1), "2000-01-02"),
        (1114, struct.pack("!q", 1_000_000), "2000-01-01 00:00:01"),
        (2950, bytes(16), "00000000-0000-0000-0000-000000000000"),
        (3802, b'\x01{"a": 1}', '{"a": 1}'),
        (23, b"\x01", "\\x01"),
        (25, b"\xff", "\\xff"),
        (1082, struct.pack("!i", 2**31 - 1), "\\x7fffffff"),
        (999_999, b"\x00\x01", "\\x0001"),
    ],
)
def test_binary_values(type_oid, value, shown):
    assert rendered(type_oid, 1, value) == shown


def test_nothing_recorded_can_steer_the_terminal():
    hostile = "\x1b[2J\u202egnp.exe\x9b31m"
    assert not set(printable(hostile)) & {"\x1b", "\u202e", "\x9b"}
    out = io.StringIO()
    Player(out, 0, at_speed(0)).play([Moment(0, "row", {"values": [hostile]})])
    assert "\x1b" not in out.getvalue()
    assert "\u202e" not in out.getvalue()


def test_replay_says_what_was_seen_of_each_column():
    clear, masked, whole = (
        {"exposure": "clear"},
        {"exposure": "masked", "transform": "last4"},
        {"exposure": "whole"},
    )
    for columns, told in (
        ([clear, masked, whole], "columns clear, last4, whole"),
        ([clear], ""),
        (None, ""),
    ):
        out = io.StringIO()
        decision = {"effect": "allow", "rule": "work", "columns": columns}
        Player(out, 0, at_speed(0)).play([Moment(0, "decision", decision)])
        assert out.getvalue().split("by rule work")[1].strip() == told


def test_replay_keeps_pace_with_the_recording():
    moments = [Moment(second * 1_000_000, "result", {"tag": "SELECT 1"}) for second in (0, 2, 3, 100)]
    slept = []
    Player(io.StringIO(), 0, at_speed(2, slept.append)).play(moments)
    assert slept == [1.0, 0.5, 5.0]
    Player(io.StringIO(), 0, at_speed(0, slept.append)).play(moments)
    assert len(slept) == 3


def test_moments_are_told_by_what_they_belong_to():
    parse = message("P", text("s") + text("drop table t") + struct.pack("!H", 0))
    execute = message("E", text("") + bytes(4))
    frames = [
        verdict(READ),
        verdict(DENY),
        Frame("request", parse),
        applied(6),
        Frame("request", bind("", "s") + execute + SYNC + message("Q", text("select 1"))),
        applied(5),
    ]
    told = [(moment.event, moment.operation) for moment in transcript(frames)]
    assert told == [
        ("prepare", None), ("decision", 0), ("statement", 0), ("statement", 1), ("decision", 1),
    ]  # fmt: skip
