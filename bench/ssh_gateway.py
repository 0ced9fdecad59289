"""A gateway before one host, with policy, masks and recordings on, and a host that runs nothing.

Each is a process of its own: `python -m bench.ssh_gateway gateway DIRECTORY HOST` and `… stub DIRECTORY`
print what is needed to reach it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import trio
from tests.ssh.world import world

RULES = """\
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-deploy" }]

[[rule]]
id = "everything"
principals = ["agents"]
targets = ["web"]
effect = "allow"
[rule.ssh]
commands = ["true", "true *", "cat", "cat *"]
read = ["/**"]
write = ["/**"]

[[mask]]
id = "secrets"
targets = ["web"]
detectors = ["pan", "email", "jwt", "aws-key"]
transform = "redact"
"""


@dataclass(frozen=True, slots=True)
class Host:
    """What a gateway must know of a host."""

    port: int
    login: str
    host_key: str
    private_key: Path


async def gateway(place: Path, host: Host) -> None:
    """Serves until it is told to stop; prints its port, and what an agent presents to it."""
    async with world(place, host, judge=None, rules=RULES) as here:
        print(json.dumps({"port": here.port, "user": here.user, "ticket": here.ticket}), flush=True)
        await trio.sleep_forever()


async def stub(place: Path) -> None:
    """A host on which every command has ended with status 0 as soon as it starts."""

    class Session(asyncssh.SSHServerSession):
        def connection_made(self, chan: asyncssh.SSHServerChannel) -> None:
            self._channel = chan

        def exec_requested(self, command: str) -> bool:
            return True

        def session_started(self) -> None:
            self._channel.exit(0)

    class Server(asyncssh.SSHServer):
        def session_requested(self) -> Session:
            return Session()

    host, agent = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    key = place / "stub_key"
    key.write_bytes(agent.export_private_key())
    key.chmod(0o600)
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[host],
        server_factory=Server,
        authorized_client_keys=asyncssh.import_authorized_keys(agent.export_public_key().decode()),
        encoding=None,
        line_editor=False,
        encryption_algs=["aes128-gcm@openssh.com"],
    )
    told = {
        "port": server.get_port(),
        "login": "stub",
        "host_key": host.export_public_key().decode().strip(),
        "private_key": str(key),
    }
    print(json.dumps(told), flush=True)
    await asyncio.Event().wait()


def described(told: str) -> Host:
    """A host as the command line has it."""
    host = json.loads(told)
    return Host(host["port"], host["login"], host["host_key"], Path(host["private_key"]))


if __name__ == "__main__":
    what, directory, *rest = sys.argv[1:]
    if what == "stub":
        asyncio.run(stub(Path(directory)))
    else:
        Path(directory).mkdir()
        trio.run(gateway, Path(directory), described(rest[0]))
