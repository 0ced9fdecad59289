"""Names in a policy may hold `*`; this decides, from compiled patterns, which names they mean.

An allow must be sure and a denial must not be dodged, so a pattern answers two questions: whether it *covers*
a name for certain, and whether it *may match* a name of which the schema is not known.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from narrows.policy.postgres.catalogue import Relation

QUALIFIED = re.compile(r"[^.\s]+\.[^.\s]+")
"""`schema.name`, each part with `*` allowed in it."""

JSON_NAME = r'(?:[\w-]+|"[^"\n]+")'
JSON_PATH = re.compile(rf"\$(?:\.{JSON_NAME}|\.\.{JSON_NAME}|\.\*|\[\*\])+")
"""A key, a key at any depth, any key, any element; as `rust/mask/src/paths.rs` reads them."""


def words(text: str) -> frozenset[str]:
    """The set of names written in one text, with spaces between them."""
    return frozenset(text.split())


@functools.cache
def glob(pattern: str) -> re.Pattern[str]:
    """A name with `*` for any run of characters, compiled; every other character stands for itself."""
    return re.compile(re.escape(pattern).replace(r"\*", ".*"), re.DOTALL)


def is_system_schema(schema: str) -> bool:
    """Whether PostgreSQL keeps this schema for itself: catalogues, TOAST, temporary objects."""
    return schema.startswith("pg_") or schema == "information_schema"


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A pattern over schema-qualified names, such as `public.orders` or `sales.*`."""

    schema: re.Pattern[str]
    name: re.Pattern[str]
    every_schema: bool
    spells_system: bool
    """Whether the schema is written out as one of PostgreSQL's own: `*.*` does not mean those."""
    text: str

    @classmethod
    def parse(cls, text: str) -> NamePattern:
        """Compiles `schema.name`.

        Raises:
            ValueError: The text is not two parts joined by one dot.
        """
        if not QUALIFIED.fullmatch(text):
            raise ValueError(f"`{text}` is not of the form schema.name")
        schema, name = text.split(".")
        return cls(glob(schema), glob(name), schema == "*", is_system_schema(schema), text)

    def covers(self, schema: str | None, name: str) -> bool:
        """Whether the pattern certainly means this name; `schema` None is a name that could be anywhere."""
        if not self.name.fullmatch(name):
            return False
        if schema is None:
            return self.every_schema
        if is_system_schema(schema) and not self.spells_system:
            return False
        return self.schema.fullmatch(schema) is not None

    def may_match(self, schema: str | None, name: str) -> bool:
        """Whether the pattern could mean this name; used by denials, which also reach into system schemas."""
        if not self.name.fullmatch(name):
            return False
        return schema is None or self.schema.fullmatch(schema) is not None


@dataclass(frozen=True, slots=True)
class ColumnPattern:
    """A pattern over columns, `schema.table.column`, or over parts of their JSON, `...column#$.path`."""

    relation: NamePattern
    column: re.Pattern[str]
    name: str
    """The column as it was written."""
    path: str
    """Which part of the column's JSON is meant; empty for all of it."""
    text: str

    @classmethod
    def parse(cls, text: str) -> ColumnPattern:
        """Compiles `schema.table.column` or `schema.table.column#$.path`.

        Raises:
            ValueError: The text is not three parts joined by dots, or the path is none.
        """
        columns, separator, path = text.partition("#")
        relation, _, column = columns.rpartition(".")
        if not column or not QUALIFIED.fullmatch(relation):
            raise ValueError(f"`{text}` is not of the form schema.table.column")
        if separator and not JSON_PATH.fullmatch(path):
            raise ValueError(
                f'`{path}` is not a path such as $.card.number, $.items[*].token, $..password or $."a b"'
            )
        return cls(NamePattern.parse(relation), glob(column), column, path, text)

    def covers(self, relation: Relation, number: int) -> bool:
        """Whether the pattern means a column, by its attribute number."""
        return (
            self.relation.covers(relation.schema, relation.name)
            and self.column.fullmatch(relation.columns[number]) is not None
        )
