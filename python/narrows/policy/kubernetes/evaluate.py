"""One API call, one decision. Pure, as for statements: the same question always gets the same answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from narrows.model import Effect
from narrows.policy.findings import HINT_NO_RULE, Finding, allowed, denial, denied, held, strongest
from narrows.policy.kubernetes import discovery
from narrows.policy.kubernetes.calls import read_call
from narrows.policy.kubernetes.masks import SECRETS, masks_for
from narrows.policy.kubernetes.ports import ports_for
from narrows.policy.kubernetes.resources import Resource
from narrows.policy.kubernetes.uses import Path, Reach, Shown, Stdin, Use
from narrows.policy.rules import DEFAULT_DENY
from narrows.policy.ssh.evaluate import needs_no_rule

if TYPE_CHECKING:
    from narrows.model import ApiCall, Decision, Principal, Target
    from narrows.policy.kubernetes.calls import Access, CallFacts
    from narrows.policy.kubernetes.contents import SecretRef
    from narrows.policy.kubernetes.section import Ports
    from narrows.policy.rules import Policy, Rule

HINT_SPLIT = "do it in calls that each need one approval"
HINT_REVIEW = "it would be answered for the gateway's own account; `narrows policy explain` answers for yours"
REVIEWS = "authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class CallFinding(Finding):
    """What policy says of one access of a call."""

    access: Access
    shortfall: str = ""
    """What the nearest rule does not let through, in words."""
    nearest: str = ""
    """The id of that rule."""

    @property
    def sentence(self) -> str:
        """The access in words."""
        return f"{self.access.sentence} with {self.shortfall}" if self.shortfall else self.access.sentence

    @property
    def hint(self) -> str:
        """What to do where no rule speaks of it."""
        if self.nearest:
            return f"rule {self.nearest} allows it without {self.shortfall}"
        if isinstance(self.access, Path) and (why := discovery.tells(self.access.path)):
            return why
        if isinstance(self.access, Use) and self.access.resource.group == REVIEWS:
            return HINT_REVIEW
        return HINT_NO_RULE


def judge(policy: Policy, principal: Principal, target: Target, call: ApiCall) -> Decision:
    """Decides a call.

    Args:
        policy: The policy in force.
        principal: Who wants it.
        target: The cluster.
        call: The call, with its whole body.

    Returns:
        The decision, with `ports` for a port-forward. It never fails: what cannot be judged is denied. It may
        be used again for the very same call, until policy changes, unless it requires an approval or rests on
        what the object holds.
    """
    if not policy.applicable(principal, target).admitted:
        return denial(policy, DEFAULT_DENY, f"no rule admits this principal to {target.name}", HINT_NO_RULE)
    facts = read_call(call, masks_for(policy, principal, target))
    if facts.refusal:
        refused = denial(policy, facts.refusal.rule, facts.refusal.reason, facts.refusal.hint)
        return replace(refused, looks_first=call.restored is not None)
    found = judge_call(policy, principal, target, facts)
    decision = denied(policy, found) or held(policy, found, hint_split=HINT_SPLIT) or allowed(policy, found)
    return replace(
        decision,
        verbs=frozenset({call.verb}),
        relations=frozenset({_place(facts.use) if facts.use else call.route}),
        ports=_ports(policy.applicable(principal, target).rules, facts.use, decision),
        looks_first=facts.restores,
        restored=call.restored,
    )


def call_findings(
    policy: Policy, principal: Principal, target: Target, call: ApiCall
) -> tuple[CallFinding, ...]:
    """What the rules say of each access of a call: why `judge` decides as it does."""
    return judge_call(policy, principal, target, read_call(call, masks_for(policy, principal, target)))


def judge_call(
    policy: Policy, principal: Principal, target: Target, facts: CallFacts
) -> tuple[CallFinding, ...]:
    """What the rules for a principal on a cluster say of each access of a call."""
    rules = policy.applicable(principal, target).rules
    masked = any(mask.covers(Resource("", SECRETS)) for mask in masks_for(policy, principal, target))
    judging = _Judging(rules, facts, masked)
    return tuple(judging.finding(access) for access in facts.accesses)


def _ports(rules: tuple[Rule, ...], use: Use | None, decision: Decision) -> Ports | None:
    if use is None or use.verb != "portforward" or decision.effect is Effect.DENY:
        return None
    return ports_for(rules, use)


def _place(use: Use) -> str:
    return "/".join(part for part in (use.namespace, str(use.resource), use.name) if part)


class _Judging:
    """The accesses of one call, against the rules for who sent it."""

    def __init__(self, rules: tuple[Rule, ...], facts: CallFacts, masked: bool) -> None:
        self._rules = rules
        self._use = facts.use
        wanted = self._use.contents.secrets if self._use else ()
        self._readable = frozenset(ref for ref in wanted if not masked and self._may_read(ref))

    def finding(self, access: Access) -> CallFinding:
        if isinstance(access, Shown | Reach):
            return self._unless_denied(access)
        matched = tuple(rule for rule in self._rules if self._speaks_of(rule, access))
        rule = strongest(matched)
        if rule and rule.effect is not Effect.DENY and isinstance(access, Use) and access.verb == "exec":
            return CallFinding(access, effect=Effect.ALLOW, rule=rule, matched=matched)  # what runs is judged
        if rule:
            return CallFinding(access, effect=rule.effect, rule=rule, matched=matched)
        if self._needs_no_rule(access):
            return CallFinding(access, effect=Effect.ALLOW, built_in=True)
        return self._short(access)

    def _unless_denied(self, access: Shown | Reach) -> CallFinding:
        denials = [
            rule for rule in self._rules if rule.effect is Effect.DENY and self._speaks_of(rule, access.use)
        ]
        if denials:
            return CallFinding(access, effect=Effect.DENY, rule=denials[0], matched=tuple(denials))
        return CallFinding(access, effect=Effect.ALLOW, built_in=True)

    def _speaks_of(self, rule: Rule, access: Access) -> bool:
        section = rule.kubernetes
        if section is None:
            return True
        denies = rule.effect is Effect.DENY
        match access:
            case Use():
                selects = rule.effect is Effect.REQUIRE_APPROVAL
                if denies:
                    return section.may_match(access)
                return section.covers(access, self._readable, selects=selects)
            case Path():
                return section.may_match_path(access) if denies else section.covers_path(access)
            case Shown() | Reach():
                return denies and section.may_match(access.use)
            case _:
                if self._use is None:
                    return False
                return (section.may_match_in if denies else section.covers_in)(self._use, access)

    def _needs_no_rule(self, access: Access) -> bool:
        match access:
            case Path():
                return discovery.is_discovery(access.method, access.path)
            case Use() | Shown() | Reach() | Stdin():
                return False
            case _:
                return needs_no_rule(access)

    def _short(self, access: Access) -> CallFinding:
        """No rule speaks of it; the nearest may say what keeps it from doing so."""
        if isinstance(access, Use):
            for rule in self._rules:
                section = rule.kubernetes
                if rule.effect is Effect.DENY or section is None or not section.is_of(access):
                    continue
                if lacks := section.shortfalls(access, self._readable):
                    return CallFinding(
                        access, effect=Effect.DENY, shortfall=", ".join(lacks), nearest=rule.id
                    )
        return CallFinding(access, effect=Effect.DENY)

    def _may_read(self, ref: SecretRef) -> bool:
        read = Use("get", Resource("", SECRETS), ref.namespace, ref.name)
        rule = strongest([rule for rule in self._rules if self._may_say(rule, read)])
        return rule is not None and rule.effect is Effect.ALLOW

    def _may_say(self, rule: Rule, read: Use) -> bool:
        section = rule.kubernetes
        if section is None:
            return True
        if rule.effect is Effect.DENY:
            return section.may_match(read)
        return section.covers(read, frozenset(), selects=rule.effect is Effect.REQUIRE_APPROVAL)
