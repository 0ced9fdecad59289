"""Which of PostgreSQL's own functions any principal may call.

`functions.txt` is made from a running PostgreSQL by `functions.sql`, which says what makes a function
harmless. A function that is not in the list, or that a user schema has too, needs a rule that names it.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING

from narrows.policy.postgres.facts import Access
from narrows.policy.postgres.verbs import CALL_FUNCTION

if TYPE_CHECKING:
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.postgres.facts import StatementFacts

_LINES = (
    resources.files("narrows.policy.postgres")
    .joinpath("functions.txt")
    .read_text(encoding="ascii")
    .split("\n")
)

HARMLESS = frozenset(line.removeprefix("harmless ") for line in _LINES if line.startswith("harmless "))
"""Names of which every overload in pg_catalog only computes."""

GUARDED = frozenset(line.removeprefix("guarded ") for line in _LINES if line.startswith("guarded "))
"""Names in pg_catalog that reach further: files, other sessions, SQL in strings, sequences, locks."""

BUILT_IN = HARMLESS | GUARDED

SEQUENCE_FUNCTIONS = frozenset({"nextval", "setval"})
"""Guarded functions that return nothing but numbers of their own."""


def is_harmless_call(access: Access, catalogue: Catalogue) -> bool:
    """Whether an access is a call of a harmless function, and of nothing else by the same name."""
    return access.verb == CALL_FUNCTION and is_harmless_name(access.schema, access.name or "", catalogue)


def is_harmless_name(schema: str | None, name: str, catalogue: Catalogue) -> bool:
    """Whether a function's name means a harmless function and nothing else."""
    if name not in HARMLESS:
        return False
    return name not in catalogue.user_functions if schema is None else schema == "pg_catalog"


def with_row_calls(statement: StatementFacts, catalogue: Catalogue) -> StatementFacts:
    """The statement with calls that are written as columns, `o.total` for `total(o)`, among its accesses."""
    calls = statement.attributes & catalogue.row_functions
    if not calls:
        return statement
    return replace(
        statement,
        accesses=statement.accesses + tuple(Access(CALL_FUNCTION, None, name) for name in sorted(calls)),
    )


def schemas_of(name: str, catalogue: Catalogue) -> frozenset[str]:
    """The schemas that have a function of this name."""
    users = catalogue.user_functions.get(name, frozenset())
    return users | {"pg_catalog"} if name in BUILT_IN else users
