"""What PostgreSQL calls a column of a result that has no alias (FigureColname in parse_target.c)."""

from __future__ import annotations

from typing import Any

from narrows.policy.postgres.walk import last_two

UNNAMED = "?column?"

FIXED = {
    "A_ArrayExpr": "array",
    "BoolExpr": UNNAMED,
    "CoalesceExpr": "coalesce",
    "GroupingFunc": "grouping",
    "JsonArrayAgg": "json_arrayagg",
    "JsonArrayConstructor": "json_array",
    "JsonArrayQueryConstructor": "json_array",
    "JsonObjectAgg": "json_objectagg",
    "JsonObjectConstructor": "json_object",
    "JsonParseExpr": "json",
    "JsonScalarExpr": "json_scalar",
    "JsonSerializeExpr": "json_serialize",
    "MergeSupportFunc": "merge_action",
    "RowExpr": "row",
    "XmlSerialize": "xmlserialize",
}
"""Node type to name, for those that have always the same."""


def output_name(tree: Any) -> str:
    """The name of a column without an alias.

    Args:
        tree: The parse tree of its expression.
    """
    return _figure(tree) or UNNAMED


def _figure(tree: Any) -> str:
    ((kind, node),) = tree.items()
    if kind in FIXED:
        return FIXED[kind]
    if kind == "ColumnRef":
        return _last_name(node["fields"])
    if kind == "FuncCall":
        return last_two(node["funcname"])[1]
    if kind == "A_Indirection":
        return _last_name(node["indirection"]) or _figure(node["arg"])
    if kind == "TypeCast":
        return _figure(node["arg"]) or node["typeName"]["names"][-1]["String"].get("sval", "")
    if kind == "CollateClause":
        return _figure(node["arg"])
    if kind == "CaseExpr":
        return (_figure(node["defresult"]) if "defresult" in node else "") or "case"
    return _by_variety(kind, node)


def _by_variety(kind: str, node: Any) -> str:
    """The names that depend on more than the node's type."""
    if kind == "A_Expr":
        return "nullif" if node["kind"] == "AEXPR_NULLIF" else ""
    if kind == "MinMaxExpr":
        return "least" if node.get("op") == "IS_LEAST" else "greatest"
    if kind == "SQLValueFunction":
        return str(node["op"]).removeprefix("SVFOP_").removesuffix("_N").lower()
    if kind == "SubLink":
        if node["subLinkType"] == "EXPR_SUBLINK":
            targets = node["subselect"]["SelectStmt"].get("targetList", ())
            return (
                targets[0]["ResTarget"].get("name") or _figure(targets[0]["ResTarget"]["val"])
                if targets
                else ""
            )
        return {"EXISTS_SUBLINK": "exists", "ARRAY_SUBLINK": "array"}.get(node["subLinkType"], "")
    return ""


def _last_name(parts: list[Any]) -> str:
    return next((part["String"].get("sval", "") for part in reversed(parts) if "String" in part), "")
