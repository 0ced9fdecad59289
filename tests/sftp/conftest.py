"""A host whose files are reached by SFTP, with the policy that says how far."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parent.parent.parent

POLICY = """
[principals.deployers]
issuer = "entra"
any = [{{ groups = "deployers" }}]

[[rule]]
id = "files"
principals = ["deployers"]
targets = ["web"]
effect = "allow"
[rule.ssh]
read = ["{root}/data/**", "{root}/deploy/**"]
write = ["{root}/deploy/**"]
delete = ["{root}/deploy/**"]

[[rule]]
id = "no-keys"
targets = ["*"]
effect = "deny"
reason = "keys are not for agents"
ssh = {{ read = ["/**/.ssh/**"], write = ["/**/.ssh/**"], delete = ["/**/.ssh/**"] }}
"""


@dataclass(frozen=True, slots=True)
class Host:
    """Directories on this machine that stand for a host: `data` to read, `deploy` to do everything in,
    `secret` for nothing. `data/out` is a link to `secret`."""

    root: Path
    policy: Path

    @property
    def command(self) -> list[str]:
        """The SFTP server behind policy."""
        return [sys.executable, "-m", "tests.sftp.program", str(self.policy)]

    def events(self, name: str) -> list[dict[str, Any]]:
        """What was recorded under this name."""
        lines = (self.policy / "events.json").read_text().splitlines()
        return [event for event in map(json.loads, lines) if event["event"] == name]

    def batch(self, commands: Iterable[str]) -> subprocess.CompletedProcess[str]:
        """Runs commands in OpenSSH's sftp; one with a leading `-` may fail."""
        return subprocess.run(
            ["sftp", "-b", "-", "-D", " ".join(self.command)],
            input="\n".join(commands), text=True, capture_output=True, cwd=ROOT, timeout=60, check=False,
        )  # fmt: skip


@pytest.fixture
def host(tmp_path: Path) -> Host:
    root, policy = (tmp_path / "host").resolve(), tmp_path / "policy"
    for directory in ("data", "deploy", "secret"):
        (root / directory).mkdir(parents=True)
    policy.mkdir()
    (root / "data" / "report").write_text("figures\n")
    (root / "secret" / "key").write_text("hunter2\n")
    (root / "data" / "out").symlink_to(root / "secret")
    (policy / "policy.toml").write_text(POLICY.format(root=root))
    (policy / "events.json").touch()
    return Host(root, policy)
