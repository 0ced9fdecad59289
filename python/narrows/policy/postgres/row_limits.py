"""`limit = { rows = N }`: the most rows that one statement may touch.

The data plane counts inside the statement's own transaction and rolls back what went too far. It can do so
for one statement that changes rows; whatever ends a transaction, runs in pieces or changes what PostgreSQL
does not count is refused where a limit applies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.policy.postgres.verbs import READING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.postgres.evaluate import StatementFinding
    from narrows.policy.postgres.facts import StatementFacts
    from narrows.policy.rules import Rule

ROWS_MAX = 10_000_000
"""The highest limit that a rule may set."""
COUNTED = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "SelectStmt"})
"""Kinds of statements whose changes can be counted."""
FOREIGN = "f"

HINT_COUNTABLE = "send one INSERT, UPDATE, DELETE or MERGE at a time, as a statement of its own"


def limiting_rule(found: Sequence[StatementFinding]) -> Rule | None:
    """The rule with the lowest limit among those that decided about a change; None where none has one."""
    changing = [finding for finding in found if finding.access.verb not in READING]
    rules = [finding.rule for finding in changing if finding.rule and finding.rule.rows_max is not None]
    return min(rules, key=lambda rule: rule.rows_max or 0, default=None)


def why_not_countable(
    statements: Sequence[StatementFacts], found: Sequence[StatementFinding], catalogue: Catalogue
) -> str:
    """Why the rows that a text touches cannot be limited; empty when they can."""
    if len(statements) != 1:
        return "rows can be limited for one statement at a time"
    if statements[0].kind not in COUNTED or statements[0].effects:
        return "the rows that such a statement touches cannot be limited, and the rule limits them"
    written = {finding.access.name for finding in found if finding.access.verb not in READING}
    for name in written:
        if any(relation.kind == FOREIGN for relation in catalogue.by_name.get(name or "", ())):
            return f"{name} is a foreign table, whose rows are not counted here, and the rule limits them"
    return ""
