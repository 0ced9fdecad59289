"""`narrows ssh-agent` and `narrows ssh-cert` with the clients that they are for."""

from __future__ import annotations

import contextlib
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import paramiko
import pytest
import trio

from narrows.cli import ssh_agent, ssh_cert
from narrows.cli.errors import CommandError
from narrows.identity.ssh_agent import Keyring, Shown
from tests.ssh.world import AGENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.ssh.world import Ran, World

pytestmark = pytest.mark.timeout(60)


def fetch(here: World, public_key: str) -> Shown:
    minted = here.gateway._authorities.mint(AGENT, public_key)
    return Shown(minted.line, minted.expires_at)


@contextlib.asynccontextmanager
async def agent(here: World, place: Path) -> AsyncIterator[Path]:
    """An agent that serves while this lasts."""
    path = place / "run" / "agent.sock"
    keyring = Keyring(lambda public_key: fetch(here, public_key), time.time)
    with ssh_agent._listener(path) as listener:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ssh_agent.serve, listener, keyring)
            yield path
            nursery.cancel_scope.cancel()


async def run(here: World, *options: str) -> Ran:
    """Runs a command in OpenSSH's client with publickey authentication alone."""
    plain = here.ssh()
    known = plain.index("IdentitiesOnly=yes")  # it would keep an agent's keys out
    first = [*plain[: known - 1], *plain[known + 1 :], *options]
    command = [*first, "-o", "PreferredAuthentications=publickey", "127.0.0.1", "echo in"]
    return await trio.run_process(
        command, capture_stdout=True, capture_stderr=True, check=False, env=here.environment("none")
    )  # type: ignore[return-value]


async def test_openssh_logs_in_by_the_agent(here: World, tmp_path: Path) -> None:
    async with agent(here, tmp_path) as path:
        assert path.stat().st_mode & 0o777 == 0o600
        ran = await run(here, "-o", f"IdentityAgent={path}")
        assert ran.stdout == b"in\n", ran.stderr
        assert (await run(here, "-o", f"IdentityAgent={path}")).stdout == b"in\n"


async def test_paramiko_logs_in_by_the_agent(
    here: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work() -> bytes:
        with paramiko.SSHClient() as client:
            client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
            client.connect("127.0.0.1", here.port, username=here.user, look_for_keys=False)
            return client.exec_command("echo in")[1].read()

    async with agent(here, tmp_path) as path:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
        assert await trio.to_thread.run_sync(work) == b"in\n"


async def test_what_is_no_message_ends_one_client_alone(here: World, tmp_path: Path) -> None:
    async with agent(here, tmp_path) as path:
        for hostile in (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\x05half"):
            stream = await trio.open_unix_socket(str(path))
            async with stream:
                with contextlib.suppress(trio.BrokenResourceError):
                    await stream.send_all(hostile)
                    await stream.send_eof()
                    assert await stream.receive_some(10) == b""
        assert (await run(here, "-o", f"IdentityAgent={path}")).stdout == b"in\n"


async def test_a_socket_that_nobody_serves_is_replaced_and_a_served_one_is_not(
    here: World, tmp_path: Path
) -> None:
    async with agent(here, tmp_path) as path:
        with pytest.raises(CommandError, match="another agent"):
            ssh_agent._listener(path)
    ssh_agent._listener(path).close()


async def test_files_are_kept_fresh(here: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []

    def fetching(arguments: object, public_key: str) -> Shown:
        fetched.append(public_key)
        return fetch(here, public_key)

    monkeypatch.setattr(ssh_cert, "fetch", fetching)
    arguments = SimpleNamespace(directory=tmp_path / "keys")
    for _ in range(2):
        assert ssh_cert._keep_fresh(arguments) == 0  # type: ignore[arg-type]
    assert len(fetched) == 1
    key = tmp_path / "keys" / "id_ed25519"
    assert key.stat().st_mode & 0o777 == 0o600
    assert (await run(here, "-i", str(key))).stdout == b"in\n"
    monkeypatch.setattr(ssh_cert.time, "time", lambda: time.monotonic() + 4e9)
    ssh_cert._keep_fresh(arguments)  # type: ignore[arg-type]
    assert len(fetched) == 2
