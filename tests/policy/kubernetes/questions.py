"""Short ways to write a policy for clusters and put a call to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.model import Principal, Target
from narrows.policy import judge
from narrows.policy.kubernetes.reading import read_call_text
from tests.policy.questions import AGENT, write

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.model import Decision
    from narrows.policy import Policy

CLUSTER = Target("prod", "kubernetes", {"env": "test"})
ADMIN = Principal("entra", "tenant", "admin", "app", groups=frozenset({"agents", "admins"}))

__all__ = ["ADMIN", "AGENT", "CLUSTER", "asked", "loaded", "rule"]


def rule(name: str, effect: str, kubernetes: str, *, more: str = "") -> str:
    """A rule for the agents on every target."""
    approval = 'approval = { approvers = { groups = "people" } }' if effect == "require-approval" else ""
    return f"""
[[rule]]
id = "{name}"
principals = ["agents"]
targets = ["*"]
effect = "{effect}"
kubernetes = {{ {kubernetes} }}
{approval}
{more}
"""


def asked(policy: Policy, call: str, body: str = "", content_type: str = "") -> Decision:
    """What the policy says of an agent's call."""
    return judge(policy, AGENT, CLUSTER, read_call_text(call, body.encode(), content_type))


def loaded(directory: Path, *rules: str) -> Policy:
    """The policy made of these rules."""
    return write(directory, "".join(rules))
