"""`record = "..."`: how much of what comes back the recording keeps.

What is not kept leaves its count, its bytes and its hash, so that a rule can keep data out of recordings and
nothing out of what they prove.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.model import Effect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from narrows.policy.findings import Finding
    from narrows.policy.tables import RuleTable

FULL, NONE_OF_THE_ROWS, STATEMENTS = "full", "none-of-the-rows", "statements"
RECORD_LEVELS = (FULL, NONE_OF_THE_ROWS, STATEMENTS)
"""From what keeps most to what keeps least."""
STREAMS = frozenset({"exec", "attach"})
"""Verbs of clusters whose answer is what a process says."""


def record_of(found: Sequence[Finding]) -> str:
    """How much is kept of what answers a text: where rules say different things of its parts, the most."""
    levels = [finding.rule.record for finding in found if finding.rule]
    return min(levels, key=RECORD_LEVELS.index, default=FULL)


def record_problems(table: RuleTable) -> list[str]:
    """What is wrong with a rule's `record`."""
    if table.record == FULL:
        return []
    problems = []
    if table.effect == Effect.DENY.value:
        problems.append("a rule that denies lets nothing come back that could be recorded")
    if table.kubernetes is not None and STREAMS & set(table.kubernetes.verbs):
        problems.append(
            "streams are always recorded in full; put `exec` and `attach` in a rule without `record`"
        )
    if table.record == NONE_OF_THE_ROWS and table.ssh is not None:
        problems.append("commands have no rows; in a rule for hosts `record` is `full` or `statements`")
    return problems
