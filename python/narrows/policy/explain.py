"""Why a decision is what it is: one shape of answer, whatever the operation and its protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.model import ApiCall, Command, Forward, Statement, Transfer
from narrows.policy.kubernetes.evaluate import call_findings, judge
from narrows.policy.kubernetes.ports import written_ports
from narrows.policy.postgres.assumed import assumed_catalogue
from narrows.policy.postgres.evaluate import Question, evaluate
from narrows.policy.postgres.explain import ResultReasons, explain_statement
from narrows.policy.record_levels import FULL
from narrows.policy.ssh.hosts import host_findings, judge_host

if TYPE_CHECKING:
    from narrows.model import Decision, Operation, Principal, Target
    from narrows.policy.findings import Finding
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.rules import Policy


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with everything that led to it."""

    operation: Operation
    decision: Decision
    findings: tuple[Finding, ...]
    """Every access, with every rule that speaks of it."""
    result: ResultReasons | None = None
    """What becomes of the rows of a statement; None: it is none."""

    def document(self) -> dict[str, Any]:
        """The explanation as JSON values; what the operation's kind does not have is null or empty."""
        decision = self.decision
        return {
            "kind": self.operation.kind,
            "operation": self.operation.text,
            "effect": decision.effect.value,
            "rule": decision.rule,
            "reason": decision.reason,
            "hint": decision.hint,
            "policy_version": decision.policy_version,
            "record": decision.record,
            "accesses": [finding.document() for finding in self.findings],
            "released": decision.released,
            "ports": None if decision.ports is None else [list(ports) for ports in decision.ports],
            "exposure": decision.exposure if self.result else None,
            "rows_max": decision.rows_max,
            "effects": sorted(decision.effects),
            **(self.result or ResultReasons()).document(),
        }

    def text(self) -> str:
        """The explanation as people read it."""
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        decision = self.decision
        lines = [f"{decision.effect.value} by {decision.rule}: {decision.reason}"]
        if decision.hint:
            lines.append(f"  hint: {decision.hint}")
        if decision.rows_max is not None:
            lines.append(f"  limit: at most {decision.rows_max} rows, or it is rolled back")
        if decision.record != FULL:
            lines.append(f"  recorded: {decision.record}; the rest by count and hash")
        for finding in self.findings:
            lines += finding.lines()
        if decision.released:
            lines.append(f"  runs as: {decision.released}")
        if decision.ports:
            lines.append(f"  ports: {written_ports(decision.ports)}")
        if self.result:
            lines += [*self.result.lines(), f"  exposure: {decision.exposure}"]
        return [*lines, f"  policy {decision.policy_version}"]


def explain(
    policy: Policy,
    principal: Principal,
    target: Target,
    operation: Operation,
    catalogue: Catalogue | None = None,
) -> Explanation:
    """Decides what a principal attempts and keeps the reasons.

    Args:
        policy: The policy in force.
        principal: Who attempts it.
        target: Where.
        operation: A statement, a command, a transfer, a forward or an API call.
        catalogue: What the target of a statement holds; None: what policy and statement name, and no more.

    Returns:
        The decision, which is the one that the gateway would make, and what led to it.
    """
    match operation:
        case Statement():
            known = catalogue or assumed_catalogue(policy, operation.text)
            question = Question(principal, target, operation, known)
            findings, result = explain_statement(policy, question)
            return Explanation(operation, evaluate(policy, question), findings, result)
        case Command() | Transfer() | Forward():
            decision = judge_host(policy, principal, target, operation)
            return Explanation(operation, decision, host_findings(policy, principal, target, operation))
        case ApiCall():
            decision = judge(policy, principal, target, operation)
            return Explanation(operation, decision, call_findings(policy, principal, target, operation))
        case _:
            raise AssertionError(f"nobody attempts a {operation.kind}")
