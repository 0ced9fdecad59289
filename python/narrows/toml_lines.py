"""Finds the line of a TOML file that a path such as `rule`, 2, `postgres`, `verbs` was written on.

tomllib keeps no positions, and an error without a line is a search; so the text is scanned for table
headers and keys. What cannot be found exactly is answered with the closest enclosing table.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
SYNTAX_LINE = re.compile(r"at line (\d+)")
MSGSPEC_PATH = re.compile(r" - at `\$(.*)`$")
MSGSPEC_PART = re.compile(r"\.([\w-]+)|\[(\d+)\]")
QUOTED = re.compile(r"`([^`]+)`")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')


class Lines:
    """The lines of one TOML text, by what is written on them."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._text = text.splitlines()
        self._scan()

    def of(self, path: Path) -> int:
        """The 1-based line of a path, or of the nearest thing around it; 0 when nothing of it is there."""
        for length in range(len(path), 0, -1):
            line = self._lines.get(path[:length])
            if line is not None:
                return self._within(line, path[length:])
        return 0

    def _scan(self) -> None:
        table: Path = ()
        arrays: dict[Path, int] = {}
        closing = ""
        depth = 0
        for number, line in enumerate(self._text, start=1):
            if closing:
                closing = "" if closing in line else closing
                continue
            if depth == 0:
                if header := HEADER.match(line):
                    table = self._table(header, arrays)
                    self._lines.setdefault(table, number)
                    continue
                if key := KEY.match(line):
                    self._lines.setdefault(table + _parts(key[1]), number)
            for quote in ('"""', "'''"):
                if line.count(quote) % 2:
                    closing = quote
            bare = STRING.sub("", line).partition("#")[0]
            depth = max(0, depth + bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}"))

    @staticmethod
    def _table(header: re.Match[str], arrays: dict[Path, int]) -> Path:
        """The path that a header opens; `[rule.postgres]` belongs to the last `[[rule]]` before it."""
        path: Path = ()
        names = _parts(header[2])
        for position, name in enumerate(names):
            path = (*path, name)
            if position == len(names) - 1 and header[1] == "[[":
                arrays[path] = arrays.get(path, -1) + 1
            if path in arrays:
                path = (*path, arrays[path])
        return path

    def _within(self, line: int, rest: Path) -> int:
        """The first line, from `line` to the next header, that mentions the first name left over."""
        name = next((part for part in rest if isinstance(part, str)), None)
        if name is None:
            return line
        mention = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
        for number in range(line, len(self._text) + 1):
            text = self._text[number - 1]
            if number > line and HEADER.match(text):
                break
            if mention.search(text):
                return number
        return line


def syntax_line(message: str, text: str) -> int:
    """The line that a tomllib error speaks of; an error at the end of the document is on its last line."""
    found = SYNTAX_LINE.search(message)
    return int(found[1]) if found else max(1, len(text.splitlines()))


def split_message(message: str) -> tuple[str, Path]:
    """Splits msgspec's ``Expected `int` - at `$.quorum` `` into what is wrong and the path of it."""
    found = MSGSPEC_PATH.search(message)
    if not found:
        return message, _unknown_field(message)
    plain = message[: found.start()]
    path = tuple(name or int(index) for name, index in MSGSPEC_PART.findall(found[1]))
    return plain, path + _unknown_field(plain)


def _unknown_field(message: str) -> Path:
    found = QUOTED.search(message)
    return (found[1],) if found and "unknown field" in message else ()


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in PART.findall(dotted))
