"""500,000 rows of four text columns with six detectors on every cell: time against direct."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bench import bulk

if TYPE_CHECKING:
    from bench.paths import Way

SCHEMA = f"""
CREATE TABLE cells (name text, mail text, note text, number text);
INSERT INTO cells SELECT
    'customer ' || g,
    CASE WHEN g % 5 = 0 THEN 'ada.' || g || '@example.com' ELSE 'ORD-2026-' || g END,
    CASE WHEN g % 7 = 0 THEN 'paid with 4111 1111 1111 1111' ELSE 'leave it with the neighbour' END,
    CASE WHEN g % 3 = 0 THEN '219-09-' || lpad((g % 9999 + 1)::text, 4, '0') ELSE md5(g::text) END
    FROM generate_series(1, {bulk.ROWS}) g;
VACUUM ANALYZE cells;
"""

QUERY = b"select name, mail, note, number from cells"


def measure(ways: list[Way], *, rounds: int) -> dict[str, Any]:
    """Reads the whole table as rows, in text and binary, on every way in turn."""
    readers = {name: partial(bulk.read_rows, QUERY, form) for name, form in (("text", 0), ("binary", 1))}
    return bulk.measure(ways, readers, rounds=rounds)
