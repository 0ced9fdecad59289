"""`ssh = { ... }` of a rule, compiled: which accesses it speaks of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.policy.patterns import glob
from narrows.policy.ssh.accesses import Access, Assign, Open, Run, Terminal, Unseen
from narrows.policy.ssh.destructive import classes_of
from narrows.policy.ssh.variables import covers as covers_variable
from narrows.policy.ssh.words import CommandPattern, Words

if TYPE_CHECKING:
    from narrows.policy.ssh.paths import PathPattern

SEPARATORS = re.compile(r"[\s;&|()<>`\"'\\${}=]+")
"""Where words may end in a text that is not understood."""
MENTION_WORDS_MAX = 32
"""How many words after one another are looked at there, at every place."""


@dataclass(frozen=True, slots=True)
class Ssh:
    """What a rule says of hosts."""

    commands: tuple[CommandPattern, ...] = ()
    destructive: frozenset[str] = frozenset()
    logins: tuple[str, ...] = ()
    """Empty: every account."""
    reads: tuple[PathPattern, ...] = ()
    writes: tuple[PathPattern, ...] = ()
    environment: tuple[str, ...] = ()
    opaque: bool = False
    """It speaks of commands whose words do not say what they do."""
    terminal: bool = False
    shell: bool = False

    def is_for(self, login: str) -> bool:
        """Whether it speaks of an account at all."""
        return not self.logins or any(glob(name).fullmatch(login) for name in self.logins)

    def covers(self, access: Access) -> bool:
        """Whether an allow or an approval certainly speaks of this access."""
        match access:
            case Run():
                return self._covers_run(access)
            case Open(mode="read"):
                return any(pattern.covers(access.path) for pattern in self.reads)
            case Open():
                return any(pattern.covers(access.path) for pattern in self.writes)
            case Assign():
                return any(covers_variable(pattern, access.name) for pattern in self.environment)
            case Unseen():
                return self.opaque
            case Terminal():
                return self.shell if access.shell else self.terminal

    def may_match(self, access: Access) -> bool:
        """Whether a denial could speak of this access."""
        match access:
            case Run():
                hidden = self.opaque and bool(access.opaque)
                return hidden or self._may_match(access.words, access.classes)
            case Open(mode="read"):
                return any(pattern.may_match(access.path) for pattern in self.reads)
            case Open():
                return any(pattern.may_match(access.path) for pattern in self.writes)
            case Assign():
                return any(glob(pattern).fullmatch(access.name) for pattern in self.environment)
            case Unseen():
                return self.opaque or self._is_mentioned(access.text)
            case Terminal():
                return self.shell if access.shell else self.terminal

    def _covers_run(self, access: Run) -> bool:
        if any(pattern.is_exactly(access.words) for pattern in self.commands):
            return True  # its author has read the code in it
        if access.opaque:
            return self.opaque
        covered = any(pattern.covers(access.words) for pattern in self.commands)
        return covered or bool(self.destructive & access.classes)

    def _may_match(self, words: Words, classes: frozenset[str]) -> bool:
        return bool(self.destructive & classes) or any(pattern.may_match(words) for pattern in self.commands)

    def _is_mentioned(self, text: str) -> bool:
        """Whether what is denied stands, word after word, anywhere in a text that is not understood."""
        words = [word for word in SEPARATORS.split(text) if word]
        for start in range(len(words)):
            rest = tuple(words[start : start + MENTION_WORDS_MAX])
            if self._may_match(Words((), rest), classes_of(rest, open_ended=False)):
                return True
        return False
