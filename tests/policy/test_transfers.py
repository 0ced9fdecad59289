"""What policy says of operations on files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.errors import PolicyError
from narrows.model import Effect, Principal, Target, Transfer
from narrows.policy import judge_transfer, load

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
id = "data"
principals = ["deployers"]
targets = ["web"]
effect = "allow"
[rule.ssh]
logins = ["deploy"]
read = ["/srv/data/**", "/tmp/deploy/**"]
write = ["/tmp/deploy/**", "/srv/drop/**"]
delete = ["/tmp/deploy/**", "/srv/drop/**"]

[[rule]]
id = "releases"
principals = ["deployers"]
targets = ["web"]
effect = "allow"
ssh = { links = ["/srv/releases/**"], read = ["/srv/releases/**"] }

[[rule]]
id = "settings"
principals = ["deployers"]
targets = ["web"]
effect = "require-approval"
ssh = { write = ["/etc/app/*.toml"] }
approval = { approvers = { groups = "sg-ops" } }

[[rule]]
id = "keys"
targets = ["*"]
effect = "deny"
reason = "keys are nobody's to move"
ssh = { read = ["/**/.ssh/**"], write = ["/**/.ssh/**"], delete = ["/**/.ssh/**"] }
"""


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    (tmp_path / "policy.toml").write_text(POLICY)
    return load(tmp_path)


def said(
    policy: Policy, action: str, *paths: str, login: str = "deploy", tree: bool = False
) -> tuple[str, str]:
    decision = judge_transfer(policy, AGENT, WEB, Transfer(action, paths, login, tree))
    return decision.effect.value, decision.rule


@pytest.mark.parametrize(
    ("action", "paths", "effect", "rule"),
    [
        ("read", ["/srv/data/a"], "allow", "data"),
        ("list", ["/srv/data"], "allow", "data"),
        ("read", ["/srv/database"], "deny", "default-deny"),
        ("write", ["/srv/data/a"], "deny", "default-deny"),
        ("write", ["/tmp/deploy/a"], "allow", "data"),
        ("make-directory", ["/tmp/deploy/a"], "allow", "data"),
        ("set-attributes", ["/tmp/deploy/a"], "allow", "data"),
        ("read-write", ["/srv/drop/a"], "deny", "default-deny"),
        ("read-write", ["/tmp/deploy/a"], "allow", "data"),
        ("remove", ["/srv/data/a"], "deny", "default-deny"),
        ("remove-directory", ["/tmp/deploy/a"], "allow", "data"),
        ("write", ["/etc/app/x.toml"], "require-approval", "settings"),
        ("write", ["/etc/app/x.conf"], "deny", "default-deny"),
        ("read", ["/tmp/deploy/.ssh/id"], "deny", "keys"),
    ],
)
def test_a_right_is_needed_where_it_is_used(
    policy: Policy, action: str, paths: list[str], effect: str, rule: str
) -> None:
    assert said(policy, action, *paths) == (effect, rule)


def test_a_rule_is_for_its_logins(policy: Policy) -> None:
    assert said(policy, "read", "/srv/data/a", login="root") == ("deny", "default-deny")
    assert said(policy, "read", "/srv/releases/a", login="root") == ("allow", "releases")


@pytest.mark.parametrize("path", ["/", "/srv", "/srv/data/a", "/srv/drop", "/etc/app", "/etc/app/x.toml"])
def test_whoever_may_do_something_there_or_below_may_look(policy: Policy, path: str) -> None:
    assert said(policy, "look", path)[0] == "allow"


@pytest.mark.parametrize("path", ["/etc/passwd", "/home", "/etc/app/x.conf", "/tmp/deploy/.ssh/id"])
def test_nobody_looks_where_there_is_nothing_to_do(policy: Policy, path: str) -> None:
    assert said(policy, "look", path)[0] == "deny"


def test_a_rename_needs_both_ends(policy: Policy) -> None:
    assert said(policy, "rename", "/tmp/deploy/a", "/tmp/deploy/b") == ("allow", "data")
    assert said(policy, "rename", "/tmp/deploy/a", "/srv/data/a")[0] == "deny"
    assert said(policy, "rename", "/srv/data/a", "/tmp/deploy/a")[0] == "deny"


def test_a_rename_makes_nothing_readable_that_was_not(policy: Policy) -> None:
    assert said(policy, "rename", "/srv/drop/a", "/srv/drop/b") == ("allow", "data")
    assert said(policy, "rename", "/srv/drop/a", "/tmp/deploy/a") == ("deny", "default-deny")


def test_a_directory_moves_with_everything_below_it(policy: Policy) -> None:
    assert said(policy, "rename", "/tmp/deploy/a", "/tmp/deploy/b", tree=True) == ("deny", "keys")
    assert said(policy, "rename", "/srv/drop/x", "/srv/drop/.ssh", tree=True) == ("deny", "keys")


def test_links_are_made_where_a_rule_says_so_and_point_there(policy: Policy) -> None:
    assert said(policy, "symlink", "/tmp/deploy/l", "/tmp/deploy/a")[0] == "deny"
    assert said(policy, "symlink", "/srv/releases/now", "/srv/releases/7") == ("allow", "releases")
    assert said(policy, "symlink", "/srv/releases/now", "/etc/passwd")[0] == "deny"
    assert said(policy, "hardlink", "/srv/releases/now", "/srv/releases/7") == ("allow", "releases")


def test_a_hardlink_gives_no_right_that_the_first_name_does_not(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(
        POLICY.replace('ssh = { links = ["/srv/releases/**"]', 'ssh = { links = ["/**"]')
    )
    policy = load(tmp_path)
    assert said(policy, "hardlink", "/tmp/deploy/x", "/etc/shadow")[0] == "deny"
    assert said(policy, "hardlink", "/tmp/deploy/x", "/tmp/deploy/y")[0] == "allow"


def test_a_denial_says_what_and_why(policy: Policy) -> None:
    decision = judge_transfer(policy, AGENT, WEB, Transfer("read", ("/root/.ssh/id_rsa",), "deploy"))
    assert decision.effect is Effect.DENY
    assert decision.reason == "reading /root/.ssh/id_rsa: keys are nobody's to move"


def test_a_denial_of_everything_denies_files(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(
        POLICY + '[[rule]]\nid = "shut"\ntargets = ["web"]\neffect = "deny"\n'
    )
    assert said(load(tmp_path), "read", "/srv/data/a") == ("deny", "shut")


@pytest.mark.parametrize(
    ("ssh", "problem"),
    [
        ('{ read = ["srv"] }', "not absolute"),
        ("{ }", "matches nothing"),
        ('{ read = ["/a"], logins = [] }', "is nobody"),
        ('{ reads = ["/a"] }', "reads"),
    ],
)
def test_what_is_written_wrong_is_told(tmp_path: Path, ssh: str, problem: str) -> None:
    rule = f'[[rule]]\nid = "r"\nprincipals = ["*"]\ntargets = ["web"]\neffect = "allow"\nssh = {ssh}\n'
    (tmp_path / "policy.toml").write_text(rule)
    with pytest.raises(PolicyError, match=problem):
        load(tmp_path)
