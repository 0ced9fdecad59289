"""SELECT, VALUES, set operations and WITH: what their columns derive from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.policy.postgres.lineage.calls import read_window
from narrows.policy.postgres.lineage.conditions import read_condition
from narrows.policy.postgres.lineage.names import output_name
from narrows.policy.postgres.lineage.scopes import Scope
from narrows.policy.postgres.lineage.sources import read_from
from narrows.policy.postgres.lineage.trace import ANY
from narrows.policy.postgres.lineage.values import UNTRACED, Output, Rows, Value, either

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.policy.postgres.lineage.trace import Node, Trace

SET_OPERATIONS = {"SETOP_UNION": "UNION", "SETOP_INTERSECT": "INTERSECT", "SETOP_EXCEPT": "EXCEPT"}


def read_select(trace: Trace, node: Node, around: Scope) -> Rows:
    """A SELECT in any of its forms."""
    scope = read_with(trace, node.get("withClause"), Scope(around))
    if "valuesLists" in node:
        rows = _read_values(trace, node["valuesLists"], scope)
    elif node.get("op", "SETOP_NONE") in SET_OPERATIONS:
        rows = _read_set_operation(trace, node, scope)
    else:
        rows = _read_plain(trace, node, scope)
    _read_order(trace, node.get("sortClause", ()), rows, scope)
    for field in ("limitCount", "limitOffset"):
        trace.use(ANY, "used in LIMIT or OFFSET", trace.value(node.get(field), scope))
    return rows


def read_targets(trace: Trace, targets: Iterable[Any], scope: Scope) -> Rows:
    """The columns that a SELECT or RETURNING list makes."""
    rows = Rows()
    for item in targets:
        target = item["ResTarget"]
        starred = _starred(trace, target["val"], scope)
        if starred is None:
            name = target.get("name") or output_name(target["val"])
            starred = [Rows((Output(name, trace.value(target["val"], scope)),))]
        for more in starred:
            rows = rows.followed_by(more)
    return rows


def read_with(trace: Trace, clause: Node | None, scope: Scope) -> Scope:
    """Adds the queries of a WITH clause to a scope, and returns it.

    Without RECURSIVE a query sees only those before it. With it a later name is visible too, and of that one
    nothing is known yet.
    """
    if not clause:
        return scope
    known = dict(scope.with_queries)
    scope.with_queries = known
    queries = [item["CommonTableExpr"] for item in clause["ctes"]]
    if clause.get("recursive"):
        known.update({query["ctename"]: Rows(rest=UNTRACED) for query in queries})
    for query in queries:
        if clause.get("recursive") and _is_union(query["ctequery"]):
            rows = _read_recursive(trace, query, scope, known)
        else:
            rows = _named(query, trace.query(query["ctequery"], scope))
        known[query["ctename"]] = _with_search_and_cycle(query, rows)
    return scope


def _is_union(tree: Node) -> bool:
    return "SelectStmt" in tree and tree["SelectStmt"].get("op") == "SETOP_UNION"


def _read_recursive(trace: Trace, query: Node, scope: Scope, known: dict[str, Rows]) -> Rows:
    """A query that may read itself: followed until nothing more comes out of it."""
    first = query["ctequery"]["SelectStmt"]["larg"]
    start = read_with(trace, query["ctequery"]["SelectStmt"].get("withClause"), Scope(scope))
    rows = _named(query, trace.query({"SelectStmt": first}, start))
    while True:
        known[query["ctename"]] = _with_search_and_cycle(query, rows)
        again = _named(query, trace.query(query["ctequery"], scope))
        if [output.value for output in again.outputs] == [output.value for output in rows.outputs]:
            return again
        rows = again


def _named(query: Node, rows: Rows) -> Rows:
    return rows.renamed(tuple(part["String"].get("sval", "") for part in query.get("aliascolnames", ())))


def _with_search_and_cycle(query: Node, rows: Rows) -> Rows:
    added = [
        query.get(clause, {}).get(field)
        for clause, field in (
            ("search_clause", "search_seq_column"),
            ("cycle_clause", "cycle_mark_column"),
            ("cycle_clause", "cycle_path_column"),
        )
    ]
    if not any(added):
        return rows
    made = Value(rows.sources)
    return Rows((*rows.outputs, *(Output(name, made) for name in added if name)), rows.rest)


def _read_values(trace: Trace, lists: list[Any], scope: Scope) -> Rows:
    found = [trace.values(item["List"].get("items", ()), scope) for item in lists]
    columns = zip(*found, strict=False)
    return Rows(tuple(Output(f"column{n}", either(column)) for n, column in enumerate(columns, start=1)))


def _read_set_operation(trace: Trace, node: Node, scope: Scope) -> Rows:
    left = trace.query({"SelectStmt": node["larg"]}, scope)
    right = trace.query({"SelectStmt": node["rarg"]}, scope)
    if left.rest or right.rest or len(left.outputs) != len(right.outputs):
        held = Value(left.sources | right.sources)
        rows = Rows(tuple(Output(output.name, held) for output in left.outputs), held)
    else:
        pairs = zip(left.outputs, right.outputs, strict=True)
        rows = Rows(tuple(Output(a.name, either([a.value, b.value])) for a, b in pairs))
    if not (node.get("all") and node["op"] == "SETOP_UNION"):
        trace.use(ANY, f"compared by {SET_OPERATIONS[node['op']]}", Value(rows.sources))
    return rows


def _read_plain(trace: Trace, node: Node, scope: Scope) -> Rows:
    read_from(trace, node.get("fromClause", []), scope)
    read_condition(trace, node.get("whereClause"), scope, "WHERE")
    rows = read_targets(trace, node.get("targetList", ()), scope)
    _read_grouping(trace, node.get("groupClause", ()), rows, scope)
    trace.use(ANY, "used in HAVING", trace.value(node.get("havingClause"), scope))
    for window in node.get("windowClause", ()):
        read_window(trace, window["WindowDef"], scope)
    _read_distinct(trace, node, rows, scope)
    return rows


def _read_grouping(trace: Trace, trees: Iterable[Any], rows: Rows, scope: Scope) -> None:
    for tree in trees:
        if "GroupingSet" in tree:
            _read_grouping(trace, tree["GroupingSet"].get("content", ()), rows, scope)
        elif "RowExpr" in tree:
            _read_grouping(trace, tree["RowExpr"].get("args", ()), rows, scope)
        else:
            trace.use(ANY, "used in GROUP BY", _listed(trace, tree, rows, scope))


def _read_distinct(trace: Trace, node: Node, rows: Rows, scope: Scope) -> None:
    """DISTINCT sorts, or may, and so shows an order as ORDER BY does."""
    for tree in node.get("distinctClause", ()):
        if tree:
            trace.use(ANY, "used in DISTINCT ON", _listed(trace, tree, rows, scope))
        else:
            trace.use(ANY, "used in DISTINCT", Value(rows.sources))


def _read_order(trace: Trace, trees: Iterable[Any], rows: Rows, scope: Scope) -> None:
    for tree in trees:
        trace.use(ANY, "used in ORDER BY", _listed(trace, tree["SortBy"]["node"], rows, scope))


def _listed(trace: Trace, tree: Any, rows: Rows, scope: Scope) -> Value:
    """An entry of ORDER BY, GROUP BY or DISTINCT ON: the number or name of a result column, or an expression.

    Whether a name means a column of the result or of FROM depends on the clause; it is taken for either.
    """
    number: int | None = tree.get("A_Const", {}).get("ival", {}).get("ival")
    if number is not None:
        if rows.rest is None and 0 < number <= len(rows.outputs):
            return rows.outputs[number - 1].value
        return Value(rows.sources)
    fields = tree.get("ColumnRef", {}).get("fields", ())
    if len(fields) == 1 and "String" in fields[0]:
        name = fields[0]["String"].get("sval", "")
        named = [output.value for output in rows.outputs if output.name == name]
        if named:
            found = scope.column(name)
            return either([*named, found] if UNTRACED.sources.isdisjoint(found.sources) else named)
    return trace.value(tree, scope)


def _starred(trace: Trace, tree: Any, scope: Scope) -> list[Rows] | None:
    """What `*`, `x.*` or `(row).*` stands for; None where the expression is none of these."""
    if "ColumnRef" in tree:
        fields = tree["ColumnRef"]["fields"]
        if "A_Star" not in fields[-1]:
            return None
        if len(fields) == 1:
            return [item.rows for item in scope.tops]
        items = scope.named(fields[-2]["String"].get("sval", ""))
        return [items[0].rows] if len(items) == 1 else [Rows(rest=UNTRACED)]
    indirection = tree.get("A_Indirection")
    if indirection and "A_Star" in indirection["indirection"][-1]:
        value = trace.value(tree, scope)
        return [value.row.rows] if value.row else [Rows(rest=value)]
    return None
