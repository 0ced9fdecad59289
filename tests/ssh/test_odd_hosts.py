"""Targets that die, hang, refuse or talk out of turn: the agent is told, and nothing is left behind."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import asyncssh
import pytest

from narrows.ssh import limits
from tests.ssh.odd_host import odd_host
from tests.ssh.world import world


@pytest.fixture
def host(tmp_path):
    (tmp_path / "host").mkdir()
    with odd_host(tmp_path / "host") as host:
        yield host


@pytest.fixture
async def there(tmp_path, host):
    (tmp_path / "gateway").mkdir()
    async with world(tmp_path / "gateway", host) as here:
        yield here


def running(command, **start):
    async def run(connection):
        return await connection.run(command, encoding=None, **start)

    return run


async def test_thousands_of_channels_one_after_the_other(there):
    async def run(connection):
        for _ in range(40):
            done = await asyncio.gather(*(connection.run("true") for _ in range(50)))
            assert {one.exit_status for one in done} == {0}

    await there.with_asyncssh(run)
    (row,) = await there.sessions(1)
    assert (row.operations, row.denials) == (2_000, 0)


async def test_a_target_that_dies_is_told_of(there):
    done = await there.with_asyncssh(running("die"))
    assert (done.exit_status, done.stdout) == (255, b"last words")
    assert done.stderr == b"Narrows: the connection to the target was lost\n"
    assert (await there.with_asyncssh(running("true"))).exit_status == 0


async def test_a_target_that_hangs_holds_nobody_who_leaves(there, host):
    async def run(connection):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await connection.run("hang")

    await there.with_asyncssh(run)
    (row,) = await there.sessions(1)
    assert row.operations == 1


async def test_a_target_that_refuses_is_told_of(there):
    done = await there.with_asyncssh(running("refuse"))
    assert (done.exit_status, done.stderr) == (
        255,
        b"Narrows: web does not start it: Session request failed\n",
    )


async def test_a_target_with_few_sessions_gets_more_connections(there, host):
    host.sessions_max = 3

    async def run(connection):
        waiting = [await connection.create_process("wait") for _ in range(8)]
        heads = [await process.stdout.readline() for process in waiting]
        for process in waiting:
            process.send_signal("TERM")
            await process.wait()
        return heads

    assert await there.with_asyncssh(run) == ["ready\n"] * 8
    assert len(host.connections) >= 3


async def test_one_connection_upstream_serves_many_downstream(there, host):
    for _ in range(3):
        await there.with_asyncssh(running("true"))
    assert len(host.connections) == 1


async def test_the_status_comes_last_even_where_the_target_sends_it_first(there):
    done = await there.with_asyncssh(running("status-before-data"))
    assert (done.exit_status, len(done.stdout), done.stderr) == (3, 500_000, b"late")


async def test_no_status_is_no_status(there):
    done = await there.with_asyncssh(running("no-status"))
    assert (done.exit_status, done.stdout) == (None, b"done")


async def test_data_after_the_end_ends_the_connection_upstream(there):
    done = await there.with_asyncssh(running("data-after-eof"))
    assert done.exit_status == 255


async def test_a_signal_and_a_break_reach_the_command(there):
    async def run(connection):
        process = await connection.create_process("wait")
        await process.stdout.readline()
        process.send_signal("USR1")
        done = await process.wait()
        other = await connection.create_process("wait")
        await other.stdout.readline()
        other.send_break(250)
        return done.exit_signal[0], done.stdout, (await other.wait()).stdout

    assert await there.with_asyncssh(run) == ("USR1", "USR1", "break 250")


async def test_a_target_that_reads_nothing_stops_the_agent(there):
    """What an agent can put into the gateway is a window on each leg, and no more."""

    async def run(connection):
        process = await connection.create_process("never-read", encoding=None)
        process.stdin.write(bytes(16 * limits.WINDOW_BYTES))
        await asyncio.sleep(1.0)
        return process.channel.get_write_buffer_size()

    kept = await there.with_asyncssh(run)
    assert kept >= 12 * limits.WINDOW_BYTES


async def test_a_wrong_host_key_is_refused(tmp_path, host):
    (tmp_path / "gateway").mkdir()
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    async with world(tmp_path / "gateway", replace(host, host_key=other)) as here:
        done = await here.with_asyncssh(running("true"))
    assert done.exit_status == 255
    assert b"does not have the host key that is configured" in done.stderr
    assert host.connections == [] or all(not one._auth_complete for one in host.connections)


async def test_a_target_that_is_not_there_is_told_of(tmp_path, host):
    (tmp_path / "gateway").mkdir()
    async with world(tmp_path / "gateway", replace(host, port=1)) as here:
        done = await here.with_asyncssh(running("true"))
    assert (done.exit_status, done.stderr) == (255, b"Narrows: web cannot be reached\n")


async def test_a_wrong_credential_is_told_of(tmp_path, host):
    (tmp_path / "gateway").mkdir()
    stranger = tmp_path / "stranger"
    stranger.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    stranger.chmod(0o600)
    async with world(tmp_path / "gateway", replace(host, private_key=stranger)) as here:
        done = await here.with_asyncssh(running("true"))
    assert (done.exit_status, b"does not take the gateway's credential for odd" in done.stderr) == (255, True)
