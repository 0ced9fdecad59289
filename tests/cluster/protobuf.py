"""Bodies in protobuf, written by hand: https://protobuf.dev/programming-guides/encoding/."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"

Field = tuple[int, "int | str | bytes | Sequence[Field]"]
"""A number, and what it holds: a number, a text or bytes, or the fields of a message."""


def enveloped(api_version: str, kind: str, fields: Sequence[Field]) -> bytes:
    """The body that a client sends of an object."""
    return b"k8s\0" + message([(1, [(1, api_version), (2, kind)]), (2, fields)])


def message(fields: Sequence[Field]) -> bytes:
    return b"".join(_field(number, held) for number, held in fields)


def _field(number: int, held: int | str | bytes | Sequence[Field]) -> bytes:
    if isinstance(held, int):
        return _varint(number << 3) + _varint(held)
    if isinstance(held, str):
        held = held.encode()
    elif not isinstance(held, bytes):
        held = message(held)
    return _varint(number << 3 | 2) + _varint(len(held)) + held


def _varint(number: int) -> bytes:
    if number < 0x80:
        return bytes([number])
    return bytes([number & 0x7F | 0x80]) + _varint(number >> 7)
