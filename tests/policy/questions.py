"""Short ways to write a policy and put a question to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.model import Principal, Statement, Target
from narrows.policy.language import load
from narrows.policy.postgres.assumed import assumed_catalogue
from narrows.policy.postgres.evaluate import Question, evaluate

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.model import Decision
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.rules import Policy

AGENTS = """
[principals.agents]
issuer = "entra"
any = [{ groups = "agents" }]
"""

AGENT = Principal("entra", "tenant", "agent", "app", groups=frozenset({"agents"}))
STRANGER = Principal("entra", "tenant", "stranger", "app", groups=frozenset({"others"}))
TARGET = Target("db", "postgres", {"env": "test"})


def write(directory: Path, text: str) -> Policy:
    """The policy made of AGENTS and a text."""
    (directory / "policy.toml").write_text(AGENTS + text)
    return load(directory)


def rule(name: str, effect: str, postgres: str, *, more: str = "") -> str:
    """A rule for the agents on every target."""
    approval = 'approval = { approvers = { groups = "people" } }' if effect == "require-approval" else ""
    return f"""
[[rule]]
id = "{name}"
principals = ["agents"]
targets = ["*"]
effect = "{effect}"
postgres = {{ {postgres} }}
{approval}
{more}
"""


def ask(
    policy: Policy, statement: str, *, catalogue: Catalogue | None = None, principal: Principal = AGENT
) -> Decision:
    """The decision on a statement of the agent's."""
    known = catalogue or assumed_catalogue(policy, statement)
    return evaluate(policy, Question(principal, TARGET, Statement(statement), known))
