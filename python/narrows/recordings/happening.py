"""What readers of frames say: an event, its details, and the operation that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Happening = tuple[str, dict[str, Any], int | None]
"""Event, detail and operation of a moment."""

Enough = Callable[[int | None], bool]
"""Whether no more need be read of the rows that answer an operation, by its number."""

ROWS = "rows"
"""The event of rows that were counted and not read: as many moments as its `count` says."""


def never(_operation: int | None) -> bool:
    """Every row is read."""
    return False
