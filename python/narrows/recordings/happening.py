"""What readers of frames say: an event, its details, and the operation that it belongs to."""

from __future__ import annotations

from typing import Any

Happening = tuple[str, dict[str, Any], int | None]
"""Event, detail and operation of a moment."""
