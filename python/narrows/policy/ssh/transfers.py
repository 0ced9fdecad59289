"""What policy says of an operation on files.

An operation needs rights at paths; they are its accesses. An allow or an approval must be sure of everything
that an operation reaches, and a denial of a part of it is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.model import Effect
from narrows.policy.findings import Finding, allowed, denied, held, strongest
from narrows.policy.ssh.paths import RIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.model import Decision, Principal, Target, Transfer
    from narrows.policy.rules import Policy, Rule
    from narrows.policy.ssh.paths import PathPattern

HINT_ONE_BY_ONE = "do it in steps that each need one approval"

SENTENCES = {
    "read": "reading {}",
    "write": "writing {}",
    "delete": "removing {}",
    "links": "a link at or to {}",
    "look": "looking at {}",
}


@dataclass(frozen=True, slots=True)
class Need:
    """A right that an operation needs."""

    right: str
    """One of RIGHTS, or `look`: whoever has any right at a path, or below it, may look at it."""
    path: str
    tree: bool = False
    """At everything below the path, too."""

    @property
    def sentence(self) -> str:
        """It in words."""
        return SENTENCES[self.right].format(self.path) + (" and everything below it" if self.tree else "")


@dataclass(frozen=True, slots=True)
class TransferFinding(Finding):
    """What policy says of one right that an operation needs."""

    need: Need

    @property
    def sentence(self) -> str:
        """The right in words."""
        return self.need.sentence


def judge_transfer(policy: Policy, principal: Principal, target: Target, transfer: Transfer) -> Decision:
    """Decides whether a principal may do this to files of a target.

    Args:
        policy: The policy in force.
        principal: Who wants it.
        target: Where.
        transfer: What; its paths are absolute, in normal form, and lead through no link.
    """
    found = transfer_findings(policy, principal, target, transfer)
    return denied(policy, found) or held(policy, found, hint_split=HINT_ONE_BY_ONE) or allowed(policy, found)


def transfer_findings(
    policy: Policy, principal: Principal, target: Target, transfer: Transfer
) -> tuple[TransferFinding, ...]:
    """What the rules for a principal on a target say of each right that an operation needs."""
    rules = [
        rule
        for rule in policy.applicable(principal, target).rules
        if rule.ssh is None or rule.ssh.is_for_login(transfer.login)
    ]
    return tuple(_judge(need, rules) for need in needs_of(transfer, rules))


def needs_of(transfer: Transfer, rules: Iterable[Rule] = ()) -> list[Need]:
    """The rights that an operation needs.

    Args:
        transfer: The operation.
        rules: What else is known of its paths: a new name must give no right that the old one does not.
    """
    path, other = transfer.paths[0], transfer.paths[-1]
    match transfer.action:
        case "read" | "list":
            return [Need("read", path)]
        case "write" | "set-attributes" | "make-directory":
            return [Need("write", path)]
        case "read-write":
            return [Need("read", path), Need("write", path)]
        case "look":
            return [Need("look", path)]
        case "remove" | "remove-directory":
            return [Need("delete", path)]
        case "rename":
            tree = transfer.tree
            needs = [Need("delete", path, tree), Need("write", path, tree), Need("write", other, tree)]
            return needs + _gained(("read",), other, path, tree, rules)
        case "symlink":
            return [Need("links", path), Need("links", other)]
        case "hardlink":
            return [Need("links", path), Need("links", other), *_gained(RIGHTS, path, other, False, rules)]
        case _:
            raise AssertionError(f"no such action: {transfer.action}")


def _gained(rights: Iterable[str], new: str, old: str, tree: bool, rules: Iterable[Rule]) -> list[Need]:
    """What one can do under the new name must be allowed under the old one."""
    rules = list(rules)
    given = (right for right in rights if any(_may_speak_of(rule, Need(right, new, tree)) for rule in rules))
    return [Need(right, old, tree) for right in given]


def _may_speak_of(rule: Rule, need: Need) -> bool:
    return rule.effect is not Effect.DENY and any(
        _touches(pattern, need) for pattern in _patterns(rule, need)
    )


def _judge(need: Need, rules: Iterable[Rule]) -> TransferFinding:
    matched = tuple(rule for rule in rules if _speaks_of(rule, need))
    rule = strongest(matched)
    if rule is None:
        return TransferFinding(need, effect=Effect.DENY)
    asks_nobody = need.right == "look" and rule.effect is Effect.REQUIRE_APPROVAL
    effect = Effect.ALLOW if asks_nobody else rule.effect
    return TransferFinding(need, effect=effect, rule=rule, matched=matched)


def _speaks_of(rule: Rule, need: Need) -> bool:
    if rule.ssh is None:
        return rule.postgres is None
    if need.right == "look" and rule.effect is not Effect.DENY:
        return any(p.matches(need.path) or p.leads_through(need.path) for p in rule.ssh.paths.every())
    patterns = _patterns(rule, need)
    if rule.effect is Effect.DENY:
        return any(_touches(pattern, need) for pattern in patterns)
    if need.tree:
        return any(pattern.covers_tree(need.path) for pattern in patterns)
    return any(pattern.matches(need.path) for pattern in patterns)


def _patterns(rule: Rule, need: Need) -> tuple[PathPattern, ...]:
    """What a rule says of a right; whoever may not read a path may not look at it either."""
    if rule.ssh is None:
        return ()
    return rule.ssh.paths.of("read" if need.right == "look" else need.right)


def _touches(pattern: PathPattern, need: Need) -> bool:
    return pattern.matches(need.path) or (need.tree and pattern.leads_through(need.path))
