"""Random SELECTs over the schema, as they are and by way of cursors, prepared statements and copies, in text
and binary: what nobody thought of shows nothing either.

Most of what is made runs: every piece is an expression of a known type over the columns in scope. Nothing is
said of which rows come back, or how many: the agent here is one who may infer.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.masking.agents import Agents
from tests.masking.corpus import Case
from tests.masking.ways import by_driver
from tests.masking.world import found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.masking.stack import MaskingStack

TEXTS = {
    "customers": ("ssn", "card", "name", "ssn_checked", "ssn_head", "email"),
    "v_nested": ("n", "name"),
    "m_cards": ("card", "ssn", "loud"),
    "events": ("caller", "kind"),
    "vip": ("ssn", "perk"),
    "s9.products": ("label",),
    "notes": ("body",),
}
NUMBERS = {
    "customers": ("salary", "id"),
    "v_nested": ("id",),
    "m_cards": ("id",),
    "events": ("id",),
    "vip": ("salary", "id"),
    "s9.products": ("id",),
    "notes": ("number", "id"),
}
TEXT_FUNCTIONS = (
    "upper",
    "lower",
    "reverse",
    "md5",
    "btrim",
    "quote_literal",
    "initcap",
    "to_json",
    "quote_ident",
)
AGGREGATES = ("max", "min", "string_agg", "array_agg", "jsonb_agg", "count", "any_value")
JOINS = ("JOIN {} ON true", "LEFT JOIN {} ON true", "CROSS JOIN {}", ", {}", "NATURAL LEFT JOIN {}")
WRAPPERS = (
    "SELECT * FROM ({}) AS s",
    "SELECT s FROM ({}) AS s",
    "SELECT s.a, s::text FROM ({}) AS s",
    "WITH s AS ({}) SELECT a, s.b FROM s",
    "WITH s(x, y) AS MATERIALIZED ({}) SELECT y, x || '' FROM s",
    "SELECT l.* FROM orders o, LATERAL ({}) AS l",
    "SELECT to_jsonb(s)->>'a' FROM ({}) AS s",
    "({}) UNION ALL SELECT 'x', 1",
    "SELECT 'x' AS a, 1 AS b UNION ({})",
    "SELECT (SELECT s.a FROM ({}) AS s LIMIT 1)",
    "SELECT ARRAY(SELECT s.a FROM ({}) AS s)",
    "SELECT a, count(*) OVER () FROM ({}) AS s",
    "SELECT first_value(a) OVER (), max(b) OVER () FROM ({}) AS s",
    "SELECT x, y FROM ({}) AS s(x, y)",
    "SELECT row_to_json(s)::text, ROW(s.*) FROM ({}) AS s",
    "SELECT j.v FROM ({}) AS s, JSON_TABLE(to_jsonb(s), '$' COLUMNS (v text PATH '$.a')) AS j",
    "SELECT e.value FROM ({}) AS s, jsonb_each_text(to_jsonb(s)) AS e",
    "SELECT u.v, u.n FROM ({}) AS s, unnest(ARRAY[s.a]) WITH ORDINALITY AS u(v, n)",
    "SELECT DISTINCT a FROM ({}) AS s",
    "SELECT max(a), sum(b) FROM ({}) AS s",
    "TABLE orders EXCEPT SELECT o.* FROM orders o, ({}) AS s",
    "VALUES ((SELECT a FROM ({}) AS s LIMIT 1))",
)  # fmt: skip


CARRIERS: tuple[tuple[str, ...], ...] = (
    ("{}",),
    ("DECLARE c CURSOR FOR {}", "FETCH 3 FROM c", "FETCH ALL FROM c", "CLOSE c"),
    ("DECLARE b BINARY CURSOR FOR {}", "FETCH ALL FROM b"),
    (
        *("DECLARE c CURSOR FOR SELECT upper(name), id FROM customers", "CLOSE c"),
        *("DECLARE c CURSOR FOR {}", "FETCH ALL FROM c"),
    ),
    ("PREPARE given AS {}", "EXECUTE given", "EXPLAIN (COSTS off) EXECUTE given", "DEALLOCATE given"),
    ("COPY ({}) TO STDOUT",),
    ("COPY ({}) TO STDOUT (FORMAT csv, HEADER)",),
    ("EXPLAIN (COSTS off, VERBOSE) {}",),
    ("CREATE TEMP TABLE kept AS {}", "SELECT * FROM kept"),
    ("INSERT INTO notes (body, number) SELECT s.a::text, 1 FROM ({}) AS s(a, b) RETURNING *", "TABLE notes"),
)
"""How a SELECT is sent, and what else then shows its rows."""


@dataclass(frozen=True)
class Columns:
    """What an expression may use."""

    texts: tuple[str, ...]
    numbers: tuple[str, ...]


@functools.cache
def text_expressions(columns: Columns) -> st.SearchStrategy[str]:
    leaves = st.sampled_from([*columns.texts, "'x'"])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(TEXT_FUNCTIONS), inner).map(lambda p: f"{p[0]}({p[1]})::text"),
            st.tuples(inner, inner).map(lambda p: f"({p[0]} || {p[1]})"),
            st.tuples(inner, inner).map(lambda p: f"coalesce({p[0]}, {p[1]})"),
            st.tuples(inner, inner).map(lambda p: f"CASE WHEN true THEN {p[0]} ELSE {p[1]} END"),
            inner.map(lambda e: f'({e} COLLATE "C")'),
            inner.map(lambda e: f"{e}::varchar(30)::text"),
            inner.map(lambda e: f"substr({e}, 1, 9)"),
            inner.map(lambda e: f"(ARRAY[{e}])[1]"),
            inner.map(lambda e: f"(SELECT {e})"),
            inner.map(lambda e: f"format('%s', {e})"),
            inner.map(lambda e: f"(jsonb_build_object('k', {e})->>'k')"),
            inner.map(lambda e: f"split_part({e}, '-', 1)"),
            st.sampled_from(columns.numbers).map(lambda e: f"{e}::text"),
        ),
        max_leaves=4,
    )


@functools.cache
def number_expressions(columns: Columns) -> st.SearchStrategy[str]:
    leaves = st.sampled_from([*columns.numbers, "1"])
    return st.one_of(
        leaves,
        leaves.map(lambda e: f"({e} + 0)"),
        leaves.map(lambda e: f"greatest({e}, 0)"),
        leaves.map(lambda e: f"{e}::numeric"),
        leaves.map(lambda e: f"hashint4({e})"),
        st.sampled_from(columns.texts).map(lambda e: f"length({e})"),
        st.sampled_from(columns.texts).map(lambda e: f"hashtext({e})"),
    )


@st.composite
def selects(draw: st.DrawFn) -> str:
    """A SELECT of a text `a` and a number `b` over one or two relations."""
    relations = draw(st.lists(st.sampled_from(sorted(TEXTS)), min_size=1, max_size=2))
    names = [f"t{position}" for position in range(len(relations))]
    columns = Columns(
        tuple(f"{name}.{column}" for name, of in zip(names, relations, strict=True) for column in TEXTS[of]),
        tuple(
            f"{name}.{column}" for name, of in zip(names, relations, strict=True) for column in NUMBERS[of]
        ),
    )
    source = f"{relations[0]} AS t0"
    if len(relations) > 1:
        source += " " + draw(st.sampled_from(JOINS)).format(f"{relations[1]} AS t1")
    text, number = draw(text_expressions(columns)), draw(number_expressions(columns))
    shape = draw(st.integers(0, 5))
    if shape == 0:
        aggregate = draw(st.sampled_from(AGGREGATES))
        more = ", ','" if aggregate == "string_agg" else ""
        return f"SELECT {aggregate}({text}{more})::text AS a, max({number}) AS b FROM {source}"
    if shape == 1:
        return f"SELECT {text} AS a, {number} AS b FROM {source} GROUP BY 1, 2"
    if shape == 2:
        return f"SELECT max({text}) OVER (PARTITION BY t0.id) AS a, {number} AS b FROM {source}"
    if shape == 3:
        return f"SELECT t0::text AS a, {number} AS b FROM {source}"
    return f"SELECT {text} AS a, {number} AS b FROM {source} LIMIT 20"


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A SELECT inside up to two others."""
    sql = draw(selects())
    for wrapper in draw(st.lists(st.sampled_from(WRAPPERS), max_size=2)):
        sql = wrapper.format(sql)
    return sql


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, ...]:
    """The texts that one transaction sends; most often a SELECT alone."""
    carrier = draw(st.one_of(st.just(CARRIERS[0]), st.sampled_from(CARRIERS)))
    sql = draw(statements())
    return tuple(text.replace("{}", sql) for text in carrier)


@pytest.fixture(scope="module")
def agents(stack: MaskingStack) -> Iterator[Agents]:
    """Those who may infer: what they ask reaches the masks."""
    with Agents(stack, trusted=True) as made:
        yield made


def check(agents: Agents, sql: tuple[str, ...]) -> None:
    for way in ("simple", "binary"):
        for elsewhere in (False, True):
            answer = agents.run(way, Case("random", sql), elsewhere=elsewhere)
            leaked = found_in(answer.data)
            assert not leaked, (way, sql)
            assert answer.in_sync, (way, sql)


SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@given(sql=texts())
@settings(max_examples=60, **SETTINGS)  # type: ignore[arg-type]
def test_random_statements_show_nothing(agents: Agents, sql: tuple[str, ...]) -> None:
    check(agents, sql)


@pytest.mark.long
@pytest.mark.timeout(3_600)
@given(sql=texts())
@settings(max_examples=5_000, **SETTINGS)  # type: ignore[arg-type]
def test_many_random_statements_show_nothing(agents: Agents, sql: tuple[str, ...]) -> None:
    check(agents, sql)


def test_most_of_what_is_made_runs(stack: MaskingStack) -> None:
    """A generator of errors would prove nothing."""
    ran: list[bool] = []
    with stack.direct() as connection:

        @given(sql=statements())
        @settings(max_examples=50, **SETTINGS)  # type: ignore[arg-type]
        def run(sql: str) -> None:
            ran.append(b"SELECT" in by_driver(connection, sql))

        run()
    assert sum(ran) > len(ran) / 2
