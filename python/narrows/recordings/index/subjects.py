"""What a statement or a call is about, from its text alone: so an index made anew says the same."""

from __future__ import annotations

import re
from functools import lru_cache

from narrows.policy.kubernetes.reading import CallNotUnderstood, read_call_text
from narrows.policy.postgres.facts import SqlNotUnderstood
from narrows.policy.postgres.sql import statement_facts
from narrows.policy.postgres.verbs import CALL_FUNCTION, SET_PARAMETER

CALL = re.compile(r"(?:GET|HEAD|POST|PUT|PATCH|DELETE) /")
MERGE_PATCH = "application/merge-patch+json"
"""Any type of patch will do to read what is patched."""
KNOWN_MAX = 4_096
"""Texts whose subjects are remembered."""
TEXT_CHARACTERS_MAX = 100_000
"""Longer texts are found by their words only: parsing them takes too long for what it tells."""
NOT_TABLES = frozenset({CALL_FUNCTION, SET_PARAMETER})


@lru_cache(KNOWN_MAX)
def subjects(text: str) -> tuple[str, ...]:
    """`verb:…` and `table:…` of every access in a statement, or of a call `verb:…`, `resource:…` and
    `namespace:…`; nothing where a text is not understood.

    A table is named as it is written; one written with its schema by its last name too. A resource is named
    with its group and subresource, `apps/deployments/scale`, and without its group too.
    """
    if len(text) > TEXT_CHARACTERS_MAX:
        return ()
    if CALL.match(text):
        return _of_call(text)
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


def _of_call(text: str) -> tuple[str, ...]:
    try:
        call = read_call_text(text, content_type=MERGE_PATCH if text.startswith("PATCH ") else "")
    except CallNotUnderstood:
        return ()
    found = {f"verb:{call.verb}"}
    if call.resource:
        name = "/".join(part for part in (call.resource, call.subresource) if part)
        found |= {f"resource:{name}", f"resource:{call.group}/{name}".replace(":/", ":")}
    if call.namespace:
        found.add(f"namespace:{call.namespace}")
    return tuple(sorted(found))
