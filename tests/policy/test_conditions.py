"""Which conditions limit the rows that an UPDATE or DELETE reaches."""

from __future__ import annotations

import pytest

from narrows.policy.postgres.sql import statement_facts


@pytest.mark.parametrize(
    ("condition", "unbounded"),
    [
        ("", True),
        ("WHERE true", True),
        ("WHERE NOT false", True),
        ("WHERE 1 = 1", True),
        ("WHERE 'a' LIKE 'a'", True),
        ("WHERE $1", True),
        ("WHERE random() >= 0", True),
        ("WHERE now() > '2020-01-01'", True),
        ("WHERE id = id", True),
        ("WHERE t.id >= t.id", True),
        ("WHERE id IS NOT DISTINCT FROM id", True),
        ("WHERE id = 1 OR true", True),
        ("WHERE true AND 1 = 1", True),
        ("WHERE NOT (1 = 2)", True),
        ("WHERE EXISTS (SELECT 1)", True),
        ("WHERE (((true)))", True),
        ("WHERE id = 1", False),
        ("WHERE id = $1", False),
        ("WHERE id = 1 AND true", False),
        ("WHERE id = 1 OR id = 2", False),
        ("WHERE id IN (SELECT id FROM u)", False),
        ("WHERE lower(name) = 'x'", False),
        ("WHERE CURRENT OF c", False),
        ("WHERE id <> id", False),
    ],
)
def test_conditions(condition: str, unbounded: bool) -> None:
    for statement in (f"DELETE FROM t {condition}", f"UPDATE t SET a = 1 {condition}"):
        (facts,) = statement_facts(statement)
        (written,) = {access.unbounded for access in facts.accesses if access.verb in {"update", "delete"}}
        assert written is unbounded, statement
