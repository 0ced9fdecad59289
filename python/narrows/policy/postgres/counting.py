"""How to find out what a statement would touch without running it: SQL to count its rows, or estimate them.

Whoever approves asks this of every risky statement first. The SQL made here is for a read-only transaction
that is rolled back, on a connection with standard_conforming_strings on. It calls nothing but functions that
only compute, so that looking is never itself the risk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pglast import ast, parse_sql
from pglast.enums import A_Expr_Kind
from pglast.parser import ParseError
from pglast.stream import RawStream
from pglast.visitors import Visitor

from narrows.policy.postgres.facts import SqlNotUnderstood
from narrows.policy.postgres.functions import is_harmless_call, with_row_calls
from narrows.policy.postgres.literals import UnreadableParameter, literal
from narrows.policy.postgres.sql import statement_facts
from narrows.policy.postgres.verbs import CALL_FUNCTION, SET_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.policy.postgres.catalogue import Catalogue, Relation

ROWS_MAX = 10_000
"""Rows are counted exactly up to this; beyond, "more" is all that is said."""
SAMPLE_ROWS = 5
STATEMENT_TIMEOUT_MS = 800
LOCK_TIMEOUT_MS = 200
TABLES = frozenset({"r", "p"})
"""pg_class.relkind of tables: reading a view could run code that is in it."""
GENERIC_PLAN_SINCE = 160_000
"""server_version_num from which a plan can be had without the parameters' values."""

PREAMBLE = (
    f"BEGIN READ ONLY; SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}; "
    f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}; "
)
SAMPLE_COLUMNS_MAX = 8
"""The primary key's columns first, then the others in the table's order."""
MASKED = "(masked)"
PLAIN_CATEGORIES = frozenset("BDINTG")
"""pg_type.typcategory of values that can hold no text: booleans, dates, addresses, numbers, times, shapes."""
COLUMNS = """
    SELECT a.attnum, t.typcategory FROM pg_catalog.pg_attribute AS a
        JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
        LEFT JOIN pg_catalog.pg_index AS i
            ON i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)
    WHERE a.attrelid = {oid} AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY i.indrelid IS NULL, a.attnum LIMIT {columns}"""


class NotCountable(Exception):
    """What the statement touches cannot be found out; the message says why."""


@dataclass(frozen=True, slots=True)
class Counting:
    """An UPDATE or DELETE of one table, ready to be counted."""

    relation: Relation
    source: str
    """`FROM ... WHERE ...` of the rows that it would touch."""

    @property
    def count(self) -> str:
        """SQL for the number of rows, at most ROWS_MAX + 1."""
        bounded = f"SELECT {self.source} LIMIT {ROWS_MAX + 1}"
        return f"{PREAMBLE}SELECT pg_catalog.count(*) FROM ({bounded}) AS touched; ROLLBACK"  # noqa: S608, deparsed

    @property
    def columns(self) -> str:
        """SQL for the attribute number and type category of the columns that a sample shows."""
        return COLUMNS.format(oid=self.relation.oid, columns=SAMPLE_COLUMNS_MAX)

    def sample(self, columns: Mapping[str, bool]) -> str:
        """SQL for a few of the rows.

        Args:
            columns: The names of the columns, with whether each is masked. Of those that are, no value leaves
                the target: only that there is one.
        """
        shown = ", ".join(_shown(name, masked=masked) for name, masked in columns.items())
        return f"{PREAMBLE}SELECT {shown} {self.source} LIMIT {SAMPLE_ROWS}; ROLLBACK"


def counting(document: Mapping[str, Any], catalogue: Catalogue) -> Counting:
    """How to count the rows of an UPDATE or DELETE.

    Args:
        document: The canonical document of an approval request.
        catalogue: What the target's database holds.

    Raises:
        NotCountable: It is something else, or counting would do more than count.
    """
    statement = _only_statement(document, catalogue)
    if not isinstance(statement, ast.UpdateStmt | ast.DeleteStmt):
        raise NotCountable("it is no UPDATE or DELETE")
    others = statement.fromClause if isinstance(statement, ast.UpdateStmt) else statement.usingClause
    if others or statement.withClause or _has_query(statement.whereClause):
        raise NotCountable("it draws on other rows than those of one table")
    table = statement.relation
    assert table is not None, "the grammar has none without"
    relation = _table(table, catalogue)
    table.schemaname = relation.schema
    source = f"FROM {RawStream()(table)}"
    if statement.whereClause is None:
        return Counting(relation, source)
    where = _Values(document).into(statement.whereClause)
    return Counting(relation, f"{source} WHERE {RawStream()(where)}")


def estimating(document: Mapping[str, Any], catalogue: Catalogue) -> str:
    """SQL for the planner's estimate of any one statement: EXPLAIN, which plans and does not run.

    Raises:
        NotCountable: Planning could run code, or the parameters are needed and cannot be read.
    """
    statement = _only_statement(document, catalogue)
    options = "FORMAT JSON"
    try:
        text = RawStream()(_Values(document).into(statement))
    except NotCountable:
        if catalogue.version < GENERIC_PLAN_SINCE:
            raise
        text, options = document["statement"].rstrip().rstrip(";"), "GENERIC_PLAN, FORMAT JSON"
    return f"{PREAMBLE}EXPLAIN ({options}) {text}; ROLLBACK"


def _shown(name: str, *, masked: bool) -> str:
    column = RawStream()(ast.ColumnRef(fields=(ast.String(sval=name),)))
    return f"CASE WHEN {column} IS NOT NULL THEN '{MASKED}' END" if masked else column


def _only_statement(document: Mapping[str, Any], catalogue: Catalogue) -> Any:
    """The one statement of the text, once it is known to run no code but PostgreSQL's own harmless code."""
    text = document["statement"]
    try:
        facts = [with_row_calls(statement, catalogue) for statement in statement_facts(text)]
        parsed = parse_sql(text)
    except (SqlNotUnderstood, ParseError, RecursionError) as error:
        raise NotCountable("it cannot be read") from error
    if len(facts) != 1 or facts[0].opaque:
        raise NotCountable("it is not one statement that can be looked into")
    if catalogue.hidden_code:
        raise NotCountable("the database has operators or casts of its own, which may run anything")
    for access in facts[0].accesses:
        if access.verb == CALL_FUNCTION and not is_harmless_call(access, catalogue):
            raise NotCountable(f"it calls {access.written}")
        if access.verb in {CALL_FUNCTION, SET_PARAMETER} or access.name is None:
            continue
        if any(one.kind not in TABLES for one in catalogue.named(access.schema, access.name)):
            raise NotCountable(f"{access.written} is no table")
    return parsed[0].stmt


def _table(named: ast.RangeVar, catalogue: Catalogue) -> Relation:
    found = catalogue.named(named.schemaname, named.relname or "")
    if len(found) != 1:
        raise NotCountable(f"{named.relname} may be any of {len(found)} tables")
    return found[0]


def _has_query(node: Any) -> bool:
    looking = _LooksForQueries()
    if node is not None:
        looking(node)
    return looking.found


class _LooksForQueries(Visitor):
    found = False

    def visit_SubLink(self, ancestors: Any, node: Any) -> None:  # noqa: N802, pglast's name
        self.found = True

    def visit_CurrentOfExpr(self, ancestors: Any, node: Any) -> None:  # noqa: N802, pglast's name
        self.found = True


class _Values(Visitor):
    """Puts the parameters' values in their places."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def into(self, node: Any) -> Any:
        """The node with values for parameters. Raises NotCountable where one cannot be read."""
        wrapped = ast.A_Expr(kind=A_Expr_Kind.AEXPR_OP, name=(ast.String(sval="="),), rexpr=node)
        self(wrapped)
        return wrapped.rexpr

    def visit_ParamRef(self, ancestors: Any, node: Any) -> Any:  # noqa: N802, pglast's name
        types, values = self._document["parameter_types"], self._document["parameters"]
        index = node.number - 1
        if not 0 <= index < len(values):
            raise NotCountable(f"parameter ${node.number} has no value")
        try:
            return literal(values[index], types[index] if index < len(types) else 0)
        except UnreadableParameter as error:
            raise NotCountable(f"parameter ${node.number} cannot be read here") from error
