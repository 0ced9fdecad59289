"""What a statement is about, from its text alone: so an index made anew says the same."""

from __future__ import annotations

from functools import lru_cache

from narrows.policy.postgres.facts import SqlNotUnderstood
from narrows.policy.postgres.sql import statement_facts
from narrows.policy.postgres.verbs import CALL_FUNCTION, SET_PARAMETER

KNOWN_MAX = 4_096
"""Texts whose subjects are remembered."""
TEXT_CHARACTERS_MAX = 100_000
"""Longer texts are found by their words only: parsing them takes too long for what it tells."""
NOT_TABLES = frozenset({CALL_FUNCTION, SET_PARAMETER})


@lru_cache(KNOWN_MAX)
def subjects(text: str) -> tuple[str, ...]:
    """`verb:…` and `table:…` of every access in a text; nothing where it is not understood.

    A table is named as it is written; one written with its schema by its last name too.
    """
    if len(text) > TEXT_CHARACTERS_MAX:
        return ()
    try:
        facts = statement_facts(text)
    except SqlNotUnderstood:
        return ()
    found = set()
    for access in (access for statement in facts for access in statement.accesses):
        found.add(f"verb:{access.verb}")
        if access.name is not None and access.verb not in NOT_TABLES:
            found |= {f"table:{access.written}", f"table:{access.name}"}
    return tuple(sorted(found))
