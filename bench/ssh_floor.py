"""A relay of commands that does nothing else: asyncssh on both legs, without policy, journal or masks.

`python -m bench.ssh_floor TARGET` takes what describes a host as JSON, and prints port and password of a
listener that starts everything there, on one connection that it keeps. What this adds to the host itself is
the price of a hop that is made with asyncssh; what Narrows adds to that is Narrows'.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import asyncssh
import uvloop

PASSWORD = "floor"
CIPHERS = ["aes128-gcm@openssh.com"]


class Near(asyncssh.SSHServerSession[bytes]):
    """The client's side of a command."""

    def __init__(self, target: asyncssh.SSHClientConnection) -> None:
        self._target = target
        self._command = ""
        self._far: Any = None
        self.channel: Any = None

    def connection_made(self, chan: Any) -> None:
        self.channel = chan

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def session_started(self) -> None:
        self._starting = asyncio.ensure_future(self._start())

    def data_received(self, data: bytes, datatype: int | None) -> None:
        self._far.write(data)

    def eof_received(self) -> bool:
        if self._far is not None:
            self._far.write_eof()
        return True

    async def _start(self) -> None:
        self._far, _ = await self._target.create_session(lambda: Far(self), self._command, encoding=None)


class Far(asyncssh.SSHClientSession[bytes]):
    """The host's side of it."""

    def __init__(self, near: Near) -> None:
        self._near = near
        self._status = 0

    def data_received(self, data: bytes, datatype: int | None) -> None:
        self._near.channel.write(data, datatype)

    def exit_status_received(self, status: int) -> None:
        self._status = status

    def connection_lost(self, exc: Exception | None) -> None:
        self._near.channel.exit(self._status)


class Listener(asyncssh.SSHServer):
    """Lets in whoever knows the password."""

    def __init__(self, target: asyncssh.SSHClientConnection) -> None:
        self._target = target

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == PASSWORD

    def session_requested(self) -> Near:
        return Near(self._target)


async def main(target: dict[str, str]) -> None:
    """Serves until it is told to stop."""
    upstream = await asyncssh.connect(
        "127.0.0.1",
        int(target["port"]),
        username=target["login"],
        client_keys=[target["private_key"]],
        known_hosts=None,
        config=None,
        agent_path=None,
        encryption_algs=CIPHERS,
    )
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        server_factory=lambda: Listener(upstream),
        encoding=None,
        line_editor=False,
        encryption_algs=CIPHERS,
    )
    print(json.dumps({"port": server.get_port(), "password": PASSWORD}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(json.loads(sys.argv[1])))
