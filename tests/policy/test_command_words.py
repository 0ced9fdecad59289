"""Patterns over words: what an allow is sure of, and what a denial cannot be dodged by."""

from __future__ import annotations

import pytest

from narrows.policy.ssh.words import CommandPattern, Words


def words(
    *argv: str, through: tuple[str, ...] = (), globs: tuple[int, ...] = (), open_ended: bool = False
) -> Words:
    return Words(through, argv, frozenset(globs), open_ended)


@pytest.mark.parametrize(
    ("pattern", "argv"),
    [
        ("uptime", ("uptime",)),
        ("uptime", ("/usr/bin/uptime",)),
        ("systemctl status *", ("systemctl", "status")),
        ("systemctl status *", ("systemctl", "status", "nginx", "--no-pager")),
        ("journalctl -u ?* -n *", ("journalctl", "-u", "nginx", "-n", "50")),
        ("cp * /backup/*", ("cp", "/srv/a", "/backup/a")),
        ("cat /var/log/*", ("cat", "/var/log/syslog")),
        ("cat /var/log/*", ("cat", "--", "/var/log/syslog")),
        ("cat /var/log/**", ("cat", "/var/log/a/b/c")),
        ("git commit -m 'a b'", ("git", "commit", "-m", "a b")),
        ("/opt/deploy **", ("/opt/deploy", "any/thing")),
    ],
)
def test_an_allow_covers(pattern: str, argv: tuple[str, ...]) -> None:
    assert CommandPattern.parse(pattern).covers(words(*argv))


@pytest.mark.parametrize(
    ("pattern", "argv"),
    [
        ("uptime", ("uptime", "-p")),
        ("uptime", ("./uptime",)),
        ("uptime", ("/tmp/uptime",)),
        ("uptime", ("uptime2",)),
        ("systemctl status *", ("systemctl", "restart", "nginx")),
        ("systemctl status *", ("systemctl", "--root=/x", "status")),
        ("systemctl status *", ("systemctl status",)),
        ("kill -s TERM *", ("kill", "-s", "--", "TERM")),
        ("cp * /backup/*", ("cp", "-t", "/backup/a")),
        ("cat /var/log/*", ("cat", "/var/log/../../etc/shadow")),
        ("cat /var/log/**", ("cat", "/var/log/../../etc/shadow")),
        ("cat /var/log/*", ("cat", "/var/log/a/b")),
        ("cat /var/log/*", ("cat", "/var/log/a", "/etc/shadow")),
        ("cat /var/log/*", ("cat", "/etc/shadow")),
        ("/opt/deploy *", ("deploy", "x")),
        ("a ** b", ("a", "-x", "b")),
    ],
)
def test_an_allow_does_not_cover(pattern: str, argv: tuple[str, ...]) -> None:
    assert not CommandPattern.parse(pattern).covers(words(*argv))


def test_the_way_must_be_written_out() -> None:
    as_root = words("systemctl", "restart", "nginx", through=("sudo",))
    as_other = words("systemctl", "restart", "nginx", through=("sudo", "-u", "www"))
    assert not CommandPattern.parse("systemctl restart *").covers(as_root)
    assert not CommandPattern.parse("*").covers(as_root)
    assert CommandPattern.parse("sudo *").covers(as_root)
    assert CommandPattern.parse("sudo systemctl restart nginx").covers(as_root)
    assert not CommandPattern.parse("sudo systemctl restart nginx").covers(as_other)
    assert not CommandPattern.parse("sudo *").covers(as_other)
    assert CommandPattern.parse("sudo -u www systemctl *").covers(as_other)
    assert not CommandPattern.parse("sudo systemctl *").covers(words("./systemctl", through=("sudo",)))


def test_words_that_nobody_knows_need_a_pattern_that_takes_any() -> None:
    assert CommandPattern.parse("grep *").covers(words("grep", "x", open_ended=True))
    assert not CommandPattern.parse("grep x").covers(words("grep", "x", open_ended=True))
    assert not CommandPattern.parse("grep ** **").covers(words("grep", "x", open_ended=True))


def test_a_pattern_of_the_shell_is_covered_with_all_that_it_could_become() -> None:
    logs = words("cat", "/var/log/*.log", globs=(1,))
    assert CommandPattern.parse("cat /var/log/*").covers(logs)
    assert not CommandPattern.parse("cat /var/log/*.log").covers(words("cat", "/var/log/*", globs=(1,)))
    assert not CommandPattern.parse("cat /var/log/?????").covers(logs)
    assert not CommandPattern.parse("cat '/var/log/x.log'").covers(logs)


@pytest.mark.parametrize(
    ("pattern", "argv"),
    [
        ("reboot", ("/sbin/reboot", "-f")),
        ("reboot", ("/tmp/reboot",)),
        ("systemctl stop *", ("systemctl", "--no-block", "stop", "nginx")),
        ("systemctl stop *", ("systemctl", "-H", "host", "stop", "nginx")),
        ("git push *", ("git", "-C", "/srv", "push")),
        ("cat /etc/shadow", ("cat", "/etc/../etc//shadow")),
        ("cat /etc/shadow", ("cat", "-n", "/etc/shadow")),
    ],
)
def test_a_denial_is_not_dodged(pattern: str, argv: tuple[str, ...]) -> None:
    denied = CommandPattern.parse(pattern)
    assert denied.may_match(words(*argv))
    assert denied.may_match(words(*argv, through=("sudo", "-u", "www")))
    assert denied.may_match(words(*argv, through=("docker", "exec", "web")))


def test_a_denial_counts_what_could_come() -> None:
    denied = CommandPattern.parse("rm -rf *")
    assert denied.may_match(words("rm", open_ended=True))
    assert not denied.may_match(words("rm", "x"))
    assert CommandPattern.parse("cat /etc/shadow").may_match(words("cat", "/etc/sh*", globs=(1,)))
    assert not CommandPattern.parse("git push *").may_match(words("git", "commit", "-m", "x", "push"))
    assert CommandPattern.parse("sudo *").may_match(words("ls", through=("sudo",)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "matches nothing"),
        ("a 'b", "is not a command"),
        ("kube* get", "write out the program"),
        ("? x", "write out"),
    ],
)
def test_a_pattern_that_is_none(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CommandPattern.parse(text)
