"""Lineage: for every column that a statement returns, the base columns that it derives from.

PostgreSQL itself names the origin of a bare column and of nothing else. Everything computed would have to be
hidden wherever anything masked is in reach, or else traced, and this traces it. It also notes what a
statement does with values other than show them: conditions, sorting, writes.
"""

from narrows.policy.postgres.lineage.statements import NOT_FOLLOWED, lineage_of
from narrows.policy.postgres.lineage.trace import ANY, BARE, EQUALITY, Assigned, Lineage, Use, Write, Written
from narrows.policy.postgres.lineage.values import ANYTHING, Output, Rows, Sources, Value

__all__ = [
    "ANY",
    "ANYTHING",
    "BARE",
    "EQUALITY",
    "NOT_FOLLOWED",
    "Assigned",
    "Lineage",
    "Output",
    "Rows",
    "Sources",
    "Use",
    "Value",
    "Write",
    "Written",
    "lineage_of",
]
