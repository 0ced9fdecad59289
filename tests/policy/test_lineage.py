"""Where the columns of a result come from, construct by construct (lineage.toml), in a real catalogue."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from narrows.policy.postgres.facts import SqlNotUnderstood
from narrows.policy.postgres.lineage import ANYTHING, lineage_of
from narrows.policy.postgres.sql import statement_facts

if TYPE_CHECKING:
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.postgres.lineage import Value

CASES = tomllib.loads(Path(__file__).with_name("lineage.toml").read_text(encoding="utf-8"))
CUSTOMER = "customers.balance customers.card_number customers.id customers.name customers.note"


def traced(catalogue: Catalogue, text: str) -> list[str] | None:
    """The sources of each column of a statement."""
    (statement,) = statement_facts(text)
    rows = lineage_of(statement.tree, catalogue).rows
    return None if rows is None else [shown(catalogue, output.value) for output in rows.outputs]


def shown(catalogue: Catalogue, value: Value) -> str:
    names = [
        "?" if source == ANYTHING else catalogue.column_name(source).removeprefix("public.")
        for source in value.sources
    ]
    return ("=" if value.direct else "") + " ".join(sorted(names)) if names else "-"


@pytest.mark.parametrize(
    ("text", "expected"), [(text, columns) for cases in CASES.values() for text, columns in cases.items()]
)
def test_where_columns_come_from(catalogue: Catalogue, text: str, expected: list[str]) -> None:
    assert traced(catalogue, text) == [column.replace("whole customers", CUSTOMER) for column in expected]


@pytest.mark.parametrize(
    "text",
    [
        "WITH RECURSIVE a AS (SELECT * FROM cards), cards AS (SELECT ssn AS id FROM people) SELECT * FROM a",
        "WITH RECURSIVE a AS (SELECT id FROM cards), cards AS (SELECT ssn AS id FROM people) TABLE a",
    ],
)
def test_a_later_with_query_is_not_taken_for_a_relation(catalogue: Catalogue, text: str) -> None:
    assert traced(catalogue, text) in (None, ["?"])


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM unheard_of",
        "SELECT * FROM orders",  # two relations of different columns
        "SELECT * FROM first_card()",
        "SELECT (to_jsonb(c)).* FROM customers c",
        "SELECT u.* FROM unheard_of u, customers",
        "FETCH 1 FROM c",
        "EXECUTE p",
        "COPY customers FROM STDIN",
        "INSERT INTO logged VALUES (1) RETURNING id",
        "PREPARE p AS INSERT INTO logged VALUES (1) RETURNING id",
        "DECLARE c CURSOR FOR SELECT * FROM unheard_of",
        "SHOW search_path",
    ],
)
def test_where_columns_are_not_known(catalogue: Catalogue, text: str) -> None:
    assert traced(catalogue, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM (SELECT u.*, c.id FROM first_card() u, customers c) x(a, b)",
        "SELECT b FROM (SELECT c.id, u.* FROM first_card() u, customers c) x(a, b)",
        "WITH x(a) AS (SELECT u.*, c.id FROM first_card() u, customers c) SELECT a FROM x",
        "SELECT j.a FROM (unheard_of CROSS JOIN customers) AS j(a)",
        "SELECT id FROM (SELECT id FROM cards UNION ALL SELECT * FROM first_card()) x",
        "SELECT id FROM cards NATURAL RIGHT JOIN first_card() t",
        "SELECT id FROM cards RIGHT JOIN first_card() t USING (id)",
        "SELECT x.id FROM cards LEFT JOIN LATERAL (SELECT t.* FROM first_card() t) x ON true",
    ],
)
def test_a_column_of_which_the_place_is_not_known_may_be_any(catalogue: Catalogue, text: str) -> None:
    columns = traced(catalogue, text)
    assert columns is None or all("?" in column for column in columns)


def test_an_unqualified_relation_is_every_relation_of_that_name(catalogue: Catalogue) -> None:
    assert traced(catalogue, "SELECT id, o.total FROM orders o") == [
        "=archive.orders.id orders.id",
        "=orders.total",
    ]
    assert traced(catalogue, "SELECT * FROM archive.orders") == ["=archive.orders.id"]


def test_a_name_that_a_relation_only_may_have_can_be_that_of_an_outer_query(catalogue: Catalogue) -> None:
    text = "SELECT (SELECT total FROM orders LIMIT 1) FROM order_totals"
    assert traced(catalogue, text) == ["=order_totals.total orders.total"]


def nested(depth: int) -> str:
    """Recursive queries, each in the recursive part of the next."""
    text = "SELECT 1 AS a"
    for level in range(depth):
        again = f"SELECT a FROM ({text}) x UNION ALL SELECT a FROM r{level}"
        text = f"WITH RECURSIVE r{level} AS (SELECT id AS a FROM people UNION ALL ({again})) TABLE r{level}"
    return text


def test_recursion_inside_recursion_comes_to_an_end(catalogue: Catalogue) -> None:
    assert traced(catalogue, nested(5)) == ["people.id"]
    with pytest.raises(SqlNotUnderstood, match="recursive"):
        traced(catalogue, nested(30))
