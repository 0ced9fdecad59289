"""What is masked in a real database, wherever a masked column can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.policy.masking.masks import mask_set

from .questions import AGENT, TARGET, rule, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg

    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.rules import Policy

READ = rule("read", "allow", 'verbs = ["select"], tables = ["public.*"]')


def mask(*columns: str, transform: str = "last4", name: str = "m", more: str = "") -> str:
    """A mask for everyone."""
    listed = ", ".join(f'"{column}"' for column in columns)
    return (
        f'[[mask]]\nid = "{name}"\ntargets = ["*"]\ncolumns = [{listed}]\ntransform = "{transform}"\n{more}\n'
    )


def masked(policy: Policy, catalogue: Catalogue, relation: str) -> dict[str, str]:
    """Masked columns of a relation by name."""
    masks = mask_set(policy, AGENT, TARGET, catalogue)
    (found,) = [known for known in catalogue.relations.values() if known.qualified == relation]
    return {found.columns[number]: transform for number, transform in masks.relations[found.oid].items()}


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        ("public.customers", {"card_number": "last4"}),
        ("public.orders", {}),
        ("public.cards", {"number": "last4"}),
        ("public.cards_again", {"n": "last4"}),
        ("public.card_words", {"words": "redact"}),
        ("public.whole_rows", {"everything": "redact"}),
        ("public.order_totals", {}),
        ("public.both_ways", {"card_number": "redact"}),
        ("public.by_function", {"card": "redact"}),
        ("public.by_xml", {"all_of_it": "redact"}),
        ("public.kept_cards", {"card_number": "last4"}),
        ("public.vip", {"card_number": "last4"}),
        ("pg_catalog.pg_class", {}),
    ],
)
def test_a_column_is_masked_wherever_it_shows(
    tmp_path: Path, catalogue: Catalogue, relation: str, expected: dict[str, str]
) -> None:
    policy = write(tmp_path, READ + mask("public.customers.card_number"))
    assert masked(policy, catalogue, relation) == expected


@pytest.mark.parametrize("column", ["public.people.ssn", "public.people_1.ssn"])
def test_partitions_and_parents_go_by_name(tmp_path: Path, catalogue: Catalogue, column: str) -> None:
    policy = write(tmp_path, READ + mask(column))
    assert masked(policy, catalogue, "public.people") == {"ssn": "last4"}
    assert masked(policy, catalogue, "public.people_1") == {"ssn": "last4"}


def test_every_relation_is_in_the_set(tmp_path: Path, catalogue: Catalogue) -> None:
    masks = mask_set(write(tmp_path, READ + mask("public.customers.card_number")), AGENT, TARGET, catalogue)
    assert masks.relations.keys() == catalogue.relations.keys()


@pytest.mark.parametrize(
    "relation", ["pg_catalog.pg_stats", "pg_catalog.pg_statistic", "pg_catalog.pg_stat_activity"]
)
def test_catalogues_that_reveal_are_masked_whole(tmp_path: Path, catalogue: Catalogue, relation: str) -> None:
    policy = write(tmp_path, READ + mask("public.customers.card_number"))
    (found,) = [known for known in catalogue.relations.values() if known.qualified == relation]
    assert masked(policy, catalogue, relation).keys() == set(found.columns.values())


def test_patterns_and_the_transform_that_shows_least(tmp_path: Path, catalogue: Catalogue) -> None:
    policy = write(
        tmp_path, READ + mask("*.customers.c*") + mask("public.*.card_number", transform="null", name="all")
    )
    assert masked(policy, catalogue, "public.customers") == {"card_number": "null"}
    assert masked(policy, catalogue, "public.kept_cards") == {"card_number": "null"}


def test_a_mask_without_a_column_is_a_warning(tmp_path: Path, catalogue: Catalogue) -> None:
    masks = mask_set(write(tmp_path, READ + mask("public.customers.cvv")), AGENT, TARGET, catalogue)
    assert [str(warning) for warning in masks.warnings] == [
        "mask `m`: no column matches public.customers.cvv"
    ]
    assert masks.applies


def test_those_excepted_see_everything(tmp_path: Path, catalogue: Catalogue) -> None:
    policy = write(tmp_path, READ + mask("public.customers.card_number", more='except = ["agents"]'))
    masks = mask_set(policy, AGENT, TARGET, catalogue)
    assert not masks.applies
    assert not masks.relations


def test_equal_questions_get_the_same_set(tmp_path: Path, catalogue: Catalogue) -> None:
    policy = write(tmp_path, READ + mask("public.customers.card_number"))
    assert mask_set(policy, AGENT, TARGET, catalogue) is mask_set(policy, AGENT, TARGET, catalogue)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            'SELECT card_number AS ":resno 9 :resorigtbl 0 }{ (" FROM customers',
            {":resno 9 :resorigtbl 0 }{ (": "last4"},
        ),
        ("SELECT x.a FROM (SELECT card_number AS a FROM customers OFFSET 0) x", {"a": "last4"}),
        (
            "WITH w AS MATERIALIZED (SELECT * FROM customers) SELECT id, card_number FROM w",
            {"card_number": "last4"},
        ),
        (
            "SELECT o.id, c.card_number FROM orders o LEFT JOIN customers c ON c.id = o.customer",
            {"card_number": "last4"},
        ),
        ("SELECT id, (SELECT max(card_number) FROM customers) AS m FROM orders", {"m": "redact"}),
        ("SELECT id, c FROM customers c", {"c": "redact"}),
        ("SELECT id FROM customers WHERE card_number LIKE '4%'", {}),
        ("SELECT count(*) AS n FROM orders", {}),
        (
            "SELECT lower(name) AS l, note || card_number AS b, count(*) OVER () AS n FROM customers",
            {"b": "redact"},
        ),
        (
            "SELECT name, card_number FROM customers UNION SELECT note, name FROM vip",
            {"card_number": "redact"},
        ),
        (
            "SELECT coalesce(n.number, '-') AS c, n.id + 1 AS i FROM (TABLE cards_again) n(number)",
            {"c": "redact"},
        ),
        ("SELECT upper(name) AS n, first_card() AS f FROM customers", {"n": "redact", "f": "redact"}),
        ("SELECT id, most_common_vals::text AS v FROM orders, pg_stats", {"v": "redact"}),
        ("SELECT stavalues1::text AS v FROM pg_statistic", {"v": "redact"}),
    ],
)
def test_views_made_while_running(
    tmp_path: Path,
    database: psycopg.Connection[tuple[str, ...]],
    load: Callable[[], Catalogue],
    query: str,
    expected: dict[str, str],
) -> None:
    policy = write(tmp_path, READ + mask("public.customers.card_number"))
    database.execute(f"CREATE VIEW made AS {query}")
    try:
        assert masked(policy, load(), "public.made") == expected
    finally:
        database.execute("DROP VIEW made")
