"""The two ways in: `login+target` at the gateway, and the gateway as a jump host to the target's own name."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import paramiko
import trio

from narrows.demo.sshd import PLAIN
from tests.ssh.test_certificates import keep
from tests.ssh.world import Ran, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from paramiko import Transport


class Plus:
    """OpenSSH's clients and paramiko at the gateway itself, with a ticket.

    Attributes:
        options: What `ssh`, `scp` and `sftp` take alike.
        address: The target, as they name it.
    """

    def __init__(self, here: World) -> None:
        self.here = here
        self.options = [*PLAIN, "-o", f"Port={here.port}"]
        self.address = f"{here.user}@127.0.0.1"

    @contextlib.contextmanager
    def paramiko(self) -> Iterator[Transport]:
        """A connection of paramiko's, for a thread of its own."""
        with paramiko.Transport(("127.0.0.1", self.here.port)) as transport:
            transport.connect(username=self.here.user, password=self.here.ticket)
            yield transport


class Jumper:
    """The same through the gateway as a jump host, with a configuration file and a certificate."""

    address = "web"

    def __init__(self, here: World, place: Path) -> None:
        self.here = here
        self.config = place / "ssh_config"
        self.options = ["-F", str(self.config)]
        self.known_hosts = place / "known_hosts"
        self.known_hosts.write_text(here.gateway._authorities.known_hosts_line + "\n")
        self.configure(f"IdentityFile {keep(place, here)}\nPreferredAuthentications publickey\n")

    def configure(self, evidence: str) -> None:
        self.config.write_text(
            f"Host gateway\n  HostName 127.0.0.1\n  Port {self.here.port}\n  User agent\n"
            f"Host web elsewhere\n  ProxyJump gateway\n  User {self.here.login}\n"
            "Host *\n"
            f"  UserKnownHostsFile {self.known_hosts}\n  StrictHostKeyChecking yes\n"
            f"  IdentitiesOnly yes\n  LogLevel INFO\n{evidence}"
        )

    async def run(self, program: str, *arguments: str, stdin: bytes = b"", password: str = "") -> Ran:
        done = await trio.run_process(
            [program, *self.options, *arguments],
            stdin=stdin,
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            env=self.here.environment(password),
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    @contextlib.contextmanager
    def paramiko(self) -> Iterator[Transport]:
        """A connection of paramiko's whose `sock` is a channel of another."""
        with paramiko.Transport(("127.0.0.1", self.here.port)) as outer:
            outer.connect(username="agent", password=self.here.ticket)
            way = outer.open_channel("direct-tcpip", ("web", 22), ("127.0.0.1", 0))
            with paramiko.Transport(way) as transport:
                transport.connect(username=self.here.login, password=self.here.ticket)
                yield transport


Way = Plus | Jumper
WAYS: dict[str, Callable[[World, Path], Way]] = {"plus": lambda here, _: Plus(here), "jump": Jumper}
