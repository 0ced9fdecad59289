"""API calls in recordings: what is shown of them, and how they are found."""

from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.errors import RecordingError
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


def test_a_stream_is_shown_by_its_channels():
    journal = session()
    journal.add(1, 1, "request", b"GET /api/v1/namespaces/shop/pods/web/exec?command=cat HTTP/1.1\r\n\r\n")
    journal.add(1, 1, "applied", (5).to_bytes(8, "big"))
    journal.add(1, 1, "reply", b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n")
    journal.add(1, 2, "event", {"event": "stream", "protocol": "v5.channel.k8s.io"})
    journal.add(1, 3, "request", b"\x00typed\n")
    journal.add(1, 4, "reply", b"\x01\xc3")
    journal.add(1, 5, "reply", b"\x01\xa9\n")
    journal.add(1, 6, "reply", b"\x02oops\n")
    shown = replayed(journal)
    for line in ("< typed", "é", "! oops"):
        assert line in shown
    (operation,) = found(journal)
    assert "oops" in operation.output


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
