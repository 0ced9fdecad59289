"""What people type into a search: words, "phrases", prefix*, -without. Nothing of it reaches FTS5 as syntax.

Source: SQLite documentation, "Full-text Query Syntax".
"""

from __future__ import annotations

import re

from narrows.errors import NarrowsError

TERMS_MAX = 32
"""Words and phrases of one search."""
CHARACTERS_MAX = 1_000

TERM = re.compile(r'\s*(?P<without>-)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))(?P<prefix>\*)?')


class SearchError(NarrowsError):
    """A search cannot be understood. The message is for the one who typed it."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


def fts_query(text: str) -> str:
    """The FTS5 query for what somebody typed.

    Args:
        text: Words and phrases that must all occur; `-` before one: it must not; `*` behind: it may go on.

    Raises:
        SearchError: It cannot be understood.
    """
    if len(text) > CHARACTERS_MAX:
        raise SearchError(f"a search has at most {CHARACTERS_MAX} characters")
    if "\0" in text or not is_text(text):
        raise SearchError("a search holds no NUL character and no half of a surrogate pair")
    if text.count('"') % 2:
        raise SearchError('a " is not closed', 'Write phrases as "select * from customers".')
    wanted: list[str] = []
    unwanted: list[str] = []
    for term in TERM.finditer(text):
        shown = _term(term)
        if shown:
            (unwanted if term["without"] else wanted).append(shown)
    if len(wanted) + len(unwanted) > TERMS_MAX:
        raise SearchError(f"a search has at most {TERMS_MAX} words and phrases")
    if not wanted:
        raise SearchError(
            "a search needs a word that occurs", "Words are letters and digits; -word alone finds nothing."
        )
    query = " AND ".join(wanted)
    return f"({query}) NOT ({' OR '.join(unwanted)})" if unwanted else query


def is_text(text: str) -> bool:
    """Whether a text can be written as UTF-8: what came as bytes that are none cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _term(term: re.Match[str]) -> str:
    """One word or phrase as an FTS5 string; empty when there is nothing in it that is indexed."""
    words, prefix = term["phrase"], term["prefix"]
    if words is None:
        words = term["word"].rstrip("*")
        prefix = prefix or words != term["word"]
    if not any(character.isalnum() for character in words):
        return ""
    return f'"{words}"{" *" if prefix else ""}'
