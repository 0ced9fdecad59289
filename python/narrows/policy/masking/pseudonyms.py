"""Tells the pseudonyms that the data plane makes from other values: `rust/mask/src/pseudonym.rs`, backwards.

A `uuid` and an `int8` carry a tag, an HMAC over the rest of them. Text carries a mark that needs no key.
Smaller integers have no room for either: see `shown_values`.
"""

from __future__ import annotations

import hashlib
import hmac

INT8_MIN = 1 << 62
INT8_TAG_BITS = 16
UUID_TAG_BITS = 32


def is_integer_pseudonym(key: bytes, number: int) -> bool:
    """Whether a number is the pseudonym of some `int8` under a key."""
    if not INT8_MIN <= number < 2 * INT8_MIN:
        return False
    return _tag(key, b"I", number >> INT8_TAG_BITS, 8, INT8_TAG_BITS) == number % (1 << INT8_TAG_BITS)


def is_uuid_pseudonym(key: bytes, uuid: int) -> bool:
    """Whether a UUID, as an integer of 128 bits, is the pseudonym of some `uuid` under a key."""
    return _tag(key, b"U", uuid >> UUID_TAG_BITS, 16, UUID_TAG_BITS) == uuid % (1 << UUID_TAG_BITS)


def _tag(key: bytes, domain: bytes, body: int, width: int, bits: int) -> int:
    digest = hmac.digest(key, domain + body.to_bytes(width, "big"), hashlib.sha256)
    return int.from_bytes(digest[:16], "big") >> (128 - bits)
