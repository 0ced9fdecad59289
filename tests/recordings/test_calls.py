"""API calls in recordings: what is shown of them, and how they are found."""

from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.errors import RecordingError
from narrows.recordings.forwards import forwarded
from narrows.recordings.index.subjects import subjects
from narrows.recordings.operations import Operations
from narrows.recordings.replay import Player, at_speed
from narrows.recordings.transcript import Transcript, transcript
from tests.recordings.journals import Journal

PATH = "/apis/apps/v1/namespaces/shop/deployments/web/scale"
CALL = (
    f"PATCH {PATH} HTTP/1.1\r\nhost: prod\r\nuser-agent: kubectl/v1.36.1\r\n"
    'content-type: application/merge-patch+json\r\ncontent-length: 23\r\n\r\n{"spec":{"replicas":3}}'
).encode()
ANSWER = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"kind":"Scale","spec":{"replicas":3}}'
REFUSED = b'HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\n\r\n{"kind":"Status"}'


def session():
    journal = Journal()
    journal.open(1, 0, protocol="kubernetes", impersonates="narrows:x", agent="kubectl/v1.36.1")
    return journal


def replayed(journal):
    out = io.StringIO()
    Player(out, 0, at_speed(0)).play(transcript(journal.frames))
    return out.getvalue()


def found(journal):
    operations, reading = Operations(), Transcript()
    for frame in journal.frames:
        for moment in reading.feed(frame):
            operations.add(reading.moments - 1, moment)
    return operations.take()


def test_a_call_is_shown_with_its_verdict_and_answer():
    journal = session()
    journal.add(1, 1, "event", {"event": "approved", "approval": "apr_x"})
    journal.add(1, 1, "request", CALL)
    journal.add(1, 1, "applied", (5).to_bytes(8, "big"))
    journal.add(1, 2, "reply", ANSWER)
    journal.add(1, 3, "request", CALL)
    journal.add(1, 3, "applied", (6).to_bytes(8, "big"))
    journal.add(1, 4, "reply", REFUSED)
    shown = replayed(journal)
    for line in (
        "target orders-db, as narrows:x, with kubectl/v1.36.1, policy ?",
        f"> PATCH {PATH}",
        '"replicas": 3',
        "= allow by rule read-orders",
        "200 OK application/json",
        "403 Forbidden",
    ):
        assert line in shown
    first, second = found(journal)
    assert (first.text, first.effect, first.error) == (f"PATCH {PATH}", "allow", "")
    assert first.parameters == ['{"spec":{"replicas":3}}']
    assert '"kind":"Scale"' in first.output
    assert (second.effect, second.error, second.approval) == ("deny", "403 Forbidden", "")


def test_a_body_that_came_in_another_form_says_so():
    came = "application/vnd.kubernetes.protobuf; bytes=12; sha256=" + "ab" * 32
    journal = session()
    head, _, body = CALL.partition(b"\r\n\r\n")
    journal.add(1, 1, "request", b"%s\r\nnarrows-translated-from: %s\r\n\r\n%s" % (head, came.encode(), body))
    line, translated, *_ = replayed(journal).partition("> PATCH")[2].splitlines()
    assert (line, translated.strip()) == (f" {PATH}", f"translated from {came}")


EXEC = (
    b"GET /api/v1/namespaces/shop/pods/web/exec?command=cat&command=%2Fetc%2Fshop+db&stdout=1 HTTP/1.1"
    b"\r\n\r\n"
)
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n"
NOT_RUN = b'{"status":"Failure","reason":"InternalError","message":"container not found"}'
EXITED_3 = (
    b'{"status":"Failure","reason":"NonZeroExitCode","message":"command terminated with non-zero exit code",'
    b'"details":{"causes":[{"reason":"ExitCode","message":"3"}]}}'
)


def streamed(call, verb, *happened):
    journal = session()
    journal.add(1, 1, "request", call)
    journal.add(1, 1, "applied", (5).to_bytes(8, "big"))
    journal.add(1, 1, "reply", SWITCHING)
    journal.add(1, 2, "event", {"event": "stream", "verb": verb})
    for kind, payload in happened:
        journal.add(1, 3, kind, payload)
    return journal


def test_a_process_is_shown_by_its_streams():
    journal = streamed(
        EXEC,
        "exec",
        ("request", b"\x00typed\n"),
        ("reply", b"\x01\xc3"),
        ("reply", b"\x01\xa9\n"),
        ("event", {"event": "masked", "values": 1}),
        ("reply", b"\x01card ************4242\n"),
        ("reply", b"\x02oops\n"),
        ("reply", b"\x03" + EXITED_3),
    )
    shown = replayed(journal)
    for line in (
        "  $ cat '/etc/shop db'",
        " stdin < typed",
        "stdout   é",
        "1 values masked in what follows",
        "stderr ! oops",
        "exit, status 3",
    ):
        assert line in shown
    (operation,) = found(journal)
    assert operation.parameters == ["cat '/etc/shop db'"]
    assert "oops" in operation.output
    assert (operation.masked, operation.error) == (1, "")


@pytest.mark.parametrize(
    ("status", "ended"),
    [
        (b'{"metadata":{},"status":"Success"}', {"status": 0}),
        (EXITED_3, {"status": 3}),
        (NOT_RUN, {"message": "container not found"}),
        (b'{"status":"Failure","details":null,"message":"gone"}', {"message": "gone"}),
        (b'{"status":', {"message": '{"status":'}),
        (b"[]", {"message": "[]"}),
        (b"[" * 100_000, {"message": "[" * 100_000}),
    ],
)
def test_how_a_process_ended_is_read_from_its_status(status, ended):
    moments = transcript(streamed(EXEC, "exec", ("reply", b"\x03" + status)).frames)
    assert [m.detail for m in moments if m.event == "exit"] == [ended]


def test_what_could_not_be_run_has_failed():
    journal = streamed(EXEC, "exec", ("reply", b"\x03" + NOT_RUN))
    assert "failed: container not found" in replayed(journal)
    (operation,) = found(journal)
    assert operation.error == "container not found"


@pytest.mark.parametrize(
    ("sizes", "read"),
    [
        (b'{"Width":80,"Height":24}\n', [(80, 24)]),
        (b'{"Width":80,"Height":24}\n{"Width":132,"Height":50}', [(80, 24), (132, 50)]),
        (b'{"Width":80,"Height":24} nonsense', [(80, 24)]),
        (b'{"Width":"wide"}', []),
        (b"[1]", []),
        (b"\xff", []),
    ],
)
def test_sizes_of_a_terminal_are_read_as_far_as_they_are_some(sizes, read):
    moments = transcript(streamed(EXEC, "exec", ("request", b"\x04" + sizes)).frames)
    assert [(m.detail["columns"], m.detail["rows"]) for m in moments if m.event == "resized"] == read


@pytest.mark.parametrize("payload", [b"", b"\x05x", b"\xff"])
def test_a_frame_of_no_stream_damages_the_recording(payload):
    with pytest.raises(RecordingError):
        list(transcript(streamed(EXEC, "exec", ("reply", payload)).frames))


@given(st.lists(st.tuples(st.integers(0, 4), st.binary(max_size=30)), max_size=8))
def test_whatever_a_process_says_can_be_read(pieces):
    frames = [("reply", bytes([stream]) + data) for stream, data in pieces]
    replayed(streamed(EXEC, "exec", *frames))


def test_connections_to_ports_are_shown_with_what_they_carried():
    call = b"GET /api/v1/namespaces/shop/pods/web/portforward HTTP/1.1\r\n\r\n"
    passed = [{"bytes": 120, "sha256": "ab" * 32}, {"bytes": 9, "sha256": "cd" * 32}]
    events = (
        {"event": "forward-opened", "connection": 1, "port": 5432},
        {"event": "forward-refused", "port": 22},
        {"event": "forward-failed", "port": 80, "message": "connection refused"},
        {
            "event": "forward-ended",
            "connection": 1,
            "port": 5432,
            "to_target": passed[0],
            "to_agent": passed[1],
        },
    )
    shown = replayed(streamed(call, "portforward", *(("event", event) for event in events)))
    for line in (
        "port 5432, connection 1: opened",
        "port 22: refused, the rule does not name it",
        "port 80: failed, connection refused",
        f"to the target 120 bytes, SHA-256 {'ab' * 32}",
        f"to the agent 9 bytes, SHA-256 {'cd' * 32}",
    ):
        assert line in shown


@pytest.mark.parametrize("payload", [b"", b"nonsense", b"GET HTTP/1.1\r\n\r\n"])
def test_what_is_no_call_damages_the_recording(payload):
    journal = session()
    journal.add(1, 1, "request", payload)
    with pytest.raises(RecordingError):
        list(transcript(journal.frames))


def test_a_refusal_without_a_call_has_its_answer():
    journal = session()
    journal.add(1, 1, "event", {"event": "refused", "code": 400, "message": "odd path"})
    journal.add(1, 1, "reply", b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n\r\n{}")
    assert "400 Bad Request" in replayed(journal)


@given(st.lists(st.integers(1, len(ANSWER) - 1), unique=True))
def test_an_answer_reads_the_same_however_it_was_cut(cuts):
    journal = session()
    journal.add(1, 1, "request", CALL)
    places = [0, *sorted(cuts), len(ANSWER)]
    for start, end in itertools.pairwise(places):
        journal.add(1, 2, "reply", ANSWER[start:end])
    moments = list(transcript(journal.frames))
    assert [m.detail["status"] for m in moments if m.event == "answer"] == [200]
    body = "".join(m.detail["text"] for m in moments if m.event == "body")
    assert body.encode() == ANSWER.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            f"PATCH {PATH}",
            ("namespace:shop", "resource:apps/deployments/scale", "resource:deployments/scale", "verb:patch"),
        ),
        ("GET /api/v1/namespaces/shop/pods?watch=1", ("namespace:shop", "resource:pods", "verb:watch")),
        ("GET /version", ("verb:get",)),
        ("GET //", ()),
        ("PURGE /x", ()),
    ],
)
def test_a_call_is_found_by_what_it_is_about(text, wanted):
    assert subjects(text) == wanted


def test_a_forward_of_an_ssh_session_is_shown_with_its_channel():
    passed = {"bytes": 120, "sha256": "ab" * 32}
    shown = forwarded("forward-ended", {"channel": 3, "to_target": passed, "to_agent": passed})
    assert shown.splitlines()[0] == "[3] forward: ended"
