"""COPY TO STDOUT out of masked columns: what an agent gets is what the server writes of the masked values."""

from __future__ import annotations

import asyncio
import io
import ssl
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import asyncpg
import psycopg
import pytest

from narrows import _core
from narrows.model import OutputColumn
from narrows.policy.postgres.sql import statement_facts
from tests.plane.conftest import Gateway, in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.plane.servers import Server

CANARY = "219-09-9999"
SCHEMA = rf"""
CREATE TABLE people (id int, name text, ssn text, born date, note text);
INSERT INTO people VALUES
    (1, 'Ada', '{CANARY}', '1815-12-10', 'a'),
    (2, E'tab\t, "quoted" \\ and\nnew line', '{CANARY}', NULL, ''),
    (3, NULL, NULL, '1912-06-23', NULL),
    (4, '', E'x\t"\\\n{CANARY}\n\\t"', '2001-02-03', '\.'),
    (5, '\N', E'{CANARY}|,;\t', '2001-02-03', 'é');
GRANT ALL ON people TO gateway;
"""
PSEUDONYM_KEY = bytes(32)
TEXT, DATE = 25, 1082
COLUMNS = [
    astuple(OutputColumn("clear")),
    astuple(OutputColumn("clear")),
    astuple(OutputColumn("masked", "last4", TEXT)),
    astuple(OutputColumn("masked", "redact", DATE)),
    astuple(OutputColumn("whole")),
]
MASKED = """SELECT id, name, repeat('*', greatest(length(ssn) - 4, 0)) || right(ssn, 4) AS ssn,
    CASE WHEN born IS NOT NULL THEN date '2000-01-01' END AS born, NULL::text AS note FROM people"""

OPTIONS = [
    "",
    "(DELIMITER '|')",
    "(HEADER, NULL '')",
    "(FORMAT csv)",
    "(FORMAT csv, HEADER)",
    "(FORMAT csv, FORCE_QUOTE *, NULL '-')",
    "(FORMAT csv, DELIMITER ';', QUOTE '''', ESCAPE E'\\\\')",
    "(FORMAT binary)",
]


@pytest.fixture(scope="module", autouse=True)
def people(plain_server: Server) -> Iterator[None]:
    plain_server.run(SCHEMA)
    yield
    plain_server.run("DROP TABLE people")


def describe(text: str) -> dict[str, Any]:
    """What lineage and policy say of a copy of the table's columns."""
    if not text.startswith("COPY"):
        return {}
    (facts,) = statement_facts(text)
    return {"exposure": "tainted", "columns": COLUMNS, "copy": facts.copy and astuple(facts.copy)}


@pytest.fixture
async def masked(gateway: Gateway) -> AsyncIterator[Gateway]:
    """A gateway in whose sessions something is masked, and nothing of it reaches journal or agent."""
    gateway.plane.publish_masks(1, {}, pseudonym_key=PSEUDONYM_KEY)
    gateway.control.mask_set = 1
    gateway.control.describe = describe
    yield gateway
    journal = b"".join(frame.payload for frame in _core.read_journal(gateway.journal))
    assert CANARY.encode() not in journal


@pytest.fixture
async def connection(masked: Gateway) -> AsyncIterator[psycopg.Connection[Any]]:
    opened = await masked.connect()
    yield opened
    await in_thread(opened.close)


def copy_blocks(connection: psycopg.Connection[Any], sql: str) -> list[bytes]:
    with connection.cursor().copy(sql) as copy:
        return [bytes(block) for block in copy]


@pytest.mark.parametrize("options", OPTIONS)
async def test_every_format_is_what_the_server_would_write(
    connection: psycopg.Connection[Any], plain_server: Server, options: str
) -> None:
    def through() -> list[bytes]:
        return copy_blocks(connection, f"COPY people TO STDOUT {options}")

    def direct() -> list[bytes]:
        told = {"host": str(plain_server.directory), "port": plain_server.port, "user": "postgres"}
        with psycopg.connect(**told, dbname="postgres") as server:
            return copy_blocks(server, f"COPY ({MASKED}) TO STDOUT {options}")

    assert await in_thread(through) == await in_thread(direct)


async def test_rows_are_decoded_by_psycopg(connection: psycopg.Connection[Any]) -> None:
    def rows() -> list[tuple[Any, ...]]:
        with connection.cursor().copy("COPY people TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["int4", "text", "text", "date", "text"])
            return list(copy.rows())

    found = await in_thread(rows)
    assert [row[0] for row in found] == [1, 2, 3, 4, 5]
    assert found[0][2:] == ("*******9999", found[3][3], None)


async def test_psql_copies_to_its_own_output(masked: Gateway) -> None:
    status, output, errors = await masked.psql("-c", r"\copy people to stdout csv header")
    # psql writes the statement anew, with two blanks, in capitals of its own.
    assert (status, errors) == (0, "")
    assert output.startswith("id,name,ssn,born,note\n1,Ada,*******9999,2000-01-01,\n")
    assert CANARY not in output


async def test_asyncpg_copies_the_result_of_a_query(masked: Gateway) -> None:
    context = ssl.create_default_context(cafile=str(masked.ca))

    async def copy() -> bytes:
        connection = await asyncpg.connect(
            host="localhost",
            port=masked.port,
            user="agent",
            password="token",
            database="orders-db",
            ssl=context,
        )
        written = io.BytesIO()
        await connection.copy_from_query("SELECT * FROM people", output=written, format="binary")
        await connection.close()
        return written.getvalue()

    written = await in_thread(lambda: asyncio.run(copy()))
    assert written.startswith(b"PGCOPY\n")
    assert written.endswith(b"\xff\xff")
    assert b"*******9999" in written
    assert CANARY.encode() not in written


@pytest.mark.parametrize("extended", [False, True])
async def test_other_columns_than_were_judged_are_an_error_and_the_session_lives_on(
    masked: Gateway, connection: psycopg.Connection[Any], plain_server: Server, extended: bool
) -> None:
    def use() -> tuple[str, Any]:
        plain_server.run(f"ALTER TABLE people ADD more text DEFAULT '{CANARY}'")
        try:
            pgconn = connection.pgconn
            copy = b"COPY people TO STDOUT"
            result = pgconn.exec_params(copy, []) if extended else pgconn.exec_(copy)
        finally:
            plain_server.run("ALTER TABLE people DROP more")
        return result.error_message.decode(), connection.execute("SELECT 1").fetchone()

    told, row = await in_thread(use)
    assert "Narrows: the copy has other columns" in told
    assert CANARY not in told
    assert row is not None
    assert (await masked.control.until(_core.CatalogueMoved)).target == "orders-db"
