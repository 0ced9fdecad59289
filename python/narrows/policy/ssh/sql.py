"""SQL within a command's words: what `psql -c` would destroy."""

from __future__ import annotations

import re

from narrows.policy.postgres.facts import SqlNotUnderstood
from narrows.policy.postgres.sql import statement_facts

DESTROYING = frozenset({"drop", "truncate"})
WORDS = re.compile(r"\b(drop|truncate|delete|dropDatabase|deleteMany|remove)\b", re.IGNORECASE)


def destroys(word: str) -> bool:
    """Whether a word holds SQL that drops, truncates, or deletes without a condition.

    PostgreSQL's own parser reads it; where that cannot, a single word of that meaning is enough.
    """
    if not WORDS.search(word):
        return False
    text = word.partition("=")[2] if word.startswith("--") else word
    try:
        statements = statement_facts(text)
    except SqlNotUnderstood:
        return True
    accesses = [access for statement in statements for access in statement.accesses]
    return any(access.verb in DESTROYING or access.unbounded for access in accesses) or any(
        statement.opaque for statement in statements
    )
