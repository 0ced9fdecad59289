"""Entra's way of saying no at its endpoints."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class EntraError(Exception):
    """A refused request.

    Args:
        code: The AADSTS number.
        error: OAuth's error code.
        message: The sentence that follows the number.
        status: The HTTP status.
    """

    def __init__(self, code: int, error: str, message: str, *, status: int = 400) -> None:
        self.code = code
        self.error = error
        self.message = message
        self.status = status
        super().__init__(f"AADSTS{code}: {message}")

    def body(self) -> dict[str, Any]:
        """The JSON document that Entra answers with."""
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        timestamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": self.error,
            "error_description": (
                f"{self} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"
            ),
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
        }


def required(parameters: Mapping[str, str], name: str) -> str:
    """A parameter that must be there; EntraError 900144 when it is not."""
    value = parameters.get(name)
    if not value:
        raise EntraError(
            900144, "invalid_request", f"The request body must contain the following parameter: '{name}'."
        )
    return value
