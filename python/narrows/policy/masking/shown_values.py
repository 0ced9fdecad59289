"""Tells the values that a mask shows from others, where nothing in them says so.

A text carries a mark and a pseudonym of 64 bits a tag; 0, the first of January or a multiple of ten carry
neither. But a value that its column's mask would leave as it is, is what the mask shows of many others. Where
it would be written over the value that it stands for, that is what has to be assumed of it.
"""

from __future__ import annotations

import re
import struct
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

INT8, INT2, INT4, OID, FLOAT4, FLOAT8, NUMERIC = 20, 21, 23, 26, 700, 701, 1700
DATE, TIMESTAMP, TIMESTAMPTZ = 1082, 1114, 1184
INTEGERS = MappingProxyType({INT2: 2, INT4: 4, INT8: 8})
"""Type to bytes."""
NUMBERS = frozenset({INT2, INT4, INT8, OID, FLOAT4, FLOAT8, NUMERIC})
DATES = frozenset({DATE, TIMESTAMP, TIMESTAMPTZ})
TEXTS = frozenset({18, 19, 25, 1042, 1043})

PSEUDONYMS = MappingProxyType(
    {
        INT2: range(-(1 << 15), -(1 << 14)),
        INT4: range(-(1 << 31), -(1 << 30)),
        OID: range(3 << 30, 1 << 32),
    }
)
"""The quarter of a type in which its pseudonyms are: `rust/mask/src/pseudonym.rs`."""

CONSTANTS = MappingProxyType(
    {
        17: "\\x",
        650: "0.0.0.0/32",
        774: "00:00:00:00:00:00:00:00",
        829: "00:00:00:00:00:00",
        869: "0.0.0.0",  # noqa: S104 - nothing listens there
        2950: "00000000-0000-0000-0000-000000000000",
        **dict.fromkeys((3904, 3906, 3908, 3910, 3912, 3926), "empty"),
    }
)
"""What `redact` and most other transforms make of other types: `rust/mask/src/constant.rs`. `false` and
labels are left out: of so few values too many would have to be refused."""

EPOCH = datetime(2000, 1, 1)
"""From which binary dates count, without a zone."""
REDACTED_DATE = date(2000, 1, 1)


def is_shown(transform: str, type_oid: int, value: str | None) -> bool:
    """Whether a mask would leave a value as it is.

    Args:
        transform: What the mask does to its column.
        type_oid: The column's type.
        value: The value as text; None: NULL.
    """
    if value is None or transform == "null":
        return value is None and transform == "null"
    kind, _, argument = transform.partition(":")
    if kind == "pseudonym" and type_oid in {INT8, *PSEUDONYMS}:
        return False
    if type_oid in NUMBERS:
        return _is_shown_number(int(argument) if kind == "bucket" else 0, value)
    if type_oid in DATES:
        return _is_shown_date(argument if kind == "date" else "", value)
    if type_oid in TEXTS:
        return kind == "first" and bool(re.fullmatch(rf".{{1,{argument}}}\*{{2,}}", value, re.DOTALL))
    return value == CONSTANTS.get(type_oid)


def is_small_pseudonym(transform: str, type_oid: int, value: str | None) -> bool:
    """Whether a value is where the pseudonyms of a small integer type are."""
    if transform != "pseudonym" or type_oid not in PSEUDONYMS or value is None:
        return False
    return bool(re.fullmatch(r"\s*-?\d{1,10}\s*", value)) and int(value) in PSEUDONYMS[type_oid]


def _is_shown_number(bucket: int, value: str) -> bool:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    if not number.is_finite():
        return False
    return number % bucket == 0 if bucket else number == 0


def _is_shown_date(period: str, value: str) -> bool:
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return False
    moments = [read] if read.tzinfo is None else [read, read.astimezone(UTC)]
    midnights = [moment.date() for moment in moments if moment.time() == datetime.min.time()]
    if not period:
        return REDACTED_DATE in midnights
    return any(day.day == 1 and (period == "month" or day.month == 1) for day in midnights)


def read_binary(type_oid: int, value: bytes) -> str | None:
    """A value of a number's or a date's type from its binary form, as text; None for all others."""
    if len(value) == INTEGERS.get(type_oid):
        return str(int.from_bytes(value, "big", signed=True))
    if type_oid == OID and len(value) == 4:
        return str(int.from_bytes(value, "big"))
    if type_oid in {FLOAT4, FLOAT8} and len(value) in {4, 8}:
        return repr(struct.unpack(">f" if len(value) == 4 else ">d", value)[0])
    if type_oid == NUMERIC and len(value) >= 8:
        return _read_numeric(value)
    try:
        if type_oid == DATE and len(value) == 4:
            return (EPOCH + timedelta(days=int.from_bytes(value, "big", signed=True))).date().isoformat()
        if type_oid in {TIMESTAMP, TIMESTAMPTZ} and len(value) == 8:
            return (EPOCH + timedelta(microseconds=int.from_bytes(value, "big", signed=True))).isoformat()
    except OverflowError:
        return None
    return None


def _read_numeric(value: bytes) -> str | None:
    """Words of four decimal digits, the first of which counts 10,000 to the power of the weight."""
    words, weight, sign, _ = struct.unpack(">hhHH", value[:8])
    if sign not in {0, 0x4000} or len(value) != 8 + 2 * words:
        return None
    digits = struct.unpack(f">{words}H", value[8:])
    number = sum(Decimal(digit) * Decimal(10_000) ** (weight - place) for place, digit in enumerate(digits))
    return str(-number if sign else number)
