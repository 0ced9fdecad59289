"""What each kind of statement does: its verbs, the relations they are done to, and its effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.policy.postgres.conditions import limits_rows
from narrows.policy.postgres.copy import copy_options
from narrows.policy.postgres.facts import Access
from narrows.policy.postgres.nodes import DEFINITIONS, UNREAD_DEFINITIONS
from narrows.policy.postgres.verbs import BOUNDED_VERBS, CALL_FUNCTION, READING, RELATION_VERBS, SET_PARAMETER
from narrows.policy.postgres.walk import (
    Walk,
    constant_text,
    last_two,
    note_parameter,
    read_call,
    read_column,
    read_indirection,
    read_operation,
    read_relation,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.policy.postgres.walk import Node, Scope

RELATION_KINDS = frozenset(
    {
        "OBJECT_TABLE",
        "OBJECT_VIEW",
        "OBJECT_MATVIEW",
        "OBJECT_FOREIGN_TABLE",
        "OBJECT_SEQUENCE",
        "OBJECT_INDEX",
    }
)
PARTS_OF_RELATIONS = frozenset({"OBJECT_RULE", "OBJECT_TRIGGER", "OBJECT_POLICY"})
TWO_PHASE = frozenset({"TRANS_STMT_PREPARE", "TRANS_STMT_COMMIT_PREPARED", "TRANS_STMT_ROLLBACK_PREPARED"})
MERGE_VERBS = {"CMD_INSERT": "insert", "CMD_UPDATE": "update", "CMD_DELETE": "delete"}
COPIES = READING | {"copy-to", CALL_FUNCTION}
"""Verbs of a COPY that writes nothing. If its data is other than was judged, it is told as an error although
it has run."""
CHANGES_CATALOGUE = frozenset({"create", "alter", "drop", "administer"})


class Reading(Walk):
    """A walk that knows every kind of statement."""


def read_select(walk: Walk, node: Node, scope: Scope) -> None:
    scope = walk.enter_with(node.get("withClause"), scope)
    walk.visit_children(node, scope, skip=("withClause", "intoClause", "lockingClause"))
    if "lockingClause" in node:
        for access in [access for access in walk.accesses if access.verb == "select"]:
            walk.note(Access("lock", access.schema, access.name))
    if into := node.get("intoClause"):
        _create(walk, into["rel"])


def read_insert(walk: Walk, node: Node, scope: Scope) -> None:
    scope = walk.enter_with(node.get("withClause"), scope)
    walk.touch("insert", node["relation"])
    walk.visit_children(node, scope, skip=("withClause", "relation"))
    conflict = node.get("onConflictClause", {})
    if conflict.get("action") == "ONCONFLICT_UPDATE":
        walk.touch("update", node["relation"])
        _touch_returned(walk, node)


def read_update(walk: Walk, node: Node, scope: Scope) -> None:
    scope = walk.enter_with(node.get("withClause"), scope)
    walk.touch("update", node["relation"], unbounded=not limits_rows(node.get("whereClause")))
    walk.visit_children(node, scope, skip=("withClause", "relation"))
    _touch_returned(walk, node)


def read_delete(walk: Walk, node: Node, scope: Scope) -> None:
    scope = walk.enter_with(node.get("withClause"), scope)
    walk.touch("delete", node["relation"], unbounded=not limits_rows(node.get("whereClause")))
    walk.visit_children(node, scope, skip=("withClause", "relation"))
    _touch_returned(walk, node)


def read_merge(walk: Walk, node: Node, scope: Scope) -> None:
    scope = walk.enter_with(node.get("withClause"), scope)
    joined = limits_rows(node.get("joinCondition"))
    for item in node["mergeWhenClauses"]:
        clause = item["MergeWhenClause"]
        verb = MERGE_VERBS.get(clause["commandType"])
        if verb:
            # BY SOURCE means every row that the join left out, whatever the join.
            bounded = joined and clause.get("matchKind") != "MERGE_WHEN_NOT_MATCHED_BY_SOURCE"
            unbounded = verb in BOUNDED_VERBS and not bounded and not limits_rows(clause.get("condition"))
            walk.touch(verb, node["relation"], unbounded=unbounded)
        walk.visit_children(clause, scope)
    walk.visit_children(node, scope, skip=("withClause", "relation", "mergeWhenClauses"))
    _touch_returned(walk, node)


def read_copy(walk: Walk, node: Node, scope: Scope) -> None:
    inward = node.get("is_from", False)
    if "relation" in node:
        for verb in ("insert", "copy-from") if inward else ("select", "copy-to"):
            walk.touch(verb, node["relation"])
    if "query" in node:
        walk.visit(node["query"], scope)
        read = [access for access in walk.accesses if access.verb in RELATION_VERBS]
        for access in read or [Access("copy-to")]:
            walk.note(Access("copy-to", access.schema, access.name))
    walk.visit(node.get("whereClause"), scope)
    if "filename" in node:
        walk.note(Access("copy-program" if node.get("is_program") else "copy-file"))
    else:
        walk.add_effects("copy-in" if inward else "copy-out")
        if inward or all(access.verb in COPIES for access in walk.accesses):
            walk.copy = copy_options(node)


def read_explain(walk: Walk, node: Node, scope: Scope) -> None:
    walk.visit(node["query"], scope)


def read_prepare(walk: Walk, node: Node, scope: Scope) -> None:
    walk.visit(node["query"], scope)
    walk.add_effects("names")
    walk.gives.append(("statements", node["name"]))


def read_execute(walk: Walk, node: Node, scope: Scope) -> None:
    walk.visit_children(node, scope)
    walk.inherits = walk.runs_prepared = True
    walk.reads.append(("statements", node["name"]))


def read_declare(walk: Walk, node: Node, scope: Scope) -> None:
    walk.visit(node["query"], scope)
    walk.add_effects("names")
    walk.gives.append(("portals", node["portalname"]))


def read_fetch(walk: Walk, node: Node, _scope: Scope) -> None:
    walk.inherits = True
    walk.reads.append(("portals", node["portalname"]))


def read_create_as(walk: Walk, node: Node, scope: Scope) -> None:
    _create(walk, node["into"]["rel"])
    walk.visit(node["query"], scope)


def read_definition(kind: str) -> Callable[[Walk, Node, Scope], None]:
    """The reader of a statement of one verb, as `DEFINITIONS` has it."""
    verb, field = DEFINITIONS[kind]
    unread = kind in UNREAD_DEFINITIONS

    def read(walk: Walk, node: Node, scope: Scope) -> None:
        walk.touch(verb, node.get(field) if field else None)
        if not unread:
            walk.visit_children(node, scope, skip=(field,) if field else ())
        if verb in CHANGES_CATALOGUE:
            walk.add_effects("catalogue")

    return read


def read_drop(walk: Walk, node: Node, _scope: Scope) -> None:
    kind = node["removeType"]
    for item in node["objects"]:
        names = item["List"]["items"] if "List" in item else []
        if kind in RELATION_KINDS and names:
            walk.note(Access("drop", *last_two(names)))
        elif kind in PARTS_OF_RELATIONS and len(names) > 1:
            walk.note(Access("drop", *last_two(names[:-1])))
        else:
            walk.note(Access("drop"))
    walk.add_effects("catalogue")


def read_truncate(walk: Walk, node: Node, _scope: Scope) -> None:
    for item in node["relations"]:
        walk.touch("truncate", item["RangeVar"])


def read_lock(walk: Walk, node: Node, _scope: Scope) -> None:
    for item in node["relations"]:
        walk.touch("lock", item["RangeVar"])


def read_grant(walk: Walk, node: Node, _scope: Scope) -> None:
    for item in node.get("objects", [{}]):
        walk.touch("grant", item.get("RangeVar"))


def read_vacuum(walk: Walk, node: Node, _scope: Scope) -> None:
    for item in node.get("rels", [{}]):
        walk.touch("maintain", item.get("VacuumRelation", {}).get("relation"))


def read_transaction(walk: Walk, node: Node, _scope: Scope) -> None:
    if node["kind"] in TWO_PHASE:
        walk.note(Access("prepare-transaction"))
    if node["kind"] == "TRANS_STMT_ROLLBACK_TO":
        walk.add_effects("settings")  # what was set since the savepoint is taken back


def read_set(walk: Walk, node: Node, _scope: Scope) -> None:
    kind = node["kind"]
    if kind == "VAR_RESET_ALL":
        walk.add_effects("settings")
    elif kind == "VAR_SET_MULTI":
        if node["name"] == "TRANSACTION SNAPSHOT":
            walk.note(Access(SET_PARAMETER, None, "transaction_snapshot"))
    else:
        arguments = node.get("args", [])
        value = constant_text(arguments[0]) if len(arguments) == 1 else None
        note_parameter(walk, node["name"].lower(), value)


def read_discard(walk: Walk, _node: Node, _scope: Scope) -> None:
    walk.add_effects("settings")


def read_do(walk: Walk, _node: Node, _scope: Scope) -> None:
    walk.note(Access("do"))
    walk.opaque = "DO runs code that cannot be read"
    walk.add_effects("settings", "catalogue", "names")


def read_procedure_call(walk: Walk, node: Node, scope: Scope) -> None:
    walk.note(Access("call"))
    walk.visit_children(node, scope)
    walk.opaque = "CALL runs code that cannot be read"
    walk.add_effects("settings", "catalogue", "names")


def read_nothing(_walk: Walk, _node: Node, _scope: Scope) -> None:
    """SHOW, CLOSE, DEALLOCATE, UNLISTEN, SET CONSTRAINTS: they touch nothing but the session's own names.

    A constant does nothing either.
    """


def read_listen(walk: Walk, _node: Node, _scope: Scope) -> None:
    walk.note(Access("listen"))


def read_notify(walk: Walk, _node: Node, _scope: Scope) -> None:
    walk.note(Access("notify"))


def _create(walk: Walk, relation: Node) -> None:
    walk.touch("create", relation)
    walk.add_effects("catalogue")


def _touch_returned(walk: Walk, node: Node) -> None:
    """RETURNING shows rows that were there before: a read, as PostgreSQL's own privileges have it.

    A plain INSERT returns only what it was given.
    """
    if "returningClause" in node:
        walk.touch("select", node["relation"], returned=True)


Reading.handlers = {
    "A_Const": read_nothing,
    "A_Expr": read_operation("name"),
    "A_Indirection": read_indirection,
    "CallStmt": read_procedure_call,
    "ClosePortalStmt": read_nothing,
    "ConstraintsSetStmt": read_nothing,
    "ColumnRef": read_column,
    "CopyStmt": read_copy,
    "CreateTableAsStmt": read_create_as,
    "DeallocateStmt": read_nothing,
    "DeclareCursorStmt": read_declare,
    "DeleteStmt": read_delete,
    "DiscardStmt": read_discard,
    "DoStmt": read_do,
    "DropStmt": read_drop,
    "ExecuteStmt": read_execute,
    "ExplainStmt": read_explain,
    "FetchStmt": read_fetch,
    "FuncCall": read_call,
    "GrantStmt": read_grant,
    "InsertStmt": read_insert,
    "ListenStmt": read_listen,
    "LockStmt": read_lock,
    "MergeStmt": read_merge,
    "NotifyStmt": read_notify,
    "PrepareStmt": read_prepare,
    "RangeVar": read_relation,
    "SelectStmt": read_select,
    "SortBy": read_operation("useOp"),
    "SubLink": read_operation("operName"),
    "TransactionStmt": read_transaction,
    "TruncateStmt": read_truncate,
    "UnlistenStmt": read_nothing,
    "UpdateStmt": read_update,
    "VacuumStmt": read_vacuum,
    "VariableSetStmt": read_set,
    "VariableShowStmt": read_nothing,
    **{kind: read_definition(kind) for kind in DEFINITIONS},
}
