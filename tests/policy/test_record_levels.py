"""`record = "..."`: how much is kept of what answers a text, and which rules cannot say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.errors import PolicyError
from narrows.model import Command, Effect, Statement, Target
from narrows.policy import judge
from narrows.policy.explain import explain
from narrows.policy.kubernetes.reading import read_call_text
from narrows.policy.record_levels import RECORD_LEVELS
from narrows.policy.ssh.evaluate import CommandQuestion, evaluate_command
from tests.policy.questions import AGENT, TARGET, ask, rule, write

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.policy.rules import Policy

RULES = "".join(
    rule(
        level,
        effect,
        f'verbs = ["select"], tables = ["kept_{level.replace("-", "_")}.*"]',
        more=f'record = "{level}"',
    )
    for level, effect in zip(RECORD_LEVELS, ("allow", "allow", "require-approval"), strict=True)
) + rule("unsaid", "allow", 'verbs = ["select"], tables = ["unsaid.*"]')


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return write(tmp_path, RULES)


@pytest.mark.parametrize(
    ("sql", "effect", "record"),
    [
        ("select * from kept_full.t", Effect.ALLOW, "full"),
        ("select * from unsaid.t", Effect.ALLOW, "full"),
        ("select 1", Effect.ALLOW, "full"),
        ("select upper(name) from kept_none_of_the_rows.t", Effect.ALLOW, "none-of-the-rows"),
        ("copy kept_none_of_the_rows.t to stdout", Effect.DENY, "full"),
        ("select * from kept_statements.t", Effect.REQUIRE_APPROVAL, "statements"),
        (
            "select * from kept_statements.t, kept_none_of_the_rows.t",
            Effect.REQUIRE_APPROVAL,
            "none-of-the-rows",
        ),
        ("select * from kept_none_of_the_rows.t, unsaid.t", Effect.ALLOW, "full"),
        ("select * from kept_none_of_the_rows.t; select * from kept_full.t", Effect.ALLOW, "full"),
    ],
)
def test_what_keeps_most_of_what_is_spoken_of_wins(
    policy: Policy, sql: str, effect: Effect, record: str
) -> None:
    decision = ask(policy, sql)
    assert (decision.effect, decision.record) == (effect, record)


def test_explain_says_what_is_recorded(policy: Policy) -> None:
    def explained(sql: str):
        return explain(policy, AGENT, TARGET, Statement(sql))

    limited = explained("select * from kept_none_of_the_rows.t")
    assert limited.document()["record"] == "none-of-the-rows"
    assert "  recorded: none-of-the-rows; the rest by count and hash" in limited.text().splitlines()
    assert "recorded" not in explained("select * from kept_full.t").text()


HOSTS = """
[[rule]]
id = "hosts"
principals = ["agents"]
targets = ["*"]
effect = "{effect}"
record = "{record}"
{section}
"""


@pytest.mark.parametrize(
    ("section", "effect", "record", "message"),
    [
        ('ssh = { commands = ["df *"] }', "allow", "none-of-the-rows", "commands have no rows"),
        ('postgres = { verbs = ["drop"] }', "deny", "statements", "lets nothing come back"),
        (
            'kubernetes = { verbs = ["exec"], resources = ["pods"], argv = ["ls *"] }',
            "allow",
            "statements",
            "streams are always recorded in full",
        ),
        ('postgres = { verbs = ["select"] }', "allow", "nothing", "nothing"),
    ],
)
def test_a_rule_that_cannot_limit_the_recording_is_refused(
    tmp_path: Path, section: str, effect: str, record: str, message: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        write(tmp_path, HOSTS.format(section=section, effect=effect, record=record))
    assert message in str(refused.value)


def test_calls_may_be_kept_without_the_bodies_of_their_answers(tmp_path: Path) -> None:
    section = 'kubernetes = { verbs = ["get", "update"], resources = ["secrets"] }'
    policy = write(tmp_path, HOSTS.format(section=section, effect="allow", record="none-of-the-rows"))
    for call in ("GET /api/v1/namespaces/a/secrets/s", "PUT /api/v1/namespaces/a/secrets/s"):
        asked = read_call_text(call, b"{}" if call.startswith("PUT") else b"")
        decision = judge(policy, AGENT, Target("web", "kubernetes"), asked)
        assert (decision.effect, decision.record) == (Effect.ALLOW, "none-of-the-rows")


def test_commands_may_be_kept_without_their_output(tmp_path: Path) -> None:
    section = 'ssh = { commands = ["df *"] }'
    policy = write(tmp_path, HOSTS.format(section=section, effect="allow", record="statements"))
    question = CommandQuestion(AGENT, Target("web", "ssh"), Command("df -h", "deploy"))
    assert evaluate_command(policy, question).record == "statements"
