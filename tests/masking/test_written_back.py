"""What an agent has read masked, it cannot write back: pseudonyms of a real gateway, in every form."""

from __future__ import annotations

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
postgres = { verbs = ["select", "update", "insert"], tables = ["public.*"] }

[[mask]]
id = "ids"
targets = ["orders-db"]
columns = ["public.people.account", "public.people.token", "public.people.name", "public.people.data"]
transform = "pseudonym"
"""
SCHEMA = """
CREATE TABLE people (id int, account bigint, token uuid, name text, data jsonb, note text);
INSERT INTO people VALUES (1, 42, '6f1c0c9e-1111-4222-8333-444444444444', 'Ada', '{"a": 1}', 'plain');
"""
COLUMNS = ["account", "token", "name", "data"]


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


def test_other_values_are_written(gateway: OpenStack) -> None:
    with psycopg.connect(**gateway.proxied(), autocommit=True) as connection:
        values = (2**62 + 5, "9a69ae1f-38c4-849a-b9ac-6c718e9cbff7", "Bob", 2)
        sql = "INSERT INTO people (account, token, name, id) VALUES (%s, %s, %s, %s)"
        assert connection.execute(sql, values).rowcount == 1
