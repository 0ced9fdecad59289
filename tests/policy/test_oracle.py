"""Lineage against another implementation of it, sqlglot's, where that one can follow.

sqlglot reads its own grammar and knows no whole rows, no RETURNING and no functions, so it is an oracle for
the rest: every base column that it finds must be among ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify

from .test_lineage import CASES, traced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.policy.postgres.catalogue import Catalogue

GROUPS = ("expressions", "subqueries-and-set-operations", "with-queries", "joins", "aggregates-and-windows")
BEYOND = ("RETURNING", "U&", "TABLE ", "customers c(a", "first_card", "nextval", "pg_catalog", "ctid")
"""What sqlglot does not read, or reads as something else."""
DECIDING = ("EXISTS", "count(", "FILTER", "OVER", "grouping", "string_agg", ")[")
"""Where it counts as a source what only decides which value it is."""
EVERY_STATEMENT = [text for group in GROUPS for text in CASES[group]]
FOLLOWED_MIN = 45
"""How many of the statements the oracle must be able to follow, lest it proves nothing."""


def oracle(catalogue: Catalogue, text: str) -> list[set[str]] | None:
    """What sqlglot says of each column of a statement; None where it does not say."""
    schema = {
        relation.name: dict.fromkeys(relation.columns.values(), "text")
        for relation in catalogue.relations.values()
        if relation.schema == "public"
    }
    try:
        tree = qualify(sqlglot.parse_one(text, dialect="postgres"), schema=schema, dialect="postgres")
        names = tree.named_selects
        if len(set(names)) != len(names):
            return None
        roots = [lineage(name, tree, schema=schema, dialect="postgres") for name in names]
    except (sqlglot.errors.SqlglotError, ValueError, KeyError, AttributeError, RecursionError):
        return None
    return [
        {
            f"{leaf.source.name}.{leaf.name.rpartition('.')[2]}".replace('"', "")
            for leaf in root.walk()
            if isinstance(leaf.source, exp.Table)
        }
        for root in roots
    ]


def compared(catalogue: Catalogue) -> Iterator[tuple[str, list[set[str]], list[str]]]:
    """Every statement that both follow, with what each says."""
    for text in EVERY_STATEMENT:
        if any(word in text for word in BEYOND + DECIDING):
            continue
        theirs, ours = oracle(catalogue, text), traced(catalogue, text)
        if theirs is not None and ours is not None and len(theirs) == len(ours):
            yield text, theirs, ours


def test_every_column_that_the_oracle_finds_is_found(catalogue: Catalogue) -> None:
    followed = list(compared(catalogue))
    for text, theirs, ours in followed:
        for found, column in zip(theirs, ours, strict=True):
            assert found <= set(column.removeprefix("=").split()), text
    assert len(followed) >= FOLLOWED_MIN


def test_the_oracle_can_disagree(catalogue: Catalogue) -> None:
    assert oracle(catalogue, "SELECT lower(card_number) AS x FROM customers") == [{"customers.card_number"}]


@pytest.mark.parametrize("text", ["SELECT row_to_json(c) AS x FROM customers c"])
def test_what_the_oracle_loses(catalogue: Catalogue, text: str) -> None:
    """Why it is an oracle and not the wall: it sees no column in a whole row."""
    assert "customers.card_number" not in str(oracle(catalogue, text))
    assert "customers.card_number" in str(traced(catalogue, text))
