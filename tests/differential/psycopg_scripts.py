"""What an agent does with psycopg, as scripts that return all that it can observe.

Each takes an open connection in autocommit mode and returns plain values: rows with their types, command
tags, notices, SQLSTATEs and messages, transaction status.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Callable

    Script = Callable[[psycopg.Connection[Any]], list[Any]]

SYNTAX_ERROR = "42601"
SCRIPTS: dict[str, Script] = {}


def script(function: Script) -> Script:
    """Adds a function to the differential suite."""
    SCRIPTS[function.__name__] = function
    return function


def observe(connection: psycopg.Connection[Any], query: Any, parameters: Any = None, **options: Any) -> Any:
    """Runs one statement and says all that came of it."""
    try:
        cursor = connection.execute(query, parameters, **options)
    except psycopg.Error as error:
        return observe_error(connection, error)
    rows = cursor.fetchall() if cursor.description else None
    columns = [(column.name, column.type_code) for column in cursor.description or []]
    return (cursor.statusmessage, columns, rows, connection.info.transaction_status.name)


def observe_error(connection: psycopg.Connection[Any], error: psycopg.Error) -> Any:
    """All of an error that does not name a place in the server's source."""
    told = error.diag
    if error.sqlstate == SYNTAX_ERROR:
        # Narrows finds it before the server sees the text, and says so in its own words.
        return (error.sqlstate, connection.info.transaction_status.name)
    return (
        error.sqlstate,
        told.message_primary,
        told.message_detail,
        told.message_hint,
        told.statement_position,
        told.context,
        told.constraint_name,
        connection.info.transaction_status.name,
    )


@script
def simple_statements(connection: psycopg.Connection[Any]) -> list[Any]:
    return [
        observe(connection, "select 1, 'two', null, 3.5::numeric, now() is not null"),
        observe(connection, "create table if not exists d_simple (id int primary key, note text)"),
        observe(connection, "truncate d_simple"),
        observe(connection, "insert into d_simple select g, 'n' || g from generate_series(1, 5) g"),
        observe(connection, "update d_simple set note = 'x' where id > 3 returning id, note"),
        observe(connection, "delete from d_simple where id = 1"),
        observe(connection, "select * from d_simple order by id"),
        observe(connection, ""),
        observe(connection, "-- only a comment"),
    ]


@script
def errors(connection: psycopg.Connection[Any]) -> list[Any]:
    return [
        observe(connection, "selec 1"),
        observe(connection, "select 1/0"),
        observe(connection, "select * from no_such_table"),
        observe(connection, "select 'abc'::int"),
        observe(connection, "select %s::int", ["abc"]),
        observe(connection, "do $$ begin raise exception 'mine' using detail = 'd', hint = 'h'; end $$"),
        observe(connection, "select 1"),
    ]


@script
def transactions(connection: psycopg.Connection[Any]) -> list[Any]:
    return [
        observe(connection, "begin"),
        observe(connection, "create temp table d_tx (id int) on commit drop"),
        observe(connection, "savepoint a"),
        observe(connection, "select 1/0"),
        observe(connection, "select 1"),
        observe(connection, "rollback to a"),
        observe(connection, "insert into d_tx values (1)"),
        observe(connection, "commit"),
        observe(connection, "commit"),
        observe(connection, "begin; select 1; rollback"),
    ]


@script
def parameters_and_types(connection: psycopg.Connection[Any]) -> list[Any]:
    types = ["int", "text", "numeric", "bytea", "date", "jsonb", "int[]", "uuid", "interval"]
    query = "select " + ", ".join(f"%s::{name}" for name in types)
    values = [
        7, "seven", "7.70", b"\x00\xff", "2026-11-01", '{"a": [1, 2]}', [1, 2, 3],
        "00000000-0000-4000-8000-000000000001", "1 day 02:03:04",
    ]  # fmt: skip
    return [
        observe(connection, query, values),
        _binary(connection, query, values),
        observe(connection, "select %s::text", [None]),
        observe(connection, "select %s", ["é" * 100_000]),
    ]


def _binary(connection: psycopg.Connection[Any], query: str, values: list[Any]) -> Any:
    with connection.cursor(binary=True) as cursor:
        cursor.execute(query, values)
        return cursor.fetchall(), [column.type_code for column in cursor.description or []]


@script
def prepared_statements(connection: psycopg.Connection[Any]) -> list[Any]:
    seen = [observe(connection, "select %s::int + 1", [n], prepare=True) for n in range(8)]
    seen.append(observe(connection, "prepare d_p as select $1::int * 2"))
    seen.extend(observe(connection, f"execute d_p({n})") for n in range(3))
    seen.append(observe(connection, "deallocate d_p"))
    seen.append(observe(connection, "execute d_p(1)"))
    return seen


@script
def pipelines(connection: psycopg.Connection[Any]) -> list[Any]:
    connection.execute("create table if not exists d_pipe (id int primary key)")
    connection.execute("truncate d_pipe")
    seen: list[Any] = []
    with connection.pipeline():
        cursors = [connection.execute("insert into d_pipe values (%s)", [n]) for n in range(20)]
        last = connection.execute("select count(*) from d_pipe")
    seen.append([cursor.statusmessage for cursor in cursors])
    seen.append(last.fetchall())
    try:
        with connection.pipeline():
            connection.execute("insert into d_pipe values (100)")
            connection.execute("insert into d_pipe values (1)")
            connection.execute("insert into d_pipe values (101)")
    except psycopg.Error as error:
        seen.append(observe_error(connection, error))
    seen.append(observe(connection, "select count(*) from d_pipe where id >= 100"))
    return seen


@script
def many_rows(connection: psycopg.Connection[Any]) -> list[Any]:
    rows = connection.execute("select g, repeat('x', g % 300) from generate_series(1, 20000) g").fetchall()
    wide = connection.execute("select repeat('w', 3000000)").fetchone()
    return [len(rows), hash(tuple(rows)), wide is not None and len(wide[0])]


@script
def executemany(connection: psycopg.Connection[Any]) -> list[Any]:
    connection.execute("create table if not exists d_many (id int, note text)")
    connection.execute("truncate d_many")
    with connection.cursor() as cursor:
        cursor.executemany("insert into d_many values (%s, %s)", [(n, f"n{n}") for n in range(500)])
        count = cursor.rowcount
    return [count, observe(connection, "select count(*), sum(id) from d_many")]


@script
def copying(connection: psycopg.Connection[Any]) -> list[Any]:
    connection.execute("create table if not exists d_copy (id int primary key, note text)")
    connection.execute("truncate d_copy")
    seen: list[Any] = []
    with connection.cursor() as cursor, cursor.copy("copy d_copy from stdin") as copy:
        for n in range(3000):
            copy.write_row((n, f"note\t{n}\n"))
    seen.append(observe(connection, "select count(*), min(note), max(note) from d_copy"))
    for options in ("", "(format csv, header)", "(format binary)"):
        with connection.cursor() as cursor:
            with cursor.copy(f"copy (select * from d_copy order by id) to stdout {options}") as copy:
                seen.append(hash(b"".join(bytes(block) for block in copy)))
            seen.append(cursor.statusmessage)
    try:
        with connection.cursor() as cursor, cursor.copy("copy d_copy from stdin") as copy:
            copy.write("1\tduplicate\n")
    except psycopg.Error as error:
        seen.append(observe_error(connection, error))
    try:
        with connection.cursor() as cursor, cursor.copy("copy d_copy from stdin") as copy:
            copy.write("9000\tgiven up\n")
            raise RuntimeError("the agent gives up")
    except (psycopg.Error, RuntimeError) as error:
        seen.append(type(error).__name__)
    seen.append(observe(connection, "select count(*) from d_copy where id >= 9000"))
    return seen


@script
def cursors(connection: psycopg.Connection[Any]) -> list[Any]:
    seen: list[Any] = []
    with connection.transaction(), connection.cursor(name="d_c") as cursor:
        cursor.itersize = 7
        cursor.execute("select g, 'r' || g from generate_series(1, 50) g")
        seen.append(cursor.fetchmany(3))
        seen.append(cursor.fetchone())
        seen.append(sum(row[0] for row in cursor))
    with connection.transaction(), connection.cursor(name="d_s", scrollable=True, binary=True) as cursor:
        cursor.execute("select g from generate_series(1, 9) g")
        cursor.scroll(5)
        seen.append(cursor.fetchmany(2))
    seen.append(observe(connection, "fetch all from d_c"))
    return seen


@script
def notices(connection: psycopg.Connection[Any]) -> list[Any]:
    heard: list[Any] = []
    connection.add_notice_handler(
        lambda told: heard.append((told.severity, told.sqlstate, told.message_primary, told.message_detail))
    )
    connection.execute(
        "do $$ begin raise notice 'hello %', 1; raise warning 'careful' using detail = 'd'; end $$"
    )
    connection.execute("drop table if exists d_never_there")
    return heard


@script
def notifications(connection: psycopg.Connection[Any]) -> list[Any]:
    connection.execute("listen d_channel")
    connection.execute("notify d_channel, 'first'")
    connection.execute("select pg_notify('d_channel', 'second')")
    own = connection.info.backend_pid
    heard = [(n.channel, n.payload, n.pid == own) for n in connection.notifies(timeout=5, stop_after=2)]
    connection.execute("unlisten *")
    return heard


@script
def cancelling(connection: psycopg.Connection[Any]) -> list[Any]:
    timer = threading.Timer(0.3, connection.cancel_safe)
    timer.start()
    first = observe(connection, "select pg_sleep(20)")
    timer.join()
    return [first, observe(connection, "select 1")]


@script
def settings(connection: psycopg.Connection[Any]) -> list[Any]:
    return [
        observe(connection, "set timezone = 'Asia/Tokyo'"),
        connection.info.parameter_status("TimeZone"),
        observe(connection, "select '2026-11-01 00:00:00+00'::timestamptz::text"),
        observe(connection, "show timezone"),
        observe(connection, "reset timezone"),
        observe(connection, "set application_name = 'differential'"),
        connection.info.parameter_status("application_name"),
        connection.info.parameter_status("server_encoding"),
        connection.info.parameter_status("standard_conforming_strings"),
        connection.info.encoding,
        connection.info.backend_pid == connection.execute("select pg_backend_pid()").fetchone()[0],  # type: ignore[index]
    ]


@script
def multiple_statements(connection: psycopg.Connection[Any]) -> list[Any]:
    cursor = connection.execute(
        "select 1; select 2, 3; create temp table if not exists d_multi (i int); select 4"
    )
    seen: list[Any] = [(cursor.statusmessage, cursor.fetchall())]
    while cursor.nextset():
        seen.append((cursor.statusmessage, cursor.fetchall() if cursor.description else None))
    seen.append(observe(connection, "select 1; select 1/0; select 2"))
    return seen


@script
def identifiers(connection: psycopg.Connection[Any]) -> list[Any]:
    name = sql.Identifier('Odd "name" é')
    connection.execute(sql.SQL("create table if not exists {} (id int)").format(name))
    connection.execute(sql.SQL("truncate {}").format(name))
    return [
        observe(connection, sql.SQL("insert into {} values (1), (2)").format(name)),
        observe(connection, sql.SQL("select * from {} order by 1").format(name)),
        observe(connection, sql.SQL("drop table {}").format(name)),
    ]
