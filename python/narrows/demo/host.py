"""A host for agents to run commands on: OpenSSH's own server where it is here, else one of asyncssh's."""

from __future__ import annotations

import asyncio  # noqa: TID251 - asyncssh is an asyncio library
import contextlib
import getpass
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncssh

from narrows.demo.sshd import is_installed, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Host:
    """A running server."""

    what: str
    """Which it is."""
    port: int
    login: str
    host_key: str
    """Its public key."""
    private_key: Path
    """What its account lets in."""


@contextlib.contextmanager
def host(place: Path) -> Iterator[Host]:
    """Runs one in an empty folder."""
    place.mkdir()
    if is_installed():
        with running(place) as sshd:
            yield Host("OpenSSH's sshd", sshd.port, sshd.login, sshd.host_key, sshd.private_key)
        return
    with _of_asyncssh(place) as (port, host_key, private_key):
        what = "a server of asyncssh's, since OpenSSH's is not here (apt-get install openssh-server)"
        yield Host(what, port, getpass.getuser(), host_key, private_key)


@contextlib.contextmanager
def _of_asyncssh(place: Path) -> Iterator[tuple[int, str, Path]]:
    host_key, agent_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    private_key = place / "agent_key"
    private_key.write_bytes(agent_key.export_private_key())
    private_key.chmod(0o600)
    loop = asyncio.new_event_loop()
    stopping, started = asyncio.Event(), threading.Event()
    ports = []

    async def serve() -> None:
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            authorized_client_keys=asyncssh.import_authorized_keys(agent_key.export_public_key().decode()),
            process_factory=_run,
            encoding=None,
        )
        ports.append(server.get_port())
        started.set()
        await stopping.wait()
        server.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    started.wait()
    try:
        yield ports[0], host_key.export_public_key().decode().strip(), private_key
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()


async def _run(process: asyncssh.SSHServerProcess[bytes]) -> None:
    shell = await asyncio.create_subprocess_shell(
        process.command or "true",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await shell.communicate()
    process.stdout.write(out)
    process.stderr.write(err)
    process.exit(shell.returncode or 0)
