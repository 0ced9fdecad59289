"""Which of PostgreSQL's own functions any principal may call.

`functions.txt` is made from a running PostgreSQL by `functions.sql`, which says what makes a function
harmless. A function that is not in the list, or that a user schema has too, needs a rule that names it.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING

from narrows.policy.facts import Access
from narrows.policy.verbs import CALL_FUNCTION

if TYPE_CHECKING:
    from narrows.policy.catalogue import Catalogue
    from narrows.policy.facts import StatementFacts

_LINES = resources.files("narrows.policy").joinpath("functions.txt").read_text(encoding="ascii").split("\n")

HARMLESS = frozenset(line.removeprefix("harmless ") for line in _LINES if line.startswith("harmless "))
"""Names of which every overload in pg_catalog only computes."""

GUARDED = frozenset(line.removeprefix("guarded ") for line in _LINES if line.startswith("guarded "))
"""Names in pg_catalog that reach further: files, other sessions, SQL in strings, sequences, locks."""

BUILT_IN = HARMLESS | GUARDED


def is_harmless_call(access: Access, catalogue: Catalogue) -> bool:
    """Whether an access is a call of a harmless function, and of nothing else by the same name."""
    if access.verb != CALL_FUNCTION or access.name not in HARMLESS:
        return False
    if access.schema is None:
        return access.name not in catalogue.user_functions
    return access.schema == "pg_catalog"


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
