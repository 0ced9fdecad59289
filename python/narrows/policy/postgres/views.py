"""What the computed columns of views derive from, followed through their definitions.

PostgreSQL keeps the origin of every column that a view shows unchanged; the rest is read off the query
that it gives back for the view. What that query does not tell is anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from narrows.policy.postgres.facts import SqlNotUnderstood
from narrows.policy.postgres.lineage import ANYTHING, lineage_of
from narrows.policy.postgres.origins import Origin
from narrows.policy.postgres.sql import statement_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.policy.postgres.catalogue import Catalogue, View
    from narrows.policy.postgres.lineage import Sources

Traced = tuple["Sources", ...]
"""What each column of a view derives from, in their order."""

_known: WeakKeyDictionary[Catalogue, Mapping[int, Traced]] = WeakKeyDictionary()


def traced_views(catalogue: Catalogue) -> Mapping[int, Traced]:
    """The sources of every column of every view, by the view's oid; worked out once for a catalogue."""
    known = _known.get(catalogue)
    if known is None:
        known = _known[catalogue] = {
            oid: _traced(view, len(catalogue.relations[oid].columns), catalogue)
            for oid, view in catalogue.views.items()
            if oid in catalogue.relations
        }
    return known


def _traced(view: View, count: int, catalogue: Catalogue) -> Traced:
    if len(view.origins) == count and all(origin.attribute > 0 for origin in view.origins.values()):
        return (frozenset(),) * count  # every column has its origin
    sources = None if view.uses_code else _followed(view.definition, catalogue)
    if sources is None or len(sources) != count:
        return (_everything(view, catalogue),) * count
    return sources


def _followed(definition: str, catalogue: Catalogue) -> Traced | None:
    try:
        (statement,) = statement_facts(definition)
        rows = lineage_of(statement.tree, catalogue).rows
    except (SqlNotUnderstood, ValueError):
        return None
    return None if rows is None else tuple(output.value.sources for output in rows.outputs)


def _everything(view: View, catalogue: Catalogue) -> Sources:
    """All that a view which cannot be followed has in it, and whatever its code may add."""
    known = (catalogue.relations[oid] for oid in view.relations if oid in catalogue.relations)
    inside = {Origin(relation.oid, number) for relation in known for number in relation.columns}
    return frozenset(inside | {ANYTHING})
