"""Programs that carry files, as their clients start them, and in every form that those do not use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.model import Command, Principal, Target
from narrows.policy import load
from narrows.policy.ssh.carriers import Carried, carried
from narrows.policy.ssh.hosts import judge_host

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.policy import Policy

AGENT = Principal("entra", "t", "o", "app", groups=frozenset({"deployers"}))
WEB = Target("web", "ssh")
POLICY = """
[principals.deployers]
issuer = "entra"
any = [{ groups = "deployers" }]

[[rule]]
id = "files"
principals = ["deployers"]
targets = ["web"]
effect = "allow"
[rule.ssh]
programs = ["git", "rsync"]
read = ["/srv/data/**", "/tmp/deploy/**"]
write = ["/tmp/deploy/**"]

[[rule]]
id = "keys"
targets = ["*"]
effect = "deny"
ssh = { read = ["/srv/data/private/**"], write = ["/**/.ssh/**"] }
"""


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    (tmp_path / "policy.toml").write_text(POLICY)
    return load(tmp_path)


@pytest.mark.parametrize(
    ("command", "rights"),
    [
        ("rsync --server --sender -logDtpre.iLsfxCIvu . /srv/data/", [("read", "/srv/data")]),
        ("rsync --server -tre.LsfxCIvu . /tmp/deploy", [("write", "/tmp/deploy")]),
        ("rsync --server -logDtpre.LsfxCIvu . /a", [("write", "/a"), ("links", "/a")]),
        ("rsync --server -logDtpre.Lsf --safe-links . /a", [("write", "/a")]),
        ("rsync --server -re.LsfxC --delete . /a", [("write", "/a"), ("delete", "/a")]),
        ("rsync --server --sender -re. --remove-source-files . /a", [("read", "/a"), ("delete", "/a")]),
        ("scp -r -f /srv/data", [("read", "/srv/data")]),
        ("scp -v -t -- /tmp/deploy", [("write", "/tmp/deploy")]),
        ("git-upload-pack /srv/data/work.git", [("read", "/srv/data/work.git")]),
        ("git-receive-pack /srv/data/work.git", [("write", "/srv/data/work.git")]),
    ],
)
def test_what_a_client_starts_is_recognised(command: str, rights: list[tuple[str, str]]) -> None:
    assert carried(tuple(command.split())) == tuple(Carried(*one) for one in rights)


@pytest.mark.parametrize(
    "command",
    [
        "rsync --server --daemon .",
        "rsync --server -e sh . /tmp/deploy",
        "rsync --server -re.L --rsh=sh . /tmp/deploy",
        "rsync --server --sender -re.L --files-from=/etc/list . /srv/data",
        "rsync --server --sender -rLe.L . /srv/data",
        "rsync --server --sender -re.L --copy-links . /srv/data",
        "rsync --server -re.L --log-file=/etc/x . /tmp/deploy",
        "rsync --server -re.L --log-format=$(x) . /tmp/deploy",
        "rsync --server -re.L --partial-dir=/etc . /tmp/deploy",
        "rsync --server -re.L /tmp/deploy",
        "rsync --server -re.L .",
        "rsync -a /etc /tmp/deploy",
        "scp -S sh -t /tmp/deploy",
        "scp -t -f /tmp/deploy",
        "scp -t",
        "scp a b",
        "scp -oProxyCommand=sh -t /tmp/deploy",
        "git-upload-pack --upload-pack=sh",
        "git-receive-pack /a /b",
        "git-shell -c x",
        "",
    ],
)
def test_any_other_form_is_a_command_like_every_other(command: str) -> None:
    assert carried(tuple(command.split())) == ()


@pytest.mark.parametrize(
    ("command", "effect", "rule"),
    [
        ("rsync --server --sender -logDtpre.iLsfxCIvu . /srv/data/public/", "allow", "files"),
        ("rsync --server --sender -logDtpre.iLsfxCIvu . /tmp/deploy", "allow", "files"),
        ("git-upload-pack '/srv/data/work.git'", "allow", "files"),
        ("rsync --server --sender -re.iLs . /srv/data", "deny", "keys"),
        ("rsync --server --sender -re.iLs . /srv/data/private/x", "deny", "keys"),
        ("rsync --server -logDtpre.iLsfxCIvu . /tmp/deploy", "deny", "keys"),
        ("rsync --server -re.iLs --delete . /srv/data/public", "deny", "keys"),
        ("rsync --server --sender -re.iLs . /srv/data/../secret", "deny", "default-deny"),
        ("rsync --server --sender -re.iLs . data", "deny", "keys"),
        ("rsync --server --sender -re.iLs . /etc", "deny", "default-deny"),
        ("git-upload-pack '/etc/work.git'", "deny", "default-deny"),
        ("git-receive-pack '/tmp/deploy/work.git'", "deny", "keys"),
        ("scp -f /srv/data/public/report", "deny", "default-deny"),
        ("sudo rsync --server --sender -re.iLs . /srv/data/public", "deny", "default-deny"),
    ],
)
def test_paths_decide_where_the_rule_names_the_program(
    policy: Policy, command: str, effect: str, rule: str
) -> None:
    decision = judge_host(policy, AGENT, WEB, Command(command, "deploy"))
    assert (decision.effect.value, decision.rule) == (effect, rule), decision.reason
