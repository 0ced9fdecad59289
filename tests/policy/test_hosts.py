"""Decisions on commands: every access is covered, a denial wins, and what runs is what was judged."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.errors import PolicyError
from narrows.model import Command, Effect, Target
from narrows.policy.language import load
from narrows.policy.ssh.destructive import CLASSES, classes_of
from narrows.policy.ssh.hosts import judge_host

from .questions import AGENT, AGENTS, STRANGER, rule, write

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.model import Decision, Principal
    from narrows.policy.rules import Policy

WEB = Target("web", "ssh")


def host_rule(name: str, effect: str, ssh: str, *, more: str = "") -> str:
    return rule(name, effect, "", more=more).replace("postgres = {  }", f"ssh = {{ {ssh} }}")


def ask(
    policy: Policy, text: str, *, login: str = "deploy", principal: Principal = AGENT, **more: object
) -> Decision:
    command = Command(text, login, **more)  # type: ignore[arg-type]
    return judge_host(policy, principal, WEB, command)


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return write(
        tmp_path,
        host_rule(
            "look",
            "allow",
            "commands = ['ls *', 'cat *'], read = ['/srv/**'], write = ['/tmp/a/*'], environment = ['APP_*']",
        )
        + host_rule("restart", "require-approval", "commands = ['sudo systemctl restart *']")
        + host_rule("hidden", "require-approval", "opaque = true")
        + host_rule("root", "allow", "commands = ['id'], logins = ['root']")
        + host_rule(
            "never",
            "deny",
            "destructive = ['rm-recursive'], commands = ['cat /etc/shadow'], write = ['/tmp/a/x']",
        ),
    )


def test_every_command_must_be_covered(policy: Policy) -> None:
    assert ask(policy, "ls -l | cat").effect is Effect.ALLOW
    refused = ask(policy, "ls; uptime")
    assert (refused.effect, refused.rule) == (Effect.DENY, "default-deny")
    assert "`uptime`" in refused.reason
    assert ask(policy, "ls; sudo systemctl restart x").rule == "restart"
    assert ask(policy, "sudo systemctl restart x; rm -rf /").rule == "never"


def test_no_denial_looks_to_ansible_like_the_success_of_become(policy: Policy, tmp_path: Path) -> None:
    """It waits for a word of its own in the output, and keeps each line with it from whoever plays."""
    become = "sudo -H -S -n -u root /bin/sh -c 'echo BECOME-SUCCESS-qwertyuiop ; /usr/bin/python3'"
    text = f"/bin/sh -c {shlex.quote(f'{become} && sleep 0')}"
    refused = ask(policy, text)
    assert (refused.rule, refused.reason) == ("default-deny", "no rule allows Ansible's become")
    assert "log in as the account" in refused.hint
    (tmp_path / "denying").mkdir()
    never = write(
        tmp_path / "denying",
        host_rule("ls", "allow", "commands = ['ls']") + host_rule("sudo", "deny", "commands = ['sudo *']"),
    )
    refused = ask(never, text)
    assert refused.rule == "sudo"
    assert "BECOME-SUCCESS" in refused.reason
    assert "BECOME-SUCCESS-q" not in refused.reason


def test_what_runs_is_written_anew(policy: Policy) -> None:
    assert ask(policy, "l\\s   -l  # all").released == "'ls' '-l'"
    assert ask(policy, "for x in a; do ls; done").released == "for x in a; do ls; done"
    assert ask(policy, "uptime").released == ""
    assert ask(policy, "ls; cat x").verbs == {"ls", "cat"}
    assert ask(policy, "cat </srv/x").relations == {"/srv/x"}


def test_redirects_open_files(policy: Policy) -> None:
    assert ask(policy, "cat < /srv/a > /tmp/a/b 2>/dev/null").effect is Effect.ALLOW
    for text in ("ls > /etc/x", "cat < /etc/x", "ls > out", "ls > /tmp/a/../b", "ls > ~/y"):
        assert ask(policy, text).rule == "default-deny", text
    for text in ("ls > /tmp/a/x", "ls > x", "ls > /tmp//a/./x"):
        assert ask(policy, text).rule == "never", text
    assert "names one place" in ask(policy, "ls > out").hint


def test_variables_need_a_rule(policy: Policy) -> None:
    assert ask(policy, "LANG=C APP_MODE=x ls").effect is Effect.ALLOW
    assert ask(policy, "export APP_MODE=x; ls").effect is Effect.ALLOW
    for text in ("PATH=/tmp ls", "env LD_PRELOAD=x ls", "OTHER=x ls", "export PATH=x; ls"):
        assert ask(policy, text).effect is Effect.DENY, text
    assert ask(policy, "ls", environment=(("LANG", "C"),)).effect is Effect.ALLOW
    assert ask(policy, "ls", environment=(("BASH_ENV", "x"),)).effect is Effect.DENY
    assert "hunter2" not in ask(policy, "TOKEN=hunter2 ls").reason


def test_a_variable_that_chooses_code_is_only_meant_by_its_name(tmp_path: Path) -> None:
    policy = write(tmp_path, host_rule("a", "allow", "commands = ['ls'], environment = ['*', 'PAGER']"))
    assert ask(policy, "ANYTHING=x PAGER=cat ls").effect is Effect.ALLOW
    assert ask(policy, "LD_PRELOAD=x ls").effect is Effect.DENY


def test_what_cannot_be_read_needs_a_person(policy: Policy, tmp_path: Path) -> None:
    for text in ("ls $x", "ls | sh", "python3 -c x", "find . -exec sh -c '$x' ';' | cat", "ls *"):
        decision = ask(policy, text)
        assert decision.effect is not Effect.ALLOW, text
    assert ask(policy, "ls $x").rule == "hidden"
    assert ask(policy, "ls ')").rule == "not-understood"
    assert ask(policy, "# nothing").rule == "not-understood"
    assert ask(policy, "for x in 1; do r\\m -r''f $x; rm -rf x; done").rule == "never"
    plain = write(tmp_path, host_rule("look", "allow", "commands = ['ls *']"))
    assert ask(plain, "ls $x").rule == "default-deny"


def test_code_that_a_rule_spells_out_is_allowed(tmp_path: Path) -> None:
    policy = write(tmp_path, host_rule("a", "allow", "commands = [\"python3 -c 'import app'\", 'python3 *']"))
    assert ask(policy, "python3 -c 'import app'").effect is Effect.ALLOW
    assert ask(policy, "python3 app.py").effect is Effect.ALLOW
    assert ask(policy, "python3 -c 'import os'").effect is Effect.DENY


def test_accounts_terminals_and_shells(policy: Policy, tmp_path: Path) -> None:
    assert ask(policy, "id", login="root").effect is Effect.ALLOW
    assert ask(policy, "id").effect is Effect.DENY
    assert ask(policy, "ls", terminal=True).effect is Effect.DENY
    assert ask(policy, "", start="shell").effect is Effect.DENY
    assert ask(policy, "ls", principal=STRANGER).effect is Effect.DENY
    open_ = write(
        tmp_path,
        host_rule("a", "allow", "commands = ['top'], terminal = true")
        + host_rule("s", "require-approval", "shell = true"),
    )
    assert ask(open_, "top", terminal=True).effect is Effect.ALLOW
    assert ask(open_, "", start="shell", terminal=True).rule == "s"


def test_ansible_needs_a_rule_and_every_denial_holds(tmp_path: Path) -> None:
    module = "/bin/sh -c '/usr/bin/python3 && sleep 0'"
    home = "/bin/sh -c 'echo ~ && sleep 0'"
    without = write(tmp_path, host_rule("a", "allow", "commands = ['echo *', 'sleep *']"))
    assert ask(without, module).effect is Effect.DENY
    assert ask(without, home).effect is Effect.ALLOW
    allowed = host_rule("a", "allow", "ansible = true, logins = ['deploy']")
    ansible = write(tmp_path, allowed)
    assert (ask(ansible, module).rule, ask(ansible, module).released) == ("a", module)
    assert ask(ansible, home, terminal=True).rule == "a"
    assert ask(ansible, module, terminal=True).effect is Effect.DENY
    assert ask(ansible, module, login="root").effect is Effect.DENY
    assert ask(ansible, "echo ~ && sleep 0").effect is Effect.DENY
    for denied in ("opaque = true", "ansible = true", "commands = ['python3 *']", "terminal = true"):
        policy = write(tmp_path, allowed + host_rule("d", "deny", denied))
        judged = module if denied != "terminal = true" else home
        assert ask(policy, judged, terminal=judged == home).rule == "d"


def test_a_shell_is_guarded_unless_people_approve_a_raw_one(tmp_path: Path) -> None:
    policy = write(tmp_path, host_rule("g", "allow", "shell = 'guarded'"))
    guarded = ask(policy, "", start="shell", terminal=True)
    assert (guarded.effect, guarded.rule, guarded.released) == (Effect.ALLOW, "g", "exec sh")
    assert ask(policy, "exec sh").effect is Effect.DENY
    policy = write(tmp_path, host_rule("r", "require-approval", "shell = true"))
    raw = ask(policy, "", start="shell")
    assert (raw.effect, raw.released) == (Effect.REQUIRE_APPROVAL, "")


def test_a_subsystem_is_a_name_and_no_command(tmp_path: Path) -> None:
    policy = write(tmp_path, host_rule("a", "allow", "commands = ['*']"))
    assert ask(policy, "netconf", start="subsystem").effect is Effect.DENY
    assert ask(policy, "sftp", start="subsystem").effect is Effect.DENY
    files = write(tmp_path, host_rule("a", "require-approval", "read = ['/srv/**']"))
    assert ask(files, "sftp", start="subsystem").effect is Effect.ALLOW
    assert ask(files, "netconf", start="subsystem").effect is Effect.DENY


def test_a_rule_for_hosts_says_nothing_of_databases(policy: Policy) -> None:
    assert not policy.applicable(AGENT, Target("db", "postgres")).admitted
    assert policy.applicable(AGENT, WEB).admitted


def test_mistakes_have_their_lines(tmp_path: Path) -> None:
    for ssh, message in [
        ("commands = ['kube* x']", "write out the program"),
        ("destructive = ['rm-recursive']", "for denials and approvals"),
        ("opaque = true", "never allowed"),
        ("shell = true", "never allowed"),
        ("logins = ['a']", "matches nothing"),
        ("read = ['logs']", "not absolute"),
        ("comands = ['a']", "did you mean `commands`"),
    ]:
        (tmp_path / "policy.toml").write_text(AGENTS + host_rule("a", "allow", ssh))
        with pytest.raises(PolicyError) as caught:
            load(tmp_path)
        assert any(message in problem.message and problem.line == 11 for problem in caught.value.problems), (
            caught.value
        )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("rm -fR x", "rm-recursive"), ("rm --rec x", "rm-recursive"), ("mkfs.ext4 /dev/x", "mkfs"),
        ("wipefs -a x", "mkfs"), ("dd if=a of=/dev/sda", "dd-device"), ("tee /dev/../dev/sda", "dd-device"),
        ("systemctl -i poweroff", "shutdown"), ("init 6", "shutdown"), ("chown -hR a b", "chmod-recursive"),
        ("kubectl -n x delete pod", "kubectl-delete"), ("kubectl scale --replicas=0 x", "kubectl-delete"),
        ("psql -c 'DROP TABLE x'", "sql-drop"), ("psql --command='delete from x'", "sql-drop"),
        ("mysql -e truncate", "sql-drop"), ("git push -f", "git-force"), ("git push a +b", "git-force"),
        ("kill -9 -1", "kill-all"), ("apt-get -y purge x", "package-remove"), ("iptables -F", "firewall"),
        ("userdel x", "account-change"), ("crontab -r", "schedule-remove"),
        ("docker compose down", "container-remove"), ("rsync -a --del a b", "mirror-delete"),
        ("systemctl stop x", "service-stop"), ("zfs destroy x", "volume-remove"),
        ("truncate -s0 x", "truncate"),
    ],
)  # fmt: skip
def test_destructive_commands_are_in_their_class(text: str, title: str) -> None:
    assert title in classes_of(tuple(shlex.split(text)), open_ended=False)
    assert title in CLASSES


def test_harmless_commands_are_in_none() -> None:
    for argv in (
        ("rm", "x"),
        ("ls", "-R"),
        ("psql", "-c", "delete from x where id = 1"),
        ("git", "push"),
        ("dd", "of=/dev/null"),
        ("systemctl", "status", "x"),
    ):
        assert classes_of(argv, open_ended=False) == frozenset()


@given(text=st.text(max_size=200))
def test_any_text_gets_a_decision(text: str) -> None:
    assert classes_of(("x", text), open_ended=True) <= CLASSES
