"""A placeholder that an agent read must not come back as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.model import Effect, Parameter, Statement
from narrows.policy.postgres.evaluate import Question, evaluate

from .questions import AGENT, TARGET, ask, write
from .test_evasions import GENEROUS
from .test_masks import mask

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.model import Decision
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.rules import Policy

PLACEHOLDERS = [
    "[redacted]",
    "[redacted:us-ssn]",
    "************4242",
    "**1234",
    "****",
    "msk_abcdefgh234567ab",
    "msk_tk3jztpy9hsgs7e4",
    "see [redacted]!",
]
KEY = bytes([7] * 32)
INT8 = "5292776195844692129"
UUID = "9a69ae1f-38c4-849a-b9ac-6c71093fb902"
"""Pseudonyms of 42 and of a UUID under KEY, as in `rust/mask/tests/pseudonym.rs`."""
NO_PSEUDONYMS = [
    str(int(INT8) + 1),
    str(int(INT8) ^ 1 << 40),
    "42",
    "4" * 19,
    UUID[:-1] + "0",
    UUID.replace("a", "b"),
]


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return write(tmp_path, GENEROUS + mask("public.customers.card_number"))


def bind(policy: Policy, catalogue: Catalogue, text: str, *values: bytes | None, format: int = 0) -> Decision:
    """The decision when the parameters are known."""
    parameters = tuple(Parameter(format, value) for value in values)
    statement = Statement(text, phase="bind", parameters=parameters)
    return evaluate(policy, Question(AGENT, TARGET, statement, catalogue))


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO customers (id, card_number) VALUES (1, '{}')",
        "INSERT INTO customers SELECT 1, 'x', '{}'",
        "INSERT INTO customers SELECT 1, 'x', upper('{}') UNION ALL SELECT 2, 'y', 'z'",
        "INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = '{}'",
        "UPDATE customers SET card_number = '{}', name = 'x' WHERE id = 1",
        "UPDATE customers SET (note, card_number) = ('x', '{}') WHERE id = 1",
        "UPDATE vip SET card_number = E'{}' WHERE id = 1",
        "MERGE INTO customers c USING people p ON p.id = c.id WHEN MATCHED THEN UPDATE SET note = '{}'",
        "MERGE INTO vip v USING people p ON p.id = v.id WHEN NOT MATCHED THEN INSERT (name) VALUES ('{}')",
        "WITH u AS (UPDATE customers SET card_number = '{}' WHERE id = 1 RETURNING id) SELECT * FROM u",
    ],
)
def test_a_placeholder_in_the_text_is_refused(
    policy: Policy, catalogue: Catalogue, statement: str, placeholder: str
) -> None:
    decision = ask(policy, statement.format(placeholder), catalogue=catalogue)
    assert (decision.effect, decision.rule) == (Effect.DENY, "masked-data")
    assert "stands for a masked value" in decision.reason
    assert "only the columns that change" in decision.hint


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE customers SET name = 'x' WHERE card_number = '[redacted]'",
        "INSERT INTO people VALUES (1, '[redacted]')",
        "SELECT '[redacted]' FROM customers",
        "INSERT INTO customers SELECT 1, 'x' WHERE '[redacted]' = $1",
        "UPDATE customers SET note = '*.md', name = '*', card_number = 'redacted' WHERE id = 1",
        "UPDATE customers SET note = 'msk_short', card_number = '4242 **** **** 4242' WHERE id = 1",
    ],
)
def test_what_only_looks_like_one_is_not(policy: Policy, catalogue: Catalogue, statement: str) -> None:
    assert ask(policy, statement, catalogue=catalogue).effect is Effect.ALLOW


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
@pytest.mark.parametrize("format_", [0, 1])
def test_a_placeholder_in_a_parameter_is_refused(
    policy: Policy, catalogue: Catalogue, placeholder: str, format_: int
) -> None:
    text = "UPDATE customers SET card_number = $2, note = $1 WHERE id = $3"
    value = placeholder.encode()
    assert bind(policy, catalogue, text, b"x", value, b"1", format=format_).effect is Effect.DENY
    assert bind(policy, catalogue, text, b"x", b"4242", b"1", format=format_).effect is Effect.ALLOW
    assert bind(policy, catalogue, text, None, b"\xff\x00", value, format=format_).effect is Effect.ALLOW


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("UPDATE customers SET card_number = $1 WHERE id = 1", True),
        ("INSERT INTO customers VALUES ($1, $2)", True),
        ("INSERT INTO customers (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = $1", True),
        ("WITH u AS (UPDATE vip SET name = $1 WHERE id = 1) SELECT 1", True),
        ("UPDATE customers SET balance = 0 WHERE id = $1", False),
        ("INSERT INTO people VALUES ($1, $2)", False),
        ("SELECT card_number FROM customers WHERE id = $1", False),
    ],
)
def test_a_write_of_parameters_asks_again_at_bind(
    policy: Policy, catalogue: Catalogue, text: str, asks: bool
) -> None:
    decision = evaluate(policy, Question(AGENT, TARGET, Statement(text, phase="parse"), catalogue))
    assert (decision.effect, decision.ask_at_bind) == (Effect.ALLOW, asks)


def test_what_sql_prepares_cannot_be_looked_at_when_it_is_run(policy: Policy, catalogue: Catalogue) -> None:
    insert = "PREPARE p AS INSERT INTO customers (id, card_number) VALUES (1, {})"
    assert ask(policy, insert.format("$1"), catalogue=catalogue).effect is Effect.DENY
    assert ask(policy, insert.format("'4242'"), catalogue=catalogue).effect is Effect.ALLOW
    other = "PREPARE p AS INSERT INTO orders (id) VALUES ($1)"
    assert ask(policy, other, catalogue=catalogue).effect is Effect.ALLOW


def test_a_placeholder_is_shown_but_no_more_of_the_value(policy: Policy, catalogue: Catalogue) -> None:
    text = (
        "UPDATE customers SET note = 'known to [redacted] and to nobody else in the whole world' WHERE id = 1"
    )
    reason = ask(policy, text, catalogue=catalogue).reason
    assert "`[redacted]` stands for" in reason
    assert "nobody" not in reason


AMOUNTS = """
[[mask]]
id = "amounts"
targets = ["*"]
columns = ["public.customers.balance"]
transform = "{}"
"""


@pytest.mark.parametrize(
    ("transform", "shown", "other"),
    [
        ("redact", ["0", "'0'", "0.00", "0::int"], ["1", "-1", "NULL", "1 - 1"]),
        ("last4", ["0"], ["1234"]),
        ("bucket:10", ["0", "20", "-10", "'30'"], ["5", "-15", "NULL"]),
        ("null", ["NULL", "NULL::int"], ["0", "5"]),
        ("pseudonym", ["-1378596498", "'-1073741825'", "-2147483648"], ["-1073741824", "0", "1378596498"]),
        ("ff1", ["0"], ["123456"]),
    ],
)
def test_what_a_mask_shows_does_not_replace_what_it_hides(
    tmp_path: Path, catalogue: Catalogue, transform: str, shown: list[str], other: list[str]
) -> None:
    policy = write(tmp_path, GENEROUS + AMOUNTS.format(transform))
    for value, effect in [*((value, Effect.DENY) for value in shown), *((it, Effect.ALLOW) for it in other)]:
        for text in (
            f"UPDATE customers SET name = 'x', balance = {value} WHERE id = 1",
            f"INSERT INTO customers (id, balance) VALUES (1, {value})"
            " ON CONFLICT (id) DO UPDATE SET balance = EXCLUDED.balance",
            "MERGE INTO customers c USING people p ON p.id = c.id WHEN MATCHED"
            f" THEN UPDATE SET balance = {value}",
        ):
            assert ask(policy, text, catalogue=catalogue).effect is effect, text


def test_a_new_row_may_have_what_a_mask_shows_but_no_pseudonym(tmp_path: Path, catalogue: Catalogue) -> None:
    insert = "INSERT INTO customers (id, balance) VALUES (1, {})"
    policy = write(tmp_path, GENEROUS + AMOUNTS.format("redact"))
    assert ask(policy, insert.format("0"), catalogue=catalogue).effect is Effect.ALLOW
    policy = write(tmp_path, GENEROUS + AMOUNTS.format("pseudonym"))
    assert ask(policy, insert.format("-1378596498"), catalogue=catalogue).effect is Effect.DENY
    unnamed = "INSERT INTO customers VALUES (1, 'a', 'b', 'c', -1378596498)"
    decision = ask(policy, unnamed, catalogue=catalogue)
    assert decision.effect is Effect.DENY
    assert "mask `amounts` shows of public.customers.balance" in decision.reason


@pytest.mark.parametrize("value", [(0, b"20"), (1, (20).to_bytes(4, "big"))])
def test_a_parameter_is_read_by_its_type(
    tmp_path: Path, catalogue: Catalogue, value: tuple[int, bytes]
) -> None:
    policy = write(tmp_path, GENEROUS + AMOUNTS.format("bucket:10"))
    text = "UPDATE customers SET balance = $1 WHERE id = 20"
    assert bind(policy, catalogue, text, value[1], format=value[0]).effect is Effect.DENY
    other = b"21" if value[0] == 0 else (21).to_bytes(4, "big")
    assert bind(policy, catalogue, text, other, format=value[0]).effect is Effect.ALLOW


@pytest.mark.parametrize(
    ("statement", "effect"),
    [
        ("COPY customers (id, card_number) FROM STDIN", Effect.ALLOW),
        ("COPY customers FROM STDIN (FORMAT csv, HEADER match, FORCE_NULL (name))", Effect.ALLOW),
        ("COPY customers FROM STDIN (FORMAT csv, DEFAULT 'x')", Effect.DENY),
        ("COPY customers FROM STDIN; SELECT 1", Effect.DENY),
        ("COPY people FROM STDIN (DEFAULT 'x')", Effect.ALLOW),
    ],
)
def test_a_copy_that_cannot_be_looked_into_is_refused(
    policy: Policy, catalogue: Catalogue, statement: str, effect: Effect
) -> None:
    decision = ask(policy, statement, catalogue=catalogue)
    assert decision.effect is effect
    if effect is Effect.ALLOW and "customers" in statement:
        assert decision.copy is not None
        place = 1 if "(id" in statement else 2
        assert [column.transform for column in decision.columns or ()][place] == "last4"


def write_back(policy: Policy, catalogue: Catalogue, text: str, *parameters: Parameter) -> Decision:
    """The decision of a gateway that knows the key."""
    statement = Statement(text, phase="bind", parameters=parameters)
    return evaluate(policy, Question(AGENT, TARGET, statement, catalogue, KEY))


@pytest.mark.parametrize("value", [INT8, UUID, UUID.upper(), UUID.replace("-", "")])
def test_a_pseudonym_that_carries_a_tag_is_refused(policy: Policy, catalogue: Catalogue, value: str) -> None:
    sql = f"UPDATE customers SET note = '{value}' WHERE id = 1"
    assert write_back(policy, catalogue, sql).rule == "masked-data"
    sql = "UPDATE customers SET note = $1 WHERE id = 1"
    assert write_back(policy, catalogue, sql, Parameter(0, value.encode())).rule == "masked-data"


def test_a_pseudonym_is_known_as_a_number_and_in_binary(policy: Policy, catalogue: Catalogue) -> None:
    assert write_back(policy, catalogue, f"UPDATE customers SET balance = {INT8}").rule == "masked-data"
    for value in (int(INT8).to_bytes(8, "big"), bytes.fromhex(UUID.replace("-", ""))):
        sql = "UPDATE customers SET balance = $1"
        decision = write_back(policy, catalogue, sql, Parameter(1, value))
        assert decision.reason.startswith("a parameter stands for a masked value")


@pytest.mark.parametrize("value", NO_PSEUDONYMS)
def test_what_carries_no_tag_is_written(policy: Policy, catalogue: Catalogue, value: str) -> None:
    decision = write_back(policy, catalogue, f"UPDATE customers SET note = '{value}' WHERE id = 1")
    assert decision.effect is Effect.ALLOW, decision.reason


def test_where_detectors_mask_anything_no_relation_takes_a_placeholder(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    policy = write(tmp_path, GENEROUS + '[[mask]]\nid = "d"\ntargets = ["*"]\ndetectors = ["email"]\n')
    assert bind(policy, catalogue, "UPDATE orders SET total = $1", b"[redacted:email]").rule == "masked-data"
    assert bind(policy, catalogue, "UPDATE orders SET total = $1", b"12").effect is Effect.ALLOW
    assert ask(policy, "INSERT INTO orders SELECT 1, 2", catalogue=catalogue).effect is Effect.ALLOW
