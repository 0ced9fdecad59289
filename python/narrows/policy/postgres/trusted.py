"""What a policy trusts where it masks: functions of the database's own, whose code nobody reads.

What such a function returns is masked and what it raises is withheld, but it can put a masked value where no
mask hides it, and a later statement shows that. Its author should know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.model import Effect

if TYPE_CHECKING:
    from narrows.policy.rules import Mask, Place, Policy, Rule, Targets

OWN_SCHEMA = "pg_catalog."
"""PostgreSQL's own functions are known: those that keep what they are given are refused anything masked."""


@dataclass(frozen=True, slots=True)
class TrustedFunctions:
    """Functions that a rule lets be called where a mask applies."""

    rule: str
    mask: str
    functions: tuple[str, ...]
    place: Place
    """Of the rule."""

    def __str__(self) -> str:
        return (
            f"rule `{self.rule}` trusts {', '.join(self.functions)} where mask `{self.mask}` applies: "
            "what they return is masked, what they store is not"
        )


def trusted_functions(policy: Policy) -> tuple[TrustedFunctions, ...]:
    """The rules that trust functions beside masks, in the order of the policy."""
    found = []
    for rule in policy.rules:
        functions = tuple(
            pattern.text
            for pattern in (rule.postgres.functions if rule.postgres else ())
            if not pattern.text.startswith(OWN_SCHEMA)
        )
        mask = next((mask for mask in policy.masks if _meet(rule, mask)), None)
        if functions and mask and rule.effect is not Effect.DENY:
            found.append(TrustedFunctions(rule.id, mask.id, functions, rule.place))
    return tuple(found)


def _meet(rule: Rule, mask: Mask) -> bool:
    """Whether some principal that the rule is for may have columns masked where it holds."""
    everyone = rule.principals is None
    for_some = everyone or any(one not in mask.exempt for one in rule.principals or ())
    return bool(mask.columns) and for_some and _overlap(rule.targets, mask.targets)


def _overlap(some: Targets, others: Targets) -> bool:
    """Whether both may be for the same target; labels may be anything's."""
    if some.labels or others.labels:
        return True
    return any(
        one.fullmatch(_text(other)) or other.fullmatch(_text(one)) or (_has_star(one) and _has_star(other))
        for one in some.names
        for other in others.names
    )


def _text(pattern: re.Pattern[str]) -> str:
    return re.sub(r"\\(.)", r"\1", pattern.pattern)


def _has_star(pattern: re.Pattern[str]) -> bool:
    return ".*" in pattern.pattern
