"""A secret's value behind a type that does not show it by accident."""

from __future__ import annotations

import hmac
from typing import NoReturn


class Secret:
    """Bytes that are neither printed, formatted, pickled nor compared in variable time.

    Args:
        value: The secret itself.
    """

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """The value, for the one place that presents it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not to be pickled or copied")
