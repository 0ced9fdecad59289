"""`ssh = { ... }` of a rule, compiled: which accesses it speaks of."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from narrows.policy.patterns import glob
from narrows.policy.ssh.accesses import Access, Assign, Carry, Open, Run, Step, Subsystem, Terminal, Unseen
from narrows.policy.ssh.carriers import program_of
from narrows.policy.ssh.destructive import classes_of
from narrows.policy.ssh.paths import PathPattern, Paths
from narrows.policy.ssh.variables import covers as covers_variable
from narrows.policy.ssh.words import CommandPattern, Words

if TYPE_CHECKING:
    from narrows.policy.ssh.forward_patterns import ForwardPattern

Shell = Literal["guarded", "raw"]
SFTP = "sftp"
SEPARATORS = re.compile(r"[\s;&|()<>`\"'\\${}=]+")
"""Where words may end in a text that is not understood."""
MENTION_WORDS_MAX = 32
"""How many words after one another are looked at there, at every place."""


@dataclass(frozen=True, slots=True)
class Ssh:
    """What a rule says of hosts."""

    commands: tuple[CommandPattern, ...] = ()
    destructive: frozenset[str] = frozenset()
    logins: frozenset[str] | None = None
    """The accounts on the target that it is for; None: every one."""
    paths: Paths = field(default_factory=Paths)
    """Files that may be read and written, by transfers and by redirects of commands."""
    programs: frozenset[str] = frozenset()
    """Programs that carry files of which the paths speak, too."""
    environment: tuple[str, ...] = ()
    forwards: tuple[ForwardPattern, ...] = ()
    """Connections that may be made from the target."""
    opaque: bool = False
    """It speaks of commands whose words do not say what they do."""
    ansible: bool = False
    """It speaks of what Ansible's client writes, and so of every module."""
    terminal: bool = False
    shell: Shell | None = None

    def is_for_login(self, login: str) -> bool:
        """Whether it speaks of what is done as this account."""
        return self.logins is None or login in self.logins

    def covers(self, access: Access) -> bool:
        """Whether an allow or an approval certainly speaks of this access."""
        match access:
            case Run():
                return self._covers_run(access)
            case Open():
                patterns = self.paths.of(access.mode)
                return is_resolved(access.path) and any(pattern.matches(access.path) for pattern in patterns)
            case Carry():
                return self._covers_run(access.run) or self._covers_carry(access)
            case Assign():
                return any(covers_variable(pattern, access.name) for pattern in self.environment)
            case Unseen():
                return self.opaque
            case Step():
                return self.ansible
            case Terminal():
                return bool(self.shell) if access.shell else self.terminal
            case Subsystem():
                return access.name == SFTP and bool(self.paths)

    def may_match(self, access: Access) -> bool:
        """Whether a denial could speak of this access."""
        match access:
            case Run():
                hidden = self.opaque and bool(access.opaque)
                return hidden or self._may_match(access.words, access.classes)
            case Open():
                return any(_may_mean(pattern, access.path) for pattern in self.paths.of(access.mode))
            case Carry():
                patterns = self.paths.of(access.right)
                return self.may_match(access.run) or any(
                    _may_reach(pattern, access.path) for pattern in patterns
                )
            case Assign():
                return any(glob(pattern).fullmatch(access.name) for pattern in self.environment)
            case Unseen():
                return self.opaque or self._is_mentioned(access.text, self.destructive)
            case Step():
                hidden = self.opaque or (self.terminal and access.terminal)
                return self.ansible or hidden or self._is_mentioned(access.text, frozenset())
            case Terminal():
                return bool(self.shell) if access.shell else self.terminal
            case Subsystem():
                return False  # each operation is judged by itself

    def _covers_run(self, access: Run) -> bool:
        if any(pattern.is_exactly(access.words) for pattern in self.commands):
            return True  # its author has read the code in it
        if access.opaque:
            return self.opaque
        covered = any(pattern.covers(access.words) for pattern in self.commands)
        return covered or bool(self.destructive & access.classes)

    def _covers_carry(self, access: Carry) -> bool:
        if program_of(access.run.words.argv) not in self.programs:
            return False
        patterns = self.paths.of(access.right)
        return is_resolved(access.path) and any(pattern.covers_tree(access.path) for pattern in patterns)

    def _may_match(self, words: Words, classes: frozenset[str]) -> bool:
        return bool(self.destructive & classes) or any(pattern.may_match(words) for pattern in self.commands)

    def _is_mentioned(self, text: str, destructive: frozenset[str]) -> bool:
        """Whether what is denied stands, word after word, anywhere in a text that is not understood."""
        words = [word for word in SEPARATORS.split(text) if word]
        for start in range(len(words)):
            rest = tuple(words[start : start + MENTION_WORDS_MAX])
            if any(pattern.may_match(Words((), rest)) for pattern in self.commands):
                return True
            if destructive and destructive & classes_of(rest, open_ended=False):
                return True
        return False


def is_resolved(path: str) -> bool:
    """Whether a path names one place whatever the working directory: absolute, without `.` or `..`."""
    return path.startswith("/") and posixpath.normpath(path) == path


def _may_reach(pattern: PathPattern, path: str) -> bool:
    """Whether a denial could mean something at or below a path; below a relative one anything could be."""
    plain = posixpath.normpath(path)
    return not plain.startswith("/") or pattern.matches(plain) or pattern.leads_through(plain)


def _may_mean(pattern: PathPattern, path: str) -> bool:
    """Whether a denial could mean a path; a relative one could be anywhere, so its last name decides."""
    plain = posixpath.normpath(path)
    if plain.startswith("/"):
        return pattern.matches(plain)
    last = pattern.parts[-1:] or ("**",)
    return PathPattern(last, pattern.text).matches("/" + posixpath.basename(plain))
