"""What an agent has read masked, it cannot write back: pseudonyms of a real gateway, in every form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from tests.stacks import OpenStack

POLICY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "write"
principals = ["agents"]
targets = ["orders-db"]
effect = "allow"
postgres = { verbs = ["select", "update", "insert", "copy-from", "copy-to"], tables = ["public.*"] }

[[mask]]
id = "ids"
targets = ["orders-db"]
columns = [
    "public.people.account", "public.people.token", "public.people.name", "public.people.data",
    "public.people.code",
]
transform = "pseudonym"

[[mask]]
id = "dates"
targets = ["orders-db"]
columns = ["public.people.born", "public.people.seen"]
transform = "date:month"

[[mask]]
id = "amounts"
targets = ["orders-db"]
columns = ["public.people.salary", "public.people.rate"]
transform = "redact"
"""
SCHEMA = """
CREATE TABLE people (id int, account bigint, token uuid, name text, data jsonb, note text, code int,
    born date, seen timestamptz, salary int, rate numeric(8,2));
INSERT INTO people VALUES (1, 42, '6f1c0c9e-1111-4222-8333-444444444444', 'Ada', '{"a": 1}', 'plain', 7,
    '1815-12-10', '1843-10-05 10:00:00+00', 5000, 12.5);
"""
COLUMNS = ["account", "token", "name", "data"]
BY_THEIR_COLUMN = ["code", "born", "seen", "salary", "rate"]
"""Recognised where they would be written over what they stand for."""


def masked(connection: psycopg.Connection[Any], column: str) -> Any:
    value = connection.execute(f"SELECT {column} FROM people").fetchone()
    assert value
    return value[0]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("binary", [False, True])
def test_a_pseudonym_does_not_come_back_as_a_parameter(
    gateway: OpenStack, column: str, *, binary: bool
) -> None:
    form = "%b" if binary else "%t"
    with psycopg.connect(**gateway.proxied(), autocommit=True) as connection:
        value = masked(connection, column)
        into = "note" if column == "data" else column
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="stands for a masked value"):
            connection.execute(f"UPDATE people SET {into} = {form} WHERE id = 1", (value,))


@pytest.mark.parametrize("column", COLUMNS)
def test_a_pseudonym_does_not_come_back_in_the_text(gateway: OpenStack, column: str) -> None:
    with psycopg.connect(**gateway.proxied(), autocommit=True) as connection:
        value = masked(connection, column)
        for sql in (f"UPDATE people SET note = '{value}'", f"INSERT INTO people (note) VALUES ('x {value}')"):
            if column in {"account", "token"} and "x " in sql:
                continue
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="stands for a masked value"):
                connection.execute(sql)


@pytest.mark.parametrize("column", BY_THEIR_COLUMN)
@pytest.mark.parametrize("binary", [False, True])
def test_what_a_column_shows_is_not_written_over_it(gateway: OpenStack, column: str, *, binary: bool) -> None:
    with psycopg.connect(**gateway.proxied(), autocommit=True) as connection:
        cursor = connection.cursor(binary=binary)
        (value,) = cursor.execute(f"SELECT {column} FROM people WHERE id = 1").fetchone() or (None,)
        form = "%b" if binary else "%t"
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may be what mask"):
            connection.execute(f"UPDATE people SET {column} = {form} WHERE id = 1", (value,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="may be what mask"):
            connection.execute(f"UPDATE people SET {column} = '{value}' WHERE id = 1")


def test_other_values_are_written_over_them(gateway: OpenStack) -> None:
    with psycopg.connect(**gateway.proxied(), autocommit=True) as connection:
        sql = "UPDATE people SET code = %s, born = %s, seen = now(), salary = %s, rate = %s WHERE id = 2"
        connection.execute(sql, (8, date(1815, 12, 11), 6000, Decimal("0.5")))


@pytest.mark.parametrize("options", ["", "(FORMAT csv)", "(FORMAT binary)"])
def test_rows_that_were_copied_out_are_not_copied_in(gateway: OpenStack, options: str) -> None:
    for columns in ("account", "token", "name", "id, data", "code, note"):
        with (
            psycopg.connect(**gateway.proxied(), autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            before = cursor.execute("SELECT count(*) FROM people").fetchone()
            source = f"(SELECT {columns} FROM people WHERE id = 1)"
            with cursor.copy(f"COPY {source} TO STDOUT {options}") as copy:
                rows = b"".join(bytes(block) for block in copy)
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege, match="stands for a masked value"),
                cursor.copy(f"COPY people ({columns}) FROM STDIN {options}") as copy,
            ):
                copy.write(rows)
            assert cursor.execute("SELECT count(*) FROM people").fetchone() == before


@pytest.mark.parametrize("options", ["", "(FORMAT csv)", "(FORMAT binary)"])
def test_other_rows_are_copied_in(gateway: OpenStack, options: str) -> None:
    with psycopg.connect(**gateway.proxied(), autocommit=True) as connection, connection.cursor() as cursor:
        with cursor.copy(f"COPY (SELECT 9, note, 42 FROM people WHERE id = 1) TO STDOUT {options}") as copy:
            rows = b"".join(bytes(block) for block in copy)
        with cursor.copy(f"COPY people (id, note, code) FROM STDIN {options}") as copy:
            for place in range(0, len(rows), 7):
                copy.write(rows[place : place + 7])
        assert cursor.rowcount == 1


def test_other_values_are_written(gateway: OpenStack) -> None:
    with psycopg.connect(**gateway.proxied(), autocommit=True) as connection:
        values = (2**62 + 5, "9a69ae1f-38c4-849a-b9ac-6c718e9cbff7", "Bob", 2)
        sql = "INSERT INTO people (account, token, name, id) VALUES (%s, %s, %s, %s)"
        assert connection.execute(sql, values).rowcount == 1
