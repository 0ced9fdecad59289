"""The corpus as data, and the rules that judge it."""

from __future__ import annotations

import os
import shutil
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from narrows.model import Command, Decision, Principal, Target
from narrows.policy.language import load
from narrows.policy.ssh.evaluate import CommandQuestion, evaluate_command

if TYPE_CHECKING:
    from narrows.policy.rules import Policy

HERE = Path(__file__).parent
HOME = Path(tempfile.gettempdir()) / f"narrows-shell-{os.getpid()}" / "home"
"""Where the sandbox lets commands run; in the data it is /home/agent."""
AGENT = Principal("entra", "tenant", "agent", "app", groups=frozenset({"agents"}))
WEB = Target("web", "ssh")


def _here(text: str) -> str:
    return text.replace("/home/agent", str(HOME))


def _policy() -> Policy:
    directory = Path(tempfile.mkdtemp(prefix="narrows-shell-policy-"))
    try:
        (directory / "rules.toml").write_text(_here((HERE / "policy" / "rules.toml").read_text()))
        return load(directory)
    finally:
        shutil.rmtree(directory)


POLICY = _policy()


@dataclass(frozen=True)
class Evasion:
    """A way around the rules."""

    group: str
    command: str
    inert: bool
    """It needs programs or rights that the sandbox lacks, so that it shows its harm nowhere here."""

    @property
    def name(self) -> str:
        return f"{self.group}: {self.command!r}"


def evasions() -> list[Evasion]:
    groups = tomllib.loads(_here((HERE / "evasions.toml").read_text()))["group"]
    return [
        Evasion(group["name"], command, group.get("inert", False))
        for group in groups
        for command in group["commands"]
    ]


def ordinary() -> list[str]:
    commands: list[str] = tomllib.loads(_here((HERE / "ordinary.toml").read_text()))["commands"]
    return commands


def decide(text: str) -> Decision:
    """The decision on a command of the agent's on the web server."""
    return evaluate_command(POLICY, CommandQuestion(AGENT, WEB, Command(text, "deploy")))
