"""One pass over a parse tree that gathers accesses, with the scopes of WITH names kept right.

The plain parts are here: expressions, FROM items, WITH. What each kind of statement means is in `statements`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from narrows.policy.postgres.facts import Access, SqlNotUnderstood, StatementFacts
from narrows.policy.postgres.nodes import DEFINITION_PARTS, PLAIN, UNTYPED
from narrows.policy.postgres.settings import is_harmless
from narrows.policy.postgres.verbs import CALL_FUNCTION, SET_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.model import CopyOptions

Node = dict[str, Any]
Scope = tuple[set[str], ...]
"""The WITH names that an unqualified name in FROM may mean here, one set for each WITH around."""

TRANSPARENT = PLAIN | DEFINITION_PARTS


class Walk:
    """Gathers what one statement does. Subclassed by `Reading`, which knows the statements."""

    handlers: ClassVar[dict[str, Any]] = {}
    """Node type to the function that reads it: `(walk, node, scope) -> None`."""

    def __init__(self) -> None:
        self.accesses: dict[Access, None] = {}
        self.effects: set[str] = set()
        self.attributes: set[str] = set()
        self.opaque = ""
        self.copy: CopyOptions | None = None
        self.inherits = False
        self.gives: list[tuple[str, str]] = []
        self.reads: list[tuple[str, str]] = []
        self.runs_prepared = False

    def facts(self, statement: Node) -> StatementFacts:
        """What was gathered of a statement."""
        return StatementFacts(
            kind=next(iter(statement)),
            tree=statement,
            accesses=tuple(self.accesses),
            effects=frozenset(self.effects),
            opaque=self.opaque,
            copy=self.copy,
            inherits=self.inherits,
            gives=tuple(self.gives),
            reads=tuple(self.reads),
            runs_prepared=self.runs_prepared,
            attributes=frozenset(self.attributes),
        )

    def visit(self, tree: Any, scope: Scope) -> None:
        """Reads a node, a list of nodes, or nothing.

        Raises:
            SqlNotUnderstood: A node type is not one that policy knows.
        """
        if isinstance(tree, list):
            for item in tree:
                self.visit(item, scope)
            return
        if not isinstance(tree, dict) or not tree:
            return
        for kind, node in tree.items():
            self.visit_typed(kind, node, scope)

    def visit_typed(self, kind: str, node: Node, scope: Scope) -> None:
        """Reads a node of which the type is known."""
        handler = self.handlers.get(kind)
        if handler is not None:
            handler(self, node, scope)
        elif kind in TRANSPARENT:
            self.visit_children(node, scope)
        else:
            raise SqlNotUnderstood(f"policy does not know {kind}")

    def visit_children(self, node: Node, scope: Scope, *, skip: tuple[str, ...] = ()) -> None:
        """Reads everything inside a node, in the order of the grammar."""
        for field, value in node.items():
            if isinstance(value, list):
                if field not in skip:
                    self.visit(value, scope)
            elif isinstance(value, dict) and value and field not in skip:
                self._visit_field(field, value, scope)

    def _visit_field(self, field: str, value: Node, scope: Scope) -> None:
        first = next(iter(value))
        if first[0].isupper():
            self.visit_typed(first, value[first], scope)
        elif field in UNTYPED:
            self.visit_typed(UNTYPED[field], value, scope)
        else:
            raise SqlNotUnderstood(f"policy does not know the part {field} of this statement")

    def touch(
        self, verb: str, relation: Node | None, *, unbounded: bool = False, returned: bool = False
    ) -> None:
        """Notes an access to a relation as a RangeVar names it, or to nothing when there is none."""
        if not relation:
            self.note(Access(verb))
            return
        schema = relation.get("schemaname")
        if schema is None and relation.get("relpersistence") == "t":
            schema = "pg_temp"
        self.note(Access(verb, schema, relation["relname"], unbounded, returned))

    def note(self, access: Access) -> None:
        """Notes an access once."""
        self.accesses[access] = None

    def add_effects(self, *effects: str) -> None:
        """Notes what running the statement changes."""
        self.effects.update(effects)

    def enter_with(self, clause: Node | None, scope: Scope) -> Scope:
        """Reads a WITH clause and returns the scope of the statement that it belongs to.

        Without RECURSIVE a WITH query sees only the names before it: its own name there still means a table.
        """
        if not clause:
            return scope
        queries = [item["CommonTableExpr"] for item in clause["ctes"]]
        names: set[str] = {query["ctename"] for query in queries} if clause.get("recursive") else set()
        scope = (*scope, names)
        for query in queries:
            self.visit(query["ctequery"], scope)
            self.visit_children(query, scope, skip=("ctequery", "aliascolnames"))
            names.add(query["ctename"])
        return scope


def read_relation(walk: Walk, node: Node, scope: Scope) -> None:
    """A name in FROM: a relation to read, unless a WITH query has that name here."""
    if "schemaname" not in node and any(node["relname"] in names for names in scope):
        return
    walk.touch("select", node)


def read_call(walk: Walk, node: Node, scope: Scope) -> None:
    """A function call; `set_config` with constant arguments is the SET that it stands for."""
    walk.visit_children(node, scope, skip=("funcname",))
    schema, name = last_two(node["funcname"])
    if name == "set_config" and schema in {None, "pg_catalog"} and _sets_parameter(walk, node):
        return
    walk.note(Access(CALL_FUNCTION, schema, name))


def read_operation(field: str) -> Callable[[Walk, Node, Scope], None]:
    """The reader of a node with an operator in `field`; one of a user's schema is a call in disguise."""

    def read(walk: Walk, node: Node, scope: Scope) -> None:
        walk.visit_children(node, scope, skip=(field,))
        names = node.get(field, ())
        if len(names) > 1:
            schema, name = last_two(names)
            if schema != "pg_catalog":
                walk.note(Access(CALL_FUNCTION, schema, name))

    return read


def read_column(walk: Walk, node: Node, _scope: Scope) -> None:
    """A column; what follows a dot may be a function of the row instead."""
    fields = node["fields"]
    if len(fields) > 1:
        _note_attribute(walk, fields[-1])


def read_indirection(walk: Walk, node: Node, scope: Scope) -> None:
    """`(value).attribute`, with subscripts perhaps."""
    walk.visit_children(node, scope)
    for part in node["indirection"]:
        _note_attribute(walk, part)


def last_two(names: list[Node]) -> tuple[str | None, str]:
    """Schema, if written, and name out of a dotted name in the tree."""
    parts = [part["String"].get("sval", "") for part in names]
    return (parts[-2] if len(parts) > 1 else None), parts[-1]


def constant_text(node: Node) -> str | None:
    """The text of a constant node; None when it is none, or NULL."""
    constant = node.get("A_Const", {})
    for field, when_absent in (("sval", ""), ("fval", "0"), ("ival", "0"), ("boolval", "false")):
        if field in constant:
            value = constant[field].get(field, when_absent)
            return "true" if value is True else str(value)
    return None


def note_parameter(walk: Walk, name: str, value: str | None) -> None:
    """Notes that a run-time parameter is set; only one that can change what a text means has an effect."""
    walk.note(Access(SET_PARAMETER, None, name, value=value))
    if not is_harmless(name, value):
        walk.add_effects("settings")


def _note_attribute(walk: Walk, part: Node) -> None:
    if "String" in part:
        walk.attributes.add(part["String"].get("sval", ""))


def _sets_parameter(walk: Walk, node: Node) -> bool:
    arguments = node.get("args", [])
    if len(arguments) != 3:
        return False
    name = constant_text(arguments[0])
    value = constant_text(arguments[1])
    if not name or (value is None and "ParamRef" not in arguments[1]):
        return False
    note_parameter(walk, name.lower(), value)
    return True
