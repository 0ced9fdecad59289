"""What policy says of a connection that an agent wants made from a host."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.model import Effect
from narrows.policy.findings import Finding, allowed, denial, denied, held, strongest
from narrows.policy.rules import NOT_UNDERSTOOD
from narrows.policy.ssh.forward_patterns import PORT_MAX

if TYPE_CHECKING:
    from narrows.model import Decision, Forward, Principal, Target
    from narrows.policy.rules import Policy, Rule

HOST = re.compile(r"[A-Za-z0-9_:][A-Za-z0-9_.:-]{0,252}")
"""What a host may be called: a name's letters, or an address' digits."""
HINT_ADDRESS = f"name a host and a port from 1 to {PORT_MAX}"


def judge_forward(policy: Policy, principal: Principal, target: Target, forward: Forward) -> Decision:
    """Decides whether a principal may have a connection made from a target.

    Args:
        policy: The policy in force.
        principal: Who wants it.
        target: The host that it is made from.
        forward: Where it leads.
    """
    if not HOST.fullmatch(forward.host) or not 0 < forward.port <= PORT_MAX:
        return denial(policy, NOT_UNDERSTOOD, "that is no host and port", HINT_ADDRESS)
    found = forward_findings(policy, principal, target, forward)
    return denied(policy, found) or held(policy, found) or allowed(policy, found)


def forward_findings(
    policy: Policy, principal: Principal, target: Target, forward: Forward
) -> tuple[ForwardFinding, ...]:
    """What the rules for a principal on a target say of a forward, which is one access."""
    rules = policy.applicable(principal, target).rules
    matched = tuple(rule for rule in rules if _speaks_of(rule, forward))
    rule = strongest(matched)
    effect = rule.effect if rule else Effect.DENY
    return (ForwardFinding(forward, effect=effect, rule=rule, matched=matched),)


@dataclass(frozen=True, slots=True)
class ForwardFinding(Finding):
    """What policy says of a forward."""

    forward: Forward

    @property
    def sentence(self) -> str:
        """The forward in words."""
        return f"a connection to {self.forward.text}"


def _speaks_of(rule: Rule, forward: Forward) -> bool:
    if rule.ssh is None:
        return rule.postgres is None
    if not rule.ssh.is_for_login(forward.login):
        return False
    if rule.effect is Effect.DENY:
        return any(pattern.may_match(forward) for pattern in rule.ssh.forwards)
    return any(pattern.covers(forward) for pattern in rule.ssh.forwards)
