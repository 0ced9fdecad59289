"""Commands that Ansible's own client writes, told by their exact form.

A task of Ansible's is a handful of them around a program that policy cannot read: a module, which comes over
SFTP or as standard input. What such a command is can be seen, what its module does cannot, so a rule has to
say that Ansible may be used at all; see docs/ssh-ansible.md. Source: ansible-core's shell plugin `sh`
(`mkdtemp`, `expand_user`, `chmod`, `remove`) and its `interpreter_discovery`.
"""

from __future__ import annotations

import re
import shlex

BECOME = re.compile(r"BECOME-SUCCESS-\w+")
"""What Ansible has a command print as somebody else, to see in its output that it has become them."""
FROM_INPUT = "running a module from standard input"
SHELL = "/bin/sh -c "
THEN = " && sleep 0"
"""What Ansible adds to every command, so that the connection lives on until its output is read."""

_FOLDER = r"[~/][\w./+@%-]*/ansible-tmp-[\d.-]+"
_HOME = r"~[\w.+@%-]*"
_PYTHON = r"(?:/[\w.+-]+)*/python[\d.]*"
_NAME = r"[\w.+-]+"


def _word(pattern: str) -> str:
    """A word as Python's `shlex.quote` writes it."""
    return f"(?:{pattern}|'{pattern}')"


STEPS = {
    "finding Python": re.compile(r"echo FOUND; (?:command -v '[\w./-]+'; )+echo ENDFOUND"),
    "finding the home directory": re.compile(f"echo {_word(_HOME)}"),
    "making a folder for a module": re.compile(
        r'\( umask 77 && mkdir -p "` echo (?P<base>[~/][\w./+@%-]*) `"'
        r'&& mkdir "` echo (?P<folder>(?P=base)/(?P<name>ansible-tmp-[\d.-]+)) `"'
        r' && echo (?P=name)="` echo (?P=folder) `" \)'
    ),
    "letting a module run": re.compile(f"chmod u\\+r?wx(?: {_word(f'{_FOLDER}/(?:{_NAME})?')})+"),
    "running a module": re.compile(f"{_word(_PYTHON)} {_word(f'{_FOLDER}/AnsiballZ_{_NAME}')}"),
    FROM_INPUT: re.compile(_word(_PYTHON)),
    "removing a module's folder": re.compile(f"rm -f -r {_word(f'{_FOLDER}/')} > /dev/null 2>&1"),
}


def step_of(text: str, *, terminal: bool = False) -> str:
    """What a command of Ansible's does, in words; empty where it is none, or has any other form.

    Args:
        text: The command as it was sent.
        terminal: Whether a terminal was asked for; a Python that reads from one is no module's.
    """
    if not text.startswith(SHELL):
        return ""
    try:
        words = shlex.split(text)
    except ValueError:
        return ""
    script = words[-1]
    if text != SHELL + shlex.quote(script) or not script.endswith(THEN) or "/.." in script:
        return ""
    command = script.removesuffix(THEN)
    does = next((step for step, form in STEPS.items() if form.fullmatch(command)), "")
    return "" if terminal and does == FROM_INPUT else does


def without_sign_of_become(text: str) -> str:
    """A sentence about a command, without what Ansible would take for that command's success."""
    return BECOME.sub("BECOME-SUCCESS", text)
