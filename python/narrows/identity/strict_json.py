"""JSON as RFC 8259 allows it and no looser: two parsers must never read one token differently.

Python's parser takes the last of duplicate members, reads NaN, and lets lone surrogates and NUL through. Each
of these has been used to make a verifier and a consumer disagree about a token.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEPTH_MAX = 16
"""How deep objects and arrays may nest."""
INTEGER_DIGITS_MAX = 20
"""Longer integers are no time, count or flag that a token can mean."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_object(text: bytes, what: str) -> dict[str, Any]:
    """Reads one JSON object.

    Args:
        text: UTF-8, without a byte order mark; the caller bounds its size.
        what: What the text is, for the error: `token header`.

    Returns:
        The object's members.

    Raises:
        ValueError: It is not one strict JSON object; the message says why and quotes none of it.
    """
    try:
        value = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_members,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except UnicodeDecodeError:
        raise ValueError(f"the {what} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"the {what} is not JSON: {error.msg}") from None
    except RecursionError:
        raise ValueError(f"the {what} nests deeper than {DEPTH_MAX}") from None
    except ValueError as error:
        raise ValueError(f"the {what} {error}") from None
    if not isinstance(value, dict):
        raise ValueError(f"the {what} is not a JSON object")
    _check_values(value, what, depth=1)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("names a member twice")
    return members


def _refuse_constant(_name: str) -> None:
    raise ValueError("holds a number that JSON does not know")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("holds a number out of range")
    return number


def _bounded(digits: str) -> int:
    if len(digits) > INTEGER_DIGITS_MAX:
        raise ValueError("holds a number out of range")
    return int(digits)


def _check_values(value: Any, what: str, depth: int) -> None:
    if isinstance(value, str):
        _check_text(value, what)
    elif isinstance(value, dict | list):
        if depth > DEPTH_MAX:
            raise ValueError(f"the {what} nests deeper than {DEPTH_MAX}")
        if isinstance(value, dict):
            for name in value:
                _check_text(name, what)
        for item in value.values() if isinstance(value, dict) else value:
            _check_values(item, what, depth + 1)


def _check_text(text: str, what: str) -> None:
    if "\0" in text:
        raise ValueError(f"the {what} holds a NUL character")
    if _SURROGATE.search(text):
        raise ValueError(f"the {what} holds half a surrogate pair")
