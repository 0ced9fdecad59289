"""Ways that people have tried to get round a gateway, each put to a policy that is otherwise generous.

The principal may do nearly everything with public tables; what must never get out is customers.card_number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.model import Effect

from .questions import ask, rule, write
from .test_masks import mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg

    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.rules import Policy

GENEROUS = (
    rule(
        "generous",
        "allow",
        'verbs = ["select", "insert", "update", "delete", "truncate", "lock", "copy-to", "copy-from", '
        '"create", "alter", "drop", "grant", "maintain"], tables = ["*.*", "pg_catalog.*", "pg_temp.*"]',
    )
    + rule(
        "more",
        "allow",
        'verbs = ["create", "alter", "drop", "do", "call", "administer", "copy-to", "copy-file", '
        '"copy-program"]',
    )
    + rule("code", "allow", 'functions = ["*.*", "pg_catalog.*"], settings = ["*"]')
)


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return write(tmp_path, GENEROUS + mask("public.customers.card_number"))


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (INSERT INTO logged VALUES (1) RETURNING id) TO STDOUT",
        "COPY customers TO '/tmp/customers'",
        "COPY (SELECT id, note FROM vip WHERE lower(card_number) = '4') TO STDOUT",
        "COPY (TABLE customers) TO PROGRAM 'mail'",
        "COPY unheard_of TO STDOUT",
        "COPY orders TO STDOUT; COPY customers TO STDOUT",
        "COPY (SELECT * FROM unheard_of) TO STDOUT",
        "INSERT INTO orders SELECT card_number::int FROM customers",
        "INSERT INTO orders VALUES ((SELECT card_number::int FROM customers))",
        "INSERT INTO orders SELECT first_card()::int",
        "UPDATE orders SET total = orders.card_of::int WHERE id = 1",
        "INSERT INTO orders SELECT n::int FROM cards_again",
        "UPDATE customers SET note = card_number WHERE id = 1",
        "UPDATE customers SET note = lower(customers.card_number) WHERE id = 1",
        "UPDATE customers SET note = customers::text WHERE id = 1",
        "UPDATE customers c SET note = c::text WHERE id = 1",
        "UPDATE customers c SET note = to_json(c.*)::text WHERE id = 1",
        "UPDATE customers c SET note = card_number(c) WHERE id = 1",
        "UPDATE customers c SET note = (c).card_number WHERE id = 1",
        "UPDATE customers SET (note, name) = (SELECT card_number, 'x') WHERE id = 1",
        "UPDATE orders SET total = c.card_number::int FROM customers c WHERE orders.customer = c.id",
        "INSERT INTO customers VALUES (1) ON CONFLICT (id) DO UPDATE SET note = customers.card_number",
        "MERGE INTO orders o USING customers c ON o.customer = c.id "
        "WHEN MATCHED THEN UPDATE SET total = c.card_number::int",
        "WITH d AS (DELETE FROM customers WHERE id = 1 RETURNING card_number) "
        "INSERT INTO orders SELECT * FROM d",
        "WITH d AS (DELETE FROM customers WHERE id = 1 RETURNING *) "
        "INSERT INTO customers (note) SELECT card_number FROM d",
        "CREATE TABLE t AS SELECT * FROM customers",
        "CREATE TABLE t AS TABLE orders",
        "SELECT * INTO t FROM customers",
        "SELECT * INTO TEMP t FROM orders",
        "CREATE TEMP TABLE customers (id int)",
        "CREATE TEMP VIEW v AS SELECT card_number AS x FROM customers",
        "CREATE VIEW v AS SELECT card_number AS x FROM customers",
        "CREATE OR REPLACE VIEW order_totals AS SELECT 1",
        "CREATE MATERIALIZED VIEW m AS SELECT * FROM customers",
        "CREATE RULE r AS ON INSERT TO orders "
        "DO ALSO INSERT INTO orders SELECT card_number::int FROM customers",
        "CREATE TRIGGER t AFTER INSERT ON orders EXECUTE FUNCTION f()",
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT card_number FROM customers'",
        "CREATE OPERATOR + (FUNCTION = f, LEFTARG = int, RIGHTARG = int)",
        "CREATE AGGREGATE a (int) (SFUNC = f, STYPE = int)",
        "CREATE CAST (int AS text) WITH FUNCTION f(int)",
        "CREATE SERVER s FOREIGN DATA WRAPPER f",
        "CREATE EXTENSION dblink",
        "ALTER TABLE customers RENAME TO orders2",
        "ALTER TABLE customers RENAME COLUMN card_number TO x",
        "ALTER TABLE orders ATTACH PARTITION customers DEFAULT",
        "ALTER TABLE customers SET SCHEMA archive",
        "ALTER ROLE x SET search_path = y",
        "IMPORT FOREIGN SCHEMA x FROM SERVER s INTO y",
        "DO $$ BEGIN PERFORM card_number FROM customers; END $$",
        "CALL p()",
        "SET search_path = archive",
        "SELECT set_config('search_path', 'archive', false)",
        "SELECT set_config('application_name', card_number, false) FROM customers",
        "SET ROLE owner",
        "SET SESSION AUTHORIZATION owner",
        "SET standard_conforming_strings = off",
        "SET client_encoding = 'SJIS'",
        "SELECT 1; COPY customers TO STDOUT",
        "COPY (UPDATE customers SET name = 'x' WHERE id = 1 RETURNING *) TO STDOUT",
        "COPY customers TO STDOUT (FORMAT something_new)",
        "COPY customers TO STDOUT (ENCODING 'SJIS')",
        "EXPLAIN ANALYZE INSERT INTO orders SELECT card_number::int FROM customers",
        "PREPARE p AS INSERT INTO orders SELECT card_number::int FROM customers",
        "DELETE FROM pg_temp.orders WHERE id = 1",
    ],
)
def test_is_denied_where_masks_apply(policy: Policy, catalogue: Catalogue, statement: str) -> None:
    decision = ask(policy, statement, catalogue=catalogue)
    assert (decision.effect, decision.rule) == (Effect.DENY, "masked-data"), decision.reason
    assert decision.reason
    assert decision.hint


@pytest.mark.parametrize(
    ("statement", "exposures"),
    [
        ("COPY customers TO STDOUT", "clear clear masked clear clear"),
        ("COPY customers (id, card_number) TO STDOUT (FORMAT binary)", "clear masked"),
        ("COPY (SELECT card_number FROM customers) TO STDOUT", "masked"),
        ("COPY (SELECT * FROM cards_again) TO STDOUT", "masked clear"),
        ("COPY (SELECT first_card()) TO STDOUT", "whole"),
        ("COPY (SELECT query_to_xml('SELECT * FROM customers', true, true, '')) TO STDOUT", "whole"),
        ("COPY (SELECT o.card_of, o.id FROM orders o) TO STDOUT", "whole clear"),
        ("COPY kept_cards TO STDOUT", "clear masked"),
        ("COPY (SELECT count(*) FROM customers) TO '/tmp/count'", "clear"),
    ],
)
def test_what_is_copied_out_is_known_by_column(
    policy: Policy, catalogue: Catalogue, statement: str, exposures: str
) -> None:
    decision = ask(policy, statement, catalogue=catalogue)
    assert decision.effect is Effect.ALLOW, decision.reason
    assert decision.columns is not None
    assert [column.exposure for column in decision.columns] == exposures.split()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT card_number FROM customers",
        "SELECT lower(card_number) FROM public.customers",
        "SELECT c FROM customers c",
        "SELECT 1 FROM customers",
        "SELECT n FROM cards_again",
        "SELECT * FROM kept_cards",
        "SELECT * FROM vip",
        "SELECT * FROM people, orders, cards",
        "SELECT first_card()",
        "SELECT o.card_of FROM orders o",
        "SELECT (o).card_of FROM orders o",
        "SELECT (SELECT o).card_of FROM orders o",
        "INSERT INTO logged VALUES (1)",
        "SELECT query_to_xml('SELECT * FROM customers', true, true, '')",
        "SELECT histogram_bounds FROM pg_stats",
        "SELECT * FROM unheard_of",
        "EXPLAIN ANALYZE SELECT * FROM customers WHERE card_number = '1'",
        "DECLARE c CURSOR FOR SELECT lower(card_number) FROM customers",
        "PREPARE p AS SELECT lower(card_number) FROM customers",
        "WITH customers AS (SELECT * FROM customers) SELECT * FROM customers",
        "UPDATE customers SET balance = balance - 10, name = lower(name) WHERE id = 1 RETURNING *",
        "DELETE FROM customers WHERE id = 1 RETURNING card_number",
        "WITH d AS (DELETE FROM customers WHERE id = 1 RETURNING card_number) SELECT * FROM d",
        "INSERT INTO customers VALUES (1) RETURNING *",
        "INSERT INTO customers VALUES (1) ON CONFLICT (id) DO UPDATE SET balance = excluded.balance",
        "SELECT 1; SELECT card_number FROM customers",
    ],
)
def test_is_allowed_and_tainted(policy: Policy, catalogue: Catalogue, statement: str) -> None:
    decision = ask(policy, statement, catalogue=catalogue)
    assert decision.effect is Effect.ALLOW, decision.reason
    assert decision.exposure == "tainted"


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "SELECT 1",
        "SELECT * FROM public.orders",
        "SELECT lower('x'), count(*) FROM orders",
        "SELECT * FROM order_totals",
        "SELECT relname FROM pg_class",
        "WITH customers AS (SELECT 1) SELECT * FROM customers",
        "INSERT INTO orders VALUES (nextval('s'))",
        "COPY orders TO STDOUT",
        "BEGIN",
    ],
)
def test_is_allowed_and_clear(policy: Policy, catalogue: Catalogue, statement: str) -> None:
    decision = ask(policy, statement, catalogue=catalogue)
    assert decision.effect is Effect.ALLOW, decision.reason
    assert decision.exposure == ("tainted" if "nextval" in statement else "clear")


@pytest.mark.parametrize("statement", ["FETCH 1 FROM c", "EXECUTE p", "EXECUTE p(1)", "SELECT 1; FETCH c"])
def test_what_runs_earlier_statements_inherits(policy: Policy, catalogue: Catalogue, statement: str) -> None:
    decision = ask(policy, statement, catalogue=catalogue)
    assert (decision.effect, decision.exposure) == (Effect.ALLOW, "inherit")


def test_a_plan_of_what_was_prepared_is_not_what_it_shows(policy: Policy, catalogue: Catalogue) -> None:
    decision = ask(policy, "EXPLAIN EXECUTE p", catalogue=catalogue)
    assert (decision.exposure, decision.columns) == ("tainted", None)


def test_an_unqualified_name_is_tainted_by_a_masked_relation_in_any_schema(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    policy = write(tmp_path, GENEROUS + mask("archive.orders.id"))
    assert ask(policy, "SELECT * FROM orders", catalogue=catalogue).exposure == "tainted"
    assert ask(policy, "SELECT * FROM public.orders", catalogue=catalogue).exposure == "clear"


def test_without_masks_the_same_things_are_allowed(tmp_path: Path, catalogue: Catalogue) -> None:
    policy = write(tmp_path, GENEROUS)
    for statement in (
        "COPY customers TO STDOUT",
        "CREATE VIEW v AS SELECT 1",
        "DO ''",
        "SET search_path = x",
    ):
        decision = ask(policy, statement, catalogue=catalogue)
        assert (decision.effect, decision.exposure) == (Effect.ALLOW, "clear"), statement


def test_a_function_written_as_a_column_needs_a_rule(tmp_path: Path, catalogue: Catalogue) -> None:
    policy = write(tmp_path, rule("read", "allow", 'verbs = ["select"], tables = ["public.*"]'))
    assert ask(policy, "SELECT o.id FROM public.orders o", catalogue=catalogue).effect is Effect.ALLOW
    decision = ask(policy, "SELECT o.card_of FROM public.orders o", catalogue=catalogue)
    assert decision.reason == "no rule allows call of function public.card_of"


def test_nothing_is_clear_where_operators_could_hide_code(
    policy: Policy, database: psycopg.Connection[tuple[str, ...]], load: Callable[[], Catalogue]
) -> None:
    assert ask(policy, "SELECT id FROM public.orders", catalogue=load()).exposure == "clear"
    database.execute("CREATE FUNCTION op(int, int) RETURNS text LANGUAGE sql AS 'SELECT public.first_card()'")
    database.execute("CREATE OPERATOR <~> (FUNCTION = op, LEFTARG = int, RIGHTARG = int)")
    try:
        assert ask(policy, "SELECT id <~> 1 FROM public.orders", catalogue=load()).exposure == "tainted"
        assert ask(policy, "SELECT 1 <~> 1", catalogue=load()).exposure == "tainted"
        assert ask(policy, "BEGIN", catalogue=load()).exposure == "clear"
    finally:
        database.execute("DROP FUNCTION op CASCADE")


@pytest.mark.parametrize(
    "call",
    [
        "set_config('application_name', card_number, false)",
        "setval('s', balance)",
        "setseed(balance / 1000.0)",
        "lo_put(1, 0, card_number::bytea)",
        "pg_catalog.pg_notify('c', card_number)",
        "setval('s', (SELECT max(c.balance) FROM customers c))",
    ],
)
def test_what_keeps_its_arguments_gets_none_that_are_masked(
    tmp_path: Path, catalogue: Catalogue, call: str
) -> None:
    hidden = mask("public.customers.card_number", "public.customers.balance", more='inference = "allow"')
    policy = write(tmp_path, GENEROUS + hidden)
    decision = ask(policy, f"SELECT {call} FROM customers", catalogue=catalogue)
    assert (decision.effect, decision.rule) == (Effect.DENY, "masked-data"), decision.reason
