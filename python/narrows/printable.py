"""Text that an agent or a database wrote, made harmless to a terminal."""

from __future__ import annotations

import unicodedata

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Categories that can move a cursor, reorder text or hide in it."""

KEPT = frozenset("\n\t")


def printable(text: str) -> str:
    """The text with every control and invisible character written as its escape, lines and tabs kept."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in KEPT or unicodedata.category(character) not in INVISIBLE:
        return character
    return character.encode("unicode_escape").decode("ascii")
