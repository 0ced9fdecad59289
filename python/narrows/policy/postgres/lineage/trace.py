"""One pass over a statement's tree that follows values from the columns they come from.

What the pass knows of each node is in the modules beside this one, registered by node type. A node of which
nothing is known may hold anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from narrows.policy.postgres.facts import SqlNotUnderstood
from narrows.policy.postgres.lineage.values import NOTHING, UNTRACED, Rows, Sources, Value, computed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.postgres.lineage.scopes import Scope

Node = dict[str, Any]

NODES_MAX = 300_000
"""How many nodes are followed in one statement. No tree that is read has as many; only recursive queries in
recursive queries, which are followed several times, get there."""

BARE, EQUALITY, ANY = range(3)
"""What a mask must allow at least for a use of its column: nothing but being returned, to be compared for
equality with what the agent knows, anything."""


class Use(NamedTuple):
    """Something done with values that could tell what they are without showing them."""

    needs: int
    """EQUALITY or ANY."""
    what: str
    """As in `the column is ...`."""
    sources: Sources


@dataclass(frozen=True, slots=True)
class Write:
    """Values that a statement puts into a relation."""

    schema: str | None
    name: str
    column: str
    """Empty where several columns are meant."""
    sources: Sources


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where the values of a statement come from and go to."""

    rows: Rows | None
    """What it returns or copies out; None: nothing is known of that."""
    uses: tuple[Use, ...] = ()
    writes: tuple[Write, ...] = ()
    written: tuple[Written, ...] = ()
    assigned: tuple[Assigned, ...] = ()


class Written(NamedTuple):
    """The constants and parameters among the values that a statement puts into a relation."""

    schema: str | None
    name: str
    texts: frozenset[str]
    """Numbers that are too large for 32 bits as well."""
    parameters: frozenset[int]
    """Numbers from 1."""


class Assigned(NamedTuple):
    """A constant or a parameter that a statement puts into a column as it stands."""

    schema: str | None
    name: str
    column: str
    value: str | int | None
    """A constant as text, the number of a parameter from 1, or NULL."""
    replaces: bool
    """Whether it may take the place of a value that is there."""


class Trace:
    """Follows one statement. The registries are filled in `lineage.statements`."""

    expressions: ClassVar[dict[str, Callable[[Trace, Any, Scope], Value]]] = {}
    """Node type of an expression to what it may hold."""
    queries: ClassVar[dict[str, Callable[[Trace, Any, Scope], Rows]]] = {}
    """Node type of a statement to what it returns."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.uses: list[Use] = []
        self.writes: list[Write] = []
        self.written: list[Written] = []
        self.assigned: list[Assigned] = []
        self._nodes = 0

    def value(self, tree: Any, scope: Scope) -> Value:
        """What an expression may hold; nothing for no expression."""
        if not tree:
            return NOTHING
        ((kind, node),) = tree.items()
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise SqlNotUnderstood("the statement has more parts in recursive queries than policy follows")
        read = self.expressions.get(kind)
        return read(self, node, scope) if read else computed((self.parts(node, scope), UNTRACED))

    def values(self, trees: Iterable[Any], scope: Scope) -> list[Value]:
        """What each of several expressions may hold."""
        return [self.value(tree, scope) for tree in trees]

    def query(self, tree: Any, scope: Scope) -> Rows:
        """What a query or another statement inside this one returns."""
        ((kind, node),) = tree.items()
        read = self.queries.get(kind)
        return read(self, node, scope) if read else Rows(rest=UNTRACED)

    def parts(self, tree: Any, scope: Scope) -> Value:
        """A value made from everything inside a node, whatever the parts are called."""
        if isinstance(tree, list):
            return computed([self.parts(item, scope) for item in tree])
        if not isinstance(tree, dict):
            return NOTHING
        if len(tree) == 1 and next(iter(tree))[0].isupper():
            return self.value(tree, scope)
        return computed([self.parts(part, scope) for part in tree.values()])

    def use(self, needs: int, what: str, value: Value) -> None:
        """Notes what is done with a value."""
        if value.sources:
            self.uses.append(Use(needs, what, value.sources))
