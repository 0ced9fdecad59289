"""The running stacks that end-to-end tests share, one per policy."""

from __future__ import annotations

import os
import ssl
import time
from typing import TYPE_CHECKING, Any

import httpx

from narrows.demo.postgres import POSTGRES_17_TLS
from narrows.demo.stack import DATABASE_USER, Stack, libpq_environment
from tests.raw_client import RawClient

if TYPE_CHECKING:
    from pathlib import Path

OPEN_POLICY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "everything"
principals = ["agents"]
targets = ["*"]
effect = "allow"
postgres = { verbs = ["*"], functions = ["*.*", "pg_catalog.*"], settings = ["*"] }
"""

CORNER_POLICY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }, { groups = "sg-unmasked" }]

[principals.unmasked]
issuer = "entra"
any = [{ groups = "sg-unmasked" }]

[[rule]]
id = "work"
principals = ["agents"]
targets = ["orders-db"]
effect = "allow"
[rule.postgres]
verbs = ["select", "insert", "copy-from"]
tables = ["public.emp", "public.sink", "s9.emp"]
functions = ["public.overloaded", "public.noisy"]

[[rule]]
id = "held-needs-a-person"
principals = ["agents"]
targets = ["orders-db"]
effect = "require-approval"
postgres = { verbs = ["update"], tables = ["public.held"], functions = ["public.noisy"] }
approval = { approvers = { groups = "sg-dba" }, expires = "1m" }

[[rule]]
id = "never-destroy"
targets = ["*"]
effect = "deny"
reason = "destructive statements go through a migration"
postgres = { verbs = ["drop", "truncate"], unbounded = ["update", "delete"] }

[[mask]]
id = "ssn"
targets = ["orders-db"]
columns = ["public.emp.ssn"]
transform = "redact"
except = ["unmasked"]
"""

CORNER_SCHEMA = """
CREATE SCHEMA s9;
CREATE TABLE emp (id int, name text, ssn text, CONSTRAINT one_ssn UNIQUE (ssn) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO emp VALUES (1, 'Ada', '219-09-9999'), (2, 'Bo', '457-55-5462');
CREATE TABLE s9.emp (id int, name text, ssn text);
INSERT INTO s9.emp VALUES (9, 'Nine', '219-09-9999');
CREATE TABLE held (id int PRIMARY KEY, note text);
INSERT INTO held VALUES (1, 'first'), (2, 'first'), (3, 'first');
CREATE TABLE sink (i int);
CREATE TABLE forbidden (i int);
CREATE TABLE ran (at timestamptz);
CREATE FUNCTION noisy(int) RETURNS boolean IMMUTABLE LANGUAGE plpgsql
    AS $$ BEGIN INSERT INTO ran VALUES (clock_timestamp()); RETURN true; END $$;
CREATE FUNCTION overloaded(text) RETURNS text LANGUAGE sql AS $$ SELECT 'text' $$;
CREATE FUNCTION overloaded(int) RETURNS text LANGUAGE sql AS $$ SELECT 'int' $$;
"""


class SharedStack:
    """One running stack with what tests ask of it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._token = stack.agent_token()

    @property
    def gateway(self) -> str:
        """The Postgres listener's address."""
        return self.stack.addresses["postgres"]

    @property
    def psql(self) -> Path:
        return POSTGRES_17_TLS.bin / "psql"

    def token(self) -> str:
        return self._token

    def run(self, sql: str) -> str:
        """Runs SQL on the database itself, past the gateway."""
        return self.stack.database(sql)

    def tls_context(self) -> ssl.SSLContext:
        return self.stack.tls_context()

    def raw(self, token: str | None = None) -> RawClient:
        """A raw client that is logged in."""
        client = RawClient(self.gateway)
        seen = client.log_in(
            self.tls_context(), user="agent", database="orders-db", password=token or self._token
        )
        assert seen[-1].type == "Z" or client.until("Z")[-1].type == "Z", seen[-1].fields
        return client

    def proxied(self) -> dict[str, str]:
        return self.stack.connection(self._token)


class OpenStack(SharedStack):
    """Everything is allowed and nothing masked: what passes must pass unchanged."""

    def direct(self) -> dict[str, str]:
        """How the gateway itself reaches the database."""
        return {
            "host": "127.0.0.1",
            "port": str(self.stack.postgres.port),
            "user": DATABASE_USER,
            "dbname": "orders",
            "password": self.stack.database_password,
            "sslmode": "verify-full",
            "sslrootcert": str(self.stack.directory / "database-ca" / "ca.pem"),
        }

    def environment(self, told: dict[str, str]) -> dict[str, str]:
        return dict(os.environ) | libpq_environment(told)

    def asyncpg(self, told: dict[str, str]) -> dict[str, Any]:
        arguments = {"host": told["host"], "port": int(told["port"]), "user": told["user"]}
        return arguments | {
            "database": told["dbname"],
            "password": told["password"],
            "ssl": self._context(told),
        }

    def pg8000(self, told: dict[str, str]) -> dict[str, Any]:
        arguments: dict[str, Any] = {"host": told["host"], "port": int(told["port"]), "user": told["user"]}
        return arguments | {
            "database": told["dbname"], "password": told["password"], "ssl_context": self._context(told),
        }  # fmt: skip

    def _context(self, told: dict[str, str]) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=told["sslrootcert"])


class CornerStack(SharedStack):
    """Masks for most, approvals for some, a mask-free agent beside them."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack)
        self.unmasked = stack.tenant.token_of(stack.tenant.unmasked)
        self._dba = stack.person_token()

    def pending_approval(self) -> str:
        """The one pending request, waited for."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            pending = self._console("GET", "approvals?state=requested")["approvals"]
            if pending:
                assert len(pending) == 1
                return str(pending[0]["id"])
            time.sleep(0.02)
        raise AssertionError("no approval request came")

    def approve(self, request: str) -> None:
        self._console("POST", f"approvals/{request}/approve", {})

    def deny(self, request: str) -> None:
        self._console("POST", f"approvals/{request}/deny", {"reason": "no"})

    def state_of(self, request: str) -> str:
        """The state once it is closed, or `requested` after a while."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            state = str(self._console("GET", f"approvals/{request}")["state"])
            if state != "requested":
                return state
            time.sleep(0.05)
        return "requested"

    def _console(self, method: str, path: str, body: Any = None) -> Any:
        """The HTTP API as the person who approves: quicker than the command, which has tests of its own."""
        url = f"https://{self.stack.addresses['console']}/v1/{path}"
        headers = {"Authorization": f"Bearer {self._dba}"}
        with httpx.Client(verify=self.tls_context()) as client:
            answer = client.request(method, url, headers=headers, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()
