"""What an expression may hold: the base columns that it derives from.

A value says nothing of masks. Where lineage ends, at a function of the database's own or a relation that is
not known, the value derives from ANYTHING, and whoever asks must take that for masked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from narrows.policy.postgres.origins import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Sources = frozenset[Origin]

ANYTHING = Origin(0, 0)
"""The source of what cannot be traced."""

SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
"""Columns that every table has and that say nothing of what is in it."""


class Value(NamedTuple):
    """What one expression may hold."""

    sources: Sources = frozenset()
    direct: bool = False
    """It is one of its sources itself, not something computed."""
    row: Item | None = None
    """The columns inside, where it is a whole row of something in FROM."""
    type_oid: int = 0
    """The type that a cast or a function gave it; 0 where that is not known, or is the type of its source."""

    @property
    def computed(self) -> Value:
        """The same sources, no longer as they were."""
        return Value(self.sources) if self.direct or self.row else self


NOTHING = Value()
"""A constant, a parameter, a number of rows."""
UNTRACED = Value(frozenset({ANYTHING}))


class Output(NamedTuple):
    """One column of a result."""

    name: str
    value: Value


class Rows(NamedTuple):
    """The columns of a result, or of something in FROM."""

    outputs: tuple[Output, ...] = ()
    rest: Value | None = None
    """What columns hold that are not listed, and come after those that are: how many there are is not known.
    None: all are listed."""

    @property
    def sources(self) -> Sources:
        """Everything that any column derives from."""
        sources = frozenset[Origin]().union(*(output.value.sources for output in self.outputs))
        return sources | self.rest.sources if self.rest else sources

    def followed_by(self, more: Rows) -> Rows:
        """These columns and then others. Behind columns that are not listed none has a known place."""
        if self.rest is None:
            return Rows(self.outputs + more.outputs, more.rest)
        return Rows(self.outputs, Value(self.rest.sources | more.sources))

    def renamed(self, names: tuple[str, ...]) -> Rows:
        """The columns under the names of an alias, as far as those go."""
        listed = self.outputs[: len(names)]
        named = tuple(Output(name, output.value) for name, output in zip(names, listed, strict=False))
        if self.rest:
            named += tuple(Output(name, self.rest) for name in names[len(listed) :])
        return Rows(named + self.outputs[len(names) :], self.rest)


class Item(NamedTuple):
    """Something in FROM, as references to its columns see it."""

    name: str
    """Its alias or its relation's name; empty where it has none."""
    rows: Rows
    columns: Mapping[str, Value]
    """Its columns by name."""
    sure: bool = True
    """Every name in `columns` is certainly a column here: a relation of one meaning."""
    other: Value | None = None
    """What a name may hold that is not in `columns`; None: there are no others."""

    @classmethod
    def of(cls, name: str, rows: Rows) -> Item:
        """The item that a result makes in FROM."""
        columns: dict[str, Value] = {}
        for output in rows.outputs:
            present = columns.get(output.name)
            columns[output.name] = either([present, output.value]) if present else output.value
        return cls(name, rows, columns, other=rows.rest)

    @property
    def row(self) -> Value:
        """A reference to all of it."""
        return Value(self.rows.sources, row=self)


def either(values: Iterable[Value]) -> Value:
    """A value that is one of several, and nobody can say which: as direct as all of them are."""
    values = tuple(values)
    if len(values) == 1:
        return values[0]
    sources = frozenset[Origin]().union(*(value.sources for value in values))
    types = {value.type_oid for value in values}
    return Value(
        sources,
        direct=all(value.direct for value in values),
        type_oid=types.pop() if len(types) == 1 else 0,
    )


def computed(values: Iterable[Value]) -> Value:
    """A value made from several."""
    found = [value.sources for value in values if value.sources]
    if not found:
        return NOTHING
    return Value(found[0] if len(found) == 1 else frozenset[Origin]().union(*found))
