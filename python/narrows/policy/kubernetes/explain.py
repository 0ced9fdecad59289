"""Why the decision on a call is what it is: every access, and every rule that speaks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.policy.findings import decision_document, decision_lines, finding_document, finding_lines
from narrows.policy.kubernetes.calls import read_call
from narrows.policy.kubernetes.evaluate import judge, judge_call
from narrows.policy.kubernetes.masks import masks_for

if TYPE_CHECKING:
    from narrows.model import ApiCall, Decision, Principal, Target
    from narrows.policy.kubernetes.evaluate import CallFinding
    from narrows.policy.rules import Policy


@dataclass(frozen=True, slots=True)
class CallExplanation:
    """A decision with everything that led to it."""

    decision: Decision
    findings: tuple[CallFinding, ...]

    def document(self) -> dict[str, Any]:
        """The explanation as JSON values."""
        decision = self.decision
        return {
            **decision_document(decision),
            "ports": None if decision.ports is None else [list(ports) for ports in decision.ports],
            "accesses": [finding_document(finding) for finding in self.findings],
        }

    def text(self) -> str:
        """The explanation as people read it."""
        decision = self.decision
        lines = decision_lines(decision)
        for finding in self.findings:
            lines += finding_lines(finding)
        if decision.ports:
            lines.append(f"  ports: {', '.join(_written(*ports) for ports in decision.ports)}")
        lines.append(f"  policy {decision.policy_version}")
        return "\n".join(lines)


def _written(first: int, last: int) -> str:
    """A range of ports as rules write it."""
    return str(first) if first == last else f"{first}-{last}"


def explain_call(policy: Policy, principal: Principal, target: Target, call: ApiCall) -> CallExplanation:
    """Decides a call and keeps the reasons; the decision is that of `judge`."""
    facts = read_call(call, masks_for(policy, principal, target))
    found = judge_call(policy, principal, target, facts)
    return CallExplanation(judge(policy, principal, target, call), found)
