"""Calls of functions, aggregates and window functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.policy.postgres.functions import GUARDED, SEQUENCE_FUNCTIONS, is_harmless_name
from narrows.policy.postgres.lineage.conditions import read_condition
from narrows.policy.postgres.lineage.total import function_takes
from narrows.policy.postgres.lineage.trace import ANY, EQUALITY, Write
from narrows.policy.postgres.lineage.types import call_type
from narrows.policy.postgres.lineage.values import NOTHING, UNTRACED, Value, computed
from narrows.policy.postgres.walk import last_two

if TYPE_CHECKING:
    from narrows.policy.postgres.lineage.scopes import Scope
    from narrows.policy.postgres.lineage.trace import Node, Trace


def read_call(trace: Trace, node: Node, scope: Scope) -> Value:
    schema, name = last_two(node["funcname"])
    written = node.get("args", [])
    arguments = trace.values(written, scope)
    harmless = is_harmless_name(schema, name, trace.catalogue)
    ordered = computed(trace.value(item["SortBy"]["node"], scope) for item in node.get("agg_order", ()))
    trace.use(ANY, f"used in ORDER BY of {name}()", ordered)
    read_condition(trace, node.get("agg_filter"), scope, "FILTER")
    if "over" in node:
        read_window(trace, node["over"], scope)
    if harmless and name == "count":
        for value in arguments:
            distinct = node.get("agg_distinct", False)
            countable = (value.direct or value.row) and not distinct
            trace.use(
                EQUALITY if countable else ANY, "counted by distinct values" if distinct else "counted", value
            )
        return NOTHING
    for position, value in enumerate(arguments):
        if not (harmless and function_takes(name, position, written) and not node.get("agg_distinct")):
            trace.use(ANY, f"passed to {name}()", value)
    value = computed([*arguments, ordered] if node.get("agg_within_group") else arguments)
    if name in GUARDED and value.sources:
        # What it is given it may keep, where another statement finds it: settings, sequences, large objects.
        trace.writes.append(Write(schema, f"{name}()", "", value.sources))
    if harmless or (name in SEQUENCE_FUNCTIONS and name not in trace.catalogue.user_functions):
        type_oid = call_type(name, arguments, trace.catalogue) if value.sources else 0
        return value._replace(type_oid=type_oid)
    return computed((value, UNTRACED))


def read_named_argument(trace: Trace, node: Node, scope: Scope) -> Value:
    return trace.value(node["arg"], scope)


def read_window(trace: Trace, node: Node, scope: Scope) -> None:
    """Notes what the definition of a window uses."""
    partition = computed(trace.values(node.get("partitionClause", ()), scope))
    trace.use(ANY, "used in PARTITION BY", partition)
    order = computed(trace.value(item["SortBy"]["node"], scope) for item in node.get("orderClause", ()))
    trace.use(ANY, "used in ORDER BY of a window", order)
    offsets = computed(trace.value(node.get(field), scope) for field in ("startOffset", "endOffset"))
    trace.use(ANY, "used in the frame of a window", offsets)
