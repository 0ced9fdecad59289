"""Reads, from a stored view, which of its columns show another relation's column unchanged.

pg_depend says which columns a view uses, not which of its own they become, and does not see a whole row at
all. The stored query tree does: every entry of its target list keeps the table and column it came from,
through joins, subqueries and WITH (resorigtbl and resorigcol), and zero where the value is computed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

TOKEN = re.compile(r"\\.|[(){}]|:(resno|resorigtbl|resorigcol|resjunk) (\w+)|:targetList (?=\()", re.DOTALL)
"""Brackets, escapes, and the fields that matter. A name in a stored tree has its brackets and spaces escaped,
so that none can pass for a field."""

QUERY_DEPTH = 2
"""The list of actions, and the query in it."""
ENTRY_DEPTH = 4
"""One more list, and the entry in it."""


class Origin(NamedTuple):
    """The column that a view's column shows; attribute 0 is the whole row."""

    relation: int
    attribute: int


def column_origins(action: str) -> dict[int, Origin]:
    """The origins of a view's columns.

    Args:
        action: pg_rewrite.ev_action of the view's `_RETURN` rule, as text.

    Returns:
        Column number to origin, without the columns that are computed. What is not recognised is absent, and
        so counts as computed.
    """
    origins: dict[int, Origin] = {}
    entry: dict[str, str] = {}
    depth = 0
    in_targets = False
    for token in TOKEN.finditer(action):
        text = token[0]
        if text in "({":
            depth += 1
        elif text in ")}":
            if text == "}" and in_targets and depth == ENTRY_DEPTH:
                _keep(origins, entry)
                entry = {}
            depth -= 1
            in_targets = in_targets and depth > QUERY_DEPTH
        elif text == ":targetList ":
            in_targets = in_targets or depth == QUERY_DEPTH
        elif token[1] and in_targets and depth == ENTRY_DEPTH:
            entry[token[1]] = token[2]
    return origins


def _keep(origins: dict[int, Origin], entry: dict[str, str]) -> None:
    relation = int(entry.get("resorigtbl", "0"))
    if relation and entry.get("resjunk") == "false":
        origins[int(entry["resno"])] = Origin(relation, int(entry["resorigcol"]))
