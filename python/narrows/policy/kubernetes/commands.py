"""What an exec runs in a container, judged as a command on a host is.

The kubelet starts the words as they are, with no shell between. Where a shell is among them, with a script
that every shell reads in one way, what the script runs is judged; another script is not seen through.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from narrows.model import Command
from narrows.policy.kubernetes.uses import Stdin
from narrows.policy.ssh.accesses import Carry, Run, Terminal, Unseen, read_command
from narrows.policy.ssh.words import Words

if TYPE_CHECKING:
    from narrows.model import ApiCall
    from narrows.policy.ssh.accesses import Access

PLAIN_SCRIPT = re.compile(r"[\w@%+=:,./ '\"|&;<>-]*", re.ASCII)
"""Scripts that are run as they were sent: nothing in them is expanded."""

PACK = ("tar", "cf", "-")
UNPACK = ("tar", "xmf", "-")
UNPACK_AS_SELF = ("tar", "--no-same-permissions", "--no-same-owner", "-xmf", "-")
"""What `kubectl cp` runs."""


def is_set(call: ApiCall, parameter: str) -> bool:
    """Whether a switch of the query is on, as the API server reads it: anything but `0` and `false`."""
    return any(value.lower() not in {"0", "false"} for value in call.values(parameter))


def started(call: ApiCall) -> tuple[Access | Stdin, ...]:
    """What an exec or an attach does in the container."""
    terminal = is_set(call, "tty")
    fed = (Stdin(),) if is_set(call, "stdin") else ()
    if call.verb == "attach":
        return (*((Terminal(shell=False),) if terminal else ()), *fed)
    words = call.argv
    if not words:
        return (Unseen(call.text, "it names no command"), *fed)
    if carry := _copied(words):
        return (carry,) if not terminal else (carry, Terminal(shell=False))
    facts = read_command(Command(quoted(words), login="", terminal=terminal), knows_ansible=False)
    if facts.unusable:
        return (Unseen(quoted(words), facts.unusable), *fed)
    return (*_seen(words, facts.accesses), *fed)


def quoted(words: tuple[str, ...]) -> str:
    """Words as one text that a shell would split into the very same."""
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)


def _seen(words: tuple[str, ...], accesses: tuple[Access, ...]) -> tuple[Access, ...]:
    runs = [access.words.all for access in accesses if isinstance(access, Run)]
    if runs == [words] or all(PLAIN_SCRIPT.fullmatch(word) for word in words):
        return accesses
    kept = tuple(access for access in accesses if isinstance(access, Terminal))
    return (*kept, Unseen(quoted(words), "a script that shells may read in different ways"))


def _copied(words: tuple[str, ...]) -> Carry | None:
    """What `kubectl cp` reads or writes; None for anything else."""
    run = Run(Words((), words))
    if words[:3] == PACK and len(words) == 4 and not words[3].startswith("-"):
        return Carry(run, "read", words[3])
    for start in (UNPACK, UNPACK_AS_SELF):
        rest = words[len(start) :]
        if words[: len(start)] == start and len(rest) == 2 and rest[0] == "-C":
            return Carry(run, "write", rest[1])
    return None
