"""What stands in FROM: relations, subqueries, joins, functions, tables made from json and xml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.policy.patterns import words
from narrows.policy.postgres.lineage.conditions import read_condition
from narrows.policy.postgres.lineage.scopes import Scope, relation_item
from narrows.policy.postgres.lineage.trace import ANY
from narrows.policy.postgres.lineage.values import (
    NOTHING,
    UNTRACED,
    Item,
    Output,
    Rows,
    Value,
    computed,
    either,
)
from narrows.policy.postgres.walk import last_two

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.policy.postgres.lineage.trace import Node, Trace

ONE_COLUMN = words(
    """
    generate_series generate_subscripts json_array_elements json_array_elements_text json_object_keys
    jsonb_array_elements jsonb_array_elements_text jsonb_object_keys jsonb_path_query
    regexp_split_to_table string_to_table
    """
)
"""Harmless functions that return rows of one column of a plain type."""

PAIRS = words("json_each json_each_text jsonb_each jsonb_each_text")
"""Those that return `key` and `value`."""


def read_from(trace: Trace, trees: list[Any], scope: Scope) -> None:
    """Puts what a FROM clause lists into a scope. A function or LATERAL sees those before it."""
    for tree in trees:
        scope.tops.append(_read_item(trace, tree, scope))


def read_target(trace: Trace, relation: Node, scope: Scope) -> Item:
    """Puts the relation that a statement writes to into a scope. Never a WITH query."""
    known = relation_item(trace.catalogue, relation.get("schemaname"), relation["relname"])
    item = _aliased(known, relation.get("alias"))
    scope.add(item)
    return item


def _read_item(trace: Trace, tree: Any, scope: Scope) -> Item:
    ((kind, node),) = tree.items()
    if kind == "JoinExpr":
        return _read_join(trace, node, scope)
    if kind == "RangeTableSample":
        trace.use(ANY, "used in TABLESAMPLE", computed(trace.values(node.get("args", ()), scope)))
        return _read_item(trace, node["relation"], scope)
    read = READERS.get(kind)
    item = read(trace, node, scope) if read else Item("", Rows(rest=UNTRACED), {}, other=UNTRACED)
    scope.tables.append(item)
    return item


def _read_relation(trace: Trace, node: Node, scope: Scope) -> Item:
    name = node["relname"]
    rows = scope.with_queries.get(name) if "schemaname" not in node else None
    item = Item.of(name, rows) if rows else relation_item(trace.catalogue, node.get("schemaname"), name)
    return _aliased(item, node.get("alias"))


def _read_subquery(trace: Trace, node: Node, scope: Scope) -> Item:
    around = scope
    if not node.get("lateral"):
        around = Scope(scope.parent)
        around.with_queries = scope.with_queries
    return _aliased(Item.of("", trace.query(node["subquery"], around)), node.get("alias"))


def _read_functions(trace: Trace, node: Node, scope: Scope) -> Item:
    outputs: list[Output] = []
    rest: Value | None = None
    name = ""
    for listed in node["functions"]:
        call, definitions = listed["List"]["items"]
        rows = _function_rows(
            trace, call, definitions or {"List": {"items": node.get("coldeflist", [])}}, scope
        )
        rest = _behind(rest, outputs, rows)
        name = name or _call_name(call)
    if node.get("ordinality"):
        rest = _behind(rest, outputs, Rows((Output("ordinality", NOTHING),)))
    alias = node.get("alias", {})
    if len(outputs) - bool(node.get("ordinality")) == 1 and rest is None and alias:
        outputs[0] = Output(alias["aliasname"], outputs[0].value)
    return _aliased(Item.of(name, Rows(tuple(outputs), rest)), alias)


def _behind(rest: Value | None, outputs: list[Output], rows: Rows) -> Value | None:
    """Puts the columns of one more function behind those before it.

    Behind columns of which the number is not known none has a known place, so that they are among those.
    """
    if rest is None:
        outputs.extend(rows.outputs)
        return rows.rest
    return computed([rest, *(output.value for output in rows.outputs), *([rows.rest] if rows.rest else [])])


def _function_rows(trace: Trace, call: Node, definitions: Node, scope: Scope) -> Rows:
    value = trace.value(call, scope).computed
    defined = definitions["List"].get("items", [])
    if defined:
        return Rows(tuple(Output(item["ColumnDef"]["colname"], value) for item in defined))
    if "FuncCall" not in call:
        return Rows((Output(_call_name(call), value),))
    arguments = call["FuncCall"].get("args", [])
    schema, name = last_two(call["FuncCall"]["funcname"])
    harmless = name not in trace.catalogue.user_functions or schema == "pg_catalog"
    if harmless and name in ONE_COLUMN:
        return Rows((Output(name, value),))
    if harmless and name in PAIRS:
        return Rows((Output("key", value), Output("value", value)))
    if harmless and name == "unnest" and len(arguments) > 1:
        # One of rows takes as many columns as these have, so that none but the first has a sure place.
        return Rows(tuple(Output(name, value) for _ in arguments), rest=value)
    return Rows(rest=value)


def _call_name(call: Node) -> str:
    return last_two(call["FuncCall"]["funcname"])[1] if "FuncCall" in call else next(iter(call)).lower()


def _read_json_table(trace: Trace, node: Node, scope: Scope) -> Item:
    value = computed((trace.parts(node["context_item"], scope), trace.parts(node.get("passing", []), scope)))
    trace.use(ANY, "read by JSON_TABLE", value)
    rows = Rows(tuple(Output(name, value) for name in _json_columns(node["columns"])))
    return _aliased(Item.of("json_table", rows), node.get("alias"))


def _json_columns(columns: list[Node]) -> Iterator[str]:
    for item in columns:
        column = item["JsonTableColumn"]
        if column["coltype"] == "JTC_NESTED":
            yield from _json_columns(column["columns"])
        else:
            yield column["name"]


def _read_xml_table(trace: Trace, node: Node, scope: Scope) -> Item:
    parts = [trace.parts(node.get(field), scope) for field in ("namespaces", "docexpr", "rowexpr", "columns")]
    value = computed(parts)
    trace.use(ANY, "read by XMLTABLE", value)
    names = (item["RangeTableFuncCol"]["colname"] for item in node["columns"])
    return _aliased(
        Item.of("xmltable", Rows(tuple(Output(name, value) for name in names))), node.get("alias")
    )


def _read_join(trace: Trace, node: Node, scope: Scope) -> Item:
    first = len(scope.tables)
    left = _read_item(trace, node["larg"], scope)
    scope.tops.append(left)
    right = _read_item(trace, node["rarg"], scope)
    scope.tops.append(right)
    read_condition(trace, node.get("quals"), scope, "a join condition")
    del scope.tops[-2:]
    joined = _joined(trace, node, left, right)
    if "alias" in node:
        del scope.tables[first:]
        joined = _aliased(joined, node["alias"])
        scope.tables.append(joined)
    if using := node.get("join_using_alias"):
        merged = joined.rows.outputs[: len(node["usingClause"])]
        scope.tables.append(Item.of(using["aliasname"], Rows(merged)))
    return joined


def _joined(trace: Trace, node: Node, left: Item, right: Item) -> Item:
    """Both sides, with the columns of USING or NATURAL first and once."""
    shared = [item["String"].get("sval", "") for item in node.get("usingClause", ())]
    if node.get("isNatural"):
        shared = [name for name in left.columns if name in right.columns]
    merged = tuple(Output(name, _merged(trace, node, left, right, name)) for name in shared)
    rows = Rows(merged)
    for side in (left, right):
        others = tuple(output for output in side.rows.outputs if output.name not in shared)
        rows = rows.followed_by(Rows(others, side.rows.rest))
    item = Item.of("", rows)
    columns = {**_united(left, right), **{output.name: output.value for output in merged}}
    open_sides = [side.other for side in (left, right) if side.other]
    other = either(open_sides) if open_sides else None
    if node.get("isNatural") and other:
        # Any column may be shared with one that is not listed.
        held = computed([item.row, other])
        return Item.of("", Rows(tuple(Output(name, held) for name in columns), held))
    return item._replace(columns=columns, sure=left.sure and right.sure, other=other)


def _merged(trace: Trace, node: Node, left: Item, right: Item, name: str) -> Value:
    sides = [side.columns.get(name) or side.other or side.row for side in (left, right)]
    value = either(sides)
    trace.use(ANY, "used in USING or NATURAL JOIN", value)
    return value.computed if node["jointype"] == "JOIN_FULL" else value


def _united(left: Item, right: Item) -> dict[str, Value]:
    united: dict[str, Value] = {}
    for name in {**left.columns, **right.columns}:
        found = [value for side in (left, right) if (value := side.columns.get(name))]
        # A name that a side only may have can also be one that the other side does not list.
        for side, beside in ((left, right), (right, left)):
            if name in side.columns and not side.sure and name not in beside.columns and beside.other:
                found.append(beside.other)
        united[name] = either(found)
    return united


def _aliased(item: Item, alias: Node | None) -> Item:
    if not alias:
        return item
    names = tuple(part["String"].get("sval", "") for part in alias.get("colnames", ()))
    if not names:
        return item._replace(name=alias["aliasname"])
    if item.rows.rest and not item.other:
        # A relation of several meanings: which of its columns the names are given to is not known.
        return Item(alias["aliasname"], Rows(rest=item.row.computed), {}, other=item.row.computed)
    return Item.of(alias["aliasname"], item.rows.renamed(names))


READERS = {
    "RangeVar": _read_relation,
    "RangeSubselect": _read_subquery,
    "RangeFunction": _read_functions,
    "JsonTable": _read_json_table,
    "RangeTableFunc": _read_xml_table,
}
