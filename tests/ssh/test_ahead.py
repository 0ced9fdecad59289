"""The channel that is opened before it is needed saves a round trip; nothing else is different for it."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest

from tests.ssh.odd_host import OddHost, odd_host
from tests.ssh.world import AGENT, World, eventually, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture
def host(tmp_path: Path) -> Iterator[OddHost]:
    (tmp_path / "host").mkdir()
    with odd_host(tmp_path / "host") as host:
        yield host


@pytest.fixture
async def there(tmp_path: Path, host: OddHost) -> AsyncIterator[World]:
    (tmp_path / "gateway").mkdir()
    async with world(tmp_path / "gateway", host) as here:
        yield here


async def run(connection: Any, command: str = "count") -> bytes:
    return bytes((await connection.run(command, input=b"x", encoding=None, check=True)).stdout)


async def three(connection: Any) -> list[bytes]:
    return [await run(connection) for _ in range(3)]


def unused(host: OddHost) -> int:
    return sum(len(connection._channels) for connection in host.connections)


def test_a_session_begins_with_the_opening_of_its_channel() -> None:
    """What is done ahead is the first thing that asyncssh does; whoever changes the pin reads it again."""
    source = inspect.getsource(asyncssh.SSHClientChannel.create)
    assert source.count("await self._open(") == 1
    before, after = source.split("packet = await self._open(b'session')")
    assert "_send_request" not in before
    assert "_make_request" not in before
    assert "self._session = session_factory()" in after


async def test_one_command_opens_nothing_ahead(there: World, host: OddHost) -> None:
    assert await there.with_asyncssh(run) == b"1"
    assert (host.opened, unused(host)) == (1, 0)


async def test_a_connection_that_is_used_again_opens_the_next_channel_ahead(
    there: World, host: OddHost
) -> None:
    assert await there.with_asyncssh(three) == [b"1"] * 3
    assert host.opened == 4
    assert unused(host) == 1
    assert len(host.connections) == 1


async def test_a_terminal_and_variables_come_with_what_is_started(there: World, host: OddHost) -> None:
    async def talk(connection: Any) -> str:
        await three(connection)
        done = await connection.run("terminal", term_type="vt100", term_size=(90, 30), env={"LANG": "C"})
        return str(done.stdout)

    assert await there.with_asyncssh(talk) == "vt100 (90, 30, 0, 0) {'LANG': 'C'}"


@pytest.mark.parametrize("spoiling", ["write", "close", "status"])
async def test_what_a_target_says_on_it_is_nobodys_output(there: World, host: OddHost, spoiling: str) -> None:
    async def talk(connection: Any) -> list[bytes]:
        await run(connection)
        await run(connection)
        host.spoils = spoiling
        first = await run(connection)
        host.spoils = ""
        return [first, *await three(connection)]

    assert await there.with_asyncssh(talk) == [b"1"] * 4
    assert unused(host) == 0, "nothing is opened ahead where it was spoilt once"


async def test_a_target_with_one_session_runs_one_command_after_the_other(
    there: World, host: OddHost
) -> None:
    host.sessions_max = 1
    assert await there.with_asyncssh(three) == [b"1"] * 3
    assert len(host.connections) == 1


async def test_it_is_no_other_principals(there: World, host: OddHost) -> None:
    await there.with_asyncssh(three)
    other = await there.gateway._tickets.mint(replace(AGENT, object_id="agent-2"), "web")
    assert await there.with_asyncssh(three, password=other.text) == [b"1"] * 3
    assert [len(connection._channels) for connection in host.connections] == [1, 1]


async def test_who_hangs_up_while_it_is_opened_leaves_nothing_open(there: World, host: OddHost) -> None:
    host.slow_to_open = True

    async def leave(connection: Any) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await connection.run("count")

    await there.with_asyncssh(leave)
    host.open_now()

    async def nothing_is_open() -> bool:
        return host.opened == 1 and unused(host) == 0

    await eventually(nothing_is_open)
