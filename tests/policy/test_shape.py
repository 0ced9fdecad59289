"""Statements of one shape are alike but for values; what changes what they do makes another shape."""

from __future__ import annotations

import pytest

from narrows.policy.postgres.shape import shape_of

UPDATE = "UPDATE orders SET status = 'refunded' WHERE id = 7"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (UPDATE, "update orders\n  set status = 'void' -- again\n where id = 123456"),
        ("DELETE FROM orders WHERE id IN (1, 2)", "DELETE FROM orders WHERE id IN (3, 4)"),
        ("DELETE FROM orders WHERE total > 1.5 AND id = 1", "DELETE FROM orders WHERE total > 2 AND id = 2"),
        ("INSERT INTO t (a, b) VALUES (1, 'x')", "INSERT INTO t (a, b) VALUES (2, 'y')"),
        ("UPDATE t SET n = n + 1 WHERE id = 1", "UPDATE t SET n = n + 5 WHERE id = 2"),
    ],
)
def test_other_values_are_the_same_shape(one, other):
    assert shape_of(one) == shape_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (UPDATE, "UPDATE orders SET total = 'refunded' WHERE id = 7"),
        (UPDATE, "UPDATE customers SET status = 'refunded' WHERE id = 7"),
        (UPDATE, "UPDATE s.orders SET status = 'refunded' WHERE id = 7"),
        (UPDATE, "UPDATE orders SET status = 'refunded'"),
        (UPDATE, "UPDATE orders SET status = 'refunded' WHERE id <> 7"),
        (UPDATE, "UPDATE orders SET status = 'refunded' WHERE id = 7 OR true"),
        (UPDATE, "UPDATE orders SET status = 'refunded' WHERE id = id"),
        (UPDATE, "UPDATE orders SET status = 'refunded' WHERE id = $1"),
        (UPDATE, UPDATE + "; " + UPDATE),
        ("DELETE FROM t WHERE 1 = 1", "DELETE FROM t WHERE 1 = 2"),
        ("DELETE FROM t WHERE gone = true", "DELETE FROM t WHERE gone = false"),
        ("DELETE FROM t WHERE 'f'", "DELETE FROM t WHERE 't'"),
        ("DELETE FROM t WHERE id = 1 AND 'f'", "DELETE FROM t WHERE id = 1 AND 't'"),
        ("DELETE FROM t WHERE a = NULL", "DELETE FROM t WHERE a = 1"),
        ("DELETE FROM t WHERE id IN (1)", "DELETE FROM t WHERE id IN (1, 2)"),
        ("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1), (2)"),
        ("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (DEFAULT)"),
        ("SELECT pg_read_file('a')", "SELECT pg_read_file('b')"),
        ("SELECT * FROM t WHERE a = f('x')", "SELECT * FROM t WHERE a = f('y')"),
        ("SELECT 1 LIMIT 1", "SELECT 1 LIMIT 2"),
        ("SET role = 'a'", "SET role = 'b'"),
        ("DO 'select 1'", "DO 'select 2'"),
        ("COPY t TO '/tmp/a'", "COPY t TO '/tmp/b'"),
        ("not sql", "nor this"),
    ],
)
def test_what_does_something_else_is_another_shape(one, other):
    assert shape_of(one) != shape_of(other)
