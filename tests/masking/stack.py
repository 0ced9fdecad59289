"""The stack of the masking proof: one gateway, and behind it the two worlds and a database with operators."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from narrows.demo.stack import DATABASE_USER, Stack
from tests.masking.world import ELSEWHERE, HERE, World, rows
from tests.raw_client import RawClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.demo.postgres import Distribution

HERE_TARGET = "orders-db"
ELSEWHERE_TARGET = "elsewhere-db"
OPERATORS_TARGET = "operators-db"

OPERATORS = """
CREATE FUNCTION ssn_plus(int, int) RETURNS text LANGUAGE sql STABLE
    AS 'SELECT ssn FROM public.customers WHERE id = $1 LIMIT 1';
CREATE OPERATOR <~> (FUNCTION = ssn_plus, LEFTARG = int, RIGHTARG = int);
CREATE TYPE wrapped AS (id int);
CREATE FUNCTION unwrap(wrapped) RETURNS text LANGUAGE sql STABLE
    AS 'SELECT ssn FROM public.customers WHERE id = $1.id LIMIT 1';
CREATE CAST (wrapped AS text) WITH FUNCTION unwrap(wrapped);
"""


class MaskingStack(Stack):
    """A stack with three databases of one schema, made from one template so that every OID is the same."""

    def __init__(self, directory: Path, *, distribution: Distribution) -> None:
        here = Path(__file__).parent
        super().__init__(
            directory,
            distribution=distribution,
            policies=(here / "policy.toml").read_text(),
            schema=(here / "schema.sql").read_text(),
        )

    def agent(self, target: str, *, trusted: bool = False) -> RawClient:
        """A raw client that is logged in to a target."""
        client = RawClient(self.addresses["postgres"])
        token = self._token(trusted=trusted)
        seen = client.log_in(self.tls_context(), user="agent", database=target, password=token)
        assert seen[-1].type == "Z" or client.until("Z")[-1].type == "Z", seen[-1].fields
        return client

    def driver(self, target: str, *, trusted: bool = False) -> psycopg.Connection[tuple[object, ...]]:
        """A psycopg connection to a target, through the gateway."""
        told = self.connection(self._token(trusted=trusted), database=target)
        return psycopg.connect(**told, autocommit=True, prepare_threshold=None)  # type: ignore[arg-type]

    def direct(self) -> psycopg.Connection[tuple[object, ...]]:
        """A psycopg connection to the first world's database itself."""
        told = {
            "host": "127.0.0.1",
            "port": str(self.postgres.port),
            "user": DATABASE_USER,
            "dbname": "orders",
            "password": self.database_password,
        }
        return psycopg.connect(**told, autocommit=True, prepare_threshold=None)  # type: ignore[arg-type]

    def _token(self, *, trusted: bool) -> str:
        return self.tenant.token_of(self.tenant.unmasked) if trusted else self.agent_token()

    def _fill_database(self) -> None:
        super()._fill_database()
        for name in ("elsewhere", "operators"):
            self.postgres.run(f"CREATE DATABASE {name} TEMPLATE orders OWNER {DATABASE_USER}")
        self.postgres.run(f"SET ROLE {DATABASE_USER};\n{OPERATORS}", database="operators")
        for database, world in _worlds():
            self.postgres.run(f"SET ROLE {DATABASE_USER};\n{rows(world)}", database=database)

    def _write_configuration(self) -> None:
        super()._write_configuration()
        written = self.config.read_text()
        target = written[written.index("[[target]]") : written.index("[console]")]
        for name, database in ((ELSEWHERE_TARGET, "elsewhere"), (OPERATORS_TARGET, "operators")):
            written += target.replace('"orders-db"', f'"{name}"').replace('"orders"', f'"{database}"')
        self.config.write_text(written)


def _worlds() -> Iterator[tuple[str, World]]:
    yield "orders", HERE
    yield "elsewhere", ELSEWHERE
    yield "operators", HERE
