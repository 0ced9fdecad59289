"""Everything that the main job needs, running on loopback: an issuer, a database, and `narrows serve` itself.

The demo, the end-to-end tests and the benchmarks all start this same stack, so what they show is one thing.
"""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import signal
import ssl
import subprocess
import sys
import threading
import time
from importlib.resources import files
from typing import TYPE_CHECKING

from narrows.demo.postgres import POSTGRES_17_TLS, POSTGRES_18, Distribution, EmbeddedPostgres, ServerTls
from narrows.demo.sshd import PLAIN
from narrows.demo.tenant import Tenant
from narrows.pki import LocalCa

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from narrows.demo.host import Host

DATABASE_USER = "narrows_gateway"
READY_DEADLINE_S = 20.0


class StackFailed(RuntimeError):
    """A part of the stack did not start; the message holds what it said."""


class Stack:
    """Starts and stops the parts; use as a context manager.

    Args:
        directory: An empty folder for all state.
        distribution: The database's build. Where it speaks TLS, the gateway's own leg is verify-full.
        policies: TOML text of the policy; None for the demo's.
        schema: SQL that fills the database; None for the demo's.
        host: A host that agents reach as target `web`, if any.
        extra_config: TOML appended to the configuration.
    """

    def __init__(
        self,
        directory: Path,
        *,
        distribution: Distribution = POSTGRES_18,
        policies: str | None = None,
        schema: str | None = None,
        host: Host | None = None,
        extra_config: str = "",
    ) -> None:
        self.directory = directory
        self.config = directory / "narrows.toml"
        self.state = directory / "state"
        self.log = directory / "gateway.log"
        self.database_password = secrets.token_urlsafe(24)
        self.addresses: dict[str, str] = {}
        self.tenant = Tenant(directory / "entra")
        self.gateway: subprocess.Popen[str] | None = None
        self._policies = policies if policies is not None else data("policies/support.toml")
        self._schema = schema if schema is not None else data("orders.sql")
        self.host = host
        self._extra_config = extra_config
        self._parts = contextlib.ExitStack()
        self._database_ca: Path | None = None
        tls = self._database_tls() if distribution.tls else None
        self.postgres = EmbeddedPostgres(directory / "postgres", distribution=distribution, tls=tls)

    def __enter__(self) -> Stack:
        try:
            self._parts.enter_context(self.tenant)
            self._parts.enter_context(self.postgres)
            self._fill_database()
            self._write_configuration()
            self.start_gateway()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stops every part, the gateway first."""
        self.stop_gateway()
        self._parts.close()

    @property
    def ca(self) -> Path:
        """The CA that the gateway's own certificate chains to."""
        return self.state / "ca.pem"

    def start_gateway(self) -> None:
        """Runs `narrows serve` until it says that it listens.

        Raises:
            StackFailed: It ended instead, or said nothing in time; holds the end of its log.
        """
        environment = os.environ | {"ORDERS_DB_PASSWORD": self.database_password, "NO_COLOR": "1"}
        command = [sys.executable, "-m", "narrows", "serve", "--config", str(self.config)]
        with self.log.open("ab") as log:
            self.gateway = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, env=environment, text=True
            )
        expected = {"postgres", "console"} | ({"ssh"} if self.host else set())
        for line in _lines(self.gateway, READY_DEADLINE_S):
            protocol, _, address = line.removeprefix("listening ").partition(" ")
            self.addresses[protocol] = address
            if protocol == "console":
                self.tenant.console.redirect_uris[:] = [f"https://{address}/sign-in/callback"]
            if expected <= self.addresses.keys():
                return
        raise StackFailed(f"narrows serve is not ready:\n{self.log.read_text()[-3000:]}")

    def stop_gateway(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """Stops the gateway; returns its exit code, None if it did not run."""
        if self.gateway is None:
            return None
        self.gateway.send_signal(how)
        try:
            code = self.gateway.wait(15)
        except subprocess.TimeoutExpired:
            self.gateway.kill()
            code = self.gateway.wait()
        if self.gateway.stdout is not None:
            self.gateway.stdout.close()
        self.gateway = None
        self.addresses.clear()
        return code

    def narrows(self, *arguments: str, token: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs the `narrows` command against this stack's configuration."""
        environment = os.environ | {"NARROWS_CONFIG": str(self.config), "NO_COLOR": "1", "COLUMNS": "160"}
        if token is not None:
            environment["NARROWS_TOKEN"] = token
        command = [sys.executable, "-m", "narrows", *arguments]
        return subprocess.run(
            command, env=environment, text=True, capture_output=True, timeout=60, check=False
        )

    def start_narrows(self, *arguments: str, token: str) -> subprocess.Popen[str]:
        """As `narrows`, for a command that goes on until it is ended; its output is read as it comes."""
        environment = os.environ | {"NARROWS_CONFIG": str(self.config), "NARROWS_TOKEN": token}
        command = [sys.executable, "-m", "narrows", *arguments]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    def connection(
        self, password: str, *, user: str = "agent", database: str = "orders-db"
    ) -> dict[str, str]:
        """libpq parameters with which an agent reaches the gateway, its certificate verified."""
        host, _, port = self.addresses["postgres"].rpartition(":")
        return {
            "host": host,
            "port": port,
            "user": user,
            "dbname": database,
            "password": password,
            "sslmode": "verify-full",
            "sslrootcert": str(self.ca),
        }

    def agent_token(self) -> str:
        """The support agent's token."""
        return self.tenant.token_of(self.tenant.support)

    def person_token(self) -> str:
        """The token of a person who may approve."""
        return self.tenant.token_of_person(self.tenant.dba)

    def tls_context(self) -> ssl.SSLContext:
        """For clients that bring their own TLS: trusts the gateway's CA and nothing else."""
        return ssl.create_default_context(cafile=self.ca)

    def database(self, sql: str) -> str:
        """Runs SQL on the database itself, past the gateway."""
        return self.postgres.run(sql, database="orders")

    @property
    def psql_program(self) -> Path:
        """The agent's psql."""
        return POSTGRES_17_TLS.bin / "psql"

    def psql(self, *arguments: str, password: str, stdin: str | None = None) -> subprocess.Popen[str]:
        """Starts the agent's own psql through the gateway, its token in PGPASSWORD."""
        environment = os.environ | libpq_environment(self.connection(password))
        command = [str(self.psql_program), "-X", *arguments]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        if stdin is not None and process.stdin is not None:
            process.stdin.write(stdin)
            process.stdin.close()
            process.stdin = None
        return process

    def ssh(self, *command: str, ticket: str) -> subprocess.Popen[str]:
        """Starts the agent's own ssh through the gateway; a helper gives it the ticket."""
        if self.host is None:
            raise StackFailed("there is no host")
        helper = self.directory / "askpass"
        helper.write_text('#!/bin/sh\nprintf "%s\\n" "$NARROWS_TICKET"\n')
        helper.chmod(0o700)
        environment = os.environ | {
            "NARROWS_TICKET": ticket,
            "SSH_ASKPASS": str(helper),
            "SSH_ASKPASS_REQUIRE": "force",
            "DISPLAY": "none",
        }
        name, _, port = self.addresses["ssh"].rpartition(":")
        ssh = ["ssh", "-p", port, *PLAIN, f"{self.host.login}+web@{name}", *command]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            ssh, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        )

    def _database_tls(self) -> ServerTls:
        ca = LocalCa(self.directory / "database-ca")
        self._database_ca = ca.ca_file
        certificate = ca.server_certificate(["localhost", "127.0.0.1"])
        return ServerTls(certificate.certificate_pem, certificate.key_pem)

    def _fill_database(self) -> None:
        self.postgres.run(f"CREATE ROLE {DATABASE_USER} LOGIN PASSWORD '{self.database_password}'")
        self.postgres.run(f"CREATE DATABASE orders OWNER {DATABASE_USER}")
        self.postgres.run(f"SET ROLE {DATABASE_USER};\n{self._schema}", database="orders")

    def _write_configuration(self) -> None:
        policies = self.directory / "policies"
        policies.mkdir()
        (policies / "support.toml").write_text(self._policies)
        upstream_tls = f'ca = "{self._database_ca}"' if self._database_ca else 'tls = "off"'
        self.config.write_text(
            CONFIGURATION.format(
                issuer=self.tenant.configuration(),
                address=self.postgres.address,
                user=DATABASE_USER,
                upstream_tls=upstream_tls,
                client_id=self.tenant.console.client_id,
                listen_ssh='ssh = "127.0.0.1:0"' if self.host else "",
                extra=self._extra_config + (_target(self.host) if self.host else ""),
            )
        )


CONFIGURATION = """\
[gateway]
state = "state"
policies = "policies"

[listen]
postgres = "127.0.0.1:0"
console = "127.0.0.1:0"
{listen_ssh}

{issuer}
[[target]]
name = "orders-db"
kind = "postgres"
address = "{address}"
database = "orders"
{upstream_tls}
labels = {{ env = "demo" }}
credential = {{ kind = "password", user = "{user}", secret = "env:ORDERS_DB_PASSWORD" }}

[console]
client-id = "{client_id}"
operator-groups = ["sg-ops"]

{extra}
"""


HOST = """\
[[target]]
name = "web"
kind = "ssh"
address = "127.0.0.1:{port}"
logins = ["{login}"]
host-keys = ["{host_key}"]
credential = {{ kind = "key", secret = "file:{private_key}" }}
"""


def _target(host: Host) -> str:
    return HOST.format(port=host.port, login=host.login, host_key=host.host_key, private_key=host.private_key)


def libpq_environment(connection: dict[str, str]) -> dict[str, str]:
    """The same parameters as libpq's environment variables."""
    names = {"dbname": "PGDATABASE", "sslrootcert": "PGSSLROOTCERT", "sslmode": "PGSSLMODE"}
    return {names.get(key, f"PG{key.upper()}"): value for key, value in connection.items()}


def data(name: str) -> str:
    """The text of a file that ships with the demo."""
    return files("narrows.demo").joinpath(name).read_text(encoding="utf-8")


def _lines(process: subprocess.Popen[str], deadline_s: float) -> Iterator[str]:
    """The process's lines as they come, until it ends or the deadline has passed."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line.strip())
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    deadline = time.monotonic() + deadline_s
    while True:
        try:
            line = lines.get(timeout=max(deadline - time.monotonic(), 0))
        except queue.Empty:
            return
        if line is None:
            return
        yield line
