"""Which column of what is in FROM a name means, the way PostgreSQL looks it up (parse_relation.c).

A name that could mean several things means all of them. That includes an unqualified relation, which is every
relation of that name in any schema: search_path can change without anyone seeing it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from narrows.policy.postgres.functions import is_harmless_name
from narrows.policy.postgres.lineage.values import (
    NOTHING,
    SYSTEM_COLUMNS,
    UNTRACED,
    Item,
    Output,
    Rows,
    Value,
    computed,
    either,
)
from narrows.policy.postgres.origins import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from narrows.policy.postgres.catalogue import Catalogue, Relation

_items: WeakKeyDictionary[Catalogue, dict[tuple[str | None, str], Item]] = WeakKeyDictionary()
"""What names in FROM have been found to mean, for as long as their catalogue is in use."""


class Scope:
    """The names that an expression may use: those of its own FROM, and of every query around it."""

    __slots__ = ("parent", "tables", "tops", "with_queries")

    def __init__(self, parent: Scope | None = None) -> None:
        self.parent = parent
        self.tables: list[Item] = []
        """What a qualified name may start with."""
        self.tops: list[Item] = []
        """What unqualified names and `*` mean: a join stands for both of its sides."""
        self.with_queries: Mapping[str, Rows] = parent.with_queries if parent else {}

    def add(self, item: Item) -> None:
        """Puts an item into FROM."""
        self.tables.append(item)
        self.tops.append(item)

    def levels(self) -> Iterator[Scope]:
        """This scope and those around it, from the inside out."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def column(self, name: str) -> Value:
        """What an unqualified name may hold."""
        found: list[Value] = []
        for scope in self.levels():
            sure = False
            for item in scope.tops:
                value = item.columns.get(name)
                if value is not None:
                    found.append(value)
                    sure = sure or item.sure
                elif item.other is not None:
                    found.append(item.other)
            if sure:
                return either(found)
        found.extend(item.row for scope in self.levels() for item in scope.tables if item.name == name)
        if found:
            return either(found)
        return NOTHING if name in SYSTEM_COLUMNS else UNTRACED

    def named(self, name: str) -> list[Item]:
        """The items that a qualifier may mean: those of the innermost query that has any."""
        for scope in self.levels():
            items = [item for item in scope.tables if item.name == name]
            if items:
                return items
        return []


def attribute(item: Item, name: str, catalogue: Catalogue) -> Value:
    """What `item.name` holds: a column, or else what a function of that name makes of the row."""
    value = item.columns.get(name)
    if value is not None:
        return value
    if item.other is not None:
        return item.other
    if name in SYSTEM_COLUMNS:
        return NOTHING
    if is_harmless_name(None, name, catalogue):
        return item.row.computed
    return computed((item.row, UNTRACED))


def relation_item(catalogue: Catalogue, schema: str | None, name: str) -> Item:
    """What a relation's name in FROM means: the columns of every relation that it could be."""
    known = _items.setdefault(catalogue, {})
    item = known.get((schema, name))
    if item is None:
        item = known[schema, name] = _relation_item(catalogue, schema, name)
    return item


def _relation_item(catalogue: Catalogue, schema: str | None, name: str) -> Item:
    relations = catalogue.named(schema, name)
    if not relations:
        return Item(name, Rows(rest=UNTRACED), {}, other=UNTRACED)
    if len(relations) == 1:
        return Item.of(name, _rows(relations[0]))
    columns: dict[str, list[Value]] = {}
    for relation in relations:
        for output in _rows(relation).outputs:
            columns.setdefault(output.name, []).append(output.value)
    united = {column: either(values) for column, values in columns.items()}
    if len({tuple(relation.columns.values()) for relation in relations}) == 1:
        return Item.of(name, Rows(tuple(Output(column, value) for column, value in united.items())))
    return Item(name, Rows(rest=computed(united.values())), united, sure=False)


def _rows(relation: Relation) -> Rows:
    return Rows(
        tuple(
            Output(column, Value(frozenset({Origin(relation.oid, number)}), direct=True))
            for number, column in relation.columns.items()
        )
    )
