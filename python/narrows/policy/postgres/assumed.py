"""A catalogue for a policy that is tested without a database: whatever the policy names is assumed to exist.

A name without a schema that the policy does not know is taken to be in `public`. Every relation is taken to
have every column that the statement names, beside those that masks name.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from narrows.policy.postgres.catalogue import FIRST_USER_OID, Catalogue, Relation
from narrows.policy.postgres.facts import SqlNotUnderstood
from narrows.policy.postgres.sql import statement_facts
from narrows.policy.postgres.structural import DESCRIBES, REVEALS
from narrows.policy.postgres.verbs import CALL_FUNCTION, SET_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from narrows.policy.patterns import NamePattern
    from narrows.policy.postgres.facts import StatementFacts
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
                columns.setdefault(name, []).append(column.name)
    facts = _facts(statement)
    named = sorted(_column_names([one.tree for one in facts]))
    for name in dict.fromkeys(_touched(facts, list(columns))):
        known = columns.setdefault(name, [])
        known.extend(column for column in named if column not in known)
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


def _facts(statement: str) -> tuple[StatementFacts, ...]:
    try:
        return statement_facts(statement)
    except SqlNotUnderstood:
        return ()


def _touched(facts: tuple[StatementFacts, ...], known: list[Name]) -> Iterator[Name]:
    """The relations that a statement names; without a schema, those that are known by that name."""
    for access in (access for one in facts for access in one.accesses):
        if access.name is None or access.verb in {CALL_FUNCTION, SET_PARAMETER}:
            continue
        named = [name for name in known if name[1] == access.name] if access.schema is None else []
        yield from named or [(access.schema or "public", access.name)]


def _column_names(tree: Any) -> set[str]:
    """The last part of every reference to a column. A name that something in FROM has means that, whole."""
    names: set[str] = set()
    in_from: set[str] = set()
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(node)
        elif isinstance(node, dict):
            last = node.get("fields", [{}])[-1]
            if "String" in last:
                names.add(last["String"].get("sval", ""))
            in_from.update(node[field] for field in ("aliasname", "relname") if field in node)
            pending.extend(node.values())
    return names - in_from


def _functions(policy: Policy) -> dict[str, frozenset[str]]:
    schemas: dict[str, set[str]] = defaultdict(set)
    for rule in policy.rules:
        for schema, name in _literal(rule.postgres.functions if rule.postgres else ()):
            if schema != "pg_catalog":
                schemas[name].add(schema)
    return {name: frozenset(found) for name, found in schemas.items()}
