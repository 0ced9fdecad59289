"""A bound parameter as the literal that means the same, for the few types that most parameters have."""

from __future__ import annotations

import struct
import uuid
from typing import TYPE_CHECKING, Any

from pglast import ast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TYPES = {
    16: "bool",
    20: "int8",
    21: "int2",
    23: "int4",
    25: "text",
    700: "float4",
    701: "float8",
    1042: "bpchar",
    1043: "varchar",
    1082: "date",
    1114: "timestamp",
    1184: "timestamptz",
    1700: "numeric",
    2950: "uuid",
}
"""pg_type.oid to name (catalog/pg_type.dat)."""

BINARY: Mapping[int, Callable[[bytes], str]] = {
    16: lambda value: "true" if struct.unpack("!?", value)[0] else "false",
    20: lambda value: str(struct.unpack("!q", value)[0]),
    21: lambda value: str(struct.unpack("!h", value)[0]),
    23: lambda value: str(struct.unpack("!i", value)[0]),
    25: bytes.decode,
    1043: bytes.decode,
    2950: lambda value: str(uuid.UUID(bytes=value)),
}
"""What is read of the binary formats."""


class UnreadableParameter(Exception):
    """The value is only known by its digest, or is in a binary format that is not read here."""


def literal(parameter: Mapping[str, Any], type_oid: int) -> Any:
    """The literal for a parameter.

    Args:
        parameter: As the canonical document of an approval request has it.
        type_oid: The type that Parse declared; 0 leaves it to the server, which then infers it alike.

    Raises:
        UnreadableParameter: There is none.
    """
    if "value" in parameter:
        value = parameter["value"]
    elif "hex" in parameter and parameter["format"] == 1 and type_oid in BINARY:
        try:
            value = BINARY[type_oid](bytes.fromhex(parameter["hex"]))
        except (struct.error, ValueError) as error:
            raise UnreadableParameter from error
    else:
        raise UnreadableParameter
    constant = ast.A_Const(isnull=True) if value is None else ast.A_Const(val=ast.String(sval=value))
    if type_oid == 0:
        return constant
    if type_oid not in TYPES:
        raise UnreadableParameter
    names = (ast.String(sval="pg_catalog"), ast.String(sval=TYPES[type_oid]))
    return ast.TypeCast(arg=constant, typeName=ast.TypeName(names=names, typemod=-1))
