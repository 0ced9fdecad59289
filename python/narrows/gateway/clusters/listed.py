"""Reading of what API servers list, where any part may be missing or something else than it should be."""

from __future__ import annotations

from typing import Any


def elements(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in a list of a document; empty where there is none."""
    listed = document.get(name)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def metadata_of(document: dict[str, Any]) -> dict[str, Any]:
    """The metadata of an object or a list; empty where there is none."""
    metadata = document.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def count_in(document: dict[str, Any]) -> int:
    """How many there are of what is listed, those beyond the limit included."""
    more = metadata_of(document).get("remainingItemCount")
    return len(elements(document, "items")) + (more if isinstance(more, int) else 0)
