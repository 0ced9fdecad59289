"""A catalogue for a policy that is tested without a database: whatever the policy names is assumed to exist.

A name without a schema that the policy does not know is taken to be in `public`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from narrows.policy.catalogue import FIRST_USER_OID, Catalogue, Relation
from narrows.policy.facts import SqlNotUnderstood
from narrows.policy.sql import statement_facts
from narrows.policy.structural import DESCRIBES, REVEALS
from narrows.policy.verbs import CALL_FUNCTION, SET_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from narrows.policy.patterns import NamePattern
    from narrows.policy.rules import Policy

Name = tuple[str, str]


def assumed_catalogue(policy: Policy, statement: str) -> Catalogue:
    """A catalogue in which a statement can be judged.

    Args:
        policy: Its tables, functions and masked columns exist.
        statement: So do the relations that it touches.
    """
    columns: dict[Name, list[str]] = {name: [] for name in DESCRIBES}
    columns |= {("pg_catalog", name): [] for name in REVEALS}
    for rule in policy.rules:
        for name in _literal(rule.postgres.tables or () if rule.postgres else ()):
            columns.setdefault(name, [])
    for mask in policy.masks:
        for column in mask.columns:
            for name in _literal([column.relation]):
                columns.setdefault(name, []).append(column.text.rpartition(".")[2])
    for name in _touched(statement, {name for _, name in columns}):
        columns.setdefault(name, [])
    return Catalogue(
        relations={
            oid: Relation(oid, schema, name, "r", dict(enumerate(names, start=1)))
            for oid, ((schema, name), names) in enumerate(columns.items(), start=FIRST_USER_OID)
        },
        user_functions=_functions(policy),
    )


def _literal(patterns: Iterable[NamePattern]) -> Iterator[Name]:
    """The names that stand for themselves."""
    for pattern in patterns:
        schema, name = pattern.text.split(".")
        if "*" not in pattern.text:
            yield schema, name


def _touched(statement: str, known: set[str]) -> Iterator[Name]:
    try:
        facts = statement_facts(statement)
    except SqlNotUnderstood:
        return
    for access in (access for one in facts for access in one.accesses):
        if access.name is None or access.verb in {CALL_FUNCTION, SET_PARAMETER}:
            continue
        if access.schema is not None or access.name not in known:
            yield access.schema or "public", access.name


def _functions(policy: Policy) -> dict[str, frozenset[str]]:
    schemas: dict[str, set[str]] = defaultdict(set)
    for rule in policy.rules:
        for schema, name in _literal(rule.postgres.functions if rule.postgres else ()):
            if schema != "pg_catalog":
                schemas[name].add(schema)
    return {name: frozenset(found) for name, found in schemas.items()}
