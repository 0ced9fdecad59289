"""INSERT, UPDATE, DELETE and MERGE: what is written from what, and what RETURNING shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.policy.postgres.lineage.conditions import read_condition
from narrows.policy.postgres.lineage.queries import read_targets, read_with
from narrows.policy.postgres.lineage.scopes import Scope
from narrows.policy.postgres.lineage.sources import read_from, read_target
from narrows.policy.postgres.lineage.trace import Assigned, Write, Written
from narrows.policy.postgres.lineage.values import NOTHING, UNTRACED, Item, Rows, computed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.policy.postgres.lineage.trace import Node, Trace
    from narrows.policy.postgres.lineage.values import Sources

EXCLUDED = Item("excluded", Rows(rest=NOTHING), {}, other=NOTHING)
"""The row that an INSERT proposed: its values have been followed already."""


def read_insert(trace: Trace, node: Node, around: Scope) -> Rows:
    scope = read_with(trace, node.get("withClause"), Scope(around))
    relation = node["relation"]
    source = node.get("selectStmt")
    if source:
        _note_insertion(trace, node, trace.query(source, scope))
        _note_written(trace, relation, _values_of(source["SelectStmt"]))
        _note_inserted(trace, node, source["SelectStmt"].get("valuesLists", ()))
    read_target(trace, relation, scope)
    conflict = node.get("onConflictClause")
    if conflict:
        scope.tables.append(EXCLUDED)
        _read_assignments(trace, relation, conflict.get("targetList", ()), scope)
        read_condition(trace, conflict.get("whereClause"), scope, "ON CONFLICT")
        read_condition(trace, conflict.get("infer", {}).get("whereClause"), scope, "ON CONFLICT")
        scope.tables.remove(EXCLUDED)
    return _read_returning(trace, node, scope)


def read_update(trace: Trace, node: Node, around: Scope) -> Rows:
    scope = read_with(trace, node.get("withClause"), Scope(around))
    read_target(trace, node["relation"], scope)
    read_from(trace, node.get("fromClause", []), scope)
    read_condition(trace, node.get("whereClause"), scope, "WHERE")
    _read_assignments(trace, node["relation"], node["targetList"], scope)
    return _read_returning(trace, node, scope)


def read_delete(trace: Trace, node: Node, around: Scope) -> Rows:
    scope = read_with(trace, node.get("withClause"), Scope(around))
    read_target(trace, node["relation"], scope)
    read_from(trace, node.get("usingClause", []), scope)
    read_condition(trace, node.get("whereClause"), scope, "WHERE")
    return _read_returning(trace, node, scope)


def read_merge(trace: Trace, node: Node, around: Scope) -> Rows:
    scope = read_with(trace, node.get("withClause"), Scope(around))
    read_from(trace, [node["sourceRelation"]], scope)
    read_target(trace, node["relation"], scope)
    read_condition(trace, node.get("joinCondition"), scope, "the condition of MERGE")
    for item in node["mergeWhenClauses"]:
        clause = item["MergeWhenClause"]
        read_condition(trace, clause.get("condition"), scope, "a condition of MERGE")
        if clause["commandType"] == "CMD_UPDATE":
            _read_assignments(trace, node["relation"], clause.get("targetList", ()), scope)
        elif "values" in clause:
            _read_merge_insertion(trace, node["relation"], clause, scope)
    return _read_returning(trace, node, scope)


def _note_insertion(trace: Trace, node: Node, rows: Rows) -> None:
    columns = [item["ResTarget"]["name"] for item in node.get("cols", ())]
    for position, output in enumerate(rows.outputs):
        column = columns[position] if position < len(columns) else ""
        _note_write(trace, node["relation"], column, output.value.sources)
    if rows.rest:
        _note_write(trace, node["relation"], "", rows.rest.sources)


def _read_assignments(trace: Trace, relation: Node, targets: list[Any], scope: Scope) -> None:
    for item in targets:
        target = item["ResTarget"]
        _note_write(trace, relation, target["name"], trace.value(target["val"], scope).sources)
        for part in target.get("indirection", ()):
            _note_write(trace, relation, target["name"], trace.parts(part.get("A_Indices"), scope).sources)
    _note_written(trace, relation, [item["ResTarget"]["val"] for item in targets])
    for item in targets:
        _note_assigned(trace, relation, item["ResTarget"]["name"], item["ResTarget"]["val"], replaces=True)


def _read_merge_insertion(trace: Trace, relation: Node, clause: Node, scope: Scope) -> None:
    columns = [item["ResTarget"]["name"] for item in clause.get("targetList", ())]
    for position, value in enumerate(trace.values(clause["values"], scope)):
        column = columns[position] if position < len(columns) else ""
        _note_write(trace, relation, column, value.sources)
        _note_assigned(trace, relation, column, clause["values"][position], replaces=False)
    _note_written(trace, relation, clause["values"])


def _read_returning(trace: Trace, node: Node, scope: Scope) -> Rows:
    """RETURNING sees the rows as written, and by OLD and NEW, or names given to them, as before and after."""
    returning = node.get("returningClause")
    if not returning:
        return Rows()
    target = next(item for item in scope.tops if item.name == _target_name(node["relation"]))
    names = {"old", "new", *(option["ReturningOption"]["value"] for option in returning.get("options", ()))}
    scope.tables.extend(target._replace(name=name) for name in sorted(names))
    rows = read_targets(trace, returning["exprs"], scope)
    return rows if not _answers_by_rule(trace, node["relation"]) else Rows(rest=computed([UNTRACED]))


def _answers_by_rule(trace: Trace, relation: Node) -> bool:
    """Whether a rule may answer a write to a relation with rows of any other."""
    known = trace.catalogue.named(relation.get("schemaname"), relation["relname"])
    return any(found.oid in trace.catalogue.ruled for found in known)


def _target_name(relation: Node) -> str:
    name: str = relation.get("alias", {}).get("aliasname", relation["relname"])
    return name


def _note_write(trace: Trace, relation: Node, column: str, sources: Sources) -> None:
    if sources:
        trace.writes.append(Write(relation.get("schemaname"), relation["relname"], column, sources))


def _note_written(trace: Trace, relation: Node, trees: list[Any]) -> None:
    texts, parameters = _constants(trees)
    if texts or parameters:
        trace.written.append(Written(relation.get("schemaname"), relation["relname"], texts, parameters))


def _note_inserted(trace: Trace, node: Node, rows: Iterable[Any]) -> None:
    """What VALUES puts into each column. An upsert may put it in the place of what is there."""
    relation = node["relation"]
    replaces = "targetList" in node.get("onConflictClause", {})
    columns = [item["ResTarget"]["name"] for item in node.get("cols", ())] or _columns_of(trace, relation)
    for row in rows:
        for column, tree in zip(columns, row["List"]["items"], strict=False):
            _note_assigned(trace, relation, column, tree, replaces=replaces)


def _columns_of(trace: Trace, relation: Node) -> list[str]:
    """The columns of a relation in order; none, where its name may mean several."""
    known = trace.catalogue.named(relation.get("schemaname"), relation["relname"])
    return list(known[0].columns.values()) if len(known) == 1 else []


def _note_assigned(trace: Trace, relation: Node, column: str, tree: Any, *, replaces: bool) -> None:
    while "TypeCast" in tree:
        tree = tree["TypeCast"]["arg"]
    value: str | int | None
    if "ParamRef" in tree:
        value = int(tree["ParamRef"].get("number", 0))
    elif "A_Const" in tree and "boolval" not in tree["A_Const"]:
        value = _constant(tree["A_Const"])
    else:
        return
    trace.assigned.append(
        Assigned(relation.get("schemaname"), relation["relname"], column, value, replaces=replaces)
    )


def _constant(node: Node) -> str | None:
    """A constant as text; None for NULL. Zero is left out of a tree."""
    for kind, default in (("sval", ""), ("fval", ""), ("ival", 0)):
        if kind in node:
            return str(node[kind].get(kind, default))
    return None


def _values_of(select: Node) -> list[Any]:
    """What a query inserts, without its conditions: a constant there is compared and not written."""
    if "valuesLists" in select:
        return list(select["valuesLists"])
    if "larg" in select:
        return _values_of(select["larg"]) + _values_of(select["rarg"])
    return list(select.get("targetList", ()))


def _constants(trees: list[Any]) -> tuple[frozenset[str], frozenset[int]]:
    texts: set[str] = set()
    parameters: set[int] = set()
    pending: list[Any] = list(trees)
    while pending:
        tree = pending.pop()
        if isinstance(tree, list):
            pending.extend(tree)
        elif isinstance(tree, dict):
            for kind in ("sval", "fval"):
                if isinstance(tree.get(kind), dict):
                    texts.add(tree[kind].get(kind, ""))
            if "ParamRef" in tree:
                parameters.add(tree["ParamRef"].get("number", 0))
            pending.extend(tree.values())
    return frozenset(texts), frozenset(parameters)
