"""A gateway whose policy lets a few commands through, in a process of its own, and a host that runs none.

`python -m bench.ssh_gateway gateway DIRECTORY` and `… stub DIRECTORY` print what is needed to reach them.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import asyncssh
import trio

from narrows.config import locate
from narrows.gateway import Gateway
from narrows.model import Principal
from narrows.plane import session_name, start_plane, upstream_of

AGENT = Principal("entra", "t1", "agent-1", "app", groups=frozenset({"sg-deploy"}), expires_at=4e9)

CONFIGURATION = """\
[listen]
ssh = "127.0.0.1:0"

[tickets]
uses-max = 100

[[issuer]]
name = "entra"
kind = "entra"
tenant = "11111111-2222-4333-8444-555555555555"
audiences = ["api://narrows"]
authority = "https://127.0.0.1:1"
"""

TARGET = """
[[target]]
name = "{name}"
kind = "ssh"
address = "127.0.0.1:{port}"
logins = ["{login}"]
host-keys = ["{host_key}"]
credential = {{ kind = "key", secret = "file:{private_key}" }}
"""

RULES = """\
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-deploy" }]

[[rule]]
id = "everything"
principals = ["agents"]
targets = ["*"]
effect = "allow"
ssh = { commands = ["true", "true *", "head *", "cat"], write = ["/dev/null"] }
"""


def gateway(place: Path, targets: list[dict[str, str]]) -> None:
    """Serves until it is told to stop; prints its port, and a ticket for each target."""
    (place / "policies").mkdir(parents=True)
    (place / "policies" / "rules.toml").write_text(RULES)
    configuration = CONFIGURATION + "".join(TARGET.format(**target) for target in targets)
    (place / "narrows.toml").write_text(configuration)
    located = locate(place / "narrows.toml")
    located.state.mkdir(mode=0o700)
    serving = Gateway(
        located,
        start_plane(located),
        upstream=upstream_of,
        name_of=session_name,
    )

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            listening: list[str] = []
            ready = trio.Event()
            nursery.start_soon(
                lambda: serving.run(console=None, ready=lambda _, at: (listening.append(at), ready.set()))
            )
            await ready.wait()
            tickets = {
                target["name"]: (await serving._tickets.mint(AGENT, target["name"])).text
                for target in targets
            }
            port = int(listening[0].rpartition(":")[2])
            print(json.dumps({"port": port, "tickets": tickets}), flush=True)

    trio.run(main)


def stub(place: Path) -> None:
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

    async def main() -> None:
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
            "name": "stub",
            "port": str(server.get_port()),
            "login": "stub",
            "host_key": host.export_public_key().decode().strip(),
            "private_key": str(key),
        }
        print(json.dumps(told), flush=True)
        await asyncio.Event().wait()

    asyncio.run(main())


if __name__ == "__main__":
    what, directory, *rest = sys.argv[1:]
    if what == "stub":
        stub(Path(directory))
    else:
        gateway(Path(directory), json.loads(rest[0]))
