"""What an operation would touch, in words: the preview as approvers read it wherever they are."""

from __future__ import annotations

from typing import Any


def touched(preview: dict[str, Any] | None) -> str:
    """A preview on one line.

    Args:
        preview: As kept with the request: `relation`, `rows`, `more`, `estimate` of a statement; `diff`, or
            `objects`, `names` and `contents` of a call; `why` there is nothing.
    """
    if preview is None:
        return "not looked at"
    if "diff" in preview:
        return _changed(preview["diff"])
    if "objects" in preview:
        return _deleted(preview)
    where = f" of {preview['relation']}" if preview.get("relation") else ""
    if "rows" in preview:
        count = f"more than {preview['rows']:,}" if preview.get("more") else f"{preview['rows']:,}"
        about = f", about {preview['estimate']:,} by the planner's estimate" if "estimate" in preview else ""
        return f"{count} {'row' if count == '1' else 'rows'}{where}{about}"
    if "estimate" in preview:
        return f"about {preview['estimate']:,} rows{where}, by the planner's estimate"
    return f"unknown: {preview.get('why', 'nothing could be found out')}"


def _changed(diff: str) -> str:
    lines = diff.splitlines()[2:]  # behind the names of what is compared
    added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    if not added and not removed:
        return "nothing would change"
    return f"{added:,} lines added, {removed:,} removed"


def _deleted(preview: dict[str, Any]) -> str:
    count, names = preview["objects"], list(preview.get("names", ()))
    beyond = f" and {count - len(names):,} more" if count > len(names) else ""
    deleted = f"{count:,} {'object' if count == 1 else 'objects'} deleted"
    told = f"{deleted}: {', '.join(names)}{beyond}" if names else deleted
    if "contents" not in preview:
        return told
    held = ", ".join(f"{many:,} {kind}" for kind, many in preview["contents"].items())
    return f"{told}, with all that it holds: {held or 'nothing'}"
