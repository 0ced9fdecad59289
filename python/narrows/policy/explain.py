"""Why a decision is what it is: every access, every rule that speaks of it, and what is masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.policy.evaluate import Question, evaluate, judge, read_statements
from narrows.policy.facts import SqlNotUnderstood
from narrows.policy.masks import MaskWarning, mask_set

if TYPE_CHECKING:
    from narrows.model import Decision
    from narrows.policy.evaluate import Finding
    from narrows.policy.rules import Policy, Rule


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with everything that led to it."""

    decision: Decision
    findings: tuple[Finding, ...]
    masked: tuple[tuple[str, str], ...]
    """Columns of the relations touched that this principal sees masked, each with its transform."""
    detectors: tuple[tuple[str, str], ...]
    """What is looked for in every other column's values, each with its transform."""
    warnings: tuple[MaskWarning, ...]

    def document(self) -> dict[str, Any]:
        """The explanation as JSON values."""
        decision = self.decision
        return {
            "effect": decision.effect.value,
            "rule": decision.rule,
            "reason": decision.reason,
            "hint": decision.hint,
            "policy_version": decision.policy_version,
            "exposure": decision.exposure,
            "effects": sorted(decision.effects),
            "accesses": [_finding_document(finding) for finding in self.findings],
            "masked": dict(self.masked),
            "detectors": dict(self.detectors),
            "warnings": [str(warning) for warning in self.warnings],
        }

    def text(self) -> str:
        """The explanation as people read it."""
        decision = self.decision
        lines = [f"{decision.effect.value} by {decision.rule}: {decision.reason}"]
        if decision.hint:
            lines.append(f"  hint: {decision.hint}")
        for finding in self.findings:
            lines.append(f"  {finding.sentence}: {finding.effect.value} by {finding.rule_id}")
            lines.extend(f"    {_rule_line(rule)}" for rule in finding.matched)
        lines.extend(f"  masked: {column} ({transform})" for column, transform in self.masked)
        lines.extend(f"  looked for: {name} ({transform})" for name, transform in self.detectors)
        lines.extend(f"  warning: {warning}" for warning in self.warnings)
        lines.append(f"  exposure: {decision.exposure}; policy {decision.policy_version}")
        return "\n".join(lines)


def explain(policy: Policy, question: Question) -> Explanation:
    """Decides a question and keeps the reasons.

    Args:
        policy: The policy in force.
        question: As for `evaluate`, which gives the same decision.
    """
    masks = mask_set(policy, question.principal, question.target, question.catalogue)
    findings = _findings(policy, question)
    touched = {name for finding in findings for name in finding.names}
    masked = tuple(
        (f"{relation.qualified}.{relation.columns[number]}", transform)
        for relation in question.catalogue.relations.values()
        if relation.qualified in touched
        for number, transform in masks.relations.get(relation.oid, {}).items()
    )
    detectors = tuple(masks.detectors.items())
    return Explanation(evaluate(policy, question), findings, masked, detectors, masks.warnings)


def _findings(policy: Policy, question: Question) -> tuple[Finding, ...]:
    try:
        statements = read_statements(question)
    except SqlNotUnderstood:
        return ()
    applicable = policy.applicable(question.principal, question.target)
    return tuple(
        judge(access, applicable, question.catalogue)
        for statement in statements
        for access in statement.accesses
    )


def _finding_document(finding: Finding) -> dict[str, Any]:
    return {
        "access": finding.sentence,
        "verb": finding.access.verb,
        "names": list(finding.names),
        "unbounded": finding.access.unbounded,
        "effect": finding.effect.value,
        "rule": finding.rule_id,
        "matched": [
            {
                "rule": rule.id,
                "effect": rule.effect.value,
                "file": str(rule.place.file),
                "line": rule.place.line,
            }
            for rule in finding.matched
        ],
    }


def _rule_line(rule: Rule) -> str:
    reason = f": {rule.reason}" if rule.reason else ""
    return f"{rule.effect.value} by {rule.id} ({rule.place.file}:{rule.place.line}){reason}"
