"""What a target's database holds, read once and kept until it moves: relations, columns, views, functions.

The rows come from simple queries on a connection of the gateway's own, so every value is text. Nothing here
talks to a database.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from narrows.policy.postgres.origins import Origin, column_origins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Row = tuple[str | None, ...]

FIRST_USER_OID = 16_384
"""PostgreSQL gives lower numbers to what it brings itself (access/transam.h)."""

QUERIES: dict[str, str] = {
    "version": "SELECT pg_catalog.current_setting('server_version_num')",
    "relations": """
        SELECT c.oid, n.nspname, c.relname, c.relkind
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind NOT IN ('i', 'I') AND c.relpersistence <> 't'
        ORDER BY c.oid""",
    "columns": """
        SELECT a.attrelid, a.attnum, a.attname, a.attgenerated,
            COALESCE(NULLIF(t.typbasetype, 0), t.oid),
            CASE WHEN t.typbasetype <> 0 THEN t.typtypmod ELSE a.atttypmod END
        FROM pg_catalog.pg_attribute AS a
        JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind NOT IN ('i', 'I') AND c.relpersistence <> 't'
        ORDER BY a.attrelid, a.attnum""",
    "types": """
        SELECT t.oid,
            CASE WHEN t.typcategory = 'A' THEN 'array' ELSE CASE t.typtype WHEN 'c' THEN 'composite'
                WHEN 'e' THEN 'enum' WHEN 'r' THEN 'range' WHEN 'm' THEN 'multirange' ELSE 'domain' END END,
            CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE CASE t.typtype WHEN 'r' THEN r.rngsubtype
                WHEN 'b' THEN 25 ELSE t.typbasetype END END,
            t.typtypmod, t.typrelid,
            COALESCE((SELECT e.enumlabel FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid
                ORDER BY e.enumsortorder LIMIT 1), '')
        FROM pg_catalog.pg_type AS t
        LEFT JOIN pg_catalog.pg_range AS r ON r.rngtypid = t.oid
        LEFT JOIN pg_catalog.pg_proc AS o ON o.oid = t.typoutput AND o.prosrc = 'textout'
        LEFT JOIN pg_catalog.pg_proc AS s ON s.oid = t.typsend AND s.prosrc = 'textsend'
        WHERE t.oid >= 16384 AND (t.typcategory = 'A' OR t.typtype IN ('c', 'd', 'e', 'm', 'r')
            OR (o.oid IS NOT NULL AND s.oid IS NOT NULL))
        ORDER BY t.oid""",
    "views": """
        SELECT r.ev_class, pg_catalog.pg_get_viewdef(r.ev_class), r.ev_action
        FROM pg_catalog.pg_rewrite AS r
        WHERE r.ev_type = '1' AND r.ev_class >= 16384
        ORDER BY r.ev_class""",
    "depends": """
        SELECT DISTINCT r.ev_class, d.refclassid::pg_catalog.regclass::pg_catalog.text, d.refobjid
        FROM pg_catalog.pg_rewrite AS r
        JOIN pg_catalog.pg_depend AS d
            ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
        WHERE r.ev_type = '1' AND r.ev_class >= 16384 AND d.refobjid <> r.ev_class
        ORDER BY 1, 2, 3""",
    "inherits": "SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits ORDER BY 1, 2",
    "functions": """
        SELECT DISTINCT n.nspname, p.proname
        FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname <> 'pg_catalog'
        ORDER BY 1, 2""",
    "row_functions": """
        SELECT DISTINCT p.proname
        FROM pg_catalog.pg_proc AS p
        JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        JOIN pg_catalog.pg_type AS t ON t.oid = p.proargtypes[0]
        WHERE n.nspname <> 'pg_catalog' AND t.typtype IN ('c', 'd', 'p')
        ORDER BY 1""",
    "ruled": """
        SELECT DISTINCT ev_class FROM pg_catalog.pg_rewrite
        WHERE ev_type <> '1' AND ev_class >= 16384
        ORDER BY 1""",
    "hidden_code": """
        SELECT count(*) FROM (
            SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass AS class, oid FROM pg_catalog.pg_operator
            UNION ALL SELECT 'pg_catalog.pg_cast'::pg_catalog.regclass, oid FROM pg_catalog.pg_cast
        ) AS made
        WHERE oid >= 16384 AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.classid = made.class AND d.objid = made.oid AND d.deptype IN ('e', 'i'))""",
}
"""What to ask a database, by name; each answer's rows go to `Catalogue.from_rows` under the same name.

Of operators and casts those count that are neither an extension's nor come by themselves with a range type.

The rows are in a fixed order, so that equal answers mean that nothing has moved. Temporary relations are left
out: they come and go with sessions, and what is not known is masked.
"""


class ColumnType(NamedTuple):
    """The type of a column; of a domain, what it is a domain over."""

    oid: int = 0
    """pg_type.oid; 0 where it is not known."""
    modifier: int = -1


class UserType(NamedTuple):
    """A type that PostgreSQL did not bring."""

    kind: str
    """`array`, `composite`, `domain`, `enum`, `multirange` or `range`. What is written as text is, like
    `citext`, counts as a domain over text."""
    over: ColumnType
    """The elements of an array, what a domain is over, the bounds of a range."""
    relation: int
    """Whose rows a composite is; 0 for other types."""
    label: str
    """The first of an enum."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, view or anything else that can stand in FROM."""

    oid: int
    schema: str
    name: str
    kind: str
    """pg_class.relkind: `r` table, `v` view, `m` materialized view, `p` partitioned, `t` TOAST and so on."""
    columns: Mapping[int, str]
    """Attribute number to name, dropped columns left out."""
    types: Mapping[int, ColumnType] = field(default_factory=dict)
    """Attribute number to type."""
    generated: frozenset[int] = frozenset()
    """Attributes that are computed from others of the row; COPY leaves them out."""

    @property
    def qualified(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class View:
    """How a view or materialized view is made."""

    oid: int
    definition: str
    """Its query as SQL."""
    origins: Mapping[int, Origin]
    """Column number to the column it shows unchanged; a computed column is absent."""
    relations: frozenset[int]
    """The relations in it."""
    uses_code: bool
    """It calls a function or operator that PostgreSQL did not bring."""


@dataclass(frozen=True, eq=False, repr=False)
class Catalogue:
    """A snapshot of one database. Two are never equal, so that one can be a key of what follows from it."""

    relations: Mapping[int, Relation]
    types: Mapping[int, UserType] = field(default_factory=dict)
    """By pg_type.oid."""
    views: Mapping[int, View] = field(default_factory=dict)
    inherits: Sequence[tuple[int, int]] = ()
    """Pairs of child and parent, partitions included."""
    user_functions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Functions outside pg_catalog: name to the schemas that have one."""
    row_functions: frozenset[str] = frozenset()
    """Those that can be called as if they were a column of a row: `o.total` is `total(o)`."""
    ruled: frozenset[int] = frozenset()
    """Relations with rules that do something else when they are written to."""
    hidden_code: bool = False
    """The database has operators or casts of its own, not an extension's: code that runs without a name."""
    version: int = 0
    """server_version_num."""
    by_name: Mapping[str, tuple[Relation, ...]] = field(init=False)
    """Unqualified name to every relation of it in any schema."""

    def __post_init__(self) -> None:
        names: dict[str, list[Relation]] = defaultdict(list)
        for relation in self.relations.values():
            names[relation.name].append(relation)
        object.__setattr__(self, "by_name", {name: tuple(relations) for name, relations in names.items()})

    def named(self, schema: str | None, name: str) -> tuple[Relation, ...]:
        """Every relation that a name in a statement may mean."""
        relations = self.by_name.get(name, ())
        if schema is None:
            return relations
        return tuple(relation for relation in relations if relation.schema == schema)

    def column_type(self, column: Origin) -> ColumnType:
        """The type of a column."""
        relation = self.relations.get(column.relation)
        return relation.types.get(column.attribute, ColumnType()) if relation else ColumnType()

    def column_name(self, column: Origin) -> str:
        """`schema.relation.column`; of what is not known, only that."""
        relation = self.relations.get(column.relation)
        if relation is None:
            return "what cannot be traced"
        return f"{relation.qualified}.{relation.columns.get(column.attribute, '*')}"

    @classmethod
    def from_rows(cls, rows: Mapping[str, Sequence[Row]]) -> Catalogue:
        """Builds a snapshot from the answers to QUERIES.

        Args:
            rows: For each name in QUERIES its rows, every value as text or None.

        Raises:
            KeyError: An answer is missing.
            ValueError: A value is not what the query asks for.
        """
        functions: dict[str, set[str]] = defaultdict(set)
        for schema, name in _texts(rows["functions"]):
            functions[name].add(schema)
        return cls(
            relations=_relations(rows["relations"], rows["columns"]),
            types={
                int(oid): UserType(kind, ColumnType(int(over), int(modifier)), int(relation), label)
                for oid, kind, over, modifier, relation, label in _texts(rows["types"])
            },
            views=_views(rows["views"], rows["depends"]),
            inherits=tuple((int(child), int(parent)) for child, parent in _texts(rows["inherits"])),
            user_functions={name: frozenset(schemas) for name, schemas in functions.items()},
            row_functions=frozenset(name for (name,) in _texts(rows["row_functions"])),
            ruled=frozenset(int(relation) for (relation,) in _texts(rows["ruled"])),
            hidden_code=next(_texts(rows["hidden_code"])) != ("0",),
            version=int(next(_texts(rows["version"]))[0]),
        )


def _relations(relations: Sequence[Row], columns: Sequence[Row]) -> dict[int, Relation]:
    names: dict[int, dict[int, str]] = defaultdict(dict)
    types: dict[int, dict[int, ColumnType]] = defaultdict(dict)
    generated: dict[int, set[int]] = defaultdict(set)
    for relation, number, name, how, type_oid, modifier in _texts(columns):
        oid, attribute = int(relation), int(number)
        names[oid][attribute] = name
        types[oid][attribute] = ColumnType(int(type_oid), int(modifier))
        if how:
            generated[oid].add(attribute)
    return {
        int(oid): Relation(
            oid=int(oid),
            schema=schema,
            name=name,
            kind=kind,
            columns=names.get(int(oid), {}),
            types=types.get(int(oid), {}),
            generated=frozenset(generated.get(int(oid), ())),
        )
        for oid, schema, name, kind in _texts(relations)
    }


def _views(views: Sequence[Row], depends: Sequence[Row]) -> dict[int, View]:
    relations: dict[int, set[int]] = defaultdict(set)
    with_code: set[int] = set()
    for view, catalogue, referenced in _texts(depends):
        if catalogue.endswith("pg_class"):
            relations[int(view)].add(int(referenced))
        elif catalogue.endswith(("pg_proc", "pg_operator")) and int(referenced) >= FIRST_USER_OID:
            with_code.add(int(view))
    return {
        int(oid): View(
            oid=int(oid),
            definition=definition,
            origins=column_origins(action),
            relations=frozenset(relations[int(oid)]),
            uses_code=int(oid) in with_code,
        )
        for oid, definition, action in _texts(views)
    }


def _texts(rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    """Rows of which no value may be NULL."""
    for row in rows:
        if None in row:
            raise ValueError(f"a catalogue row holds NULL: {row!r}")
        yield tuple(value for value in row if value is not None)
