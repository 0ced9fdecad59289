"""COPY TO STDOUT through a whole gateway: policy traces columns, the data plane masks them."""

from __future__ import annotations

import asyncio
import io
import subprocess
from typing import TYPE_CHECKING, Any

import asyncpg
import psycopg
import pytest

from narrows._core import read_journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stacks import OpenStack

CANARY = "219-09-9999"
POLICY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "read"
principals = ["agents"]
targets = ["orders-db"]
effect = "allow"
postgres = { verbs = ["select", "copy-to"], tables = ["public.*"] }

[[mask]]
id = "ssn"
targets = ["orders-db"]
columns = ["public.people.ssn"]
transform = "last4"

[[mask]]
id = "born"
targets = ["orders-db"]
columns = ["public.people.born"]
transform = "redact"
"""
SCHEMA = rf"""
CREATE TABLE people (id int PRIMARY KEY, name text, ssn text, born date);
INSERT INTO people VALUES
    (1, 'Ada', '{CANARY}', '1815-12-10'),
    (2, E'tab\t, "quoted" \\ and\nnew line', '{CANARY}', NULL),
    (3, NULL, NULL, '1912-06-23'),
    (4, '', E'x\t"\\\n{CANARY}', '2001-02-03');
CREATE VIEW citizens AS SELECT id, ssn AS number, upper(ssn) AS loud FROM people;
CREATE TABLE orders (id int, person int, total numeric);
INSERT INTO orders VALUES (10, 1, 9.50), (11, 2, 12);
"""

STARS = "repeat('*', length(ssn) - 4) || right(ssn, 4)"
BORN = "CASE WHEN born IS NOT NULL THEN date '2000-01-01' END"
WHAT_THE_SERVER_WOULD_WRITE = {
    "people": f"SELECT id, name, {STARS} AS ssn, {BORN} AS born FROM people",
    "people (ssn, id)": f"SELECT {STARS} AS ssn, id FROM people",
    "(SELECT * FROM people ORDER BY id DESC)": (
        f"SELECT id, name, {STARS} AS ssn, {BORN} AS born FROM people ORDER BY id DESC"
    ),
    "(SELECT p.ssn AS alias, o.total * 2 AS double FROM people p JOIN orders o ON o.person = p.id)": (
        f"SELECT {STARS} AS alias, o.total * 2 AS double FROM people p JOIN orders o ON o.person = p.id"
    ),
    "(SELECT upper(name) AS name, lower(ssn) AS low FROM people)": (
        "SELECT upper(name) AS name, CASE WHEN ssn IS NOT NULL THEN '[redacted]' END AS low FROM people"
    ),
    "(SELECT count(*), min(id) AS first FROM people)": "SELECT count(*), min(id) AS first FROM people",
    "(WITH p AS (SELECT id AS a, ssn AS b FROM people) SELECT b, a FROM p)": (
        f"SELECT {STARS} AS b, id AS a FROM people"
    ),
    "(SELECT number, loud FROM citizens)": (
        f"SELECT {STARS} AS number, CASE WHEN ssn IS NOT NULL THEN '[redacted]' END AS loud FROM people"
    ),
    "(SELECT total FROM orders)": "SELECT total FROM orders",
}
OPTIONS = ["", "(FORMAT csv, HEADER)", "(FORMAT csv, FORCE_QUOTE *)", "(FORMAT binary)"]


@pytest.fixture(scope="module", autouse=True)
def _recorded(gateway: OpenStack) -> Iterator[None]:
    yield
    gateway.stack.stop_gateway()
    replies = [frame for frame in read_journal(str(gateway.stack.state / "journal")) if frame.kind == "reply"]
    assert replies
    assert not [frame for frame in replies if CANARY.encode() in frame.payload]


def copied(told: dict[str, str], sql: str) -> list[bytes]:
    with (
        psycopg.connect(**told, autocommit=True) as connection,
        connection.cursor() as cursor,
        cursor.copy(sql) as copy,
    ):
        return [bytes(block) for block in copy]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("source", WHAT_THE_SERVER_WOULD_WRITE)
def test_psycopg_gets_what_the_server_would_write_of_masked_values(
    gateway: OpenStack, source: str, options: str
) -> None:
    through = copied(gateway.proxied(), f"COPY {source} TO STDOUT {options}")
    masked = WHAT_THE_SERVER_WOULD_WRITE[source]
    assert through == copied(gateway.direct(), f"COPY ({masked}) TO STDOUT {options}")


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT p FROM people p) TO STDOUT",
        "COPY (SELECT row_to_json(p) FROM people p) TO STDOUT (FORMAT csv)",
        "COPY (SELECT string_agg(ssn, ',') FROM people) TO STDOUT",
        "COPY (SELECT ssn FROM people UNION ALL SELECT 'x') TO STDOUT (FORMAT binary)",
        "COPY (TABLE citizens) TO STDOUT",
        "COPY people TO STDOUT (DELIMITER '-')",
        "COPY people TO STDOUT (FORMAT csv, QUOTE '9', ESCAPE '-', FORCE_QUOTE (id))",
    ],
)
def test_no_way_of_writing_it_shows_a_masked_value(gateway: OpenStack, sql: str) -> None:
    assert b"219" not in b"".join(copied(gateway.proxied(), sql)).replace(b"\\", b"")


@pytest.mark.parametrize("options", ["", ", FORMAT csv"])
def test_what_stands_for_null_confirms_no_guess(gateway: OpenStack, options: str) -> None:
    def written(guess: str) -> list[bytes]:
        sql = f"COPY (SELECT born, id FROM people) TO STDOUT (NULL '{guess}'{options})"
        return [block.replace(guess.encode(), b"") for block in copied(gateway.proxied(), sql)]

    assert written("1815-12-10") == written("1815-12-11")


@pytest.mark.parametrize(
    "sql",
    [
        "COPY people TO STDOUT (ENCODING 'LATIN1')",
        "COPY people TO '/tmp/people'",
        "COPY (SELECT 1) TO STDOUT; COPY people TO STDOUT",
    ],
)
def test_what_cannot_be_masked_is_denied_and_the_session_lives_on(gateway: OpenStack, sql: str) -> None:
    with psycopg.connect(**gateway.proxied(), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="Narrows"):
            connection.execute(sql)
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("ending", ["", " csv header", " (format binary)"])
def test_psql_copies_to_its_own_output(gateway: OpenStack, ending: str) -> None:
    command = [gateway.psql, "-XAtq", "-c", rf"\copy people to stdout{ending}"]
    done = subprocess.run(
        command, env=gateway.environment(gateway.proxied()), capture_output=True, check=True
    )
    assert b"*******9999" in done.stdout
    assert CANARY.encode() not in done.stdout


def test_psycopg_decodes_binary_rows(gateway: OpenStack) -> None:
    with (
        psycopg.connect(**gateway.proxied()) as connection,
        connection.cursor().copy("COPY people TO STDOUT (FORMAT binary)") as copy,
    ):
        copy.set_types(["int4", "text", "text", "date"])
        rows = list(copy.rows())
    assert [row[0] for row in rows] == [1, 2, 3, 4]
    assert [row[2] and row[2][-4:] for row in rows] == ["9999", "9999", None, "9999"]


@pytest.mark.parametrize("form", ["text", "csv", "binary"])
def test_asyncpg_copies_a_query_and_a_table(gateway: OpenStack, form: str) -> None:
    async def copy() -> tuple[bytes, bytes]:
        connection: Any = await asyncpg.connect(**gateway.asyncpg(gateway.proxied()))
        query, table = io.BytesIO(), io.BytesIO()
        await connection.copy_from_query(
            "SELECT ssn, id FROM people WHERE id > $1", 0, output=query, format=form
        )
        await connection.copy_from_table("people", output=table, format=form)
        await connection.close()
        return query.getvalue(), table.getvalue()

    for written in asyncio.run(copy()):
        assert b"*******9999" in written
        assert CANARY.encode() not in written
