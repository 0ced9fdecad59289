"""What the player of terminals is given: a whole recording, or a session as it goes on."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from narrows.console.web import assets, terminal
from narrows.console.web.terminal import _Watching
from narrows.gateway.recordings import Page, Recordings
from narrows.recordings import session_name
from narrows.recordings.index.sessions import RecordedSession
from narrows.recordings.reading import Numbered
from narrows.recordings.transcript import Moment, transcript
from narrows.store import readings
from tests.console.console import web_console
from tests.recordings.test_asciicast import OPEN, SESSION, START_US
from tests.recordings.test_calls import EXEC, EXITED_3, streamed

ADDRESS = f"/recordings/{session_name(7)}"
VENDORED = Path(assets.__file__).parent / "static" / "asciinema-player"
OF_EXEC = (
    ("request", b"\x04" + b'{"Width":132,"Height":50}'),
    ("reply", b"\x01$ ls\r\n"),
    ("reply", b"\x03" + EXITED_3),
)


@pytest.fixture
async def site(tmp_path):
    async with web_console(tmp_path) as site:
        yield site


def recorded(monkeypatch, moments, *, part=terminal.PART_MAX):
    """Has every recording be these moments, in parts of some size."""
    numbered = [Numbered(number, moment) for number, moment in enumerate(moments)]
    opened_us = moments[0].time_us
    session = RecordedSession(
        7, "entra/a", "agent", "web", "192.0.2.7:1", (), opened_us, opened_us + 9, "done", {}
    )

    def read(self, number, start, most):
        end = start + min(most, part)
        return Page(session, numbered[start:end], end if end < len(numbered) else None)

    monkeypatch.setattr(Recordings, "_read_page", read)


async def cast_of(site):
    async with site.browser() as browser:
        await browser.sign_in("omar")
        answer = await browser.get(f"{ADDRESS}/cast")
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize("part", [1, 3, 1_000])
async def test_a_cast_is_whole_however_it_is_read(site, monkeypatch, part):
    recorded(monkeypatch, SESSION, part=part)
    header, *events = await cast_of(site)
    assert (header["version"], header["width"], header["height"]) == (2, 80, 24)
    assert events == [
        [1.0, "m", "command: cat -"],
        [1.25, "m", "allow: reads"],
        [1.5, "i", "é\n"],
        [2.0, "o", "é\r\na\r\n"],
        [2.5, "o", "no\r\n"],
    ]


async def test_an_exec_in_a_cluster_has_its_terminal(site, monkeypatch):
    recorded(monkeypatch, list(transcript(streamed(EXEC, "exec", *OF_EXEC).frames)))
    _, *events = await cast_of(site)
    assert [event[1:] for event in events if event[1] in "ro"] == [["r", "132x50"], ["o", "$ ls\r\n"]]


async def test_what_is_too_much_for_a_page_is_cut_and_said(site, monkeypatch):
    monkeypatch.setattr(terminal, "CAST_BYTES_MAX", 1_000)
    shown = [Moment(START_US + n, "output", {"channel": 1, "text": "x" * 90}) for n in range(20)]
    recorded(monkeypatch, [OPEN, *shown])
    _, *events = await cast_of(site)
    assert len(events) < 12
    assert "narrows replay --asciicast" in events[-1][2]


async def test_that_a_terminal_was_played_is_noted_once(site, monkeypatch):
    recorded(monkeypatch, SESSION)
    await cast_of(site)
    noted = await site.here.store.run(readings.newest)
    assert [(one.how, one.what) for one in noted] == [("replay", session_name(7))]


@pytest.mark.parametrize("path", [f"{ADDRESS}/terminal", f"{ADDRESS}/cast", f"/live{ADDRESS}/terminal"])
async def test_who_may_not_read_recordings_sees_no_terminal(site, monkeypatch, path):
    recorded(monkeypatch, SESSION)
    async with site.browser() as browser:
        assert (await browser.get(path)).status_code == 303
        await browser.sign_in("dana")
        assert (await browser.get(path)).status_code == 403


async def test_only_the_page_that_plays_may_run_webassembly(site, monkeypatch):
    recorded(monkeypatch, SESSION)
    async with site.browser() as browser:
        await browser.sign_in("omar")
        policies = {
            path: (await browser.get(path)).headers["content-security-policy"]
            for path in (f"{ADDRESS}/terminal", f"{ADDRESS}/cast", ADDRESS, "/", "/policy")
        }
    playing = policies.pop(f"{ADDRESS}/terminal")
    assert "script-src 'wasm-unsafe-eval' 'self';" in playing
    assert "'unsafe-eval'" not in playing
    assert "unsafe-inline" not in playing
    assert all("wasm" not in policy for policy in policies.values())


async def test_a_recording_of_statements_has_nothing_to_play(site, monkeypatch):
    recorded(monkeypatch, [Moment(START_US, "open", {"protocol": "postgres"})])
    async with site.browser() as browser:
        await browser.sign_in("omar")
        assert (await browser.get(f"{ADDRESS}/terminal")).status_code == 404
        assert (await browser.get(f"{ADDRESS}/cast")).status_code == 404


def test_whoever_comes_late_gets_the_screen_and_then_what_happens():
    watching = _Watching()
    before = [Numbered(number, moment) for number, moment in enumerate(SESSION[:5])]
    resized = Numbered(5, Moment(START_US + 2_100_000, "resized", {"columns": 132, "rows": 50}))
    assert list(watching.told(before, is_current=False)) == []
    assert [json.loads(data) for data in watching.told([resized], is_current=True)] == [
        {"cols": 132, "rows": 50, "time": 2.1, "init": "é\r\na\r\n"}
    ]
    errors = Numbered(6, SESSION[5])
    assert [json.loads(data) for data in watching.told([errors], is_current=True)] == [[2.5, "o", "no\r\n"]]
    assert list(watching.told([], is_current=True)) == []


def test_the_screen_that_one_gets_is_bounded(monkeypatch):
    monkeypatch.setattr(terminal, "SCREEN_CHARACTERS_MAX", 10)
    watching = _Watching()
    shown = [Numbered(n, Moment(START_US, "output", {"channel": 1, "text": f"{n:05}"})) for n in range(9)]
    (screen,) = watching.told([Numbered(0, OPEN), *shown], is_current=True)
    assert json.loads(screen)["init"] == "0000700008"


def test_the_player_is_the_one_that_was_published():
    readme = (VENDORED / "README.md").read_text()
    stated = dict(re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", readme, re.MULTILINE))
    files = {path.name for path in VENDORED.iterdir()} - {"README.md", "LICENSE"}
    assert stated.keys() == files
    for name, digest in stated.items():
        assert hashlib.sha256((VENDORED / name).read_bytes()).hexdigest() == digest
    assert "Apache License" in (VENDORED / "LICENSE").read_text()
