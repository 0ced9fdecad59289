"""Text that an agent or a database wrote, shown in a page so that nothing in it can hide or move.

Escaping keeps text from being markup. It does not keep a bidirectional override from showing a statement in
another order than it runs in, a zero-width character from splitting a name, or an escape sequence from
reaching a terminal that somebody pastes into. Each such character is shown by its code point instead.
"""

from __future__ import annotations

import unicodedata

from markupsafe import Markup, escape

from narrows.printable import INVISIBLE, KEPT
from narrows.recordings.index.search import MARK_END, MARK_START

BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0")
"""Letters and marks that look like nothing at all; their categories do not say so."""


def visible(text: object) -> Markup:
    """The text as markup: escaped, every hidden character in the open."""
    parts: list[str] = []
    plain: list[str] = []
    for character in str(text):
        if not _hides(character):
            plain.append(character)
            continue
        parts += (escape("".join(plain)), _shown(character))
        plain.clear()
    return Markup("").join([*map(Markup, parts), escape("".join(plain))])


def marked(excerpt: str) -> Markup:
    """A search's excerpt as markup: as `visible`, what matched in it marked."""
    first, *rest = excerpt.split(MARK_START)
    parts = [visible(first)]
    for piece in rest:
        match, _, after = piece.partition(MARK_END)
        parts += (Markup("<mark>{}</mark>").format(visible(match)), visible(after))
    return Markup("").join(parts)


def _hides(character: str) -> bool:
    if character in KEPT or " " <= character <= "~":
        return False
    category = unicodedata.category(character)
    return (
        category in INVISIBLE
        or (category == "Zs" and character != " ")
        or character in BLANK_LETTERS
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )


def _shown(character: str) -> Markup:
    point = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "control character")
    return Markup('<span class="hidden-character" title="{}">{}</span>').format(f"{point} {name}", point)
