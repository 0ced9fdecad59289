"""What can be done with a hidden value so that neither an error nor a NULL tells anything about it.

`1 / (ascii(left(ssn, 1)) - 49)` fails for one first digit and for no other; `nullif(left(ssn, 1), '1')` is
NULL for it; `left(ssn, 1) = '1' AND f()` calls f for it. What is here never fails because of the value, is
NULL only where the value is, and evaluates all of its arguments or none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.policy.patterns import words

if TYPE_CHECKING:
    from collections.abc import Mapping

FUNCTIONS = words(
    """
    array_agg btrim char_length character_length concat concat_ws format initcap json_agg json_build_array
    jsonb_agg jsonb_build_array length lower ltrim md5 octet_length quote_literal quote_nullable reverse
    row_to_json rtrim sha256 string_agg timezone to_json to_jsonb trim upper
    """
)
"""Functions, whichever of their arguments is hidden."""

FIRST_ARGUMENT_FUNCTIONS = words("left right substr substring replace translate overlay")
"""Functions of which only the first argument may be hidden, and the others are numbers and strings that
are written out."""

LAST_ARGUMENT_FUNCTIONS = words("date_part date_trunc extract json_build_object jsonb_build_object")
"""Functions of which only the last argument may be hidden: a field's name, or a key, goes before it."""

COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
PATHS = frozenset({"->", "->>", "#>", "#>>"})
"""Operators that look into json; their right side is a key."""
CONCATENATION = "||"

TEXT_TYPES = words("text varchar bpchar char name")

WIDENING: Mapping[str, frozenset[int]] = {
    "int4": frozenset({21, 23}),
    "int8": frozenset({20, 21, 23}),
    "numeric": frozenset({20, 21, 23, 1700}),
    "float8": frozenset({20, 21, 23, 700, 701}),
    "date": frozenset({1082}),
    "timestamp": frozenset({1114}),
    "timestamptz": frozenset({1184}),
    "json": frozenset({114, 3802}),
    "jsonb": frozenset({3802}),
    "uuid": frozenset({2950}),
    "bool": frozenset({16}),
}
"""Type name to the types (pg_type.oid) of which every value can be cast to it."""


def is_constant(node: Any) -> bool:
    """Whether an expression is written out or a parameter: it says nothing but what the agent knows."""
    ((kind, inner),) = node.items()
    if kind in {"A_Const", "ParamRef"}:
        return True
    if kind == "TypeCast":
        return is_constant(inner["arg"])
    if kind in {"List", "A_ArrayExpr"}:
        return all(is_constant(item) for item in inner.get("items") or inner.get("elements") or ())
    return False


def is_plain(node: Any) -> bool:
    """Whether evaluating an expression, or not, makes no difference: a constant or a column."""
    return "ColumnRef" in node or is_constant(node)


def function_takes(name: str, position: int, arguments: list[Any]) -> bool:
    """Whether a function may be given a hidden value at a position.

    Args:
        name: Its name in pg_catalog.
        position: From 0.
        arguments: The parse trees of all its arguments.
    """
    if name in FUNCTIONS:
        return True
    if name in FIRST_ARGUMENT_FUNCTIONS:
        # Not a parameter: substring(text, text) takes a pattern, and is NULL where that does not match.
        return position == 0 and all(_is_written(argument, name) for argument in arguments[1:])
    return name in LAST_ARGUMENT_FUNCTIONS and position == len(arguments) - 1 == 1


def _is_written(argument: Any, name: str) -> bool:
    constant = argument.get("A_Const", {})
    return "ival" in constant or ("sval" in constant and name not in {"substr", "substring"})
