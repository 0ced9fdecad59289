"""What an operation would touch, in words: the preview as approvers read it wherever they are."""

from __future__ import annotations

from typing import Any


def touched(preview: dict[str, Any] | None) -> str:
    """A preview on one line.

    Args:
        preview: As kept with the request: `relation`, `rows`, `more`, `estimate`, `why`.
    """
    if preview is None:
        return "not looked at"
    where = f" of {preview['relation']}" if preview.get("relation") else ""
    if "rows" in preview:
        count = f"more than {preview['rows']:,}" if preview.get("more") else f"{preview['rows']:,}"
        about = f", about {preview['estimate']:,} by the planner's estimate" if "estimate" in preview else ""
        return f"{count} {'row' if count == '1' else 'rows'}{where}{about}"
    if "estimate" in preview:
        return f"about {preview['estimate']:,} rows{where}, by the planner's estimate"
    return f"unknown: {preview.get('why', 'nothing could be found out')}"
