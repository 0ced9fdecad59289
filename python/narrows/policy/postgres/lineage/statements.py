"""The whole of a statement: which kinds return or copy out rows, and which of them can be followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.policy.postgres.facts import SqlNotUnderstood
from narrows.policy.postgres.lineage import expressions
from narrows.policy.postgres.lineage.calls import read_call, read_named_argument
from narrows.policy.postgres.lineage.queries import read_select
from narrows.policy.postgres.lineage.scopes import Scope, relation_item
from narrows.policy.postgres.lineage.trace import Lineage, Trace, Write
from narrows.policy.postgres.lineage.values import NOTHING, UNTRACED, Output, Rows, Value
from narrows.policy.postgres.lineage.writes import read_delete, read_insert, read_merge, read_update

if TYPE_CHECKING:
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.postgres.lineage.trace import Node

RETURNS = frozenset({"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
WRITES = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
NOT_FOLLOWED = Lineage(None)
"""Nothing is known, and nothing to be held against it."""


def lineage_of(statement: Node, catalogue: Catalogue) -> Lineage:
    """Follows the values of one statement.

    Args:
        statement: Its parse tree, with the node type as its only key.
        catalogue: What the target's database holds.

    Returns:
        The columns that it returns or copies out, with what each derives from; what it does with values
        beside showing them; and what it writes.

    Raises:
        SqlNotUnderstood: It is nested too deeply, or grows without end.
    """
    trace = Trace(catalogue)
    ((kind, node),) = statement.items()
    try:
        rows = _read(trace, kind, node)
    except RecursionError as error:
        raise SqlNotUnderstood("the text is nested too deeply") from error
    if rows is not None and (rows.rest is not None or catalogue.hidden_code):
        rows = None  # an operator or cast of the database's own may have put anything into any column
    return Lineage(rows, tuple(trace.uses), tuple(trace.writes), tuple(trace.written), tuple(trace.assigned))


def _read(trace: Trace, kind: str, node: Node) -> Rows | None:
    if kind in RETURNS:
        return _read_returning(trace, kind, node)
    if kind == "CopyStmt":
        return _read_copy(trace, node)
    if kind == "ExplainStmt":
        return _read_explain(trace, node)
    if kind in {"PrepareStmt", "DeclareCursorStmt"}:
        return _read(trace, *next(iter(node["query"].items())))  # what EXECUTE and FETCH will show
    if kind == "CreateTableAsStmt":
        _note_creation(trace, node["into"]["rel"], trace.query(node["query"], Scope()))
    return None


def _read_returning(trace: Trace, kind: str, node: Node) -> Rows | None:
    rows = trace.query({kind: node}, Scope())
    if into := node.get("intoClause"):
        _note_creation(trace, into["rel"], rows)
        return None
    if kind in WRITES and _may_be_answered_by_rule(trace, node["relation"]):
        return None
    return rows


def _read_copy(trace: Trace, node: Node) -> Rows | None:
    if node.get("is_from"):
        return None
    if "query" in node:
        return trace.query(node["query"], Scope())
    relation = node["relation"]
    item = relation_item(trace.catalogue, relation.get("schemaname"), relation["relname"])
    if "attlist" in node:
        names = [part["String"].get("sval", "") for part in node["attlist"]]
        return Rows(tuple(Output(name, item.columns.get(name, UNTRACED)) for name in names))
    if item.rows.rest:
        return item.rows
    generated = {
        found.columns[number]
        for found in trace.catalogue.named(relation.get("schemaname"), relation["relname"])
        for number in found.generated
    }
    return Rows(tuple(output for output in item.rows.outputs if output.name not in generated))


def _read_explain(trace: Trace, node: Node) -> Rows | None:
    """A plan has no values in it but those of the text; what it estimates, it estimates from conditions."""
    _read(trace, *next(iter(node["query"].items())))
    used = frozenset().union(*(use.sources for use in trace.uses))
    return Rows((Output("QUERY PLAN", Value(used) if used else NOTHING),))


def _note_creation(trace: Trace, relation: Node, rows: Rows) -> None:
    for output in rows.outputs:
        trace.writes.append(
            Write(relation.get("schemaname"), relation["relname"], output.name, output.value.sources)
        )
    if rows.rest:
        trace.writes.append(Write(relation.get("schemaname"), relation["relname"], "", rows.rest.sources))


def _may_be_answered_by_rule(trace: Trace, relation: Node) -> bool:
    known = trace.catalogue.named(relation.get("schemaname"), relation["relname"])
    return any(found.oid in trace.catalogue.ruled for found in known)


Trace.queries = {
    "DeleteStmt": read_delete,
    "InsertStmt": read_insert,
    "MergeStmt": read_merge,
    "SelectStmt": read_select,
    "UpdateStmt": read_update,
}

Trace.expressions = {
    **dict.fromkeys(
        (
            *(
                "A_Const",
                "A_Star",
                "BitString",
                "Boolean",
                "CurrentOfExpr",
                "Float",
                "GroupingFunc",
                "Integer",
            ),
            *("MergeSupportFunc", "ParamRef", "SQLValueFunction", "SetToDefault", "String", "TypeName"),
        ),
        expressions.read_nothing,
    ),
    **dict.fromkeys(
        ("A_ArrayExpr", "A_Indices", "BooleanTest", "List", "MinMaxExpr", "NullTest", "RowExpr"),
        expressions.read_parts,
    ),
    **dict.fromkeys(
        (
            *("JsonBehavior", "JsonFuncExpr", "JsonIsPredicate", "JsonParseExpr", "JsonScalarExpr"),
            *("JsonSerializeExpr", "JsonTableColumn", "JsonTablePathSpec"),
        ),
        expressions.read_fallible("read as json"),
    ),
    **dict.fromkeys(("JsonArgument", "JsonKeyValue", "JsonValueExpr"), expressions.read_parts),
    **dict.fromkeys(
        ("JsonArrayAgg", "JsonArrayConstructor", "JsonObjectAgg", "JsonObjectConstructor"),
        expressions.read_json_constructor,
    ),
    **dict.fromkeys(("RangeTableFuncCol", "ResTarget", "SortBy"), expressions.read_parts),
    "XmlExpr": expressions.read_fallible("read as xml"),
    "XmlSerialize": expressions.read_fallible("read as xml"),
    "A_Expr": expressions.read_operation,
    "A_Indirection": expressions.read_indirection,
    "BoolExpr": expressions.read_boolean,
    "CaseExpr": expressions.read_case,
    "CoalesceExpr": expressions.read_coalesce,
    "CollateClause": expressions.read_collation,
    "ColumnRef": expressions.read_column,
    "FuncCall": read_call,
    "MultiAssignRef": expressions.read_multiple,
    "NamedArgExpr": read_named_argument,
    "SubLink": expressions.read_sublink,
    "TypeCast": expressions.read_cast,
}
