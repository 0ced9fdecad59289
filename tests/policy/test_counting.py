"""Looking at what a statement would touch must never do anything, and must count the right rows."""

from __future__ import annotations

import pytest

from narrows.policy.postgres.catalogue import Catalogue, Relation
from narrows.policy.postgres.counting import PREAMBLE, NotCountable, counting, estimating

ORDERS = Relation(20_000, "public", "orders", "r", {1: "id", 2: "status", 3: "note"})
VIEW = Relation(20_001, "public", "open_orders", "v", {1: "id"})
HERE = Relation(20_002, "public", "twice", "r", {1: "id"})
THERE = Relation(20_003, "other", "twice", "r", {1: "id"})
CATALOGUE = Catalogue(
    {relation.oid: relation for relation in (ORDERS, VIEW, HERE, THERE)},
    user_functions={"noisy": frozenset({"public"})},
    version=180_000,
)


def document(statement, *parameters, types=()):
    return {"statement": statement, "parameter_types": list(types), "parameters": list(parameters)}


def text(value):
    return {"format": 0, "value": value}


def binary(value):
    return {"format": 1, "hex": value.hex()}


@pytest.mark.parametrize(
    ("statement", "source"),
    [
        ("UPDATE orders SET status = 'x' WHERE id = 7", "FROM public.orders WHERE id = 7"),
        ("DELETE FROM public.orders AS o WHERE o.id > 3", "FROM public.orders AS o WHERE o.id > 3"),
        ("DELETE FROM ONLY orders", "FROM ONLY public.orders"),
        ("DELETE FROM orders WHERE lower(note) = 'a'' OR 1=1 --'",
         "FROM public.orders WHERE lower(note) = 'a'' OR 1=1 --'"),
        ("DELETE FROM orders WHERE note = '\\' OR id = 1", "FROM public.orders WHERE note = '\\' OR id = 1"),
    ],
)  # fmt: skip
def test_the_rows_are_those_of_the_condition(statement, source):
    found = counting(document(statement), CATALOGUE)
    assert found.source == source
    assert (
        found.count
        == f"{PREAMBLE}SELECT pg_catalog.count(*) FROM (SELECT {source} LIMIT 10001) AS touched; ROLLBACK"
    )


@pytest.mark.parametrize(
    ("parameter", "type_oid", "shown"),
    [
        (text("7"), 0, "'7'"),
        (text("7"), 23, "'7'::pg_catalog.int4"),
        (text("x'; DROP TABLE orders; --"), 25, "'x''; DROP TABLE orders; --'::pg_catalog.text"),
        (text(None), 0, "NULL"),
        (binary(b"\0\0\0\x07"), 23, "'7'::pg_catalog.int4"),
        (binary(b"a'b"), 25, "'a''b'::pg_catalog.text"),
    ],
)
def test_parameters_are_put_in_as_literals(parameter, type_oid, shown):
    asked = document("DELETE FROM orders WHERE note = $1", parameter, types=[type_oid])
    source = counting(asked, CATALOGUE).source
    assert shown.split("::")[0] in source
    assert source.startswith("FROM public.orders WHERE note = ")


@pytest.mark.parametrize(
    ("statement", "parameters", "why"),
    [
        ("INSERT INTO orders VALUES (1)", (), "no UPDATE or DELETE"),
        ("SELECT 1", (), "no UPDATE or DELETE"),
        ("DELETE FROM orders; DELETE FROM orders", (), "one statement"),
        ("DELETE FROM orders WHERE noisy(id)", (), "calls noisy"),
        ("DELETE FROM orders WHERE pg_read_file('x') IS NULL", (), "calls pg_read_file"),
        ("DELETE FROM orders WHERE id IN (SELECT 1)", (), "other rows"),
        ("DELETE FROM orders USING twice WHERE true", (), "other rows"),
        ("UPDATE orders SET id = t.id FROM twice t", (), "other rows"),
        ("WITH x AS (SELECT 1) DELETE FROM orders", (), "other rows"),
        ("DELETE FROM orders WHERE CURRENT OF c", (), "other rows"),
        ("DELETE FROM open_orders", (), "no table"),
        ("DELETE FROM twice", (), "any of 2"),
        ("DELETE FROM unknown", (), "any of 0"),
        ("DELETE FROM orders WHERE id = $1", (), "no value"),
        ("DELETE FROM orders WHERE id = $1", ({"format": 1, "hex": "00"},), "cannot be read"),
        ("DELETE FROM orders WHERE id = $1", ({"format": 0, "bytes": 9, "sha256": ""},), "cannot be read"),
        ("DO 'begin end'", (), "looked into"),
        ("nonsense", (), "cannot be read"),
    ],
)
def test_what_is_not_counted_says_why(statement, parameters, why):
    with pytest.raises(NotCountable, match=why):
        counting(document(statement, *parameters), CATALOGUE)


def test_in_a_database_with_code_of_its_own_nothing_is_looked_at():
    catalogue = Catalogue(CATALOGUE.relations, hidden_code=True, version=180_000)
    for look in (counting, estimating):
        with pytest.raises(NotCountable, match="operators or casts"):
            look(document("DELETE FROM orders"), catalogue)


def test_an_estimate_plans_and_does_not_run():
    asked = document("DELETE FROM orders WHERE id IN (SELECT id FROM orders WHERE id = $1)", text("7"))
    sql = estimating(asked, CATALOGUE)
    assert sql.startswith(f"{PREAMBLE}EXPLAIN (FORMAT JSON) DELETE FROM orders WHERE id IN ")
    assert "'7'" in sql
    unread = document("DELETE FROM orders WHERE id = $1;", {"format": 1, "hex": "00"})
    assert "EXPLAIN (GENERIC_PLAN, FORMAT JSON) DELETE FROM orders WHERE id = $1; ROLLBACK" in estimating(
        unread, CATALOGUE
    )
    with pytest.raises(NotCountable):
        estimating(document("SELECT noisy(1)"), CATALOGUE)
