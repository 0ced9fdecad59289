"""What agents ask for besides commands, one after the other and all at once, and what they are refused."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import subprocess
import termios

import asyncssh
import pytest
import trio
from asyncssh.constants import OPEN_ADMINISTRATIVELY_PROHIBITED, OPEN_RESOURCE_SHORTAGE

from narrows.recordings.journal import read
from narrows.ssh import limits
from narrows.store import sessions
from tests.ssh.world import DBA, eventually


async def test_a_terminal_has_the_size_and_type_that_it_has_here(here):
    main, secondary = pty.openpty()
    termios.tcsetwinsize(secondary, (33, 77))
    script = "tty >/dev/null && stty size; echo $TERM; read line; echo got $line; stty size"
    process = await trio.lowlevel.open_process(
        here.ssh("-tt", "127.0.0.1", script),
        stdin=secondary,
        stdout=secondary,
        stderr=subprocess.DEVNULL,
        env=here.environment() | {"TERM": "xterm-256color"},
        start_new_session=True,
        preexec_fn=lambda: os.close(main),
    )
    os.close(secondary)
    screen = trio.lowlevel.FdStream(main)
    seen = await _until(screen, b"xterm-256color")
    assert b"33 77" in seen
    termios.tcsetwinsize(main, (44, 101))
    os.kill(process.pid, 28)  # SIGWINCH
    await _event(here, '"columns": 101')
    await screen.send_all(b"hello\n")
    seen = await _until(screen, b"44 101")
    assert b"got hello" in seen
    await process.wait()
    await screen.aclose()
    frames = await here.frames()
    assert not [frame for frame in frames if frame.kind == "request" and frame.payload[4] == 0]


async def _until(screen, wanted):
    seen = b""
    with trio.fail_after(10):
        while wanted not in seen:
            seen += await screen.receive_some(4096)
    return seen


async def _event(here, name):
    async def there():
        rows = await here.gateway._store.run(sessions.newest)
        frames = read(here.place / "state" / "journal", rows[0].id)
        return any(frame.kind == "event" and name.encode() in frame.payload for frame in frames)

    await eventually(there)


async def test_a_master_carries_many_commands_and_each_is_judged(here, tmp_path):
    control = ["-o", f"ControlPath={tmp_path}/c", "-o", "ControlMaster=auto", "-o", "ControlPersist=30"]
    for number in range(5):
        ran = await here.run(f"echo {number}", options=control)
        assert ran.out == f"{number}\n".encode()
    assert (await here.run("echo forbidden", options=control)).status == 126
    assert len(here.decisions) == 6
    assert len(await here.sessions(0)) == 1
    await trio.run_process(here.ssh(*control, "-O", "exit", "127.0.0.1"), capture_stderr=True)


async def test_more_channels_than_one_upstream_connection_carries(here):
    """MaxSessions of the target is ten; the eleventh command gets another connection."""

    async def run(connection):
        done = await asyncio.gather(*(connection.run(f"sleep 0.3; echo {n}") for n in range(25)))
        return [(one.exit_status, one.stdout) for one in done]

    assert await here.with_asyncssh(run) == [(0, f"{number}\n") for number in range(25)]


async def test_channels_have_a_bound_with_a_name(here):
    async def run(connection):
        errors = []
        opened = await asyncio.gather(
            *(connection.create_process("restart") for _ in range(limits.CHANNELS_MAX))
        )
        for _ in range(3):
            try:
                await connection.create_process("restart")
            except asyncssh.ChannelOpenError as error:
                errors.append((error.code, error.reason))
        return len(opened), errors

    opened, errors = await here.with_asyncssh(run)
    reason = f"Narrows: too many channels (channels-max = {limits.CHANNELS_MAX})"
    assert (opened, errors) == (limits.CHANNELS_MAX, [(OPEN_RESOURCE_SHORTAGE, reason)] * 3)


async def test_forwards_are_denied_with_a_reason(here):
    async def forward(connection):
        with pytest.raises(asyncssh.ChannelOpenError) as caught:
            await connection.open_connection("127.0.0.1", 22)
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 22)
        return caught.value.code, caught.value.reason

    assert await here.with_asyncssh(forward) == (
        OPEN_ADMINISTRATIVELY_PROHIBITED,
        "Narrows: denied by rule no-shells: a shell runs what nobody has judged. Run a command.",
    )


async def test_only_harmless_variables_are_passed_on(here):
    async def run(connection):
        variables = {"LANG": "de_DE", "LC_ALL": "C", "GIT_PROTOCOL": "version=2", "LD_PRELOAD": "/tmp/x.so"}
        variables |= {"PATH": "/tmp", "BASH_ENV": "/tmp/x", "PS4": "x", "LCX": "y"}
        return (await connection.run("env", env=variables)).stdout

    lines = (await here.with_asyncssh(run)).splitlines()
    assert {"LANG=de_DE", "LC_ALL=C", "GIT_PROTOCOL=version=2"} <= set(lines)
    assert not [line for line in lines if re.match("LD_PRELOAD|BASH_ENV|PS4|LCX|PATH=/tmp$", line)]


@pytest.mark.parametrize(
    ("variables", "bound"),
    [
        (
            {f"LC_{number}": "x" for number in range(limits.ENVIRONMENT_COUNT_MAX + 1)},
            "environment-count-max",
        ),
        ({"LANG": "x" * limits.ENVIRONMENT_BYTES_MAX}, "environment-bytes-max"),
        ({f"X{number}": "x" * 1000 for number in range(100)}, "environment-bytes-max"),
    ],
)
async def test_an_environment_has_bounds_with_names(here, variables, bound):
    async def run(connection):
        return await connection.run("echo ran", env=variables)

    done = await here.with_asyncssh(run)
    assert (done.exit_status, done.stdout, bound in done.stderr) == (126, "", True)


async def test_a_second_start_on_a_channel_is_refused(here):
    async def run(connection):
        channel, _ = await connection.create_session(asyncssh.SSHClientSession, "echo first; sleep 0.3")
        second = await channel._make_request(b"exec", asyncssh.packet.String("echo forbidden"))
        shell = await channel._make_request(b"shell")
        await channel.wait_closed()
        return second, shell, channel.get_exit_status()

    assert await here.with_asyncssh(run) == (False, False, 0)
    assert [operation.text for operation in here.decisions] == ["echo first; sleep 0.3"]


@pytest.mark.parametrize(("start", "name"), [(b"exec", ""), (b"exec", "  "), (b"subsystem", "")])
async def test_an_empty_start_never_becomes_a_shell(here, start, name):
    async def raw(connection):
        chan = asyncssh.channel.SSHClientChannel(
            connection, asyncio.get_running_loop(), "strict", None, "strict", 1 << 20, 1 << 15
        )
        await chan._open(b"session")
        chan._session = _Keeping()
        chan._session.connection_made(chan)
        started = await chan._make_request(start, asyncssh.packet.String(name))
        await chan._start_reading()
        await chan.wait_closed()
        return started, chan.get_exit_status()

    assert await here.with_asyncssh(raw) == (True, 126)
    assert here.decisions == []


class _Keeping(asyncssh.SSHClientSession):
    pass


async def test_a_signal_withdraws_what_waits_for_people(here):
    async def run(connection):
        process = await connection.create_process("restart")
        await process.stderr.readline()
        process.send_signal("INT")
        done = await process.wait()
        return done.exit_signal[0]

    assert await here.with_asyncssh(run) == "INT"
    (approval,) = await here.gateway._approvals.newest()

    async def withdrawn():
        return await here.state(approval.request.id) == "withdrawn"

    await eventually(withdrawn)


async def test_a_held_command_reads_nothing(here):
    """Its window shuts: an agent cannot make the gateway keep more than that."""

    async def run(connection):
        process = await connection.create_process("restart; cat | wc -c", encoding=None)
        await process.stderr.readline()
        process.stdin.write(bytes(4 * limits.WINDOW_BYTES))
        process.stdin.write_eof()
        await asyncio.sleep(0.3)
        kept = process.channel.get_write_buffer_size()
        done = await process.wait()
        return kept, done.exit_status, done.stdout

    found = []

    async def talk():
        found.append(await here.with_asyncssh(run))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(talk)
        approval = await here.pending()
        await trio.sleep(0.5)
        await here.gateway._approvals.approve(approval, DBA)
    ((kept, status, out),) = found
    assert kept == 3 * limits.WINDOW_BYTES
    assert (status, out.strip()) == (0, b"%d" % (4 * limits.WINDOW_BYTES))
