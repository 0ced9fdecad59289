"""The one entrance to policy for whatever is attempted on a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.model import Command, Forward, Transfer
from narrows.policy.findings import HINT_NO_RULE, denial
from narrows.policy.rules import DEFAULT_DENY
from narrows.policy.ssh.evaluate import CommandQuestion, evaluate_command, facts_of, judge_command
from narrows.policy.ssh.forwards import forward_findings, judge_forward
from narrows.policy.ssh.transfers import judge_transfer, transfer_findings

if TYPE_CHECKING:
    from narrows.model import Decision, Operation, Principal, Target
    from narrows.policy.findings import Finding
    from narrows.policy.rules import Policy


def judge_host(policy: Policy, principal: Principal, target: Target, operation: Operation) -> Decision:
    """Decides what a principal attempts on a host.

    Args:
        policy: The policy in force.
        principal: Who attempts it.
        target: The host.
        operation: A command, a transfer or a forward; anything else is denied.

    Returns:
        The decision; for a command that may run, `released` is what to send in its place.
    """
    match operation:
        case Command():
            return evaluate_command(policy, CommandQuestion(principal, target, operation))
        case Transfer():
            return judge_transfer(policy, principal, target, operation)
        case Forward():
            return judge_forward(policy, principal, target, operation)
        case _:
            return denial(policy, DEFAULT_DENY, f"no rule allows this {operation.kind}", HINT_NO_RULE)


def host_findings(
    policy: Policy, principal: Principal, target: Target, operation: Operation
) -> tuple[Finding, ...]:
    """What the rules say of each access of an operation on a host: why `judge_host` decides as it does."""
    match operation:
        case Command():
            question = CommandQuestion(principal, target, operation)
            return judge_command(policy, question, facts_of(policy, question))
        case Transfer():
            return transfer_findings(policy, principal, target, operation)
        case Forward():
            return forward_findings(policy, principal, target, operation)
        case _:
            return ()
