"""`limit = { rows = … }` against a real database: what goes too far leaves nothing behind, and is told so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import psycopg
import pytest

from narrows.demo.postgres import POSTGRES_17_TLS
from narrows.demo.stack import Stack
from tests.conftest import folder
from tests.raw_client import FLUSH, bind, execute, parse
from tests.stacks import OpenStack

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

POLICY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }, { groups = "sg-unmasked" }]

[principals.unmasked]
issuer = "entra"
any = [{ groups = "sg-unmasked" }]

[[rule]]
id = "read"
principals = ["agents"]
targets = ["orders-db"]
effect = "allow"
postgres = { verbs = ["select"], settings = ["search_path"] }

[[rule]]
id = "few-rows"
principals = ["agents"]
targets = ["orders-db"]
effect = "allow"
limit = { rows = 3 }
[rule.postgres]
verbs = ["insert", "update", "delete", "copy-from", "truncate", "call"]
functions = ["public.wipe*"]

[[mask]]
id = "secrets"
targets = ["orders-db"]
columns = ["public.parent.secret"]
transform = "redact"
except = ["unmasked"]
"""

SCHEMA = """
CREATE TABLE parent (id int PRIMARY KEY, note text, secret text);
INSERT INTO parent SELECT g, 'first', 'secret-' || g FROM generate_series(1, 20) g;
CREATE TABLE child (parent int REFERENCES parent ON DELETE CASCADE);
INSERT INTO child SELECT 20 FROM generate_series(1, 50);
CREATE TABLE quiet (id int);
CREATE TABLE loud (id int);
CREATE FUNCTION ten_more() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN INSERT INTO loud SELECT generate_series(1, 10); RETURN NULL; END $$;
CREATE TRIGGER echo AFTER INSERT ON quiet FOR EACH ROW EXECUTE FUNCTION ten_more();
CREATE FUNCTION wipe() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM parent; RETURN 1; END $$;
CREATE SCHEMA evil;
CREATE VIEW evil.pg_stat_xact_user_tables AS SELECT 0 AS n_tup_ins, 0 AS n_tup_upd, 0 AS n_tup_del;
CREATE FUNCTION evil.current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT '999' $$;
CREATE PROCEDURE wipe_and_commit() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM parent; COMMIT; END $$;
"""

WITHIN = "update parent set note = 'few' where id <= 3"
BEYOND = "update parent set note = 'many' where id <= 4"
TOO_MANY = "it would have touched 4 rows, and may touch 3"

EVASIONS = {
    "a delete in a WITH": "with d as (delete from parent where id < 9 returning 1) select count(*) from d",
    "what a cascade deletes": "delete from parent where id = 20",
    "what a trigger inserts": "insert into quiet values (1)",
    "a comment that swallows what follows": BEYOND + " -- and more",
    "an upsert": "insert into parent table parent on conflict (id) do update set note = 'many'",
    "a merge": "merge into parent p using parent q on p.id = q.id when matched then update set note = 'many'",
    "what a function deletes": "select wipe()",
    "rows that come back": "update parent set note = 'many' where id <= 4 returning id",
}
REFUSED = {
    "two statements": f"{WITHIN}; {WITHIN}",
    "a commit before the end": f"begin; {BEYOND}; commit",
    "a copy": "copy quiet from stdin",
    "a truncate": "truncate quiet",
    "a procedure that commits": "call wipe_and_commit()",
    "SQL's own PREPARE": f"prepare p as {BEYOND}",
    "explain analyze": f"explain analyze {BEYOND}",
}


@pytest.fixture(scope="module")
def limited() -> Iterator[OpenStack]:
    with (
        folder("limited") as place,
        Stack(place, distribution=POSTGRES_17_TLS, policies=POLICY, schema=SCHEMA) as stack,
    ):
        yield OpenStack(stack)


@pytest.fixture
def agent(limited: OpenStack) -> Iterator[psycopg.Connection[Any]]:
    token = limited.stack.tenant.token_of(limited.stack.tenant.unmasked)
    with psycopg.connect(**limited.stack.connection(token), autocommit=True) as connection:
        yield connection
        assert connection.execute("select 1").fetchone() == (1,), "the session is in sync to the end"


@pytest.fixture(autouse=True)
def _same_rows(limited: OpenStack) -> Iterator[None]:
    before = _contents(limited)
    yield
    limited.run("update parent set note = 'first' where note = 'few'")
    assert _contents(limited) == before


def _contents(limited: OpenStack) -> str:
    return limited.run("select count(*), count(*) filter (where note = 'many') from parent") + limited.run(
        "select (select count(*) from child), (select count(*) from quiet), (select count(*) from loud)"
    )


@pytest.mark.parametrize("prepare", [False, True], ids=["unnamed", "named"])
def test_a_statement_within_the_limit_is_as_ever(agent: psycopg.Connection[Any], prepare: bool) -> None:
    for _ in range(3):
        assert agent.execute(WITHIN + " and id > %s", (0,), prepare=prepare).rowcount == 3


@pytest.mark.parametrize("sql", EVASIONS.values(), ids=EVASIONS)
@pytest.mark.parametrize("cursor", [psycopg.Cursor, psycopg.ClientCursor], ids=["extended", "simple"])
def test_nothing_touches_more_rows_than_the_rule_says(
    agent: psycopg.Connection[Any], sql: str, cursor: type[psycopg.Cursor[Any]]
) -> None:
    agent.cursor_factory = cursor
    with pytest.raises(
        psycopg.errors.InsufficientPrivilege, match="rows, and may touch 3; it was rolled back"
    ):
        agent.execute(sql, () if cursor is psycopg.Cursor else None, binary=False)


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_counted_is_refused(agent: psycopg.Connection[Any], sql: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"limited|limits"):
        agent.cursor().execute(sql)
    agent.execute("rollback")


def test_an_open_transaction_fails_as_a_whole(agent: psycopg.Connection[Any]) -> None:
    agent.execute("begin")
    agent.execute(WITHIN)
    agent.execute("savepoint here")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=TOO_MANY):
        agent.execute(BEYOND)
    assert agent.info.transaction_status is psycopg.pq.TransactionStatus.INERROR
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        agent.execute("select 1")
    agent.execute("rollback to here")
    assert agent.execute(WITHIN).rowcount == 3
    agent.execute("rollback")


def test_each_statement_of_a_transaction_is_counted_by_itself(agent: psycopg.Connection[Any]) -> None:
    with agent.transaction():
        for _ in range(4):
            assert agent.execute(WITHIN).rowcount == 3


def test_a_pipeline_goes_down_as_one(agent: psycopg.Connection[Any]) -> None:
    def pipeline() -> None:
        with agent.pipeline():
            for sql in (WITHIN, BEYOND, WITHIN):
                agent.execute(sql)

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=TOO_MANY):
        pipeline()


@pytest.mark.parametrize("cursor", [psycopg.Cursor, psycopg.ClientCursor], ids=["extended", "simple"])
def test_rows_come_back_masked_and_whole(limited: OpenStack, cursor: type[psycopg.Cursor[Any]]) -> None:
    with psycopg.connect(**limited.proxied(), autocommit=True) as masked:
        told = cursor(masked).execute(WITHIN + " returning id, secret").fetchall()
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=TOO_MANY):
            cursor(masked).execute(BEYOND + " returning id, secret")
    assert [number for number, _secret in sorted(told)] == [1, 2, 3]
    assert not any("secret" in secret for _number, secret in told)


def test_a_mistake_is_pointed_at_where_the_agent_made_it(agent: psycopg.Connection[Any]) -> None:
    sql = "update parent set nothing_such = 1 where id = 1"
    with pytest.raises(psycopg.errors.UndefinedColumn) as raised:
        psycopg.ClientCursor(agent).execute(sql)
    assert raised.value.diag.statement_position == str(sql.index("nothing_such") + 1)


def test_search_path_does_not_redirect_the_counting(agent: psycopg.Connection[Any]) -> None:
    agent.execute("set search_path = evil, pg_catalog, public")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=TOO_MANY):
        agent.execute(BEYOND.replace("parent", "public.parent"))


def test_psql_says_it_in_its_own_way(limited: OpenStack) -> None:
    process = limited.stack.psql("-c", WITHIN, "-c", BEYOND, password=limited.token())
    told, errors = process.communicate(timeout=30)
    assert told.split("\n")[0] == "UPDATE 3"
    assert TOO_MANY in errors
    assert "rule few-rows, limit rows = 3" in errors


def test_who_hangs_up_in_between_has_changed_nothing(limited: OpenStack) -> None:
    with limited.raw() as client:
        client.send(parse(BEYOND) + bind() + execute() + FLUSH)
        assert TOO_MANY in client.until("E")[-1].fields["M"]


def test_asyncpg_sees_the_same(limited: OpenStack) -> None:
    async def session(connection: asyncpg.Connection) -> None:
        assert await connection.execute(WITHIN) == "UPDATE 3"
        assert await connection.fetchval("select count(*) from parent where id < $1", 5) == 4
        for attempt in (connection.execute(BEYOND), connection.execute(BEYOND + " and id > $1", 0)):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match=TOO_MANY):
                await attempt
        statement = await connection.prepare("update parent set note = 'few' where id = $1 returning id")
        assert [await statement.fetchval(number) for number in (1, 2)] == [1, 2]
        await connection.executemany("update parent set note = 'few' where id = $1", [(1,), (2,), (3,)])

    asyncio.run(_with_asyncpg(limited, session))


async def _with_asyncpg(limited: OpenStack, use: Callable[[Any], Awaitable[None]]) -> None:
    connection = await asyncpg.connect(**limited.asyncpg(limited.proxied()))
    try:
        await use(connection)
    finally:
        await connection.close()
