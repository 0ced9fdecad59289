"""Whatever text arrives, policy answers with a decision, and only ever allows what it has read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from narrows.model import Decision, Effect
from narrows.policy.patterns import words
from narrows.policy.postgres.facts import SqlNotUnderstood
from narrows.policy.postgres.sql import statement_facts

from .questions import ask, rule, write

if TYPE_CHECKING:
    from narrows.policy.rules import Policy

WORDS = st.sampled_from(
    sorted(
        words(
            """
        SELECT INSERT INTO VALUES UPDATE SET DELETE FROM WHERE WITH RECURSIVE AS ( ) , ; * = 1 'a' $1 a
        b t u s.t COPY TO STDOUT STDIN PROGRAM EXPLAIN ANALYZE PREPARE EXECUTE DECLARE CURSOR FOR FETCH
        ALL CREATE TABLE VIEW TEMP DROP ALTER ADD COLUMN TRUNCATE GRANT ON ROLE search_path RESET
        DISCARD BEGIN COMMIT DO $$x$$ CALL f( MERGE USING WHEN MATCHED THEN NOT JOIN LATERAL UNION ORDER
        BY LIMIT RETURNING true and or is null count(*) -- /* */ " ' E'\\'
        """
        )
    )
)
STATEMENTS = st.lists(WORDS, max_size=30).map(" ".join)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return write(
        tmp_path_factory.mktemp("policy"), rule("read", "allow", 'verbs = ["select"], tables = ["public.*"]')
    )


@given(
    st.one_of(
        st.text(max_size=200), STATEMENTS, st.binary(max_size=100).map(lambda data: data.decode("latin-1"))
    )
)
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_never_anything_but_a_decision(policy: Policy, text: str) -> None:
    decision = ask(policy, text)
    assert isinstance(decision, Decision)
    if decision.effect is Effect.ALLOW:
        assert decision.verbs <= {"select", "execute", "set"}


@given(STATEMENTS, STATEMENTS)
@settings(max_examples=300, deadline=None)
def test_a_text_is_all_of_its_statements(first: str, second: str) -> None:
    try:
        apart = statement_facts(first) + statement_facts(second)
    except SqlNotUnderstood:
        return
    if "--" not in first and "/*" not in first:
        assert statement_facts(f"{first};{second}") == apart


@given(st.sampled_from(["--{}\n", "/*{}*/"]), st.text(alphabet="abc ;'\"$", max_size=20))
def test_comments_change_nothing(form: str, inside: str) -> None:
    comment = form.format(inside)
    assert statement_facts(f"DELETE {comment} FROM {comment} t") == statement_facts("DELETE FROM t")
