"""The page of a Kubernetes session's recording: calls, answers and streams, each as a line of its own."""

from __future__ import annotations

import re

from narrows.gateway.recordings import Page, Recordings
from narrows.recordings import session_name
from narrows.recordings.index.sessions import RecordedSession
from narrows.recordings.reading import Numbered
from narrows.recordings.transcript import transcript
from tests.console.console import web_console
from tests.recordings.test_calls import CALL, EXEC, EXITED_3, NOT_RUN, streamed

PASSED = {"bytes": 120, "sha256": "ab" * 32}
HAPPENED = (
    ("request", b"\x04" + b'{"Width":132,"Height":50}'),
    ("request", b"\x00typed\n"),
    ("reply", b"\x01<b>bold</b>\x1b[1m\n"),
    ("reply", b"\x02" + b"x" * 5_000),
    ("reply", b"\x03" + EXITED_3),
    ("reply", b"\x03" + NOT_RUN),
    ("event", {"event": "forward-refused", "port": 22}),
    (
        "event",
        {"event": "forward-ended", "connection": 1, "port": 80, "to_target": PASSED, "to_agent": PASSED},
    ),
)


def shown(page):
    """The page's lines by what they are about, without markup."""
    found = re.findall(r'data-event="([^"]*)">.*?<div>(.*?)</div>', page, re.DOTALL)
    return [(kind, " ".join(re.sub(r"<[^>]+>", " ", content).split())) for kind, content in found]


async def page_of(journal, tmp_path, monkeypatch):
    moments = [Numbered(number, moment) for number, moment in enumerate(transcript(journal.frames))]
    session = RecordedSession(7, "entra/a", "agent", "prod", "192.0.2.7:1", (), 0, 1_000, "done", {})
    monkeypatch.setattr(Recordings, "_read_page", lambda *_: Page(session, moments, None))
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("omar")
        answer = await browser.get(f"/recordings/{session_name(7)}")
        assert answer.status_code == 200, answer.text
        return answer.text


async def test_a_stream_is_shown_line_by_line(tmp_path, monkeypatch):
    page = await page_of(streamed(EXEC, "exec", *HAPPENED), tmp_path, monkeypatch)
    lines = shown(page)
    for line in (
        ("answer", "101 Switching Protocols"),
        ("resized", "terminal of 132 × 50"),
        ("input", "stdin, in the terminal typed"),
        ("exit", "exit status 3"),
        ("exit", "failed container not found"),
        ("forward-refused", "port 22: refused, the rule does not name it"),
    ):
        assert line in lines
    (call,) = (text for kind, text in lines if kind == "call")
    assert call.endswith("$ cat &#39;/etc/shop db&#39;")
    (ended,) = (text for kind, text in lines if kind == "forward-ended")
    assert f"to the agent 120 bytes, SHA-256 {'ab' * 32}" in ended


async def test_what_a_process_writes_is_text_and_bounded(tmp_path, monkeypatch):
    page = await page_of(streamed(EXEC, "exec", *HAPPENED), tmp_path, monkeypatch)
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "\x1b" not in page
    (errors,) = (text for kind, text in shown(page) if kind == "errors")
    assert (
        errors == f"stderr, in the terminal {'x' * 4_000} The first 4000 characters of 5000 bytes are shown."
    )


async def test_a_call_is_shown_with_its_body(tmp_path, monkeypatch):
    page = await page_of(streamed(CALL, "exec"), tmp_path, monkeypatch)
    (call,) = (text for kind, text in shown(page) if kind == "call")
    assert call.endswith("{&#34;spec&#34;:{&#34;replicas&#34;:3}}")
