"""COPY TO STDOUT where detectors are on: every field that no mask covers is looked into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.stacks import OpenStack

MAIL = "ada@canary.example"
CARD = "4111111111111111"
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

[[rule]]
id = "files"
principals = ["agents"]
targets = ["orders-db"]
effect = "allow"
postgres = { verbs = ["copy-file"] }

[[mask]]
id = "ssn"
targets = ["orders-db"]
columns = ["public.notes.ssn"]
transform = "last4"

[[mask]]
id = "anywhere"
targets = ["*"]
detectors = ["email", "pan", "us-ssn"]
"""
SCHEMA = f"""
CREATE TYPE place AS (street text, mail text);
CREATE TABLE notes (id int, ssn text, note text, data jsonb, tags text[], card bigint, ssn_number int,
    raw bytea, home place);
INSERT INTO notes VALUES
    (1, '219-09-9999', E'to\t{MAIL},\n"thanks"', '{{"to": "{MAIL}"}}', '{{a,{MAIL}}}', {CARD}, 219099999,
        '{MAIL}', ('x', '{MAIL}')),
    (2, NULL, 'nothing', '{{"n": 1}}', '{{}}', 5, 12, NULL, NULL);
CREATE TABLE plain (id int, note text);
INSERT INTO plain VALUES (1, '{MAIL}'), (2, 'nothing');
"""
FOUND = "[redacted:email]"
WHAT_THE_SERVER_WOULD_WRITE = {
    "notes (id, ssn, note)": f"SELECT id, repeat('*', 7) || right(ssn, 4) AS ssn,"
    f" replace(note, '{MAIL}', '{FOUND}') AS note FROM notes",
    "notes (data, tags)": f"SELECT replace(data::text, '{MAIL}', '{FOUND}')::jsonb AS data,"
    f" array_replace(tags, '{MAIL}', '{FOUND}') AS tags FROM notes",
    "(SELECT card, ssn_number FROM notes)": "SELECT CASE id WHEN 1 THEN 0 ELSE card END AS card,"
    " CASE id WHEN 1 THEN 0 ELSE ssn_number END AS ssn_number FROM notes",
    "(SELECT raw, id AS n FROM notes)": f"SELECT CASE id WHEN 1 THEN '{FOUND}'::bytea END AS raw,"
    " id AS n FROM notes",
    "plain": f"SELECT id, replace(note, '{MAIL}', '{FOUND}') AS note FROM plain",
}
OPTIONS = ["", "(FORMAT csv, HEADER)", "(FORMAT csv, FORCE_QUOTE *)", "(FORMAT binary)"]


def copied(told: dict[str, str], sql: str) -> bytes:
    with (
        psycopg.connect(**told, autocommit=True) as connection,
        connection.cursor() as cursor,
        cursor.copy(sql) as copy,
    ):
        return b"".join(bytes(block) for block in copy)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("source", WHAT_THE_SERVER_WOULD_WRITE)
def test_the_agent_gets_what_the_server_would_write(gateway: OpenStack, source: str, options: str) -> None:
    through = copied(gateway.proxied(), f"COPY {source} TO STDOUT {options}")
    masked = WHAT_THE_SERVER_WOULD_WRITE[source]
    expected = copied(gateway.direct(), f"COPY ({masked}) TO STDOUT {options}")
    assert readable(through) == readable(expected)


def readable(copy: bytes) -> bytes:
    """The same, with arrays' elements unquoted: either way of writing them is read as the same."""
    return copy.replace(b'"', b"")


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(
    "source",
    [
        "notes",
        "(SELECT home FROM notes)",
        "(SELECT n FROM notes n)",
        "(SELECT to_jsonb(n) FROM notes n)",
        "(SELECT string_agg(note, ', ') FROM plain)",
        "(SELECT note FROM plain UNION ALL SELECT note FROM notes)",
    ],
)
def test_nothing_that_is_found_comes_out(gateway: OpenStack, source: str, options: str) -> None:
    through = copied(gateway.proxied(), f"COPY {source} TO STDOUT {options}")
    assert through
    assert b"canary" not in through
    assert MAIL.encode().hex().encode() not in through
    assert CARD.encode() not in through


@pytest.mark.parametrize(
    "sql",
    [
        "COPY plain TO STDOUT (ENCODING 'LATIN1')",
        "COPY plain TO '/tmp/plain'",
        "SELECT 1; COPY plain TO STDOUT",
    ],
)
def test_what_cannot_be_looked_into_is_denied(gateway: OpenStack, sql: str) -> None:
    with psycopg.connect(**gateway.proxied(), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="Narrows"):
            connection.execute(sql)
        assert connection.execute("SELECT 1").fetchone() == (1,)
