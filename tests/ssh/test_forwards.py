"""Connections made from the target for an agent, with OpenSSH's client and a real PostgreSQL behind it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest
import trio
from asyncssh.constants import OPEN_ADMINISTRATIVELY_PROHIBITED, OPEN_CONNECT_FAILED

from narrows.demo.postgres import POSTGRES_18, EmbeddedPostgres
from narrows.recordings.transcript import transcript
from tests.conftest import folder
from tests.ssh.world import DBA, World, eventually, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from narrows.demo.sshd import Sshd

pytestmark = pytest.mark.timeout(90)

RULES = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-deploy" }]

[[rule]]
id = "database"
principals = ["agents"]
targets = ["web"]
effect = "allow"
ssh = { forwards = ["127.0.0.1:PORTS"] }

[[rule]]
id = "asked"
principals = ["agents"]
targets = ["web"]
effect = "require-approval"
ssh = { forwards = ["localhost:PORTS"] }
approval = { approvers = { groups = "sg-dba" }, expires = "15m" }

[[rule]]
id = "never-mail"
principals = ["agents"]
targets = ["web"]
effect = "deny"
ssh = { forwards = ["*:25"] }
hint = "Ask the mail team."
"""


@pytest.fixture(scope="module")
def database() -> Iterator[EmbeddedPostgres]:
    with folder("forwarded") as place, EmbeddedPostgres(place) as database:
        database.run("create table orders as select n from generate_series(1, 100000) n")
        yield database


@asynccontextmanager
async def letting(place: Path, sshd: Sshd, ports: int | str) -> AsyncIterator[World]:
    async with world(place, sshd, judge=None, rules=RULES.replace("PORTS", str(ports))) as here:
        yield here


@asynccontextmanager
async def listening(handler: Any) -> AsyncIterator[int]:
    """A server behind the target; its port."""
    async with trio.open_nursery() as nursery:
        serve = functools.partial(trio.serve_tcp, handler, 0, host="127.0.0.1")
        (listener,) = await nursery.start(serve)
        yield listener.socket.getsockname()[1]
        nursery.cancel_scope.cancel()


async def moments(here: World) -> list[Any]:
    return list(transcript(await here.frames()))


async def test_psql_reaches_a_database_that_a_rule_names(
    tmp_path: Path, sshd: Sshd, database: EmbeddedPostgres
) -> None:
    async with letting(tmp_path, sshd, database.port) as here, trio.open_nursery() as nursery:
        socket = tmp_path / ".s.PGSQL.5432"
        forward = here.ssh("-N", "-L", f"{socket}:127.0.0.1:{database.port}", "127.0.0.1")
        ssh = await nursery.start(_process, forward, here.environment())

        async def is_there() -> bool:
            return socket.exists()

        await eventually(is_there)
        for _ in range(2):
            done = await trio.run_process(
                [
                    str(POSTGRES_18.bin / "psql"),
                    "-XAtq",
                    "-h",
                    str(tmp_path),
                    "-U",
                    "postgres",
                    "-d",
                    "postgres",
                ],
                stdin=b"select n from orders order by n;",
                capture_stdout=True,
                capture_stderr=True,
                check=False,
                env={**os.environ, "PGPASSWORD": "postgres"},
            )
            assert done.returncode == 0, done.stderr
            assert done.stdout == b"".join(b"%d\n" % n for n in range(1, 100_001))
        ssh.terminate()
        told = await moments(here)
    forwards = [moment.detail for moment in told if moment.event == "forward"]
    assert [forward["text"] for forward in forwards] == [f"127.0.0.1:{database.port}"] * 2
    assert [moment.detail["rule"] for moment in told if moment.event == "decision"] == ["database"] * 2
    ends = [moment.detail for moment in told if moment.event == "forward-ended"]
    assert all(end["to_agent"]["bytes"] > 500_000 for end in ends)
    assert len(ends) == 2


async def test_what_no_rule_names_is_denied_with_rule_and_hint(tmp_path: Path, sshd: Sshd) -> None:
    async def forward(connection: Any) -> list[tuple[int, str]]:
        told = []
        for host, port in (("127.0.0.1", 6), ("mail", 25), ("127.1", 5), ("", 5), ("127.0.0.1", 70_000)):
            with pytest.raises(asyncssh.ChannelOpenError) as caught:
                await connection.open_connection(host, port)
            told.append((caught.value.code, caught.value.reason))
        return told

    async with letting(tmp_path, sshd, 5) as here:
        told = await here.with_asyncssh(forward)
        ran = await here.run(options=["-v", "-W", "10.0.0.1:22"])
    assert [code for code, _ in told] == [OPEN_ADMINISTRATIVELY_PROHIBITED] * 5
    assert told[0][1].startswith(
        "Narrows: denied by rule default-deny: no rule allows a connection to 127.0.0.1:6. "
    )
    assert told[1][1].startswith("Narrows: denied by rule never-mail: ")
    assert told[1][1].endswith(". Ask the mail team.")
    assert "default-deny" in told[2][1]
    assert all("not-understood" in reason for _, reason in told[3:])
    assert ran.status == 255
    assert b"denied by rule default-deny" in ran.err


async def test_nobody_listens(tmp_path: Path, sshd: Sshd) -> None:
    """The target's own answer is the agent's, and commands go on as before."""

    async def forward(connection: Any) -> tuple[int, str]:
        with pytest.raises(asyncssh.ChannelOpenError) as caught:
            await connection.open_connection("127.0.0.1", 5)
        return caught.value.code, caught.value.reason

    async with letting(tmp_path, sshd, 5) as here:
        code, reason = await here.with_asyncssh(forward)
        told = await moments(here)
    assert code == OPEN_CONNECT_FAILED
    assert reason.startswith("Narrows: web does not get to 127.0.0.1:5: ")
    (failed,) = [moment for moment in told if moment.event == "forward-failed"]
    assert reason == f"Narrows: {failed.detail['message']}"
    assert failed.operation == 0


async def test_both_directions_are_whole_and_their_hashes_are_written_down(
    tmp_path: Path, sshd: Sshd
) -> None:
    sent = os.urandom(20_000_003)

    async def echo(stream: trio.SocketStream) -> None:
        async for data in stream:
            await stream.send_all(data)
        await stream.send_all(b"end")
        await stream.send_eof()

    async def talk(connection: Any) -> bytes:
        reader, writer = await connection.open_connection("127.0.0.1", port, encoding=None)

        async def send() -> None:
            for start in range(0, len(sent), 1 << 16):
                writer.write(sent[start : start + (1 << 16)])
                await writer.drain()
            writer.write_eof()

        _, received = await asyncio.gather(send(), reader.read())
        writer.close()
        return bytes(received)

    async with listening(echo) as port, letting(tmp_path, sshd, port) as here:
        assert await here.with_asyncssh(talk) == sent + b"end"
        told = await moments(here)
    (end,) = (moment.detail for moment in told if moment.event == "forward-ended")
    assert end["to_target"] == {"bytes": len(sent), "sha256": hashlib.sha256(sent).hexdigest()}
    assert end["to_agent"]["sha256"] == hashlib.sha256(sent + b"end").hexdigest()
    assert sent[:40] not in b"".join(frame.payload for frame in await here.frames())


async def test_a_server_that_does_not_read_fills_nothing_here(tmp_path: Path, sshd: Sshd) -> None:
    total, taken_max = 64 << 20, 24 << 20
    may_read = trio.Event()

    async def slow(stream: trio.SocketStream) -> None:
        await may_read.wait()
        count = 0
        async for data in stream:
            count += len(data)
        await stream.send_all(b"%d" % count)

    async def talk(connection: Any) -> tuple[int, int]:
        """How much is taken on the way while the server does not read, and how much it reads in the end."""
        reader, writer = await connection.open_connection("127.0.0.1", port, encoding=None)
        writer.write(bytes(total))
        left = await _settled(writer.channel.get_write_buffer_size, total)
        trio.from_thread.run_sync(may_read.set)
        writer.write_eof()
        return total - left, int(await reader.read())

    async with listening(slow) as port, letting(tmp_path, sshd, port) as here:
        taken, read = await here.with_asyncssh(talk)
    assert 0 < taken < taken_max
    assert read == total


async def test_an_approval_holds_it(tmp_path: Path, sshd: Sshd) -> None:
    async def greet(stream: trio.SocketStream) -> None:
        await stream.send_all(b"hello")

    async def talk(connection: Any) -> bytes:
        reader, _ = await connection.open_connection("localhost", port, encoding=None)
        return bytes(await reader.read())

    async with listening(greet) as port, letting(tmp_path, sshd, port) as here:
        received: list[bytes] = []
        async with trio.open_nursery() as nursery:

            async def agent() -> None:
                received.append(await here.with_asyncssh(talk))

            nursery.start_soon(agent)
            await here.gateway._approvals.approve(await here.pending(), DBA)
        assert received == [b"hello"]


async def test_who_hangs_up_withdraws_what_waits_for_people(tmp_path: Path, sshd: Sshd) -> None:
    async with letting(tmp_path, sshd, 5) as here, trio.open_nursery() as nursery:
        ssh = await nursery.start(_process, here.ssh("-W", "localhost:5", "127.0.0.1"), here.environment())
        request = await here.pending()
        ssh.terminate()

        async def is_withdrawn() -> bool:
            return await here.state(request) == "withdrawn"

        await eventually(is_withdrawn)
        assert (await here.frames())[-1].kind == "close"


async def test_policy_that_takes_it_away_ends_it(tmp_path: Path, sshd: Sshd) -> None:
    async def wait(stream: trio.SocketStream) -> None:
        await stream.send_all(b"hello")
        with contextlib.suppress(trio.BrokenResourceError):
            await stream.receive_some()

    async with listening(wait) as port, letting(tmp_path, sshd, port) as here:
        policy = here.place / "policies" / "rules.toml"
        commands_only = policy.read_text().replace(f'forwards = ["127.0.0.1:{port}"]', 'commands = ["true"]')

        async def talk(connection: Any) -> bytes:
            reader, _ = await connection.open_connection("127.0.0.1", port, encoding=None)
            assert await reader.readexactly(5) == b"hello"
            policy.write_text(commands_only)
            trio.from_thread.run_sync(here.gateway._policies.reload)
            return bytes(await reader.read())

        assert await here.with_asyncssh(talk) == b""
        told = await moments(here)
    assert [moment.detail["effect"] for moment in told if moment.event == "decision"] == ["allow", "deny"]


async def test_remote_and_socket_forwards_are_nobodys(tmp_path: Path, sshd: Sshd) -> None:
    async def forward(connection: Any) -> None:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_unix_connection("/run/postgresql/.s.PGSQL.5432")
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 22)
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_path("/tmp/x", "/tmp/y")

    async with letting(tmp_path, sshd, 5) as here:
        await here.with_asyncssh(forward)


async def _settled(size: Callable[[], int], before: int) -> int:
    """A size that has changed and then stopped. Under load it may seem to early: then less was taken."""
    first = before
    while (now := size()) == first or now != before:
        before = now
        await asyncio.sleep(1)
    return now


async def _process(command: list[str], environment: dict[str, str], *, task_status: Any) -> None:
    await trio.run_process(command, check=False, env=environment, task_status=task_status)
