"""What is in the journal of an SSH session: all of it, in order, and before it was acted on."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import resource

import asyncssh
import pytest
import trio

from narrows.errors import PlaneError
from narrows.recordings.asciicast import asciicast
from narrows.recordings.channels import HEAD, ChannelReader
from narrows.recordings.proof import verify
from narrows.recordings.replay import Player, at_speed
from narrows.recordings.transcript import transcript
from narrows.ssh import recorder
from tests.ssh.odd_host import odd_host
from tests.ssh.world import AGENT, DBA, world


@pytest.fixture
async def there(tmp_path):
    for name in ("host", "gateway"):
        (tmp_path / name).mkdir()
    with odd_host(tmp_path / "host") as host:
        async with world(tmp_path / "gateway", host) as here:
            yield here


async def test_a_session_is_written_down_from_its_opening_to_its_end(here):
    ran = await here.run("cat; echo err >&2; exit 3", stdin=b"typed\n")
    assert ran.status == 3
    moments = list(transcript(await here.frames()))
    assert [moment.event for moment in moments] == [
        *("open", "command", "decision", "input", "output", "errors", "exit", "close"),
    ]
    opened, command, decision, typed, out, err, left, closed = (moment.detail for moment in moments)
    assert (opened["target"], opened["login"], opened["protocol"]) == ("web", here.login, "ssh")
    assert opened["principal"]["key"] == AGENT.key
    assert (command["text"], command["channel"]) == ("cat; echo err >&2; exit 3", 1)
    assert (decision["effect"], decision["rule"]) == ("allow", "commands")
    assert [one["text"] for one in (typed, out, err)] == ["typed\n", "typed\n", "err\n"]
    assert left["status"] == 3
    assert (closed["operations"], closed["denials"], closed["bytes_to_agent"]) == (1, 0, 10)
    assert verify(here.place / "state" / "journal").problems == ()


async def test_a_session_is_an_asciicast_with_the_terminals_size(here):
    async def look(connection):
        done = await connection.run("stty size; exit 4", term_type="xterm", term_size=(101, 33))
        assert (done.exit_status, done.stdout) == (4, "33 101\r\n")

    await here.with_asyncssh(look)
    header, *events = map(json.loads, asciicast(transcript(await here.frames())))
    assert header["title"].startswith(f"{here.login}@web, ")
    assert [event[1:] for event in events] == [
        ["m", "command: stty size; exit 4"],
        ["m", "allow: commands"],
        ["r", "101x33"],
        ["o", "33 101\r\n"],
        ["x", "4"],
    ]


async def test_the_list_of_sessions_has_the_recordings_last_link(there):
    async def run(connection):
        await connection.run("true")

    await there.with_asyncssh(run)
    (row,) = await there.sessions(1)
    frames = await there.frames()
    assert row.frames == len(frames)
    assert (row.operations, row.target, json.loads(row.document)["login"]) == (1, "web", "odd")


async def test_a_denial_and_an_approval_are_written_down(here):
    await here.run("echo forbidden")
    moments = list(transcript(await here.frames()))
    (denied,) = [moment.detail for moment in moments if moment.event == "decision"]
    assert (denied["effect"], denied["rule"], denied["reason"]) == (
        *("deny", "never-forbidden", "that is forbidden"),
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(here.run, "echo restart")
        approval = await here.pending()
        await here.gateway._approvals.approve(approval, DBA)
    await here.sessions(2)
    moments = list(transcript(await here.frames()))
    assert [moment.event for moment in moments][:4] == ["open", "command", "errors", "approved"]
    (allowed,) = [moment.detail for moment in moments if moment.event == "decision"]
    assert allowed["approval"] == approval


async def test_it_is_played_in_the_terminal(here):
    await here.run("printf 'two\\nlines\\n'; printf '\\033[2J' >&2")
    out = io.StringIO()
    moments = list(transcript(await here.frames()))
    Player(out, moments[0].time_us, at_speed(0)).play(moments)
    text = out.getvalue()
    assert "[1] $ printf" in text
    assert "[1]   two" in text
    assert "[1]   lines" in text
    assert "\x1b" not in text
    assert f"target web, login {here.login}" in text


@pytest.mark.usefixtures("capsys")  # in memory, for a file of captured output has the limit too
async def test_when_the_journal_cannot_be_written_the_gateway_ends(tmp_path):
    """What is sent after the failure reaches the target no more."""
    for name in ("host", "gateway"):
        (tmp_path / name).mkdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    async def run(connection):
        process = await connection.create_process("count", encoding=None)
        sizes = (
            path.stat().st_size for path in (tmp_path / "gateway" / "state" / "journal").glob("*.journal")
        )
        resource.setrlimit(resource.RLIMIT_FSIZE, (max(sizes), before[1]))
        process.stdin.write(b"x" * 1_000)
        process.stdin.write_eof()
        done = await process.wait()
        return done.exit_status, done.stdout

    async def serve(host):
        async with world(tmp_path / "gateway", host) as here:
            with contextlib.suppress(asyncssh.Error, BrokenPipeError):
                assert await here.with_asyncssh(run) == (None, b"")
            with trio.fail_after(10):
                await trio.sleep_forever()

    try:
        with odd_host(tmp_path / "host") as host, pytest.raises(BaseExceptionGroup) as caught:
            await serve(host)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.group_contains(PlaneError, match="the journal cannot be written")


@pytest.mark.parametrize("method", ["start", "sent", "reply"])
async def test_what_cannot_be_written_down_is_not_done(there, monkeypatch, method):
    """The disk is full: the session ends, and says why."""

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recorder.Recorder, method, full)

    async def run(connection):
        process = await connection.create_process("count", encoding=None)
        process.stdin.write(b"x" * 1_000)
        process.stdin.write_eof()
        done = await process.wait()
        await connection.wait_closed()
        return done.exit_status, done.stdout

    with contextlib.suppress(asyncssh.Error, BrokenPipeError):
        assert await there.with_asyncssh(run) == (None, b"")
    (row,) = await there.sessions(1)
    assert row.close_reason == "Narrows: the journal cannot be written, so nothing may be done"


@pytest.mark.parametrize(
    ("payload", "text"),
    [(b"", ""), (b"\xc3", ""), (b"\xa9", "\\xa9")],
)
def test_characters_may_be_cut_by_frames(payload, text):
    reader = ChannelReader()
    assert reader._channel(HEAD.pack(1, 1) + payload)[1]["text"] == text
    if payload == b"\xc3":
        assert reader._channel(HEAD.pack(2, 1) + b"\xa9")[1]["text"] == "\\xa9"
        assert reader._channel(HEAD.pack(1, 1) + b"\xa9")[1]["text"] == "é"


def test_writer_and_reader_speak_of_the_same_layout():
    assert recorder.HEAD.format == HEAD.format
    assert (recorder.INPUT, recorder.OUTPUT, recorder.ERRORS, recorder.START) == (0, 1, 2, 255)


async def test_output_that_is_not_kept_is_counted_and_hashed(here):
    ran = await here.run("cat; printf err >&2; exit 3 # quietly", stdin=b"canary" * 20_000)
    assert (ran.status, ran.out, ran.err) == (3, b"canary" * 20_000, b"err")
    frames = await here.frames()
    moments = list(transcript(frames))
    assert not [frame for frame in frames if frame.kind == "reply"]
    accounts = {one.detail["stream"]: one.detail for one in moments if one.event == "left-out"}
    for stream, received in (("output", ran.out), ("errors", ran.err)):
        assert accounts[stream]["bytes"] == len(received)
        assert accounts[stream]["sha256"] == hashlib.sha256(received).hexdigest()
        assert (accounts[stream]["rule"], accounts[stream]["record"]) == ("commands", "statements")
    events = [one.event for one in moments if one.event != "input"]
    assert events == ["open", "command", "decision", "left-out", "left-out", "exit", "close"]
    assert moments[-1].detail["bytes_to_agent"] == len(ran.out + ran.err)
    assert {one.operation for one in moments if one.event == "left-out"} == {0}
    out = io.StringIO()
    Player(out, moments[0].time_us, at_speed(0)).play(moments)
    assert "  [1] output: 117 KiB not kept by rule commands, sha256 " in out.getvalue()
    assert verify(here.place / "state" / "journal").problems == ()
