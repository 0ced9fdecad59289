"""The ways to the same database that are compared: direct, Narrows and pgbouncer, TLS on every leg."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from bench import processes
from narrows.demo.postgres import POSTGRES_17_TLS
from narrows.demo.stack import DATABASE_USER, libpq_environment
from narrows.pki import LocalCa

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.demo.stack import Stack


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the database, and the process whose cost is counted for it."""

    name: str
    connection: dict[str, str]
    process: int | None

    @property
    def environment(self) -> dict[str, str]:
        return dict(os.environ) | libpq_environment(self.connection)

    def cpu_s(self) -> float:
        """Processor time that the process in between has used so far; 0 for direct."""
        return 0.0 if self.process is None else processes.cpu_s(self.process)

    def memory_kib(self) -> int:
        """Resident memory of the process in between."""
        assert self.process is not None
        return processes.memory_kib(self.process)


def direct(stack: Stack) -> Way:
    """Straight to the database, as the gateway itself logs in, certificate verified."""
    return Way("direct", _upstream(stack, stack.postgres.port), None)


def narrows(stack: Stack, token: str) -> Way:
    """Through the gateway, the agent's token as the password."""
    assert stack.gateway is not None
    return Way("narrows", stack.connection(token), stack.gateway.pid)


class TrioRelay:
    """The plain relay of `bench.relay` in front of the database; a context manager."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def __enter__(self) -> Way:
        command = [sys.executable, "-m", "bench.relay", str(self._stack.postgres.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        port = int(self._process.stdout.readline())
        return Way("trio relay", _upstream(self._stack, port), self._process.pid)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


class PgBouncer:
    """pgbouncer in session mode, TLS on both legs; a context manager. `way` is None where it is missing."""

    def __init__(self, stack: Stack, directory: Path) -> None:
        self.way: Way | None = None
        self.missing = ""
        self._stack = stack
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PgBouncer:
        program = _installed_pgbouncer()
        if program is None:
            self.missing = "pgbouncer is not installed and could not be (apt-get install pgbouncer)"
            return self
        port = 16432 + os.getpid() % 1000
        configuration = self._configure(port)
        command = [program, *(["-u", "nobody"] if os.geteuid() == 0 else []), str(configuration)]
        log = (self._directory / "pgbouncer.log").open("wb")
        self._process = subprocess.Popen(command, stdout=log, stderr=log)
        log.close()
        connection = _upstream(self._stack, port) | {"sslrootcert": str(self._directory / "ca" / "ca.pem")}
        self.way = Way("pgbouncer", connection, self._process.pid)
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def _configure(self, port: int) -> Path:
        self._directory.mkdir(mode=0o755)
        certificate = LocalCa(self._directory / "ca").server_certificate(["localhost", "127.0.0.1"])
        files = {
            "server.crt": certificate.certificate_pem.decode(),
            "server.key": certificate.key_pem.decode(),
            "users.txt": f'"{DATABASE_USER}" "{self._stack.database_password}"\n',
            "pgbouncer.ini": f"""[databases]
orders = host=127.0.0.1 port={self._stack.postgres.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {self._directory}/users.txt
pool_mode = session
default_pool_size = 400
max_client_conn = 2000
ignore_startup_parameters = extra_float_digits
client_tls_sslmode = require
client_tls_cert_file = {self._directory}/server.crt
client_tls_key_file = {self._directory}/server.key
server_tls_sslmode = verify-full
server_tls_ca_file = {self._stack.directory}/database-ca/ca.pem
server_login_retry = 1
log_connections = 0
log_disconnections = 0
""",
        }
        for name, text in files.items():
            path = self._directory / name
            path.write_text(text)
            path.chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(path, "nobody")
        for readable in (self._stack.directory, self._stack.directory / "database-ca"):
            readable.chmod(0o755)
        (self._stack.directory / "database-ca" / "ca.pem").chmod(0o644)
        return self._directory / "pgbouncer.ini"

    def _wait(self) -> None:
        assert self.way is not None
        for _ in range(100):
            try:
                psycopg.connect(**self.way.connection).close()
            except psycopg.OperationalError as error:
                last = error
                time.sleep(0.05)
            else:
                return
        log = (self._directory / "pgbouncer.log").read_text()
        self.missing = f"pgbouncer did not start: {last} {log[-500:]}"
        self.way = None


def _upstream(stack: Stack, port: int) -> dict[str, str]:
    return {
        "host": "127.0.0.1",
        "port": str(port),
        "user": DATABASE_USER,
        "dbname": "orders",
        "password": stack.database_password,
        "sslmode": "verify-full",
        "sslrootcert": str(stack.directory / "database-ca" / "ca.pem"),
    }


def _installed_pgbouncer() -> str | None:
    if program := shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin"):
        return program
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
        subprocess.run(["apt-get", "update"], **quiet)  # type: ignore[call-overload]
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "pgbouncer"], **quiet)  # type: ignore[call-overload]
    return shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")


def program(name: str) -> str:
    """A client program that speaks TLS, the same for every way."""
    return str(POSTGRES_17_TLS.bin / name)
