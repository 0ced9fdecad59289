"""One command, one decision. Pure, as for statements: the same question always gets the same answer."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from narrows.model import Effect
from narrows.policy.findings import HINT_NO_RULE, Finding, allowed, denial, denied, held, strongest
from narrows.policy.rules import DEFAULT_DENY, NOT_UNDERSTOOD
from narrows.policy.ssh.accesses import (
    Access,
    Assign,
    Carry,
    Open,
    Run,
    Subsystem,
    Terminal,
    Unseen,
    read_command,
)
from narrows.policy.ssh.ansible import BECOME, without_sign_of_become
from narrows.policy.ssh.section import is_resolved
from narrows.policy.ssh.variables import is_harmless

if TYPE_CHECKING:
    from narrows.model import Command, Decision, Principal, Target
    from narrows.policy.rules import Policy, Rule
    from narrows.policy.ssh.accesses import CommandFacts

HARMLESS_READS = frozenset({"/dev/null", "/dev/zero", "/dev/stdin"})
HARMLESS_WRITES = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr"})

GUARDED_SHELL = "exec sh"
"""What runs for a guarded shell: it reads what the gateway writes, each line judged before. A raw one is the
account's own, and nothing is released in its place."""

HINT_SPLIT = "run the commands one at a time"
HINT_NOT_UNDERSTOOD = "check its quotes and operators, or write it in a plainer way"
HINT_PLAINER = "write it without variables, substitutions and code in words; or people must be asked"
HINT_ABSOLUTE = "write the path from / on, without `.` and `..`, so that it names one place"
HINT_EMPTY = "send a command"
HINT_BECOME = (
    "log in as the account whose rights are needed, if policy lets you; `become` is not for this gateway"
)


@dataclass(frozen=True, slots=True)
class CommandQuestion:
    """What is put to policy: may this principal run this command on this target?"""

    principal: Principal
    target: Target
    operation: Command


@dataclass(frozen=True, slots=True)
class CommandFinding(Finding):
    """What policy says of one access of a command."""

    access: Access

    @property
    def sentence(self) -> str:
        """The access in words."""
        return self.access.sentence

    @property
    def hint(self) -> str:
        """What to do where no rule speaks of it."""
        if isinstance(self.access, Open) and not is_resolved(self.access.path):
            return HINT_ABSOLUTE
        hidden = isinstance(self.access, Unseen) or (isinstance(self.access, Run) and self.access.opaque)
        return HINT_PLAINER if hidden else HINT_NO_RULE


def evaluate_command(policy: Policy, question: CommandQuestion) -> Decision:
    """Decides a command.

    Args:
        policy: The policy in force.
        question: Who wants to run what, where.

    Returns:
        The decision, with `released`: what may be sent to the target in the place of what the agent sent. It
        never fails: what cannot be judged is denied.
    """
    if not policy.applicable(question.principal, question.target).admitted:
        reason = f"no rule admits this principal to {question.target.name}"
        return denial(policy, DEFAULT_DENY, reason, HINT_NO_RULE)
    facts = facts_of(policy, question)
    if facts.unusable:
        return denial(policy, NOT_UNDERSTOOD, facts.unusable, HINT_NOT_UNDERSTOOD)
    if not facts.accesses:
        return denial(policy, NOT_UNDERSTOOD, "there is no command in it", HINT_EMPTY)
    found = judge_command(policy, question, facts)
    decision = denied(policy, found) or held(policy, found, hint_split=HINT_SPLIT) or allowed(policy, found)
    if BECOME.search(question.operation.text):
        decision = _in_words_of_ansible(decision)
    return replace(
        decision,
        released="" if decision.effect is Effect.DENY else _released(facts, found),
        verbs=frozenset(posixpath.basename(run.words.argv[0]) for run in _runs(facts)),
        relations=frozenset(access.path for access in facts.accesses if isinstance(access, Open)),
    )


def facts_of(policy: Policy, question: CommandQuestion) -> CommandFacts:
    """The facts of a command, read as the rules that are for its login want it read."""
    knows_ansible = any(rule.ssh and rule.ssh.ansible for rule in _rules(policy, question))
    return read_command(question.operation, knows_ansible=knows_ansible)


def judge_command(
    policy: Policy, question: CommandQuestion, facts: CommandFacts
) -> tuple[CommandFinding, ...]:
    """What the rules for a principal on a target say of each access of a command."""
    rules = _rules(policy, question)
    return tuple(_judge(access, rules) for access in facts.accesses)


def _rules(policy: Policy, question: CommandQuestion) -> tuple[Rule, ...]:
    applicable = policy.applicable(question.principal, question.target).rules
    login = question.operation.login
    return tuple(rule for rule in applicable if rule.ssh is None or rule.ssh.is_for_login(login))


def _judge(access: Access, rules: tuple[Rule, ...]) -> CommandFinding:
    matched = tuple(rule for rule in rules if _speaks_of(rule, access))
    rule = strongest(matched)
    if rule and rule.ssh and isinstance(access, Subsystem):
        return CommandFinding(
            access, effect=Effect.ALLOW, rule=rule, matched=matched
        )  # people are asked about operations
    if rule:
        return CommandFinding(access, effect=rule.effect, rule=rule, matched=matched)
    if needs_no_rule(access):
        return CommandFinding(access, effect=Effect.ALLOW, built_in=True)
    return CommandFinding(access, effect=Effect.DENY)


def _speaks_of(rule: Rule, access: Access) -> bool:
    if rule.ssh is None:
        return True
    return rule.ssh.may_match(access) if rule.effect is Effect.DENY else rule.ssh.covers(access)


def _in_words_of_ansible(decision: Decision) -> Decision:
    """What is said of Ansible's `become`: whoever plays asked for that, and for none of its words."""
    if (decision.effect, decision.rule) == (Effect.DENY, DEFAULT_DENY):
        return replace(decision, reason="no rule allows Ansible's become", hint=HINT_BECOME)
    return replace(decision, reason=without_sign_of_become(decision.reason))


def needs_no_rule(access: Access) -> bool:
    """Whether an access is harmless whatever the rules say of others."""
    match access:
        case Open(mode="read"):
            return access.path in HARMLESS_READS
        case Open():
            return access.path in HARMLESS_WRITES
        case Assign():
            return is_harmless(access.name, access.value)
        case _:
            return False


def _released(facts: CommandFacts, found: tuple[CommandFinding, ...]) -> str:
    shells = [one for one in found if isinstance(one.access, Terminal) and one.access.shell]
    raw = [one for one in shells if one.rule and one.rule.ssh and one.rule.ssh.shell == "raw"]
    return GUARDED_SHELL if shells and not raw else facts.released


def _runs(facts: CommandFacts) -> tuple[Run, ...]:
    runs = (access.run if isinstance(access, Carry) else access for access in facts.accesses)
    return tuple(run for run in runs if isinstance(run, Run))
