"""Which columns of a database are masked for a principal, wherever they can be seen.

A mask names a column; the column can be seen through views on it, materialized copies, partitions and
children, and parents. Where a view computes a column from a masked one, that whole column is masked.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from narrows.policy.masking.detection import detectors_by_column, every_detector
from narrows.policy.masking.transforms import of_path, shows_less
from narrows.policy.postgres.lineage import ANYTHING
from narrows.policy.postgres.origins import Origin
from narrows.policy.postgres.structural import REVEALS
from narrows.policy.postgres.verbs import INFERENCES
from narrows.policy.postgres.views import traced_views
from narrows.policy.rules import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.model import Principal, Target
    from narrows.policy.postgres.catalogue import Catalogue, View
    from narrows.policy.postgres.lineage import Sources
    from narrows.policy.postgres.views import Traced
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


class Hidden(NamedTuple):
    """What is done to a masked column."""

    transform: str
    inference: str
    """What a statement may do with it beside returning it: `deny`, `equality` or `allow`."""
    mask: str
    """The id of the mask that hides it; of several, the strictest in what it lets a statement do."""

    def with_less(self, other: Hidden) -> Hidden:
        """Both, where two masks meet: what each of them forbids is forbidden."""
        transform = shows_less(self.transform, other.transform)
        stricter = min(self, other, key=lambda hidden: INFERENCES.index(hidden.inference))
        return stricter._replace(transform=transform)


@dataclass(frozen=True, slots=True)
class MaskSet:
    """What one principal sees masked in one database."""

    relations: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    """Every relation, by oid, with its masked attributes and their transforms; empty where it is clear."""
    hidden: Mapping[Origin, Hidden] = field(default_factory=dict)
    """Every masked column."""
    detectors: Mapping[str, str] = field(default_factory=dict)
    """What is looked for in the values of every other column, with its transform."""
    own_detectors: Mapping[int, Mapping[int, Mapping[str, str]]] = field(default_factory=dict)
    """The columns, by relation and attribute, in which something else is looked for, or nothing."""
    warnings: tuple[MaskWarning, ...] = ()
    applies: bool = False
    """Some mask of the policy is for this principal on this target."""


NOTHING_MASKED = MaskSet()

REVEALING = Hidden(COMPUTED, "equality", BUILT_IN)
"""What hides a column that could show values of any other."""

Marks = defaultdict[int, dict[int, Hidden]]
"""Relation, attribute, what is done to it."""


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
    masked: Marks = defaultdict(dict)
    warnings = [warning for mask in masks for warning in _mark_named(mask, catalogue, masked)]
    _mark_revealing(catalogue, masked)
    traced = traced_views(catalogue)
    while any(
        [
            _spread_to_generated(catalogue, masked),
            _spread_to_views(catalogue, masked, traced),
            _spread_to_family(catalogue, masked),
        ]
    ):
        pass
    return MaskSet(
        relations={
            oid: {number: hidden.transform for number, hidden in masked.get(oid, {}).items()}
            for oid in catalogue.relations
        },
        hidden={
            Origin(oid, number): hidden
            for oid, attributes in masked.items()
            for number, hidden in attributes.items()
        },
        detectors=every_detector(masks),
        own_detectors=detectors_by_column(masks, catalogue),
        warnings=tuple(warnings),
        applies=True,
    )


def _mark_named(mask: Mask, catalogue: Catalogue, masked: Marks) -> list[MaskWarning]:
    warnings = []
    for pattern in () if mask.detectors else mask.columns:
        found = False
        for relation in catalogue.relations.values():
            for number in relation.columns:
                if pattern.covers(relation, number):
                    transform = of_path(pattern.path, mask.transform) if pattern.path else mask.transform
                    _mark(masked, relation.oid, number, Hidden(transform, mask.inference, mask.id))
                    found = True
        if not found:
            warnings.append(MaskWarning(mask.id, pattern.text))
    return warnings


def _mark_revealing(catalogue: Catalogue, masked: Marks) -> None:
    """Masks whole what holds values of any column: statistics, others' statements, TOAST, large objects."""
    for relation in catalogue.relations.values():
        if relation.kind == TOAST or (relation.schema == "pg_catalog" and relation.name in REVEALS):
            for number in relation.columns:
                _mark(masked, relation.oid, number, REVEALING)


def _spread_to_generated(catalogue: Catalogue, masked: Marks) -> bool:
    """A generated column may be computed from any masked column of its row."""
    changed = False
    for relation in catalogue.relations.values():
        sources = masked.get(relation.oid)
        if relation.generated and sources:
            hidden = _computed_from(list(sources.values()))
            for number in relation.generated:
                changed |= _mark(masked, relation.oid, number, hidden)
    return changed


def _spread_to_views(catalogue: Catalogue, masked: Marks, traced: Mapping[int, Traced]) -> bool:
    changed = False
    for view in catalogue.views.values():
        relation = catalogue.relations.get(view.oid)
        if relation is None:
            continue
        for number, sources in zip(relation.columns, traced[view.oid], strict=True):
            hidden = _seen_through(view, number, masked, sources)
            changed |= hidden is not None and _mark(masked, view.oid, number, hidden)
    return changed


def _seen_through(view: View, number: int, masked: Marks, sources: Sources) -> Hidden | None:
    """What hides a view's column, if anything does.

    Args:
        view: The view.
        number: The column's attribute number.
        masked: What is known to be masked so far.
        sources: What the column derives from.
    """
    origin = view.origins.get(number)
    if origin is not None and origin.attribute > 0:
        return masked.get(origin.relation, {}).get(origin.attribute)
    marks = (masked.get(relation, {}).get(attribute) for relation, attribute in sources)
    found = [hidden for hidden in marks if hidden]
    found += [REVEALING] if ANYTHING in sources else []
    return _computed_from(found) if found else None


def _computed_from(sources: list[Hidden]) -> Hidden:
    """What hides a value that may be made of any of these."""
    strictest = functools.reduce(Hidden.with_less, sources)
    return strictest._replace(transform=COMPUTED)


def _spread_to_family(catalogue: Catalogue, masked: Marks) -> bool:
    """A parent shows its children's rows, and they what it hides; columns correspond by name, not number."""
    changed = False
    for pair in catalogue.inherits:
        for source, sink in (pair, pair[::-1]):
            if source not in catalogue.relations or sink not in catalogue.relations:
                continue
            numbers = {name: number for number, name in catalogue.relations[sink].columns.items()}
            for number, hidden in list(masked.get(source, {}).items()):
                name = catalogue.relations[source].columns[number]
                changed |= name in numbers and _mark(masked, sink, numbers[name], hidden)
    return changed


def _mark(masked: Marks, relation: int, number: int, hidden: Hidden) -> bool:
    """Masks a column, keeping what shows less; answers whether anything changed."""
    present = masked[relation].get(number)
    together = present.with_less(hidden) if present else hidden
    masked[relation][number] = together
    return together != present
