"""Values of every type, masked by column or by detector, decode in real drivers, in text and in binary."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import psycopg
import pytest

from narrows.demo.postgres import POSTGRES_17_TLS
from narrows.demo.stack import Stack
from tests.conftest import folder
from tests.stacks import OpenStack

if TYPE_CHECKING:
    from collections.abc import Iterator

TRANSFORMS = ("redact", "null", "last4", "first:4", "pseudonym", "date:year", "date:month", "bucket:100")

COLUMNS = {
    "b": ("bool", "'t'"),
    "i2": ("int2", "1234"),
    "i4": ("int4", "-123456"),
    "i8": ("int8", "987654321098"),
    "n": ("numeric(20,4)", "-12345678.9012"),
    "f4": ("float4", "1234.5"),
    "f8": ("float8", "1234.5"),
    "d": ("date", "'1987-06-05'"),
    "ts": ("timestamp", "'1987-06-05 11:22:33.444'"),
    "tz": ("timestamptz", "'1987-06-05 11:22:33.444+02'"),
    "t": ("time", "'11:22:33'"),
    "iv": ("interval", "'3 days 04:05:06'"),
    "u": ("uuid", "'6f1c0c9e-0000-4000-8000-000000000001'"),
    "by": ("bytea", r"'\xdeadbeef'"),
    "x": ("text", "'canary of the mine'"),
    "v": ("varchar(24)", "'canary of the mine'"),
    "c": ("char(30)", "'canary of the mine'"),
    "j": ("json", """'{"a": "canary"}'"""),
    "jb": ("jsonb", """'{"a": ["canary", 1]}'"""),
    "ip": ("inet", "'10.20.30.40'"),
    "ci": ("cidr", "'10.20.0.0/16'"),
    "xa": ("text[]", """'{canary,"b, \\"c\\"",NULL}'"""),
    "xaa": ("text[]", "'{{canary,b},{c,d}}'"),
    "ia": ("int[]", "'{1234,NULL,5678}'"),
    "na": ("numeric[]", "'{1234.5}'"),
    "da": ("date[]", "'{1987-06-05}'"),
    "ua": ("uuid[]", "'{6f1c0c9e-0000-4000-8000-000000000001}'"),
    "ja": ("jsonb[]", """array['{"a": "canary"}'::jsonb]"""),
    "ra": ("int4range", "'[1234,5678)'"),
    "dr": ("daterange", "'[1987-06-05,1988-01-01)'"),
    "mr": ("int4multirange", "'{[1,5),[7,9)}'"),
    "en": ("mood", "'happy'"),
    "co": ("pair", "'(1,canary)'"),
    "dm": ("code", "'canary-1'"),
}
CANARIES = (
    "canary",
    "-123456",
    "12345678.9",
    "321098",
    "1987-06",
    "1987, 6",
    "6f1c0c9e",
    "deadbeef",
    "10.20.30",
)
"""As `repr` of a decoded value would show them."""

NOTES = {
    "x": ("text", "'mail ada@example.com, card 4111 1111 1111 1111'"),
    "v": ("varchar(40)", "'mail ada@example.com'"),
    "c": ("char(40)", "'mail ada@example.com'"),
    "j": ("json", """'{"card": 4111111111111111, "to": ["ada\\u0040example.com"]}'"""),
    "jb": ("jsonb", """'{"card": 4111111111111111, "to": ["ada@example.com"]}'"""),
    "xa": ("text[]", """'{plain,"say \\"hi\\" to ada@example.com",NULL}'"""),
    "ja": ("jsonb[]", """array['{"to": "ada@example.com"}'::jsonb]"""),
    "co": ("pair", "'(1,ada@example.com)'"),
    "dm": ("code", "'ada@example.com'"),
}
SECRETS = ("ada@example.com", "4111 1111", "41111111")

MASKS = "".join(
    f"""
[[mask]]
id = "{index}"
targets = ["*"]
columns = ["public.typed_{index}.*"]
transform = "{transform}"
"""
    for index, transform in enumerate(TRANSFORMS)
)
POLICY = f"""
[principals.agents]
issuer = "entra"
any = [{{ groups = "sg-support" }}]

[[rule]]
id = "read"
principals = ["agents"]
targets = ["*"]
effect = "allow"
postgres = {{ verbs = ["select", "copy-to"], tables = ["public.*"] }}
{MASKS}
[[mask]]
id = "anywhere"
targets = ["*"]
detectors = ["pan", "email"]
"""


def _table(name: str, columns: dict[str, tuple[str, str]]) -> str:
    declared = ", ".join(f"{column} {type_}" for column, (type_, _) in columns.items())
    values = ", ".join(f"{value}" for _, value in columns.values())
    nulls = ", ".join("NULL" for _ in columns)
    return f"CREATE TABLE {name} ({declared}); INSERT INTO {name} VALUES ({values}), ({nulls});"


SCHEMA = "".join(
    [
        "CREATE TYPE mood AS ENUM ('happy', 'sad'); CREATE TYPE pair AS (a int, b text);",
        "CREATE DOMAIN code AS text;",
        *(_table(f"typed_{index}", COLUMNS) for index in range(len(TRANSFORMS))),
        _table("notes", NOTES),
    ]
)


@pytest.fixture(scope="module")
def stack() -> Iterator[OpenStack]:
    with (
        folder("types") as place,
        Stack(place, distribution=POSTGRES_17_TLS, policies=POLICY, schema=SCHEMA) as running,
    ):
        yield OpenStack(running)


def by_psycopg(told: dict[str, str], sql: str, *, binary: bool) -> list[tuple[Any, ...]]:
    with psycopg.connect(**told, autocommit=True) as connection:
        return connection.cursor(binary=binary).execute(sql).fetchall()


def by_asyncpg(arguments: dict[str, Any], sql: str) -> list[tuple[Any, ...]]:
    async def rows() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(**arguments)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    return asyncio.run(rows())


def alike(masked: Any, direct: Any) -> bool:
    """Whether a masked value is NULL or of the type of the value itself, element by element."""
    if masked is None:
        return True
    if isinstance(direct, list):
        # A multirange of no ranges is a list too.
        return isinstance(masked, list) and all(map(alike, masked, direct))
    # JSON is masked as a string, whatever it was.
    return isinstance(masked, type(direct)) or (isinstance(direct, dict) and isinstance(masked, str))


@pytest.mark.parametrize("index", range(len(TRANSFORMS)), ids=TRANSFORMS)
@pytest.mark.parametrize("driver", ["psycopg text", "psycopg binary", "asyncpg"])
def test_a_masked_column_of_any_type_decodes(stack: OpenStack, index: int, driver: str) -> None:
    sql = f"SELECT * FROM typed_{index}"
    if driver == "asyncpg":
        direct, masked = (by_asyncpg(stack.asyncpg(told), sql) for told in (stack.direct(), stack.proxied()))
    else:
        direct, masked = (
            by_psycopg(told, sql, binary=driver.endswith("binary"))
            for told in (stack.direct(), stack.proxied())
        )
    assert masked[1] == direct[1], "NULL stays NULL"
    for name, hidden, value in zip(COLUMNS, masked[0], direct[0], strict=True):
        assert alike(hidden, value), (name, hidden)
        shown = {canary for canary in CANARIES if canary in repr(hidden)}
        if TRANSFORMS[index] == "date:month":
            shown -= {"1987-06", "1987, 6"}
        assert not shown, (name, hidden)


@pytest.mark.parametrize("driver", ["psycopg text", "psycopg binary", "asyncpg"])
def test_what_detectors_change_decodes(stack: OpenStack, driver: str) -> None:
    sql = "SELECT * FROM notes"
    if driver == "asyncpg":
        masked = by_asyncpg(stack.asyncpg(stack.proxied()), sql)
    else:
        masked = by_psycopg(stack.proxied(), sql, binary=driver.endswith("binary"))
    assert len(masked) == 2
    assert not [secret for secret in SECRETS if secret in repr(masked)], masked
    row = dict(zip(NOTES, masked[0], strict=True))
    assert row["x"] == "mail [redacted:email], card [redacted:pan]"
    assert row["v"] == row["c"].rstrip() == "mail [redacted:email]"
    assert len(row["c"]) == 40
    assert row["xa"] == ["plain", 'say "hi" to [redacted:email]', None]
    assert row["dm"] == "[redacted:email]"
    if driver.startswith("psycopg"):
        assert row["j"] == row["jb"] == {"card": "[redacted:pan]", "to": ["[redacted:email]"]}


def test_detectors_see_what_expressions_and_cursors_show(stack: OpenStack) -> None:
    with psycopg.connect(**stack.proxied(), autocommit=False) as connection:
        cursor = connection.execute("SELECT upper(v) || '!', row(1, v), array_agg(x) OVER () FROM notes")
        assert not [secret for secret in SECRETS if secret in repr(cursor.fetchall())]
        connection.execute("DECLARE c BINARY CURSOR FOR SELECT x, jb FROM notes")
        assert b"ada@" not in repr(connection.execute("FETCH ALL FROM c").fetchall()).encode()


def test_detectors_look_into_what_is_copied_out(stack: OpenStack) -> None:
    with (
        psycopg.connect(**stack.proxied(), autocommit=True) as connection,
        connection.cursor().copy("COPY (SELECT v FROM notes) TO STDOUT") as copy,
    ):
        assert b"".join(copy) == b"mail [redacted:email]\n\\N\n"
