"""What an agent does with psql, asyncpg and pg8000, observed."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from typing import TYPE_CHECKING, Any

import asyncpg
import pg8000.native

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PSQL_SCRIPT = r"""
\set VERBOSITY verbose
\pset null '(null)'
create table if not exists p_t (id int primary key, note text);
truncate p_t;
insert into p_t values (1, 'one'), (2, null);
select * from p_t order by id;
\d p_t
\dt p_*
\x on
select * from p_t where id = 1;
\x off
begin;
update p_t set note = 'changed' where id = 2;
select 1/0;
select * from p_t;
rollback;
\copy p_t from pstdin csv
3,three
4,"fo,ur"
\.
\copy (select * from p_t order by id) to stdout csv header
copy p_t to stdout;
select * from p_t where id = $1 \bind 3 \g
select generate_series(1, 12) \watch i=0.01 c=2
\set FETCH_COUNT 5
select g, g * g from generate_series(1, 13) g;
\unset FETCH_COUNT
select 1 \; select 2 \; select 3;
do $$ begin raise notice 'from a block'; end $$;
select version() ~ '^PostgreSQL' as ok;
table no_such_table;
\gdesc
select 'done' as last \gset
\echo :last
drop table p_t;
"""


def run_psql(psql: Path, environment: Mapping[str, str]) -> str:
    """Runs the script; returns what psql printed, both streams, places in the server's source cut off."""
    done = subprocess.run(
        [psql, "-X", "-a", "-v", "ON_ERROR_STOP=0", "-f", "-"],
        input=PSQL_SCRIPT,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    noisy = ("LOCATION:", "CONTEXT:")
    errors = [line for line in done.stderr.splitlines() if not line.startswith(noisy)]
    output = [line for line in done.stdout.splitlines() if "(every 0.01s)" not in line]
    return "\n".join([*output, "--- errors", *errors, f"--- exit {done.returncode}"])


def run_asyncpg(arguments: dict[str, Any]) -> list[Any]:
    """Runs the asyncpg script to its end on a loop of its own."""
    return asyncio.run(_asyncpg(arguments))


async def _asyncpg(arguments: dict[str, Any]) -> list[Any]:
    seen: list[Any] = []
    connection = await asyncpg.connect(**arguments)
    try:
        seen.append(await connection.fetchval("select 1"))
        seen.append(
            [
                tuple(row)
                for row in await connection.fetch(
                    "select g, g::numeric / 3 from generate_series(1, $1::int) g", 5
                )
            ]
        )
        await connection.execute(
            "create table if not exists a_t (id int primary key, note text, at timestamptz, tags text[])"
        )
        await connection.execute("truncate a_t")
        await connection.executemany(
            "insert into a_t (id, note) values ($1, $2)", [(n, f"n{n}") for n in range(200)]
        )
        statement = await connection.prepare("select id, note from a_t where id = $1")
        for n in (1, 2, 3):
            seen.append(tuple(await statement.fetchrow(n)))
        seen.append([attribute.name for attribute in statement.get_attributes()])
        with contextlib.suppress(asyncpg.PostgresError):
            async with connection.transaction():
                await connection.execute("insert into a_t (id) values (1000)")
                await connection.execute("insert into a_t (id) values (1)")
        seen.append(await connection.fetchval("select count(*) from a_t where id = 1000"))
        async with connection.transaction():
            seen.append(
                [
                    row["id"]
                    async for row in connection.cursor("select id from a_t order by id limit 60", prefetch=7)
                ]
            )
        seen.append(
            await connection.copy_records_to_table(
                "a_t", records=[(n, "copied", None, ["x"]) for n in range(2000, 2300)]
            )
        )
        seen.append(await connection.fetchrow("select count(*), max(id) from a_t"))
        for text in ("selec", "select 1/0", "select * from nowhere", "select $1::int"):
            try:
                await connection.fetch(text)
            except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                # A syntax error is found by Narrows before the server sees it, and told in its own words.
                sqlstate = getattr(error, "sqlstate", None)
                seen.append((type(error).__name__, sqlstate, None if sqlstate == "42601" else str(error)))
        seen.append(await connection.execute("drop table a_t"))
        try:
            await connection.fetchval("select pg_sleep(5)", timeout=0.2)
        except TimeoutError:
            seen.append("timed out")
        seen.append(await connection.fetchval("select 'still here'"))
    finally:
        await connection.close()
    return seen


def run_pg8000(arguments: dict[str, Any]) -> list[Any]:
    """pg8000 describes before it binds and flushes at every step: another shape of the protocol."""
    seen: list[Any] = []
    connection = pg8000.native.Connection(**arguments)
    try:
        seen.append(connection.run("select 1, 'two', null"))
        connection.run("create table if not exists g_t (id int primary key, note text)")
        connection.run("truncate g_t")
        for n in range(5):
            connection.run("insert into g_t values (:id, :note)", id=n, note=f"n{n}")
        seen.append(connection.run("select * from g_t where id > :low order by id", low=1))
        prepared = connection.prepare("select note from g_t where id = :id")
        seen.extend(prepared.run(id=n) for n in range(3))
        prepared.close()
        connection.run("begin")
        try:
            connection.run("insert into g_t values (:id, 'again')", id=1)
        except pg8000.native.DatabaseError as error:
            fields = error.args[0]
            seen.append({key: value for key, value in fields.items() if key not in "FLR"})
        connection.run("rollback")
        seen.append(connection.run("select count(*) from g_t"))
        connection.run("drop table g_t")
    finally:
        connection.close()
    return seen
