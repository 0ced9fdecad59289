"""Recorded values as text: text format as it is, simple binary types by their type, others in hex."""

from __future__ import annotations

import struct
import uuid
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = datetime(2000, 1, 1)
"""What binary dates and times count from (datatype/timestamp.h)."""


def rendered(type_oid: int, format_: int, value: bytes | None) -> str | None:
    """A value as text; None for NULL.

    Args:
        type_oid: `pg_type.oid`; 0 when it is not known.
        format_: 0 text, 1 binary.
        value: As recorded.
    """
    if value is None:
        return None
    if format_ == 0:
        return value.decode("utf-8", errors="replace")
    decode = BINARY.get(type_oid)
    if decode is not None:
        try:
            return decode(value)
        except (struct.error, ValueError, OverflowError):
            pass  # not of its type after all: shown as bytes below
    return "\\x" + value.hex()


def _number(layout: str) -> Callable[[bytes], str]:
    return lambda value: str(struct.unpack(layout, value)[0])


def _text(value: bytes) -> str:
    return value.decode()


def _date(value: bytes) -> str:
    days: int = struct.unpack("!i", value)[0]
    return str(date(2000, 1, 1) + timedelta(days=days))


def _timestamp(value: bytes) -> str:
    microseconds: int = struct.unpack("!q", value)[0]
    return str(EPOCH + timedelta(microseconds=microseconds))


BINARY: dict[int, Callable[[bytes], str]] = {
    16: lambda value: "t" if value == b"\x01" else "f",  # bool
    18: _text,  # "char"
    19: _text,  # name
    20: _number("!q"),  # int8
    21: _number("!h"),  # int2
    23: _number("!i"),  # int4
    25: _text,  # text
    26: _number("!I"),  # oid
    114: _text,  # json
    700: _number("!f"),  # float4
    701: _number("!d"),  # float8
    1042: _text,  # bpchar
    1043: _text,  # varchar
    1082: _date,
    1114: _timestamp,
    1184: lambda value: _timestamp(value) + "+00",  # timestamptz
    2950: lambda value: str(uuid.UUID(bytes=value)),
    3802: lambda value: value[1:].decode(),  # jsonb: a version byte, then text
}
