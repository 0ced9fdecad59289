"""Patterns over paths: `/var/log/**`, `~/reports/*.csv`."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

GLOB = re.compile(r"\*\*|\*|\?")
EXPRESSIONS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}

HARMLESS_READS = frozenset({"/dev/null", "/dev/zero", "/dev/stdin"})
HARMLESS_WRITES = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr"})


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A path with `*` and `?` for parts of one name, `**` for any number of directories."""

    text: str
    expression: re.Pattern[str]

    @classmethod
    def parse(cls, text: str) -> PathPattern:
        """Compiles a path.

        Raises:
            ValueError: It is empty, or holds `..`.
        """
        if not text or ".." in text.split("/"):
            raise ValueError(f"`{text}` is no path that a rule can name")
        parts = re.split(f"({GLOB.pattern})", text)
        expression = "".join(EXPRESSIONS.get(part) or re.escape(part) for part in parts)
        return cls(text, re.compile(expression, re.DOTALL))

    def covers(self, path: str) -> bool:
        """Whether it certainly means this path; one that climbs with `..` is meant by none."""
        return ".." not in path.split("/") and self.expression.fullmatch(path) is not None

    def may_match(self, path: str) -> bool:
        """Whether it could mean this path; a relative one could be anywhere."""
        plain = posixpath.normpath(path)
        if plain.startswith("/") or not self.text.startswith(("/", "~")):
            return self.expression.fullmatch(plain) is not None
        last = self.text.rpartition("/")[2]
        name = posixpath.basename(plain)
        return PathPattern.parse(last).expression.fullmatch(name) is not None if last else True
