"""Patterns over absolute paths, and the four things that a rule can say of files.

A pattern is matched part by part, a part being what stands between two slashes:

- `**` as a whole part means any number of parts, none included: `/srv/data/**` means `/srv/data` itself and
  everything below it; `/**/log` means a `log` at any depth.
- `*` within a part means any run of characters, none included, a leading dot too; `?` means any one.
- Everything else means itself: there are no classes, braces or escapes, and case counts.

A pattern is absolute, in normal form (no empty part, no `.`, no `..`) and has no slash at its end. It is
matched against paths of the same form that lead through no symbolic link, which the target has resolved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

P = TypeVar("P")
T = TypeVar("T")

ANY_PARTS = "**"
PATTERN_CHARACTERS_MAX = 4096
"""Linux's PATH_MAX: no longer path could match."""


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A pattern over paths, such as `/srv/data/**`."""

    parts: tuple[str, ...]
    text: str

    @classmethod
    def parse(cls, text: str) -> PathPattern:
        """Reads a pattern.

        Raises:
            ValueError: It could never match, or not mean what it seems to.
        """
        if not text.startswith("/"):
            raise ValueError(f"`{text}` is not absolute; a path starts with /")
        if len(text) > PATTERN_CHARACTERS_MAX or "\0" in text:
            raise ValueError(f"`{text[:40]}…` is no path")
        parts = parts_of(text)
        if any(part in ("", ".", "..") for part in parts):
            raise ValueError(f"`{text}` has an empty part, `.` or `..`, which no resolved path has")
        if any(ANY_PARTS in part and part != ANY_PARTS for part in parts):
            raise ValueError(f"`{text}` has `**` within a part; it stands alone between slashes")
        return cls(parts, text)

    def matches(self, path: str) -> bool:
        """Whether it means this path."""
        return _match_parts(self.parts, parts_of(path))

    def covers_tree(self, path: str) -> bool:
        """Whether it certainly means this path and everything below it."""
        return self.parts[-1:] == (ANY_PARTS,) and self.matches(path)

    def leads_through(self, path: str) -> bool:
        """Whether something that it means could be below this path."""
        parts = parts_of(path)
        starts = (self.parts[:count] for count in range(len(self.parts)))
        return self.covers_tree(path) or any(_match_parts(start, parts) for start in starts)


def parts_of(path: str) -> tuple[str, ...]:
    """The parts of an absolute path; the root has none."""
    return tuple(path[1:].split("/")) if path != "/" else ()


@dataclass(frozen=True, slots=True)
class Paths:
    """The paths that a rule speaks of, by what is done at them."""

    read: tuple[PathPattern, ...] = ()
    """Files are read, directories listed."""
    write: tuple[PathPattern, ...] = ()
    """Files are made, written and emptied, directories made, attributes changed."""
    delete: tuple[PathPattern, ...] = ()
    """Files and directories are removed, or moved elsewhere."""
    links: tuple[PathPattern, ...] = ()
    """Symbolic and hard links are made, and what they point to."""

    def __bool__(self) -> bool:
        return bool(self.read or self.write or self.delete or self.links)

    def of(self, right: str) -> tuple[PathPattern, ...]:
        """The patterns for one of RIGHTS."""
        patterns: tuple[PathPattern, ...] = getattr(self, right)
        return patterns

    def every(self) -> tuple[PathPattern, ...]:
        """All of them."""
        return (*self.read, *self.write, *self.delete, *self.links)


RIGHTS = ("read", "write", "delete", "links")
"""What a rule can say of files: the fields of `Paths`."""


def _match_parts(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    return _match(pattern, parts, ANY_PARTS, _match_part)


def _match_part(pattern: str, part: str) -> bool:
    return _match(pattern, part, "*", lambda wanted, got: wanted in ("?", got))


def _match(pattern: Sequence[P], items: Sequence[T], any_run: P, matches: Callable[[P, T], bool]) -> bool:
    """Matches items against a pattern in which one element means any run of them.

    Going back to the last such element is enough, so the time is bounded by the product of the lengths.
    """
    at = 0
    place = 0
    retry: tuple[int, int] | None = None
    while place < len(items):
        if at < len(pattern) and pattern[at] == any_run:
            retry = (at, place)
            at += 1
        elif at < len(pattern) and matches(pattern[at], items[place]):
            at += 1
            place += 1
        elif retry is not None:
            retry = (retry[0], retry[1] + 1)
            at, place = retry[0] + 1, retry[1]
        else:
            return False
    return all(element == any_run for element in pattern[at:])
