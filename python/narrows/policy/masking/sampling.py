"""What to read of a database to find out where sensitive data is: a few rows of every table, and no more.

Nothing here talks to a database. What is not read is named with the reason, so that nobody takes silence for
a clean bill.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from narrows.policy.patterns import is_system_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from narrows.policy.postgres.catalogue import Catalogue, Relation, Row

VALUE_CHARACTERS_MAX = 2_000
"""Of one value; what is sensitive in a longer one is mostly at its front too."""
LARGE_BYTES = 16 * 1024 * 1024
"""A larger table is sampled by pages (TABLESAMPLE); of a smaller one the first rows are taken."""
SURPLUS = 4
"""How many times the rows wanted a sample aims at: tables are not even, and their statistics not fresh."""
PERCENT_MIN = 0.001
LOCK_TIMEOUT_MS = 1_000

SIZES = """
    SELECT c.oid, c.relispartition, c.reltuples::pg_catalog.int8, pg_catalog.pg_table_size(c.oid),
        pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE')
            AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
    FROM pg_catalog.pg_class AS c
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')"""
"""What to ask a database; its rows go to `plan_samples`."""

NOT_READ = {
    "v": "a view: it shows what the masks of its tables hide",
    "m": "a materialized view: it shows what the masks of its tables hide",
    "f": "a foreign table: what reading it costs is not known; scan it where it is",
}
"""Kinds of relation that are left out, with the reason."""

READ_KINDS = frozenset({"r", "p"})
TEXTS = frozenset({19, 25, 114, 142, 143, 199, 650, 869, 1002, 1009, 1014, 1015, 1042, 1043, 3802, 3807})
"""Types whose values are looked into: name, text, json, xml, cidr, inet, char, varchar, jsonb and arrays."""
LONG_NUMBERS = frozenset({20, 1700})
"""int8 and numeric: wide enough for a card number."""
JSON_TYPES = frozenset({114, 3802, 199, 3807, 142})
"""Types that hold documents: a find in one says little of the rest."""
FIRST_USER_TYPE = 16_384
"""Enums, composites and types of extensions: read as text."""


class Skipped(NamedTuple):
    """Something that was not looked into."""

    name: str
    """A relation or a column, qualified."""
    reason: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What to read of one table."""

    relation: Relation
    columns: Sequence[int]
    """The attributes whose values are looked into; the others are judged by name and type."""
    percent: float | None
    """How many of its pages are sampled; None: it is read from the front."""

    def sql(self, rows: int, timeout_ms: int) -> str:
        """The statements that read it, in a transaction that can write nothing.

        Args:
            rows: At most so many.
            timeout_ms: For reading them.
        """
        names = (_quoted(self.relation.columns[number]) for number in self.columns)
        values = ", ".join(
            f"pg_catalog.left({name}::pg_catalog.text, {VALUE_CHARACTERS_MAX})" for name in names
        )
        sampled = "" if self.percent is None else f" TABLESAMPLE SYSTEM ({self.percent:.6f})"
        source = f"{_quoted(self.relation.schema)}.{_quoted(self.relation.name)}{sampled}"
        timeouts = f"SET LOCAL statement_timeout = {timeout_ms}; SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"
        read = f"SELECT {values} FROM {source} LIMIT {rows}"  # noqa: S608, its names are quoted
        return f"BEGIN READ ONLY; {timeouts}; {read}; ROLLBACK"


def plan_samples(
    catalogue: Catalogue, sizes: Sequence[Row], rows: int
) -> tuple[tuple[Sample, ...], tuple[Skipped, ...]]:
    """What to read of every table, and what is left out.

    Args:
        catalogue: What the database holds.
        sizes: The answer to SIZES.
        rows: How many of each table are wanted.
    """
    samples: list[Sample] = []
    skipped: list[Skipped] = []
    for oid, is_partition, tuples, size, readable in sizes:
        relation = catalogue.relations.get(int(oid or 0))
        if relation is None or is_system_schema(relation.schema):
            continue
        if reason := _reason(relation, is_partition == "t", readable == "t"):
            skipped.append(Skipped(relation.qualified, reason))
            continue
        columns = tuple(number for number in relation.columns if is_looked_into(relation, number))
        samples.append(Sample(relation, columns, _percent(int(tuples or 0), int(size or 0), rows)))
        skipped.extend(_unread(relation, columns))
    order = sorted(samples, key=lambda sample: sample.relation.qualified)
    return tuple(order), tuple(sorted(skipped))


def is_looked_into(relation: Relation, number: int) -> bool:
    """Whether a column's type can hold what detectors find."""
    oid = relation.types[number].oid
    return oid in TEXTS or oid in LONG_NUMBERS or oid >= FIRST_USER_TYPE


def _reason(relation: Relation, is_partition: bool, readable: bool) -> str:
    if relation.kind in NOT_READ:
        return NOT_READ[relation.kind]
    if relation.kind not in READ_KINDS:
        return f"a relation of kind `{relation.kind}`"
    if is_partition:
        return "a partition: its table stands for it"
    if not readable:
        return "the gateway's credential may not read it"
    return ""


def _unread(relation: Relation, columns: Sequence[int]) -> Iterator[Skipped]:
    for number, name in relation.columns.items():
        if number not in columns:
            reason = "its type holds nothing that detectors find; judged by its name"
            yield Skipped(f"{relation.qualified}.{name}", reason)


def _percent(tuples: int, size: int, rows: int) -> float | None:
    if size <= LARGE_BYTES:
        return None
    wanted = 100 * SURPLUS * rows / tuples if tuples > 0 else 100 * LARGE_BYTES / size
    return min(max(wanted, PERCENT_MIN), 100.0)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
