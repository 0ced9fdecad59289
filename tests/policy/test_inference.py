"""What a masked column may be used for under each setting of its mask, and what the agent is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.model import Effect, OutputColumn

from .questions import ask, write
from .test_evasions import GENEROUS
from .test_masks import mask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from narrows.model import Decision
    from narrows.policy.postgres.catalogue import Catalogue

Put = "Callable[[str, str], Decision]"

BARE = [
    "SELECT card_number FROM customers",
    "SELECT * FROM customers ORDER BY id LIMIT 10 OFFSET 20",
    "SELECT c.card_number FROM customers c JOIN public.orders o ON o.customer = c.id WHERE o.total > 5",
    "SELECT (c).card_number FROM customers c WHERE name LIKE 'A%'",
    "SELECT name, count(*) FROM customers GROUP BY name HAVING count(*) > 1 ORDER BY 2 DESC",
    "SELECT DISTINCT name FROM customers",
    "SELECT name, rank() OVER (PARTITION BY note ORDER BY balance) FROM customers",
    "SELECT CASE WHEN balance > 0 THEN 'rich' ELSE 'poor' END FROM customers",
    "SELECT id, card_number FROM customers UNION ALL SELECT id, note FROM customers",
    "SELECT x.card_number FROM (SELECT * FROM customers WHERE id = 1) x",
    "UPDATE customers SET card_number = $1, name = lower(name) WHERE id = 1 RETURNING *",
    "DELETE FROM customers WHERE id = 1 RETURNING card_number",
    "INSERT INTO orders SELECT id, balance FROM customers WHERE name = 'x'",
    "SELECT EXISTS (SELECT card_number FROM customers WHERE id = 1)",
]
"""Allowed under every setting."""

DERIVED = [
    "SELECT lower(card_number) FROM customers",
    "SELECT 'x' || card_number || '-' || id FROM customers",
    "SELECT row_to_json(c) FROM customers c",
    "SELECT json_agg(x) FROM (SELECT id, card_number FROM customers) x",
    "SELECT card_number::text, card_number::varchar(4) FROM customers",
    "SELECT coalesce(card_number, '-') FROM customers",
    "SELECT left(card_number, 4), substring(card_number FROM 1 FOR 2) FROM customers",
    "SELECT card_number > '4' FROM customers",
    "SELECT card_number IS NULL FROM customers",
]
"""Refused by `deny` and allowed by the others: the value is hidden and nothing else tells it."""

EQUALITY = [
    "SELECT id FROM customers WHERE card_number = '4111'",
    "SELECT id FROM customers WHERE id > 3 AND '4111' = card_number AND name = 'x'",
    "SELECT id FROM customers c WHERE c.card_number = $1::varchar",
    "SELECT id FROM customers WHERE card_number IN ('1', '2', $1)",
    "SELECT id FROM customers WHERE card_number = ANY($1)",
    "SELECT id FROM customers WHERE card_number = ANY(ARRAY['1', '2'])",
    "SELECT id FROM customers WHERE card_number IS NOT NULL",
    "SELECT count(card_number) FROM customers",
    "SELECT count(*) FILTER (WHERE card_number = '1') FROM customers",
    "SELECT x.id FROM (SELECT id, card_number AS c FROM customers) x WHERE x.c = '1'",
    "SELECT p.id FROM people p JOIN customers c ON c.id = p.id AND c.card_number = '1'",
    "SELECT id FROM people WHERE id IN (SELECT id FROM customers WHERE card_number = '1')",
    "UPDATE customers SET note = 'x' WHERE card_number = '1'",
    "DELETE FROM customers WHERE card_number = '1'",
    "EXPLAIN SELECT id FROM customers WHERE card_number = '1'",
]
"""Refused by `deny` and allowed by the others."""

ANYTHING = [
    ("SELECT id FROM customers ORDER BY card_number", "used in ORDER BY"),
    ("SELECT id, card_number AS c FROM customers ORDER BY c", "used in ORDER BY"),
    ("SELECT id, card_number FROM customers ORDER BY 2", "used in ORDER BY"),
    ("SELECT id FROM cards ORDER BY number", "used in ORDER BY"),
    ("SELECT id FROM customers ORDER BY lower(card_number)", "used in ORDER BY"),
    ("SELECT * FROM (SELECT id FROM customers ORDER BY card_number LIMIT 1) x", "used in ORDER BY"),
    ("SELECT id FROM customers WHERE card_number LIKE '4%'", "compared by LIKE"),
    ("SELECT id FROM customers WHERE card_number ~ '^4'", "an operand of ~"),
    ("SELECT id FROM customers WHERE card_number > '4'", "used in WHERE"),
    ("SELECT id FROM customers WHERE card_number <> '4'", "used in WHERE"),
    ("SELECT id FROM customers WHERE card_number NOT IN ('4')", "used in WHERE"),
    ("SELECT id FROM customers WHERE card_number BETWEEN '4' AND '5'", "used in WHERE"),
    ("SELECT id FROM customers WHERE lower(card_number) = '4'", "used in WHERE"),
    ("SELECT id FROM customers WHERE left(card_number, 1) = '4'", "used in WHERE"),
    ("SELECT id FROM customers WHERE card_number::int = 4", "cast to int4"),
    ("SELECT id FROM customers WHERE card_number = note", "used in WHERE"),
    ("SELECT id FROM customers WHERE card_number = (SELECT max(note) FROM customers)", "used in WHERE"),
    ("SELECT id FROM customers WHERE (card_number, id) = ('4', 1)", "an operand of ="),
    ("SELECT id FROM customers WHERE card_number = '4' OR id = 1", "a condition"),
    ("SELECT id FROM customers WHERE NOT card_number = '4'", "used in WHERE"),
    ("SELECT id FROM customers c WHERE c::text LIKE '%4%'", "compared by LIKE"),
    ("SELECT id FROM customers WHERE (SELECT card_number) = '4'", "used in WHERE"),
    (
        "SELECT x.id FROM (SELECT id, left(card_number, 1) AS f FROM customers) x WHERE f = '4'",
        "compared by =",
    ),
    ("SELECT p.id FROM people p JOIN customers c ON c.card_number = p.ssn", "used in a join condition"),
    ("SELECT p.id FROM people p JOIN customers c ON c.card_number > p.ssn", "used in a join condition"),
    ("SELECT 1 FROM kept_cards JOIN customers USING (card_number)", "used in USING or NATURAL JOIN"),
    ("SELECT 1 FROM kept_cards NATURAL JOIN customers", "used in USING or NATURAL JOIN"),
    ("SELECT count(*) FROM customers GROUP BY card_number", "used in GROUP BY"),
    ("SELECT count(*) FROM customers GROUP BY CUBE (name, card_number)", "used in GROUP BY"),
    ("SELECT card_number AS c, count(*) FROM customers GROUP BY c", "used in GROUP BY"),
    ("SELECT DISTINCT ON (card_number) id FROM customers", "used in DISTINCT ON"),
    ("SELECT DISTINCT card_number, id FROM customers", "used in DISTINCT"),
    ("SELECT card_number FROM customers UNION SELECT '4'", "compared by UNION"),
    ("SELECT card_number FROM customers INTERSECT SELECT '4'", "compared by INTERSECT"),
    ("SELECT name FROM customers GROUP BY name HAVING max(card_number) > '4'", "passed to max()"),
    ("SELECT name FROM customers GROUP BY name HAVING bool_or(card_number = '4')", "passed to bool_or()"),
    ("SELECT max(card_number) FROM customers", "passed to max()"),
    ("SELECT count(DISTINCT card_number) FROM customers", "counted by distinct values"),
    ("SELECT count(nullif(left(card_number, 1), '4')) FROM customers", "compared by NULLIF"),
    ("SELECT count(*) FILTER (WHERE card_number > '4') FROM customers", "used in FILTER"),
    ("SELECT string_agg(name, ',' ORDER BY card_number) FROM customers", "used in ORDER BY of string_agg()"),
    ("SELECT row_number() OVER (ORDER BY card_number) FROM customers", "used in ORDER BY of a window"),
    ("SELECT count(*) OVER w FROM customers WINDOW w AS (PARTITION BY card_number)", "used in PARTITION BY"),
    ("SELECT id FROM customers LIMIT (SELECT card_number::int FROM customers)", "cast to int4"),
    ("SELECT CASE WHEN card_number = '4' THEN 1 END FROM customers", "a condition of CASE"),
    ("SELECT CASE card_number WHEN '4' THEN 1 END FROM customers", "a condition of CASE"),
    ("SELECT EXISTS (SELECT FROM customers WHERE card_number LIKE '4%')", "compared by LIKE"),
    ("SELECT (SELECT id FROM customers WHERE card_number > '4' LIMIT 1)", "used in WHERE"),
    (
        "SELECT id FROM people p WHERE EXISTS (SELECT FROM customers WHERE card_number = p.ssn)",
        "used in WHERE",
    ),
    ("SELECT id FROM people WHERE ssn IN (SELECT card_number FROM customers)", "compared with a subquery"),
    ("SELECT 1 / (ascii(card_number) - 52) FROM customers", "passed to ascii()"),
    ("SELECT 10 / length(card_number) FROM customers", "an operand of /"),
    ("SELECT card_number::date FROM customers", "cast to date"),
    ("SELECT card_number LIKE '4\\' FROM customers", "compared by LIKE"),
    ("SELECT card_number = '4' AND 1 / (id - id) = 1 FROM customers", "a condition"),
    ("SELECT coalesce(nullif(left(card_number, 1), '4'), note) FROM customers", "compared by NULLIF"),
    ("SELECT substring(card_number FROM '^4') FROM customers", "passed to substring()"),
    ("SELECT pg_sleep(length(card_number)) FROM customers", "passed to pg_sleep()"),
    ("SELECT generate_series(1, length(card_number)) FROM customers", "passed to generate_series()"),
    (
        "SELECT 1 FROM customers, regexp_split_to_table(card_number, '') r",
        "passed to regexp_split_to_table()",
    ),
    ("SELECT ('{\"4\": 1}'::jsonb) -> left(card_number, 1) FROM customers", "used as a key"),
    ("SELECT (ARRAY[1])[length(card_number)] FROM customers", "used as a subscript"),
    ("UPDATE customers SET note = 'x' WHERE card_number LIKE '4%'", "compared by LIKE"),
    ("DELETE FROM people USING customers c WHERE c.card_number > people.ssn", "used in WHERE"),
    (
        "MERGE INTO people p USING customers c ON c.card_number = p.ssn WHEN MATCHED THEN DELETE",
        "used in the condition of MERGE",
    ),
    (
        "MERGE INTO people p USING customers c ON c.id = p.id WHEN MATCHED AND card_number > '4' THEN DELETE",
        "used in a condition of MERGE",
    ),
    ("EXPLAIN ANALYZE SELECT id FROM customers WHERE card_number > '4'", "used in WHERE"),
    ("DECLARE c CURSOR FOR SELECT id FROM customers ORDER BY card_number", "used in ORDER BY"),
    ("COPY (SELECT id FROM customers ORDER BY card_number) TO STDOUT", "used in ORDER BY"),
    (
        "SELECT 1 FROM customers, json_table(card_number::jsonb, '$' COLUMNS (a int PATH '$')) j",
        "cast to jsonb",
    ),
]
"""Refused unless the mask says `allow`, and what the agent is told."""


@pytest.fixture
def put(tmp_path: Path, catalogue: Catalogue) -> Callable[[str, str], Decision]:
    """Asks for a statement under a setting."""
    policies = {
        setting: write(
            tmp_path, GENEROUS + mask("public.customers.card_number", more=f'inference = "{setting}"')
        )
        for setting in ("deny", "equality", "allow")
    }
    return lambda setting, statement: ask(policies[setting], statement, catalogue=catalogue)


@pytest.mark.parametrize("setting", ["deny", "equality", "allow"])
@pytest.mark.parametrize("statement", BARE)
def test_a_masked_column_may_always_be_returned(put: Put, setting: str, statement: str) -> None:
    decision = put(setting, statement)
    assert decision.effect is Effect.ALLOW, decision.reason


@pytest.mark.parametrize("statement", DERIVED + EQUALITY)
def test_only_deny_refuses(put: Put, statement: str) -> None:
    assert put("deny", statement).rule == "masked-data"
    for setting in ("equality", "allow"):
        assert put(setting, statement).effect is Effect.ALLOW, put(setting, statement).reason


@pytest.mark.parametrize("statement", DERIVED)
def test_what_is_derived_is_hidden(put: Put, statement: str) -> None:
    columns = put("equality", statement).columns
    assert columns is not None
    assert {column.exposure for column in columns} == {"whole"}


@pytest.mark.parametrize(("statement", "what"), ANYTHING)
def test_what_tells_of_a_value_is_refused(put: Put, statement: str, what: str) -> None:
    for setting in ("deny", "equality"):
        decision = put(setting, statement)
        assert (decision.effect, decision.rule) == (Effect.DENY, "masked-data"), statement
        assert "which mask `m` hides, is " in decision.reason
        assert "mask `m` lets it" in decision.hint
    assert decision.reason.endswith(f", is {what}"), decision.reason
    assert put("allow", statement).effect is Effect.ALLOW, put("allow", statement).reason


def test_the_refusal_names_the_column_the_mask_and_the_use(put: Put) -> None:
    decision = put("equality", "SELECT id FROM cards ORDER BY number")
    assert decision.reason == "public.cards.number, which mask `m` hides, is used in ORDER BY"


def test_equality_is_the_default(tmp_path: Path, catalogue: Catalogue) -> None:
    policy = write(tmp_path, GENEROUS + mask("public.customers.card_number"))
    assert ask(policy, EQUALITY[0], catalogue=catalogue).effect is Effect.ALLOW
    assert ask(policy, ANYTHING[0][0], catalogue=catalogue).effect is Effect.DENY


def test_where_masks_meet_the_stricter_setting_counts(tmp_path: Path, catalogue: Catalogue) -> None:
    loose = mask("public.customers.card_number", transform="null", more='inference = "allow"')
    strict = mask("public.customers.c*", name="n", more='inference = "deny"')
    decision = ask(write(tmp_path, GENEROUS + loose + strict), EQUALITY[0], catalogue=catalogue)
    assert decision.reason == "public.customers.card_number, which mask `n` hides, is compared by ="


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT card_number FROM customers", [OutputColumn("masked", "last4", 25, -1)]),
        (
            "SELECT number AS x, 1 FROM cards",
            [OutputColumn("masked", "last4", 25, -1), OutputColumn("clear")],
        ),
        ("SELECT balance, lower(name), count(*) FROM customers GROUP BY 1, 2", [OutputColumn("clear")] * 3),
        (
            "SELECT card_number FROM customers UNION ALL SELECT card_number FROM vip",
            [OutputColumn("masked", "last4", 25, -1)],
        ),
        (
            "SELECT card_number FROM customers UNION ALL SELECT note FROM customers",
            [OutputColumn("whole", "", 25, -1)],
        ),
        (
            "SELECT upper(card_number), card_number::varchar, card_number || 'x' FROM customers",
            [
                OutputColumn("whole", type_oid=25),
                OutputColumn("whole", type_oid=1043),
                OutputColumn("whole"),
            ],
        ),
        ("SELECT first_card(), id FROM customers", [OutputColumn("whole"), OutputColumn("clear")]),
        (
            "SELECT words, id FROM card_words",
            [OutputColumn("masked", "redact", 25, -1), OutputColumn("clear")],
        ),
    ],
)
def test_output_columns(put: Put, statement: str, expected: list[OutputColumn]) -> None:
    decision = put("equality", statement)
    assert decision.effect is Effect.ALLOW, decision.reason
    assert decision.columns == tuple(expected)


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM unheard_of", "SELECT 1 FROM customers; SELECT 2", "EXECUTE p"]
)
def test_of_these_the_columns_are_not_known(put: Put, statement: str) -> None:
    assert put("equality", statement).columns is None
