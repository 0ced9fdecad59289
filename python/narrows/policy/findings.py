"""What the decisions of every protocol have in common: from accesses and rules to one effect.

A text is a number of *accesses*, whatever they are in its protocol. An access that no rule speaks of is
denied; one that several speak of gets the strongest effect among them; and the text gets the strongest effect
among its accesses. An approval is one, so accesses that need it on different terms cannot be in one text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.model import Decision, Effect
from narrows.policy.record_levels import record_of
from narrows.policy.rules import BUILT_IN, DEFAULT_DENY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from narrows.policy.rules import Policy, Rule

HINT_NO_RULE = "no rule of the policy allows this; `narrows policy explain` shows which rules speak of it"
HINT_DENIED = "this is refused whoever approves; do it another way, or ask the owners of the policy"
HINT_SPLIT = "run them one at a time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(ABC):
    """What policy says of one access."""

    effect: Effect
    """The effect of the rule, or of there being none."""
    rule: Rule | None = None
    """The rule that decided, the first written of the strongest; None where none did."""
    matched: tuple[Rule, ...] = ()
    """Every rule that speaks of it."""
    built_in: bool = False
    """No rule is needed for it."""

    @property
    def rule_id(self) -> str:
        """The id under which the decision is recorded."""
        if self.rule:
            return self.rule.id
        return BUILT_IN if self.built_in else DEFAULT_DENY

    @property
    @abstractmethod
    def sentence(self) -> str:
        """The access in words."""

    @property
    def hint(self) -> str:
        """What to do where no rule speaks of it."""
        return HINT_NO_RULE

    def document(self) -> dict[str, Any]:
        """The finding as JSON values."""
        return {
            "access": self.sentence,
            "effect": self.effect.value,
            "rule": self.rule_id,
            "matched": [
                {
                    "rule": rule.id,
                    "effect": rule.effect.value,
                    "file": str(rule.place.file),
                    "line": rule.place.line,
                }
                for rule in self.matched
            ],
        }

    def lines(self) -> list[str]:
        """The finding as people read it."""
        lines = [f"  {self.sentence}: {self.effect.value} by {self.rule_id}"]
        return lines + [f"    {_rule_line(rule)}" for rule in self.matched]


def strongest(rules: Sequence[Rule]) -> Rule | None:
    """The rule whose effect wins: the first written of the strongest."""
    return max(rules, key=lambda rule: rule.effect.strength, default=None)


def denial(policy: Policy, rule: str, reason: str, hint: str) -> Decision:
    """A denial under a rule's id."""
    return Decision(Effect.DENY, rule, reason, hint, policy_version=policy.version)


def denied(policy: Policy, findings: Sequence[Finding]) -> Decision | None:
    """The denial that the findings hold, a rule's before the lack of one; None where they hold none."""
    found = [finding for finding in findings if finding.effect is Effect.DENY]
    if not found:
        return None
    by_rule = [finding for finding in found if finding.rule]
    first = (by_rule or found)[0]
    rule = first.rule
    if rule is None:
        return denial(policy, DEFAULT_DENY, f"no rule allows {first.sentence}", first.hint)
    reason = f"{first.sentence}: {rule.reason}" if rule.reason else f"{first.sentence} is denied"
    return denial(policy, rule.id, reason, rule.hint or HINT_DENIED)


def held(policy: Policy, findings: Sequence[Finding], *, hint_split: str = HINT_SPLIT) -> Decision | None:
    """One approval for the whole text; None where no access needs one."""
    found = [finding for finding in findings if finding.effect is Effect.REQUIRE_APPROVAL and finding.rule]
    if not found:
        return None
    first = found[0].rule
    if first is None or first.approval is None:
        raise AssertionError("a rule that requires approval has its terms")
    other = next((f.rule for f in found if f.rule and f.rule.approval != first.approval), None)
    if other:
        reason = f"this needs two approvals on different terms, by rules {first.id} and {other.id}"
        return denial(policy, first.id, reason, hint_split)
    reason = f"{found[0].sentence} needs approval" + (f": {first.reason}" if first.reason else "")
    return Decision(
        Effect.REQUIRE_APPROVAL,
        first.id,
        reason,
        first.hint,
        policy_version=policy.version,
        approval=first.approval,
        record=record_of(findings),
    )


def allowed(policy: Policy, findings: Sequence[Finding]) -> Decision:
    """The decision where nothing is denied or held."""
    found = next((finding for finding in findings if finding.rule), None)
    if found is None or found.rule is None:
        return Decision(Effect.ALLOW, BUILT_IN, "needs no rule", policy_version=policy.version)
    reason = found.rule.reason or f"{found.sentence} is allowed"
    return Decision(
        Effect.ALLOW, found.rule.id, reason, policy_version=policy.version, record=record_of(findings)
    )


def _rule_line(rule: Rule) -> str:
    reason = f": {rule.reason}" if rule.reason else ""
    return f"{rule.effect.value} by {rule.id} ({rule.place.file}:{rule.place.line}){reason}"
