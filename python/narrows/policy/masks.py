"""Which columns of a database are masked for a principal, wherever they can be seen.

A mask names a column; the column can be seen through views on it, materialized copies, partitions and
children, and parents. Where a view computes a value from anything masked, that whole column is masked.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from narrows.policy.facts import SqlNotUnderstood
from narrows.policy.functions import is_harmless_call
from narrows.policy.sql import statement_facts
from narrows.policy.structural import REVEALS
from narrows.policy.transforms import shows_less
from narrows.policy.verbs import CALL_FUNCTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.model import Principal, Target
    from narrows.policy.catalogue import Catalogue, View
    from narrows.policy.rules import Mask, Policy

COMPUTED = "redact"
"""The transform of a value that was computed from masked ones."""

TOAST = "t"


@dataclass(frozen=True, slots=True)
class MaskWarning:
    """A mask names a column that is not there; perhaps it was renamed, and is now seen in the clear."""

    mask: str
    column: str

    def __str__(self) -> str:
        return f"mask `{self.mask}`: no column matches {self.column}"


@dataclass(frozen=True, slots=True)
class MaskSet:
    """What one principal sees masked in one database."""

    relations: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    """Every relation, by oid, with its masked attributes and their transforms; empty where it is clear."""
    detectors: Mapping[str, str] = field(default_factory=dict)
    """What is looked for in the values of every other column, with its transform."""
    warnings: tuple[MaskWarning, ...] = ()
    applies: bool = False
    """Some mask of the policy is for this principal on this target."""


NOTHING_MASKED = MaskSet()


def mask_set(policy: Policy, principal: Principal, target: Target, catalogue: Catalogue) -> MaskSet:
    """The masked columns of a database for one principal.

    Args:
        policy: The policy.
        principal: Who will read.
        target: Where.
        catalogue: What the target's database holds now.

    Returns:
        The set, closed over everything that shows a masked column. Equal questions get the same object.
    """
    masks = policy.applicable(principal, target).masks
    return _closed(masks, catalogue) if masks else NOTHING_MASKED


@functools.lru_cache(maxsize=64)
def _closed(masks: tuple[Mask, ...], catalogue: Catalogue) -> MaskSet:
    masked: dict[int, dict[int, str]] = defaultdict(dict)
    warnings = [warning for mask in masks for warning in _mark_named(mask, catalogue, masked)]
    _mark_revealing(catalogue, masked)
    by_code = {oid for oid, view in catalogue.views.items() if _runs_unknown_code(view, catalogue)}
    while any([_spread_to_views(catalogue, masked, by_code), _spread_to_family(catalogue, masked)]):
        pass
    return MaskSet(
        relations={oid: dict(masked.get(oid, {})) for oid in catalogue.relations},
        detectors=_detectors(masks),
        warnings=tuple(warnings),
        applies=True,
    )


def _detectors(masks: tuple[Mask, ...]) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for mask in masks:
        for name in mask.detectors:
            wanted[name] = shows_less(wanted.get(name, mask.transform), mask.transform)
    return wanted


def _mark_named(mask: Mask, catalogue: Catalogue, masked: dict[int, dict[int, str]]) -> list[MaskWarning]:
    warnings = []
    for pattern in mask.columns:
        found = False
        for relation in catalogue.relations.values():
            if not pattern.relation.covers(relation.schema, relation.name):
                continue
            for number, name in relation.columns.items():
                if pattern.column.fullmatch(name):
                    _mark(masked, relation.oid, number, mask.transform)
                    found = True
        if not found:
            warnings.append(MaskWarning(mask.id, pattern.text))
    return warnings


def _mark_revealing(catalogue: Catalogue, masked: dict[int, dict[int, str]]) -> None:
    """Masks whole what holds values of any column: statistics, others' statements, TOAST, large objects."""
    for relation in catalogue.relations.values():
        if relation.kind == TOAST or (relation.schema == "pg_catalog" and relation.name in REVEALS):
            for number in relation.columns:
                _mark(masked, relation.oid, number, COMPUTED)


def _spread_to_views(catalogue: Catalogue, masked: dict[int, dict[int, str]], by_code: set[int]) -> bool:
    changed = False
    for view in catalogue.views.values():
        relation = catalogue.relations.get(view.oid)
        if relation is None:
            continue
        computed_from_masked = view.oid in by_code or any(masked.get(source) for source in view.relations)
        for number in relation.columns:
            transform = _seen_through(view, number, masked, computed_from_masked=computed_from_masked)
            changed |= transform is not None and _mark(masked, view.oid, number, transform)
    return changed


def _seen_through(
    view: View, number: int, masked: dict[int, dict[int, str]], *, computed_from_masked: bool
) -> str | None:
    origin = view.origins.get(number)
    if origin is None:
        return COMPUTED if computed_from_masked else None
    attributes = masked.get(origin.relation, {})
    if origin.attribute <= 0:
        return COMPUTED if attributes else None
    return attributes.get(origin.attribute)


def _runs_unknown_code(view: View, catalogue: Catalogue) -> bool:
    """Whether a view's computed columns may hold anything: what a function of the database's own returns."""
    if view.uses_code:
        return True
    try:
        facts = statement_facts(view.definition)
    except SqlNotUnderstood:
        return True
    calls = [access for statement in facts for access in statement.accesses if access.verb == CALL_FUNCTION]
    reads = {access.name for statement in facts for access in statement.accesses if access.verb == "select"}
    return not all(is_harmless_call(call, catalogue) for call in calls) or not REVEALS.isdisjoint(reads)


def _spread_to_family(catalogue: Catalogue, masked: dict[int, dict[int, str]]) -> bool:
    """A parent shows its children's rows, and they what it hides; columns correspond by name, not number."""
    changed = False
    for pair in catalogue.inherits:
        for source, sink in (pair, pair[::-1]):
            if source not in catalogue.relations or sink not in catalogue.relations:
                continue
            numbers = {name: number for number, name in catalogue.relations[sink].columns.items()}
            for number, transform in list(masked.get(source, {}).items()):
                name = catalogue.relations[source].columns[number]
                changed |= name in numbers and _mark(masked, sink, numbers[name], transform)
    return changed


def _mark(masked: dict[int, dict[int, str]], relation: int, number: int, transform: str) -> bool:
    """Masks a column, keeping the transform that shows less; answers whether anything changed."""
    present = masked[relation].get(number)
    if present is not None and shows_less(present, transform) == present:
        return False
    masked[relation][number] = transform
    return True
