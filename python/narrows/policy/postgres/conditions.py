"""Whether a condition limits which rows an UPDATE or DELETE reaches.

`WHERE true`, `WHERE 1 = 1`, `WHERE $1` and `WHERE id = id` look like conditions and limit nothing. A
condition counts only if it depends on the row; what depends on it in an unlucky way is beyond any parser.
"""

from __future__ import annotations

from typing import Any

Node = dict[str, Any]

REFLEXIVE = frozenset({"=", "<=", ">="})


def limits_rows(condition: Node | None) -> bool:
    """Whether a WHERE clause (or a join condition) makes a difference between rows.

    Args:
        condition: The parse tree of the condition; None when there is none.
    """
    if condition is None:
        return False
    if "BoolExpr" in condition:
        return _boolean_limits_rows(condition["BoolExpr"])
    if "A_Expr" in condition and _compares_with_itself(condition["A_Expr"]):
        return False
    return _mentions_row(condition)


def _boolean_limits_rows(expression: Node) -> bool:
    arms = [limits_rows(arm) for arm in expression["args"]]
    if expression["boolop"] == "OR_EXPR":
        return all(arms)
    return any(arms)


def _compares_with_itself(expression: Node) -> bool:
    left, right = expression.get("lexpr"), expression.get("rexpr")
    if left is None or right is None or _shape(left) != _shape(right):
        return False
    if expression["kind"] == "AEXPR_NOT_DISTINCT":
        return True
    names = expression.get("name", [])
    return expression["kind"] == "AEXPR_OP" and names[-1]["String"].get("sval") in REFLEXIVE


def _shape(tree: Any) -> Any:
    """A tree without its positions in the text, so that two writings of one thing are equal."""
    if isinstance(tree, dict):
        return {key: _shape(value) for key, value in tree.items() if key != "location"}
    if isinstance(tree, list):
        return [_shape(value) for value in tree]
    return tree


def _mentions_row(tree: Any) -> bool:
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if "ColumnRef" in node or "CurrentOfExpr" in node:
                return True
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    return False
