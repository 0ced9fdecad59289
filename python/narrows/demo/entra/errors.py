"""Entra's way of saying no at its token endpoint."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any


class EntraError(Exception):
    """A refused token request.

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
