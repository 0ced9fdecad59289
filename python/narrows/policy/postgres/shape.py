"""The shape of a statement: the same text with other values has the same shape.

A person may approve a shape for a while. It decides only whether they were asked before: policy still judges
every statement by its exact text, and nothing is cached or masked by shape. So it errs towards telling apart:
a value counts as a mere value where it is compared with, assigned or inserted, and nowhere else.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec
from pglast.parser import ParseError, parse_sql_json

if TYPE_CHECKING:
    from narrows.model import Statement

DATA_STATEMENTS = frozenset({"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
"""In any other statement, a constant may be a name, a path or code."""

VALUES = frozenset({"ival", "fval", "sval", "bsval"})
"""Constants that stand for each other; true, false and NULL do not: they decide what a condition means."""

ANY_VALUE: dict[str, Any] = {"AnyValue": {}}


def shape_of(text: str) -> str:
    """The digest of a text's shape.

    Args:
        text: A statement that policy understood.

    Returns:
        SHA-256 in hex. A text that does not parse, or is nested too deeply, is a shape of its own.
    """
    try:
        document = msgspec.json.decode(parse_sql_json(text))
        shapes = [_statement(raw["stmt"]) for raw in document["stmts"]]
    except (ParseError, msgspec.DecodeError, RecursionError):
        return hashlib.sha256(text.encode()).hexdigest()
    return hashlib.sha256(msgspec.json.encode(shapes, order="deterministic")).hexdigest()


def statement_shape(statement: Statement) -> dict[str, Any]:
    """What stays the same in every statement that an approval of this one's shape covers."""
    same = {"shape": shape_of(statement.text), "parameter_types": list(statement.parameter_types)}
    return same | {"settings": dict(statement.settings)}


def _statement(statement: dict[str, Any]) -> Any:
    return _shape(statement, values=next(iter(statement)) in DATA_STATEMENTS)


def _shape(node: Any, *, values: bool) -> Any:
    """The node without positions, and without the values in it where `values` are mere values."""
    if isinstance(node, list):
        return [_shape(item, values=values) for item in node]
    if not isinstance(node, dict):
        return node
    return {name: _field(name, child, values=values) for name, child in node.items() if name != "location"}


def _field(name: str, child: Any, *, values: bool) -> Any:
    if values and name == "A_Expr":
        return _comparison(child)
    if values and name == "ResTarget" and "val" in child:
        return {**_shape({**child, "val": None}, values=True), "val": _value(child["val"])}
    if values and name == "valuesLists":
        return [{"List": {"items": [_value(item) for item in row["List"]["items"]]}} for row in child]
    return _shape(child, values=values and name != "FuncCall")


def _comparison(expression: dict[str, Any]) -> Any:
    """An operator's operands: values, unless neither side is anything else (`1 = 1` is not `1 = 2`)."""
    sides = {side: expression[side] for side in ("lexpr", "rexpr") if side in expression}
    shape = _shape({name: child for name, child in expression.items() if name not in sides}, values=True)
    only_constants = all(_is_constant(child) for child in sides.values())
    return shape | {
        side: _shape(child, values=False) if only_constants else _value(child)
        for side, child in sides.items()
    }


def _value(node: Any) -> Any:
    """An operand, an item of an IN list or an assigned value."""
    if isinstance(node, dict) and "List" in node:
        return {"List": {"items": [_value(item) for item in node["List"]["items"]]}}
    if _is_constant(node) and VALUES.intersection(node["A_Const"]):
        return ANY_VALUE
    return _shape(node, values=True)


def _is_constant(node: Any) -> bool:
    return isinstance(node, dict) and "A_Const" in node
