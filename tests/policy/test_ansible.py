"""Which commands are Ansible's, and what rules can say of them."""

from __future__ import annotations

import shlex

import pytest

from narrows.policy.ssh.ansible import step_of

FOLDER = "/home/deploy/.ansible/tmp/ansible-tmp-1795531984.84-17930-352"


def sent(script: str) -> str:
    return "/bin/sh -c " + shlex.quote(script)


def folder(base: str, name: str, *, other: str = "") -> str:
    return (
        f'( umask 77 && mkdir -p "` echo {base} `"&& mkdir "` echo {base}/{name} `" '
        f'&& echo {name}="` echo {base}/{other or name} `" ) && sleep 0'
    )


@pytest.mark.parametrize(
    ("script", "does"),
    [
        ("echo ~ && sleep 0", "finding the home directory"),
        ("echo ~deploy && sleep 0", "finding the home directory"),
        (folder("~/.ansible/tmp", "ansible-tmp-1.2-3-4"), "making a folder for a module"),
        (folder("/tmp/ansible", "ansible-tmp-1.2-3-4"), "making a folder for a module"),
        (f"chmod u+rwx {FOLDER}/ {FOLDER}/AnsiballZ_ping.py && sleep 0", "letting a module run"),
        (f"/usr/bin/python3 {FOLDER}/AnsiballZ_ping.py && sleep 0", "running a module"),
        ("/usr/bin/python3.11 && sleep 0", "running a module from standard input"),
        (f"rm -f -r {FOLDER}/ > /dev/null 2>&1 && sleep 0", "removing a module's folder"),
        (
            "echo FOUND; command -v 'python3.13'; command -v '/usr/bin/python3'; echo ENDFOUND && sleep 0",
            "finding Python",
        ),
    ],
)
def test_what_ansible_writes_is_known(script: str, does: str) -> None:
    assert step_of(sent(script)) == does


def test_nobody_types_into_a_python() -> None:
    assert step_of(sent("echo ~ && sleep 0"), terminal=True)
    assert not step_of(sent("/usr/bin/python3 && sleep 0"), terminal=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/bin/sh -c '",
        "/bin/sh -c 'echo ~ && sleep 0' x",
        "/bin/sh -c 'echo ~ && sleep 0'; id",
        '/bin/sh -c "echo ~ && sleep 0"',
        "sh -c 'echo ~ && sleep 0'",
        sent("echo ~"),
        sent("echo ~;id && sleep 0"),
        sent("echo ~\nid && sleep 0"),
        sent("echo $(id) && sleep 0"),
        sent("id && sleep 0"),
        sent(folder("~/.ansible/tmp", "x")),
        sent(folder("~/.ansible/tmp", "ansible-tmp-1", other="ansible-tmp-2")),
        sent(folder("~/a `id`", "ansible-tmp-1")),
        sent(folder("~/a/../b", "ansible-tmp-1")),
        sent("chmod u+rwx /etc/shadow && sleep 0"),
        sent(f"chmod u+rwxs {FOLDER}/a && sleep 0"),
        sent("rm -f -r / > /dev/null 2>&1 && sleep 0"),
        sent(f"rm -f -r {FOLDER}/../../ > /dev/null 2>&1 && sleep 0"),
        sent(f"rm -f -r {FOLDER}/ / > /dev/null 2>&1 && sleep 0"),
        sent("/usr/bin/python3 /tmp/x.py && sleep 0"),
        sent("python3 && sleep 0"),
        sent("/usr/bin/perl && sleep 0"),
        sent("echo FOUND; command -v 'a'; id; echo ENDFOUND && sleep 0"),
    ],
)
def test_what_anybody_else_writes_is_not(text: str) -> None:
    assert step_of(text) == ""
