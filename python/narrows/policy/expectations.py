"""A policy's own tests: every `[[expect]]` put to it as a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.model import ApiCall, Command, Forward, Statement, Transfer
from narrows.policy.kubernetes.evaluate import judge
from narrows.policy.postgres.assumed import assumed_catalogue
from narrows.policy.postgres.evaluate import Question, evaluate
from narrows.policy.ssh.hosts import judge_host

if TYPE_CHECKING:
    from narrows.model import Decision, Operation, Principal, Target
    from narrows.policy.rules import Expectation, Policy


@dataclass(frozen=True, slots=True)
class Outcome:
    """An expectation, and what the policy answered."""

    expectation: Expectation
    decision: Decision

    @property
    def met(self) -> bool:
        """Whether the effect is the one expected, and the rule too where one is named."""
        expected = self.expectation
        return self.decision.effect is expected.effect and expected.rule in {"", self.decision.rule}

    @property
    def difference(self) -> str:
        """What was expected and what came, in one line."""
        expected = self.expectation
        by = f" by {expected.rule}" if expected.rule else ""
        got = self.decision
        return (
            f"`{expected.operation.text}` on {expected.target.name}: expected {expected.effect.value}{by}, "
            f"got {got.effect.value} by {got.rule}: {got.reason}"
        )


def check_expectations(policy: Policy) -> tuple[Outcome, ...]:
    """Puts every expectation of a policy to it, against a catalogue in which what it names exists."""
    return tuple(Outcome(expectation, _decide(policy, expectation)) for expectation in policy.expectations)


def _decide(policy: Policy, expectation: Expectation) -> Decision:
    return decide_on(policy, expectation.principal, expectation.target, expectation.operation)


def decide_on(policy: Policy, principal: Principal, target: Target, operation: Operation) -> Decision:
    """The decision on any operation, against a catalogue in which what it names exists."""
    if isinstance(operation, Command | Transfer | Forward):
        return judge_host(policy, principal, target, operation)
    if isinstance(operation, Statement):
        catalogue = assumed_catalogue(policy, operation.text)
        return evaluate(policy, Question(principal, target, operation, catalogue))
    if isinstance(operation, ApiCall):
        return judge(policy, principal, target, operation)
    raise AssertionError(f"no expectation is of a {operation.kind}")
