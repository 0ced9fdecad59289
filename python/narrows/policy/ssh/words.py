"""Patterns over the words of a command: `systemctl status *`.

A pattern is words, as a shell would split them, and is compared word by word; there are no substrings. An
allow must be sure and a denial must not be dodged, so a pattern answers two questions: whether it *covers* a
command for certain, and whether it *may match* one.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SYSTEM_DIRECTORIES = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
"""Where a program of a known name is the program of that name."""

REST = "*"
"""As the last word: any number of further words."""
ANY_WORD = "**"
"""One word, whatever it is."""
GLOB = re.compile(r"\*\*|\*|\?")
EXPRESSIONS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a command, with what is not certain of them."""

    through: tuple[str, ...]
    """What carries it elsewhere: `sudo -u postgres`."""
    argv: tuple[str, ...]
    globs: frozenset[int] = frozenset()
    """Words of `argv` that file names decide."""
    open_ended: bool = False
    """More words follow that nobody knows."""

    @property
    def all(self) -> tuple[str, ...]:
        """The way and the words."""
        return self.through + self.argv


@dataclass(frozen=True, slots=True)
class WordPattern:
    """One word of a pattern."""

    text: str
    expression: re.Pattern[str] | None
    """None: it stands for itself."""

    @classmethod
    def parse(cls, text: str) -> WordPattern:
        """Compiles a word: `*` any run of characters but `/`, `?` one, `**` any run."""
        if text == REST:
            return cls(text, re.compile(".*", re.DOTALL))
        if not GLOB.search(text):
            return cls(text, None)
        parts = re.split(f"({GLOB.pattern})", text)
        return cls(
            text, re.compile("".join(EXPRESSIONS.get(part) or re.escape(part) for part in parts), re.DOTALL)
        )

    def covers(self, word: str, *, glob: bool) -> bool:
        """Whether it certainly means this word, and every word that a glob could become."""
        if self.expression is None:
            return word == self.text and not glob
        if word.startswith("-") and not self.text.startswith("-"):
            return False  # an option is never meant by accident
        if self.text not in {REST, ANY_WORD} and ".." in word.split("/"):
            return False
        if glob and "?" in self.text:
            return False
        return self.expression.fullmatch(word) is not None

    def may_match(self, word: str, *, glob: bool) -> bool:
        """Whether it could mean this word, however its path is spelled."""
        plain = posixpath.normpath(word) if "/" in word else word
        if glob:
            return self.expression is not None or fnmatch.fnmatchcase(self.text, word)
        if self.expression is None:
            return self.text in {word, plain}
        return self.expression.fullmatch(word) is not None or self.expression.fullmatch(plain) is not None


@dataclass(frozen=True, slots=True)
class CommandPattern:
    """A pattern over whole commands."""

    text: str
    words: tuple[WordPattern, ...]
    rest: bool
    """Any further words may follow."""

    @classmethod
    def parse(cls, text: str) -> CommandPattern:
        """Compiles a pattern.

        Raises:
            ValueError: It has no words, quotes that do not end, or a program that is not written out.
        """
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise ValueError(f"`{text}` is not a command: {error}") from None
        if not words:
            raise ValueError("an empty pattern matches nothing")
        rest = words[-1] == REST
        if rest:
            words.pop()
        if words and GLOB.search(words[0]):
            raise ValueError(f"`{text}` does not write out the program's name")
        return cls(text, tuple(WordPattern.parse(word) for word in words), rest)

    @property
    def is_exact(self) -> bool:
        """It means one command and no other."""
        return not self.rest and all(word.expression is None for word in self.words)

    def covers(self, words: Words) -> bool:
        """Whether an allow certainly means this command.

        The way that carries it elsewhere must be written out. A `--` that the pattern does not have may stand
        where operands begin.
        """
        if len(self.words) < len(words.through):
            return False
        given = words.all
        programs = {0, len(words.through)}
        at = 0
        for index, pattern in enumerate(self.words):
            after_option = index > 0 and self.words[index - 1].text.startswith("-")
            if at < len(given) and given[at] == "--" and pattern.text != "--" and not after_option:
                at += 1
            if at >= len(given):
                return False
            glob = at - len(words.through) in words.globs
            if at in programs:
                if not _is_program(pattern, given[at]):
                    return False
            elif not pattern.covers(given[at], glob=glob):
                return False
            at += 1
        return self.rest or (at == len(given) and not words.open_ended)

    def is_exactly(self, words: Words) -> bool:
        """Whether the pattern is this very command, word for word."""
        if not self.is_exact or words.open_ended or words.globs:
            return False
        return tuple(word.text for word in self.words) == words.all

    def may_match(self, words: Words) -> bool:
        """Whether a denial could mean this command: options may stand between its words, a path be spelled
        in another way, the program lie elsewhere, and another account or place be the one it runs in."""
        return any(self._may_match(words, start) for start in {0, len(words.through)})

    def _may_match(self, words: Words, start: int) -> bool:
        given = words.all[start:]
        offset = len(words.through) - start
        at = 0
        for index, pattern in enumerate(self.words):
            if index in {0, offset} and at < len(given):
                name = posixpath.basename(given[at])
                if not (pattern.may_match(given[at], glob=False) or pattern.may_match(name, glob=False)):
                    return False
                at += 1
                continue
            found = _found(pattern, given, at, words.globs, offset)
            if found is None:
                return words.open_ended and at >= len(given)
            at = found + 1
        return True


def _is_program(pattern: WordPattern, word: str) -> bool:
    """A bare name means the program in the system's directories, and nothing else of that name."""
    if pattern.expression is not None:
        return False
    if "/" in pattern.text:
        return word == pattern.text
    directory, _, name = word.rpartition("/")
    return name == pattern.text and (not directory or directory in SYSTEM_DIRECTORIES)


def _found(
    pattern: WordPattern, given: Sequence[str], at: int, globs: frozenset[int], offset: int
) -> int | None:
    """Where the word is, if no more than options and their values stand before it."""
    after_option = False
    while at < len(given):
        if pattern.may_match(given[at], glob=at - offset in globs):
            return at
        is_option = given[at].startswith("-")
        if not is_option and not after_option:
            return None
        after_option = is_option
        at += 1
    return None
