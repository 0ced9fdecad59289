"""Why the decision on a command is what it is: every access, and every rule that speaks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.policy.findings import (
    decision_document,
    decision_lines,
    finding_document,
    finding_lines,
    record_lines,
)
from narrows.policy.ssh.evaluate import evaluate_command, facts_of, judge_command

if TYPE_CHECKING:
    from narrows.model import Decision
    from narrows.policy.rules import Policy
    from narrows.policy.ssh.evaluate import CommandFinding, CommandQuestion


@dataclass(frozen=True, slots=True)
class CommandExplanation:
    """A decision with everything that led to it."""

    decision: Decision
    findings: tuple[CommandFinding, ...]

    def document(self) -> dict[str, Any]:
        """The explanation as JSON values."""
        decision = self.decision
        return {
            **decision_document(decision),
            "released": decision.released,
            "record": decision.record,
            "accesses": [finding_document(finding) for finding in self.findings],
        }

    def text(self) -> str:
        """The explanation as people read it."""
        decision = self.decision
        lines = decision_lines(decision)
        lines += record_lines(decision)
        for finding in self.findings:
            lines += finding_lines(finding)
        if decision.released:
            lines.append(f"  runs as: {decision.released}")
        lines.append(f"  policy {decision.policy_version}")
        return "\n".join(lines)


def explain_command(policy: Policy, question: CommandQuestion) -> CommandExplanation:
    """Decides a command and keeps the reasons; the decision is that of `evaluate_command`."""
    facts = facts_of(policy, question)
    return CommandExplanation(evaluate_command(policy, question), judge_command(policy, question, facts))
