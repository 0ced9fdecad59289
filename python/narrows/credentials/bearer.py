"""What a bearer token says of itself. Whoever takes it checks it; here it only says when a new one is due."""

from __future__ import annotations

import base64
import json
from typing import Any

JWT_PARTS = 3


def expiry_in(token: bytes) -> float | None:
    """When a token ends, in seconds since 1970; None where it is no JWT (RFC 7519) or does not say."""
    parts = token.split(b".")
    if len(parts) != JWT_PARTS:
        return None
    try:
        claims: Any = json.loads(base64.urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4)))
        expiry = claims["exp"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return float(expiry) if isinstance(expiry, int | float) else None
