"""Which detectors look into which columns.

A mask of detectors may be limited to columns or types, or leave columns out. What has no column of its own,
an expression, is looked into by every detector: nobody can say which columns it is of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.policy.masking.transforms import shows_less
from narrows.policy.masking.types import BUILT_IN_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.policy.postgres.catalogue import Catalogue, Relation
    from narrows.policy.rules import Mask

Wanted = dict[str, str]
"""What is looked for, with what becomes of it."""
ByColumn = dict[int, dict[int, Wanted]]


def every_detector(masks: tuple[Mask, ...]) -> Wanted:
    """What is looked for where no column is known: all that any mask looks for, anywhere."""
    return _together([mask for mask in masks if mask.detectors])


def detectors_by_column(
    masks: tuple[Mask, ...], catalogue: Catalogue
) -> Mapping[int, Mapping[int, Mapping[str, str]]]:
    """The columns in which something else is looked for than everywhere.

    Args:
        masks: Those for one principal on one target.
        catalogue: What the database holds.

    Returns:
        By relation and attribute what is looked for there. A column of a view that shows one of a table is
        looked into as that is, and a partition as its parent is too.
    """
    looking = [mask for mask in masks if mask.detectors]
    if not any(mask.columns or mask.types or mask.except_columns for mask in looking):
        return {}
    wanted = {
        oid: {number: _together(_looking_at(looking, relation, number)) for number in relation.columns}
        for oid, relation in catalogue.relations.items()
    }
    everything = every_detector(masks)
    while _spread_to_children(wanted, catalogue) or _spread_to_views(wanted, catalogue, everything):
        pass
    return {
        oid: others
        for oid, columns in wanted.items()
        if (others := {number: own for number, own in columns.items() if own != everything})
    }


def _together(masks: list[Mask]) -> Wanted:
    wanted: Wanted = {}
    for mask in masks:
        for name in mask.detectors:
            wanted[name] = shows_less(wanted.get(name, mask.transform), mask.transform)
    return wanted


def _looking_at(masks: list[Mask], relation: Relation, number: int) -> list[Mask]:
    return [mask for mask in masks if _looks_at(mask, relation, number)]


def _looks_at(mask: Mask, relation: Relation, number: int) -> bool:
    named = not mask.columns or any(pattern.covers(relation, number) for pattern in mask.columns)
    left_out = any(pattern.covers(relation, number) for pattern in mask.except_columns)
    column = relation.types.get(number)
    typed = not mask.types or column is None or any(column.oid in BUILT_IN_TYPES[name] for name in mask.types)
    return named and typed and not left_out


def _spread_to_children(wanted: ByColumn, catalogue: Catalogue) -> bool:
    """A child's rows are its parent's as well; columns correspond by name."""
    changed = False
    for child, parent in catalogue.inherits:
        if child not in wanted or parent not in wanted:
            continue
        numbers = {name: number for number, name in catalogue.relations[child].columns.items()}
        for number, name in catalogue.relations[parent].columns.items():
            if name in numbers:
                changed |= _add(wanted[child], numbers[name], wanted[parent][number])
    return changed


def _spread_to_views(wanted: ByColumn, catalogue: Catalogue, everything: Wanted) -> bool:
    """A view's column is one of a relation, or an expression."""
    changed = False
    for view in catalogue.views.values():
        for number in wanted.get(view.oid, {}):
            origin = view.origins.get(number)
            shown = wanted.get(origin.relation, {}).get(origin.attribute) if origin else None
            changed |= _add(wanted[view.oid], number, everything if shown is None else shown)
    return changed


def _add(columns: dict[int, Wanted], number: int, more: Wanted) -> bool:
    present = columns[number]
    together = present | {name: shows_less(present.get(name, with_), with_) for name, with_ in more.items()}
    columns[number] = together
    return together != present
