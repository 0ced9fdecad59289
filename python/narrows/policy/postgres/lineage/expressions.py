"""What expressions hold, and what they do with the values in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.policy.postgres.lineage.scopes import attribute
from narrows.policy.postgres.lineage.total import (
    COMPARISONS,
    CONCATENATION,
    PATHS,
    TEXT_TYPES,
    WIDENING,
    is_constant,
    is_plain,
)
from narrows.policy.postgres.lineage.trace import ANY, EQUALITY
from narrows.policy.postgres.lineage.types import cast_type
from narrows.policy.postgres.lineage.values import NOTHING, UNTRACED, Value, computed, either

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.policy.postgres.lineage.scopes import Scope
    from narrows.policy.postgres.lineage.trace import Node, Trace

ONE_BY_ONE = frozenset({"AEXPR_OP", "AEXPR_OP_ANY", "AEXPR_OP_ALL", "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT"})
"""Kinds of A_Expr that evaluate both sides whatever one of them is."""
IN_WORDS = {
    "AEXPR_IN": "IN",
    "AEXPR_LIKE": "LIKE",
    "AEXPR_ILIKE": "ILIKE",
    "AEXPR_SIMILAR": "SIMILAR TO",
    "AEXPR_BETWEEN": "BETWEEN",
    "AEXPR_NOT_BETWEEN": "NOT BETWEEN",
    "AEXPR_BETWEEN_SYM": "BETWEEN SYMMETRIC",
    "AEXPR_NOT_BETWEEN_SYM": "NOT BETWEEN SYMMETRIC",
    "AEXPR_NULLIF": "NULLIF",
}


def read_nothing(_trace: Trace, _node: Node, _scope: Scope) -> Value:
    """Constants, parameters, names of types, session values."""
    return NOTHING


def read_parts(trace: Trace, node: Node, scope: Scope) -> Value:
    """ROW, ARRAY, GREATEST, tests for NULL and the like: made from what is in them, and never failing."""
    return trace.parts(node, scope)


def read_collation(trace: Trace, node: Node, scope: Scope) -> Value:
    return trace.value(node["arg"], scope).computed


def read_column(trace: Trace, node: Node, scope: Scope) -> Value:
    fields = node["fields"]
    last = fields[-1]
    if len(fields) == 1:
        if "A_Star" in last:
            return computed(item.row for item in scope.tops)
        return scope.column(last["String"].get("sval", ""))
    items = scope.named(fields[-2]["String"].get("sval", ""))
    if not items:
        return UNTRACED
    if "A_Star" in last:
        return either(item.row for item in items)
    name = last["String"].get("sval", "")
    return either(attribute(item, name, trace.catalogue) for item in items)


def read_indirection(trace: Trace, node: Node, scope: Scope) -> Value:
    """`(value).attribute`, `(value).*`, `value[subscript]`."""
    value = trace.value(node["arg"], scope)
    for part in node["indirection"]:
        if "String" in part:
            value = _attribute_of(trace, value, part["String"].get("sval", ""))
        elif "A_Indices" in part:
            trace.use(ANY, "used as a subscript", trace.parts(part["A_Indices"], scope))
            value = value.computed
    return value


def _attribute_of(trace: Trace, value: Value, name: str) -> Value:
    if value.row:
        return attribute(value.row, name, trace.catalogue)
    if name in trace.catalogue.row_functions:
        return computed((value, UNTRACED))
    return value.computed


def read_operation(trace: Trace, node: Node, scope: Scope) -> Value:
    left = trace.value(node.get("lexpr"), scope)
    right = trace.value(node.get("rexpr"), scope)
    value = computed((left, right, UNTRACED if trace.catalogue.hidden_code else NOTHING))
    if not value.sources:
        return NOTHING
    kind = node["kind"]
    operator = node["name"][-1]["String"].get("sval", "")
    if kind == "AEXPR_NULLIF":
        equality = left.direct and is_constant(node["rexpr"])
        trace.use(EQUALITY if equality else ANY, "compared by NULLIF", value)
    elif kind == "AEXPR_OP" and operator in PATHS:
        trace.use(ANY, "used as a key", right)
    elif not _is_total(node, kind, operator):
        word = IN_WORDS.get(kind)
        trace.use(ANY, f"compared by {word}" if word else f"an operand of {operator}", value)
    return value


def _is_total(node: Node, kind: str, operator: str) -> bool:
    if kind not in ONE_BY_ONE and kind not in {"AEXPR_IN", "AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN"}:
        return False
    if operator == CONCATENATION:
        return True
    if operator not in COMPARISONS and not operator.endswith("BETWEEN"):
        return False
    left, right = node.get("lexpr", {}), node.get("rexpr", {})
    if kind in ONE_BY_ONE:
        return "RowExpr" not in left and "RowExpr" not in right
    return all(is_plain(item) for item in right["List"]["items"])


def read_boolean(trace: Trace, node: Node, scope: Scope) -> Value:
    """AND and OR evaluate their second side only for some values of the first."""
    value = trace.parts(node["args"], scope)
    if node["boolop"] != "NOT_EXPR":
        trace.use(ANY, "a condition", value)
    return value


def read_cast(trace: Trace, node: Node, scope: Scope) -> Value:
    value = trace.value(node["arg"], scope)
    if trace.catalogue.hidden_code:
        value = computed((value, UNTRACED))
    if not value.sources:
        return NOTHING
    written = node["typeName"]
    name = written["names"][-1]["String"].get("sval", "")
    if not _every_value_fits(trace, value, name, written):
        trace.use(ANY, f"cast to {name}", value)
    return value.computed._replace(type_oid=cast_type(written))


def _every_value_fits(trace: Trace, value: Value, name: str, written: Node) -> bool:
    if name in TEXT_TYPES:
        return True
    if not value.direct or "typmods" in written or "arrayBounds" in written:
        return False
    types = {trace.catalogue.column_type(source).oid for source in value.sources}
    return types <= WIDENING.get(name, frozenset())


def read_case(trace: Trace, node: Node, scope: Scope) -> Value:
    found = [trace.value(node.get("arg"), scope)]
    for item in node["args"]:
        found.append(trace.value(item["CaseWhen"]["expr"], scope))
    trace.use(ANY, "a condition of CASE", computed(found))
    found.extend(trace.value(item["CaseWhen"]["result"], scope) for item in node["args"])
    found.append(trace.value(node.get("defresult"), scope))
    return computed(found)


def read_coalesce(trace: Trace, node: Node, scope: Scope) -> Value:
    """The first argument that is not NULL; those after it are not evaluated."""
    arguments = node["args"]
    found = trace.values(arguments, scope)
    for position, value in enumerate(found[:-1]):
        if not all(is_plain(argument) for argument in arguments[position + 1 :]):
            trace.use(EQUALITY if value.direct else ANY, "the choice of COALESCE", value)
    return computed(found)


def read_sublink(trace: Trace, node: Node, scope: Scope) -> Value:
    rows = trace.query(node["subselect"], scope)
    kind = node["subLinkType"]
    if kind == "EXISTS_SUBLINK":
        return NOTHING
    if kind == "EXPR_SUBLINK" and len(rows.outputs) == 1 and rows.rest is None:
        return rows.outputs[0].value
    held = Value(rows.sources)
    if kind in {"EXPR_SUBLINK", "ARRAY_SUBLINK"}:
        return held
    value = computed((trace.value(node.get("testexpr"), scope), held))
    trace.use(ANY, "compared with a subquery", value)
    return value


def read_json_constructor(trace: Trace, node: Node, scope: Scope) -> Value:
    """JSON_OBJECT, JSON_ARRAY and their aggregates; a key may be refused for being NULL, or there twice."""
    value = trace.parts(node, scope)
    pairs = [item["JsonKeyValue"] for item in node.get("exprs", ()) if "JsonKeyValue" in item]
    pairs += [node["arg"]] if "key" in node.get("arg", {}) else []
    trace.use(ANY, "used as a key", computed(trace.parts(pair["key"], scope) for pair in pairs))
    aggregate = node.get("constructor", {})
    deciding = [trace.parts(aggregate.get(field), scope) for field in ("agg_filter", "agg_order", "over")]
    trace.use(ANY, "used in FILTER, ORDER BY or OVER of an aggregate", computed(deciding))
    return value


def read_fallible(what: str) -> Callable[[Trace, Node, Scope], Value]:
    """The reader of a node that can fail because of what is in it."""

    def read(trace: Trace, node: Node, scope: Scope) -> Value:
        value = trace.parts(node, scope)
        trace.use(ANY, what, value)
        return value

    return read


def read_multiple(trace: Trace, node: Node, scope: Scope) -> Value:
    """One column of `(a, b) = (SELECT ...)` or `(a, b) = ROW(...)` in UPDATE."""
    source = node["source"]
    position: int = node.get("colno", 1) - 1
    if "SubLink" in source:
        rows = trace.query(source["SubLink"]["subselect"], scope)
        if rows.rest is None and position < len(rows.outputs):
            return rows.outputs[position].value
        return Value(rows.sources)
    if "RowExpr" in source and position < len(source["RowExpr"].get("args", ())):
        return trace.value(source["RowExpr"]["args"][position], scope)
    return trace.value(source, scope)
