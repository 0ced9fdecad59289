"""Patterns over the names of namespaces and objects, where a name may be unknown or only begun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from narrows.policy.patterns import glob


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a rule is for."""

    texts: tuple[str, ...] = ("*",)

    ANY: ClassVar[Names]

    @classmethod
    def written(cls, texts: list[str] | None) -> Names:
        """The names that a rule writes; every name where it writes none."""
        return cls.ANY if texts is None else cls(tuple(texts))

    @property
    def means_all(self) -> bool:
        """Whether no name is left out, and so none need be known."""
        return "*" in self.texts

    def cover(self, name: str, *, is_prefix: bool = False) -> bool:
        """Whether an allow certainly means a name.

        Args:
            name: The name; empty where it could be any, or several.
            is_prefix: The server will add to it.
        """
        if self.means_all:
            return True
        return bool(name) and any(_covers(text, name, is_prefix) for text in self.texts)

    def may_match(self, name: str, *, is_prefix: bool = False) -> bool:
        """Whether a denial could mean a name; see `cover`."""
        if self.means_all or not name:
            return True
        return any(
            glob(text).fullmatch(name) or (is_prefix and _may_grow_into(text, name)) for text in self.texts
        )


Names.ANY = Names()


def _covers(text: str, name: str, is_prefix: bool) -> bool:
    return glob(text).fullmatch(name) is not None and (text.endswith("*") or not is_prefix)


def _may_grow_into(text: str, prefix: str) -> bool:
    literal = text.partition("*")[0]
    return literal.startswith(prefix) or ("*" in text and prefix.startswith(literal))
