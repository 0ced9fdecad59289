"""Two states of an object, and what is different between them, as people read it."""

from __future__ import annotations

import difflib
from typing import Any

import msgspec
import yaml

from narrows.errors import ClusterError

OBJECT_BYTES_MAX = 256 << 10
"""A larger object is not compared: that would take too long."""
DIFF_LINES_MAX = 400
CONTEXT_LINES = 3
SERVERS_OWN = frozenset(
    {"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"}
)
"""Metadata that changes, or that a try makes up, without anybody wanting it."""


def state_of(answer: bytes, subresource: str) -> dict[str, Any]:
    """An object as it is compared.

    Args:
        answer: The object in JSON, masked.
        subresource: What the call is about; of anything but `status` the status is left out.

    Raises:
        ClusterError: It is no object, or too large.
    """
    if len(answer) > OBJECT_BYTES_MAX:
        raise ClusterError(f"the object is larger than {OBJECT_BYTES_MAX} bytes")
    try:
        state = msgspec.json.decode(answer, type=dict[str, Any])
    except msgspec.DecodeError:
        raise ClusterError("the API server's answer is no object") from None
    metadata = state.get("metadata")
    if isinstance(metadata, dict):
        state["metadata"] = {name: value for name, value in metadata.items() if name not in SERVERS_OWN}
    if subresource != "status":
        state.pop("status", None)
    return state


def differences(before: dict[str, Any] | None, after: dict[str, Any]) -> dict[str, Any]:
    """What is different.

    Args:
        before: The object as it is; None: there is none.
        after: The object as it would be.

    Returns:
        `diff`, a unified diff of both as YAML; with `cut`, when it is not all of it.
    """
    lines = list(
        difflib.unified_diff(_lines(before), _lines(after), "now", "afterwards", n=CONTEXT_LINES, lineterm="")
    )
    shown: dict[str, Any] = {"diff": "\n".join(lines[:DIFF_LINES_MAX])}
    return shown | ({"cut": True} if len(lines) > DIFF_LINES_MAX else {})


def _lines(state: dict[str, Any] | None) -> list[str]:
    if state is None:
        return []
    text: str = yaml.safe_dump(state, allow_unicode=True, width=1_000)
    return text.splitlines()
