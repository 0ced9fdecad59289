"""The verbs that a Postgres rule may name: what a statement does, at any depth."""

from __future__ import annotations

RELATION_VERBS = frozenset(
    {"select", "insert", "update", "delete", "truncate", "lock", "copy-to", "copy-from"}
)
"""These always name a table, view or the like."""

OBJECT_VERBS = frozenset({"create", "alter", "drop", "grant", "maintain"})
"""These name a relation or something else: a function, a schema, a role, the whole database."""

OTHER_VERBS = frozenset(
    {"do", "call", "listen", "notify", "prepare-transaction", "copy-file", "copy-program", "administer"}
)
"""These never name a relation."""

VERBS = RELATION_VERBS | OBJECT_VERBS | OTHER_VERBS
"""Every verb that `verbs` may hold."""

BOUNDED_VERBS = frozenset({"update", "delete"})
"""The verbs that `unbounded` may hold: a row condition makes them bounded."""

CALL_FUNCTION = "execute"
"""The verb of an access to a function; rules name those in `functions`."""

SET_PARAMETER = "set"
"""The verb of an access to a run-time parameter; rules name those in `settings`."""

READING = frozenset({"select", "lock"})
"""Verbs that leave data as it is."""

DEFINING = frozenset({"create", "alter", "administer"})
"""Verbs that can give masked data another name."""

INFERENCES = ("deny", "equality", "allow")
"""What a statement may do with a masked column beside returning it, the strictest first: nothing, compare it
for equality with what the agent knows already, anything."""
