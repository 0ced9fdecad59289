"""Whatever may run, what an agent sees of it does not depend on the masked values.

Random statements are put to policy. Those that are allowed run in two databases that differ in nothing but
the masked column; the columns that lineage clears must be the same, row by row, and so must be which values
are NULL, how many rows there are, and whether and how the statement fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from narrows.model import Effect

from .questions import ask, write
from .test_evasions import GENEROUS
from .test_masks import mask

if TYPE_CHECKING:
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.rules import Policy

CHARACTERS_MAX = 2_000
WORLDS = (["4111", "5222", "4333", "6444", "4555", "7666"], ["9111", "12", "3333", "2444", "88888", "1666"])
"""The masked values, in no order or length that they share. No constant of a statement is one of them:
equality with what the agent knows is not hidden."""

TEXT = ["c.name", "c.note", "c.card_number", "c.card_number", "'4'", "'x'", "d.name", "d.note"]
NUMBER = ["c.id", "c.balance", "d.id", "1", "2", "count(*) OVER ()"]


def text(inner: st.SearchStrategy[str], number: st.SearchStrategy[str], condition: st.SearchStrategy[str]):
    """Expressions of type text."""
    return st.one_of(
        st.builds("lower({})".format, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("left({}, 1)".format, inner),
        st.builds("substring({} FROM '^4')".format, inner),
        st.builds("coalesce({}, {})".format, inner, inner),
        st.builds("nullif({}, {})".format, inner, inner),
        st.builds("greatest({}, {})".format, inner, inner),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, condition, inner, inner),
        st.builds("(SELECT max({}) FROM customers d)".format, inner),
        st.builds("(SELECT {} FROM customers d WHERE {} LIMIT 1)".format, inner, condition),
        st.builds("({})::text".format, number),
        st.builds("(to_jsonb(c) ->> {})".format, inner),
        st.builds('({} COLLATE "C")'.format, inner),
        st.just("(c).card_number"),
        st.just("row_to_json(c)::text"),
    )


def number(inner: st.SearchStrategy[str], text: st.SearchStrategy[str], condition: st.SearchStrategy[str]):
    """Expressions of type int."""
    return st.one_of(
        st.builds("length({})".format, text),
        st.builds("ascii({})".format, text),
        st.builds("({} + {})".format, inner, inner),
        st.builds("(100 / ({} - 4))".format, inner),
        st.builds("({})::int".format, text),
        st.builds("CASE WHEN {} THEN {} END".format, condition, inner),
        st.builds("(SELECT count(*)::int FROM customers d WHERE {})".format, condition),
        st.builds("(SELECT count({})::int FROM customers d)".format, text),
        st.builds("row_number() OVER (ORDER BY {}, c.id)".format, text).map("({})::int".format),
    )


def condition(inner: st.SearchStrategy[str], text: st.SearchStrategy[str], number: st.SearchStrategy[str]):
    """Conditions."""
    return st.one_of(
        st.builds("{} = {}".format, text, text),
        st.builds("{} < {}".format, text, text),
        st.builds("{} LIKE '4%'".format, text),
        st.builds("{} IS NULL".format, text),
        st.builds("{} IN ('a', 'b')".format, text),
        st.builds("{} > {}".format, number, number),
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT {}".format, inner),
        st.builds("EXISTS (SELECT FROM customers d WHERE {})".format, inner),
        st.builds("{} IN (SELECT {} FROM customers d)".format, text, text),
    )


def _depths() -> tuple[st.SearchStrategy[str], st.SearchStrategy[str], st.SearchStrategy[str]]:
    texts = st.sampled_from(TEXT)
    numbers = st.sampled_from(NUMBER)
    conditions = st.sampled_from(["c.id = d.id", "c.balance > 20", "true", "c.card_number = 'none'"])
    for _ in range(2):
        texts, numbers, conditions = (
            st.one_of(texts, text(texts, numbers, conditions)),
            st.one_of(numbers, number(numbers, texts, conditions)),
            st.one_of(conditions, condition(conditions, texts, numbers)),
        )
    return texts, numbers, conditions


TEXTS, NUMBERS, CONDITIONS = _depths()
OUTPUTS = st.lists(st.one_of(TEXTS, NUMBERS, CONDITIONS), min_size=1, max_size=3).map(
    lambda items: ", ".join(f"{item} AS o{number}" for number, item in enumerate(items))
)
FROM = st.sampled_from(
    [
        "customers c, customers d",
        "customers c JOIN customers d ON d.id = c.id",
        "customers c JOIN customers d USING (id)",
        "customers c LEFT JOIN vip d ON d.id = c.id",
        "(SELECT * FROM customers) c, LATERAL (SELECT c.id, c.card_number AS name, c.note) d",
        "(SELECT id, upper(name) AS name, note, card_number, balance FROM customers) c, cards_again x "
        "JOIN customers d ON d.id = x.id",
    ]
)
PLAIN = st.builds(
    "SELECT {} {} FROM {} WHERE {} ORDER BY {}, 1 LIMIT {}".format,
    st.sampled_from(["", "", "DISTINCT"]),
    OUTPUTS,
    FROM,
    CONDITIONS,
    st.one_of(st.just("1"), TEXTS, NUMBERS),
    st.one_of(st.just("3"), st.just("30")),
)
GROUPED = st.builds(
    "SELECT {} AS g, count(*) AS n, {}({}) AS a FROM {} WHERE {} GROUP BY {} HAVING {} ORDER BY 2, 1".format,
    TEXTS,
    st.sampled_from(["max", "count", "min"]),
    TEXTS,
    FROM,
    CONDITIONS,
    st.one_of(st.just("1"), TEXTS),
    st.sampled_from(["true", "count(*) > 1", "max(c.card_number) > '4'", "min(c.name) > 'b'"]),
)
WRAPPED = st.one_of(
    PLAIN,
    GROUPED,
    st.builds("SELECT * FROM ({}) x".format, PLAIN),
    st.builds("WITH w AS ({}) SELECT * FROM w".format, PLAIN),
    st.builds(
        "WITH w AS MATERIALIZED ({}) SELECT o0, count(*) FROM w GROUP BY o0 ORDER BY 1, 2".format, PLAIN
    ),
    st.builds("SELECT count(*) FROM ({}) x WHERE o0::text > '4'".format, PLAIN),
    st.builds("SELECT to_json(x), x.o0 FROM ({}) x".format, PLAIN),
    st.builds(
        "SELECT ({})::text AS u FROM {} UNION ALL SELECT ({})::text FROM {}".format,
        TEXTS,
        FROM,
        NUMBERS,
        FROM,
    ),
)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return write(
        tmp_path_factory.mktemp("policy"), GENEROUS + mask("public.customers.card_number", transform="null")
    )


def run(
    database: psycopg.Connection[tuple[str, ...]], world: list[str], text: str
) -> tuple[str, list[tuple]]:
    """The SQLSTATE and the rows of a statement in a world."""
    with database.transaction(force_rollback=True):
        for row, card in enumerate(world):
            values = [row, "abcabd"[row], card, None if row == 2 else "xyxzx4"[row], 10 * row]
            database.execute("INSERT INTO customers VALUES (%s, %s, %s, %s, %s)", values)
        database.execute("INSERT INTO vip SELECT * FROM customers WHERE id < 3")
        try:
            with database.transaction():
                return "", list(database.execute(text.replace("%", "%%"), []).fetchall())
        except psycopg.Error as error:
            return error.sqlstate or "?", []


@given(WRAPPED.filter(lambda text: len(text) <= CHARACTERS_MAX))
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_seen_does_not_depend_on_what_is_masked(
    policy: Policy, catalogue: Catalogue, database: psycopg.Connection[tuple[str, ...]], text: str
) -> None:
    decision = ask(policy, text, catalogue=catalogue)
    event(decision.effect.value)
    if decision.effect is not Effect.ALLOW:
        return
    (state, rows), (other_state, other_rows) = (run(database, world, text) for world in WORLDS)
    event(state or "ran")
    assert state == other_state
    assert decision.columns is not None
    seen = [[_visible(decision.columns, row) for row in some] for some in (rows, other_rows)]
    assert seen[0] == seen[1]


def _visible(columns: tuple, row: tuple) -> tuple:
    assert len(columns) == len(row)
    return tuple(
        value if column.exposure == "clear" else value is None
        for column, value in zip(columns, row, strict=True)
    )
