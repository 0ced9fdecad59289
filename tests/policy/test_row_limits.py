"""`limit = { rows = N }`: which limit a statement gets, and which statements cannot have one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.errors import PolicyError
from narrows.model import Effect, Statement
from narrows.policy.explain import explain
from tests.policy.questions import AGENT, TARGET, ask, rule, write

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.policy.rules import Policy

RULES = (
    rule("read", "allow", 'verbs = ["select"]')
    + rule(
        "few",
        "allow",
        'verbs = ["update", "copy-from", "insert"], tables = ["public.a"]',
        more="limit = { rows = 5 }",
    )
    + rule(
        "fewer", "require-approval", 'verbs = ["update"], tables = ["public.b"]', more="limit = { rows = 2 }"
    )
    + rule("settings", "allow", 'settings = ["*"]')
    + rule("free", "allow", 'verbs = ["update", "delete"], tables = ["public.c"]')
)


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return write(tmp_path, RULES)


@pytest.mark.parametrize(
    ("sql", "effect", "rows_max"),
    [
        ("update public.a set x = 1", Effect.ALLOW, 5),
        ("with w as (update public.a set x = 1 returning 1) select * from w", Effect.ALLOW, 5),
        ("update public.b set x = 1", Effect.REQUIRE_APPROVAL, 2),
        ("with w as (update public.a set x = 1) update public.b set x = 2", Effect.REQUIRE_APPROVAL, 2),
        ("with w as (update public.a set x = 1) update public.c set x = 2", Effect.ALLOW, 5),
        ("update public.c set x = 1 from public.a", Effect.ALLOW, None),
        ("select * from public.a", Effect.ALLOW, None),
        ("update public.c set x = 1; delete from public.c", Effect.ALLOW, None),
    ],
)
def test_the_lowest_limit_of_what_is_changed_holds(
    policy: Policy, sql: str, effect: Effect, rows_max: int | None
) -> None:
    decision = ask(policy, sql)
    assert (decision.effect, decision.rows_max) == (effect, rows_max)


@pytest.mark.parametrize(
    "sql",
    [
        "update public.a set x = 1; update public.a set x = 2",
        "update public.a set x = 1; commit",
        "copy public.a from stdin",
        "prepare p as update public.a set x = 1",
        "explain analyze update public.a set x = 1",
        "update public.a set x = 1 where set_config('narrows.rows', '-9', true) = '-9'",
    ],
)
def test_what_cannot_be_counted_is_denied(policy: Policy, sql: str) -> None:
    decision = ask(policy, sql)
    assert decision.effect is Effect.DENY
    assert decision.rule == "few"
    assert decision.hint.startswith("send one INSERT")


def test_a_name_that_could_stand_for_a_limited_statement_is_not_run(policy: Policy) -> None:
    assert ask(policy, "execute p").rule == "unseen-statement"


@pytest.mark.parametrize(
    ("effect", "limit", "problem"),
    [
        ("allow", "{ rows = -1 }", "`rows` is from 0 to 10000000"),
        ("allow", "{ rows = 10000001 }", "`rows` is from 0 to 10000000"),
        ("allow", "{ row = 1 }", "unknown key `row`"),
        ("deny", "{ rows = 1 }", "a rule that denies has nothing to limit"),
    ],
)
def test_a_limit_that_means_nothing_is_a_mistake(
    tmp_path: Path, effect: str, limit: str, problem: str
) -> None:
    with pytest.raises(PolicyError, match=problem):
        write(tmp_path, rule("r", effect, 'verbs = ["update"]', more=f"limit = {limit}"))


def test_the_explanation_tells_of_the_limit(policy: Policy) -> None:
    sql = "update public.a set x = 1"
    explained = explain(policy, AGENT, TARGET, Statement(sql))
    assert explained.document()["rows_max"] == 5
    assert "limit: at most 5 rows, or it is rolled back" in explained.text()
