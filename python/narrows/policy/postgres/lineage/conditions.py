"""Conditions: what WHERE, ON, HAVING and FILTER do with the values in them.

A condition decides which rows there are, so it tells something about every value in it. Equality with what
the agent already knows tells least, and only where it is one of several conditions that must all hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.policy.postgres.lineage.total import is_constant
from narrows.policy.postgres.lineage.trace import ANY, EQUALITY

if TYPE_CHECKING:
    from narrows.policy.postgres.lineage.scopes import Scope
    from narrows.policy.postgres.lineage.trace import Node, Trace

EQUALITIES = {"AEXPR_OP": "=", "AEXPR_IN": "IN", "AEXPR_OP_ANY": "= ANY"}


def read_condition(trace: Trace, tree: Node | None, scope: Scope, where: str) -> None:
    """Notes what a condition uses.

    Args:
        trace: The pass.
        tree: The condition; None when there is none.
        scope: The names in it.
        where: What the condition is, as in `used in ...`.
    """
    if not tree:
        return
    junction = tree.get("BoolExpr")
    if junction and junction["boolop"] == "AND_EXPR":
        for part in junction["args"]:
            read_condition(trace, part, scope, where)
        return
    compared = _compared_for_equality(tree)
    if compared is not None:
        column, word = compared
        value = trace.value(column, scope)
        trace.use(EQUALITY if value.direct else ANY, f"compared by {word}", value)
        return
    trace.use(ANY, f"used in {where}", trace.value(tree, scope))


def _compared_for_equality(tree: Node) -> tuple[Node, str] | None:
    """The column that is compared with constants or with NULL, and how."""
    if "NullTest" in tree:
        tested = tree["NullTest"]["arg"]
        return (tested, "IS NULL") if "ColumnRef" in tested else None
    operation = tree.get("A_Expr", {})
    word = EQUALITIES.get(operation.get("kind", ""))
    if word is None or len(operation["name"]) != 1 or operation["name"][0]["String"].get("sval") != "=":
        return None
    left, right = operation.get("lexpr", {}), operation.get("rexpr", {})
    if "ColumnRef" in left and right and is_constant(right):
        return left, word
    if word == "=" and "ColumnRef" in right and left and is_constant(left):
        return right, word
    return None
