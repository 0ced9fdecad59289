"""What a mask may do to a value, what it may look for, and which of two transforms shows less."""

from __future__ import annotations

import re
from types import MappingProxyType

DETECTORS = (
    "private-key",
    "connection-string",
    "jwt",
    "azure-key",
    "aws-key",
    "github-token",
    "slack-token",
    "pan",
    "iban",
    "us-ssn",
    "email",
    "phone",
    "ipv6",
    "ipv4",
    "secret",
)
"""What `detectors` may name, the most severe first: it names the whole where two overlap."""

TRANSFORMS = ("null", "redact", "pseudonym", "ff1", "date:year", "date:month", "bucket:N", "first:N", "last4")
"""What `transform` may be."""

WHOLE_VALUES = frozenset({"date", "bucket"})
"""Transforms of dates and numbers: a detector finds parts of texts."""

PATHS = "paths:"
"""What begins a transform of parts of JSON: lines of a path, a blank and a transform. No policy writes it."""

FIRST_MAX = 16
BUCKET_MAX = 2**32 - 1

_FIXED = MappingProxyType(
    {
        "null": (0, 0),
        "redact": (1, 0),
        "pseudonym": (2, 0),
        "ff1": (2, 1),
        "date:year": (3, 0),
        "date:month": (3, 1),
        "last4": (5, 4),
    }
)
_BUCKET = re.compile(r"bucket:([1-9]\d{0,9})")
_FIRST = re.compile(r"first:([1-9]\d?)")


def shown(transform: str) -> tuple[int, int] | None:
    """How much a transform shows: where masks meet, the one with the least wins.

    Args:
        transform: As policy writes it.

    Returns:
        Something to compare by, or None if it is no transform.
    """
    if fixed := _FIXED.get(transform):
        return fixed
    if (bucket := _BUCKET.fullmatch(transform)) and 1 < int(bucket[1]) <= BUCKET_MAX:
        return 4, -int(bucket[1])
    if (first := _FIRST.fullmatch(transform)) and int(first[1]) <= FIRST_MAX:
        return 5, int(first[1])
    return None


def of_path(path: str, transform: str) -> str:
    """The transform of a column of which a part of its JSON is masked, and the rest is shown."""
    return f"{PATHS}{path} {transform}"


def shows_less(one: str, other: str) -> str:
    """Of two transforms the one that shows less; the first, where neither does.

    A transform of the whole value shows less than any of its parts. Two of parts become one of all of them.
    """
    if one.startswith(PATHS) and other.startswith(PATHS):
        return _both(one, other)
    if one.startswith(PATHS) or other.startswith(PATHS):
        return other if one.startswith(PATHS) else one
    return min(one, other, key=_shown)


def _both(one: str, other: str) -> str:
    """The parts of two transforms, what shows least first: of two that name one value the first counts."""
    parts: dict[str, str] = {}
    for line in [*one.removeprefix(PATHS).split("\n"), *other.removeprefix(PATHS).split("\n")]:
        path, _, transform = line.rpartition(" ")
        parts[path] = shows_less(parts.get(path, transform), transform)
    lines = sorted(parts.items(), key=lambda part: (_shown(part[1]), part[0]))
    return PATHS + "\n".join(f"{path} {transform}" for path, transform in lines)


def _shown(transform: str) -> tuple[int, int]:
    return shown(transform) or (0, 0)
