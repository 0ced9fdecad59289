"""Connections made from a host: an allow means one spelling of one place, a denial every one of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.errors import PolicyError
from narrows.model import Effect, Forward, Target
from narrows.policy.language import load
from narrows.policy.ssh.forward_patterns import ForwardPattern, spellings
from narrows.policy.ssh.forwards import HOST
from narrows.policy.ssh.hosts import judge_host

from .questions import AGENT, AGENTS, STRANGER, rule, write

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.model import Decision, Principal
    from narrows.policy.rules import Policy

WEB = Target("web", "ssh")


def forward_rule(name: str, effect: str, ssh: str) -> str:
    return rule(name, effect, "").replace("postgres = {  }", f"ssh = {{ {ssh} }}")


def ask(
    policy: Policy, host: str, port: int, *, login: str = "deploy", principal: Principal = AGENT
) -> Decision:
    return judge_host(policy, principal, WEB, Forward(host, port, login))


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return write(
        tmp_path,
        forward_rule("databases", "allow", "forwards = ['db:5432', '*.internal:5432-5439', '10.0.0.*:80']")
        + forward_rule("root", "allow", "forwards = ['admin:22'], logins = ['root']")
        + forward_rule("asked", "require-approval", "forwards = ['[2001:db8::1]:443', 'vault:8200']")
        + forward_rule("never", "deny", "forwards = ['secret.internal:1-65535', '10.0.0.9:1-65535']"),
    )


@pytest.mark.parametrize(
    ("host", "port", "decided_by"),
    [
        ("db", 5432, "databases"), ("DB", 5432, "databases"), ("db", 5433, "default-deny"),
        ("db.evil.example", 5432, "default-deny"), ("xdb", 5432, "default-deny"),
        ("db.", 5432, "default-deny"),
        ("a.internal", 5439, "databases"), ("a.internal", 5440, "default-deny"),
        ("a.b.internal", 5432, "default-deny"), ("internal", 5432, "default-deny"),
        ("10.0.0.7", 80, "databases"), ("10.0.0.07", 80, "default-deny"), ("10.0.7", 80, "default-deny"),
        ("10.0.0.0x7", 80, "default-deny"), ("::ffff:10.0.0.7", 80, "default-deny"),
        ("secret.internal", 5432, "never"), ("SECRET.internal.", 5432, "never"), ("10.0.0.9", 80, "never"),
        ("10.0.9", 80, "never"), ("167772169", 80, "never"), ("0x0a000009", 80, "never"),
        ("::ffff:10.0.0.9", 80, "never"), ("::ffff:a00:9", 80, "never"),
        ("2001:db8::1", 443, "asked"), ("2001:DB8::1", 443, "asked"), ("2001:db8:0::1", 443, "default-deny"),
        ("vault", 8200, "asked"), ("admin", 22, "default-deny"),
        ("", 5432, "not-understood"), ("db", 0, "not-understood"), ("db", 70_000, "not-understood"),
        ("d b", 5432, "not-understood"), ("db\n", 5432, "not-understood"), ("a" * 300, 1, "not-understood"),
        ("-x", 5432, "not-understood"), ("fe80::1%eth0", 22, "not-understood"),
    ],
)  # fmt: skip
def test_who_decides(policy: Policy, host: str, port: int, decided_by: str) -> None:
    decision = ask(policy, host, port)
    assert decision.rule == decided_by
    assert decision.effect is {
        "databases": Effect.ALLOW,
        "asked": Effect.REQUIRE_APPROVAL,
    }.get(decided_by, Effect.DENY)
    assert decision.hint or decision.effect is not Effect.DENY


def test_logins_and_strangers(policy: Policy) -> None:
    assert ask(policy, "admin", 22, login="root").rule == "root"
    assert ask(policy, "db", 5432, principal=STRANGER).effect is Effect.DENY


def test_a_rule_that_denies_everything_denies_this(tmp_path: Path) -> None:
    closed = rule("closed", "deny", "").replace("postgres = {  }\n", "")
    policy = write(tmp_path, forward_rule("a", "allow", "forwards = ['db:5432']") + closed)
    assert ask(policy, "db", 5432).rule == "closed"


def test_rules_for_databases_and_commands_say_nothing_of_it(tmp_path: Path) -> None:
    policy = write(
        tmp_path,
        forward_rule("a", "allow", "commands = ['ssh *'], terminal = true")
        + rule("b", "allow", "verbs = ['*'], tables = ['*.*']"),
    )
    assert ask(policy, "db", 5432).rule == "default-deny"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("db", "not host:port"), ("db:", "not host:port"), (":5432", "not host:port"),
        ("db:x", "not host:port"),
        ("d/b:1", "not host:port"), ("::1:22", "not host:port"), ("db:0", "no ports"), ("db:9-8", "no ports"),
        ("db:1-65536", "no ports"), ("db:5432,5433", "not host:port"),
    ],
)  # fmt: skip
def test_mistakes_have_their_lines(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "policy.toml").write_text(AGENTS + forward_rule("a", "allow", f"forwards = ['{text}']"))
    with pytest.raises(PolicyError) as caught:
        load(tmp_path)
    assert any(message in problem.message and problem.line == 11 for problem in caught.value.problems)


def test_a_rule_of_forwards_alone_says_something(tmp_path: Path) -> None:
    assert write(tmp_path, forward_rule("a", "allow", "forwards = ['db:5432']")).rules


@given(st.integers(0, 2**32 - 1), st.sampled_from(["{}", "0x{:x}", "0{:o}"]))
def test_a_denial_means_an_address_however_it_is_spelled(number: int, form: str) -> None:
    address = ".".join(str(byte) for byte in number.to_bytes(4, "big"))
    forward = Forward(form.format(number), 80)
    pattern = ForwardPattern.parse(f"{address}:80")
    assert pattern.may_match(forward)
    assert not pattern.covers(forward)


@given(st.from_regex(HOST, fullmatch=True), st.integers(0, 2**32))
def test_an_allow_is_never_wider_than_a_denial(host: str, port: int) -> None:
    for text in ("*:1-65535", "*.*:80", "10.0.*.*:1-65535", "[::1]:22"):
        pattern = ForwardPattern.parse(text)
        assert pattern.may_match(Forward(host, port)) or not pattern.covers(Forward(host, port))


def test_a_name_is_its_own_spelling() -> None:
    assert spellings("Db.Internal.") == {"db.internal"}
    assert spellings("127.1") == {"127.1", "127.0.0.1"}
    assert spellings("0:0::1") == {"::1"}
