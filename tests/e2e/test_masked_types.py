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
    "ma": ("mood[]", "'{sad,NULL}'"),
    "pa": ("pair[]", """array['(1,canary)'::pair, '(,"a ""b"" \\\\c")'::pair]"""),
    "ca": ("code[]", "'{canary-1}'"),
    "ho": ("household", """row('sad', row(-123456, 'canary')::pair, '{canary}', 'canary-2')"""),
    "fr": ("span", "'[1234.5,5678.5]'"),
    "nr": ("numrange", "'(12345678.9,]'"),
    "tr": ("tsrange", "'[1987-06-05 11:22:33,1987-06-06 11:22:33.5]'"),
    "zr": ("tstzrange[]", """array[tstzrange('1987-06-05 11:22:33+02', '1988-01-01 00:00:00+00')]"""),
}
KNOWN = ("en", "co", "ma", "pa", "ca", "ho", "fr", "nr", "tr", "zr")
"""Of types that only the catalogue tells of: they are not NULL, but for the mask that makes all NULL."""
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
MASKS += """
[[mask]]
id = "people"
targets = ["*"]
columns = ["public.people.ssn"]
transform = "last4"
"""
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
        "CREATE DOMAIN text_code AS text; CREATE DOMAIN code AS text_code;",
        "CREATE TYPE span AS RANGE (subtype = float8);",
        "CREATE TYPE household AS (mood mood, pair pair, tags text[], code code);",
        *(_table(f"typed_{index}", COLUMNS) for index in range(len(TRANSFORMS))),
        _table("notes", NOTES),
        """CREATE TABLE people (id int, gone text, ssn text, note text, moods mood[]);
        ALTER TABLE people DROP COLUMN gone;
        INSERT INTO people VALUES
            (1, 'canary', E'say "hi" \\\\ to', '{sad}'), (2, NULL, 'ada@example.com', NULL);
        CREATE VIEW citizens AS SELECT note, ssn AS number, id FROM people;""",
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
        assert (hidden is None) == (TRANSFORMS[index] == "null") or name not in KNOWN, name


@pytest.mark.parametrize("index", [0, 2, 7], ids=["redact", "last4", "bucket"])
def test_a_row_with_masked_columns_of_every_type_decodes(stack: OpenStack, index: int) -> None:
    sql = f"SELECT whole, array[whole] FROM typed_{index} AS whole"
    ((masked, in_array), (nulls, _)) = by_asyncpg(stack.asyncpg(stack.proxied()), sql)
    (columns, _) = by_asyncpg(stack.asyncpg(stack.proxied()), f"SELECT * FROM typed_{index}")
    assert tuple(masked) == columns
    assert set(nulls) == {None}
    assert not [canary for canary in CANARIES if canary in repr(in_array)], in_array


def test_a_row_shows_what_is_not_masked(stack: OpenStack) -> None:
    rows = [(1, "**nary", 'say "hi" \\ to', ["sad"]), (2, None, "[redacted:email]", None)]
    sql = "SELECT p FROM people p ORDER BY id"
    with psycopg.connect(**stack.proxied(), autocommit=True) as connection:
        written = [row for (row,) in connection.execute(sql)]
    assert written == [
        '("1","**nary","say ""hi"" \\\\ to","{sad}")',
        '("2",,"[redacted:email]",)',
    ]
    ((first,),) = by_asyncpg(stack.asyncpg(stack.proxied()), f"{sql} LIMIT 1")
    assert tuple(first) == rows[0]
    ((seen,),) = by_asyncpg(stack.asyncpg(stack.proxied()), "SELECT c FROM citizens c ORDER BY id LIMIT 1")
    assert tuple(seen) == ('say "hi" \\ to', "**nary", 1)


@pytest.mark.parametrize("options", ["", "(FORMAT csv)", "(FORMAT binary)"])
def test_made_types_are_copied_out_as_they_are_shown(stack: OpenStack, options: str) -> None:
    names = ", ".join(KNOWN)
    with (
        psycopg.connect(**stack.proxied(), autocommit=True) as connection,
        connection.cursor().copy(f"COPY (SELECT {names} FROM typed_0 LIMIT 1) TO STDOUT {options}") as copy,
    ):
        copied = b"".join(copy)
    assert not [canary for canary in CANARIES if canary.encode() in copied], copied
    for shown in (b"happy", b"[redacted]") if "binary" in options else (b"happy", b"[redacted]", b"empty"):
        assert shown in copied


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
