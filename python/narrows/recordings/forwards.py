"""Forwarded connections in words: what they carried is counted and hashed, and not written down."""

from __future__ import annotations

from typing import Any


def forwarded(event: str, detail: dict[str, Any]) -> str:
    """What happened to a connection, as people read it.

    Args:
        event: `forward-opened`, `forward-refused`, `forward-failed` or `forward-ended`.
        detail: What was recorded of it.
    """
    match event:
        case "forward-opened":
            return f"{_place(detail)}: opened"
        case "forward-refused":
            return f"{_place(detail)}: refused, the rule does not name it"
        case "forward-failed":
            return f"{_place(detail)}: failed, {detail['message']}"
        case _:
            up, down = _passed(detail["to_target"]), _passed(detail["to_agent"])
            return f"{_place(detail)}: ended\n  to the target {up}\n  to the agent {down}"


def _place(detail: dict[str, Any]) -> str:
    """The channel of an SSH session, or the port of a pod and which of the connections to it."""
    if "channel" in detail:
        return f"[{detail['channel']}] forward"
    connection = f", connection {detail['connection']}" if "connection" in detail else ""
    return f"port {detail['port']}{connection}"


def _passed(passed: dict[str, Any]) -> str:
    return f"{passed['bytes']} bytes, SHA-256 {passed['sha256']}"
