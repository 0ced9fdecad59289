"""Recognises what object masks put in the place of a value, so that no client writes it back.

An agent that reads a masked object, changes a field and saves the whole would replace the real value by its
placeholder. It is looked for in every key and string, also base64-encoded at any alignment, as in a Secret,
and so encoded once more.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "narrows-masked-"
"""What every placeholder starts with; the data plane writes it."""


def _encoded(mark: str) -> tuple[str, ...]:
    """The characters of base64 that a mark alone decides, wherever it begins."""
    found = []
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + mark.encode()).decode()
        found.append(encoded[(shift * 8 + 5) // 6 : (shift + len(mark)) * 8 // 6])
    return tuple(found)


ENCODED = _encoded(MARK)
MARKS = (MARK, *ENCODED, *(twice for once in ENCODED for twice in _encoded(once)))
"""The mark as it is, in base64, and in base64 of that; the alphabet for URLs writes all of them the same."""


def holds_placeholder(document: Any) -> bool:
    """Whether any key or string of a document holds a placeholder."""
    return any(mark in text for text in strings(document) for mark in MARKS)


def strings(document: Any) -> Iterator[str]:
    """Every key and string of a document."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
