"""A real OpenSSH server on a free port, with keys of its own and the current user as its one account."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh

if TYPE_CHECKING:
    from collections.abc import Iterator

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
MISSING = "OpenSSH's server is not here: apt-get install openssh-server"
START_DEADLINE_S = 10.0

# With SHLVL=2, bash takes itself for no login and leaves the account's own .bashrc alone.
CONFIGURATION = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {place}/host_key
AuthorizedKeysFile {place}/authorized_keys
PidFile {place}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
AcceptEnv *
AllowTcpForwarding yes
MaxStartups 200
MaxSessions {sessions_max}
SetEnv SHLVL=2
Subsystem sftp internal-sftp
"""


@dataclass
class Sshd:
    """A running server."""

    port: int
    login: str
    host_key: str
    """Its public key."""
    private_key: Path
    """What its account lets in."""
    process: subprocess.Popen[bytes]

    def direct(self, *command: str) -> list[str]:
        """The arguments of an ssh that goes there without a gateway in between."""
        options = ["-i", str(self.private_key), "-p", str(self.port), *PLAIN]
        return ["ssh", *options, f"{self.login}@127.0.0.1", *command]


PLAIN = [
    *("-F", "none"),
    *("-o", "BatchMode=no"),
    *("-o", "StrictHostKeyChecking=no"),
    *("-o", "UserKnownHostsFile=/dev/null"),
    *("-o", "LogLevel=ERROR"),
    *("-o", "IdentitiesOnly=yes"),
]
"""Options of a client that knows nothing of this machine's own configuration."""


def is_installed() -> bool:
    """Whether OpenSSH's server and client are here."""
    return Path(SSHD).exists() and shutil.which("ssh") is not None


@contextlib.contextmanager
def running(place: Path, *, sessions_max: int = 10) -> Iterator[Sshd]:
    """Starts a server in a folder that its account can enter, and ends it."""
    host, agent = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    for name, key in (("host_key", host), ("agent_key", agent)):
        path = place / name
        path.write_bytes(key.export_private_key())
        path.chmod(0o600)
    (place / "authorized_keys").write_bytes(agent.export_public_key())
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    configuration = CONFIGURATION.format(port=port, place=place, sessions_max=sessions_max)
    (place / "sshd_config").write_text(configuration)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with (place / "sshd.log").open("wb") as log:
        process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(place / "sshd_config")], stderr=log)
    try:
        _wait_until_it_answers(port, process)
        public = host.export_public_key().decode().strip()
        yield Sshd(port, getpass.getuser(), public, place / "agent_key", process)
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_DEADLINE_S
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.recv(4)
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
