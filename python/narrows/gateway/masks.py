"""Mask sets as the data plane knows them: one for every set of masks that applies to someone on a target."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import structlog

from narrows.policy.masking.detection import every_detector
from narrows.policy.masking.masks import mask_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from narrows.model import Principal, Target
    from narrows.plane import DataPlane, TypeFields
    from narrows.policy.masking.masks import MaskSet
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.rules import Policy

NOTHING_MASKED = 0
"""The data plane's number for no masks at all."""

log = structlog.get_logger("narrows.masks")


class MaskSets:
    """Publishes mask sets before a session or a statement needs them.

    Args:
        plane: The data plane.
        pseudonym_key: Keys the `pseudonym` transform; 32 bytes, never logged.
    """

    def __init__(self, plane: DataPlane, pseudonym_key: bytes) -> None:
        self._plane = plane
        self.pseudonym_key = pseudonym_key
        self._numbers = itertools.count(1)
        self._by_masks: dict[tuple[str, tuple[str, ...]], int] = {}
        self._published: dict[int, MaskSet] = {}

    def assign(
        self, policy: Policy, principal: Principal, target: Target, catalogue: Catalogue
    ) -> tuple[int, tuple[str, ...]]:
        """Makes sure that the masks for a principal on a target are published as they are now.

        Returns:
            The number of the set and the ids of its masks. The same masks keep their number when the policy
            or the catalogue moves, so that sessions that are open see the new columns.
        """
        masks = tuple(mask.id for mask in policy.applicable(principal, target).masks)
        if not masks:
            return NOTHING_MASKED, ()
        number = self._by_masks.get((target.name, masks))
        if number is None:
            number = self._by_masks[target.name, masks] = next(self._numbers)
        wanted = mask_set(policy, principal, target, catalogue)
        if self._published.get(number) is not wanted:
            self._plane.publish_masks(
                number,
                wanted.relations,
                pseudonym_key=self.pseudonym_key,
                detectors=wanted.detectors,
                own_detectors=wanted.own_detectors,
                types=list(_types(catalogue)),
            )
            self._published[number] = wanted
            for warning in wanted.warnings:
                log.warning("mask without a column", target=target.name, problem=str(warning))
        return number, masks


def _types(catalogue: Catalogue) -> Iterator[TypeFields]:
    """The types of a database as the data plane takes them."""
    for oid, known in catalogue.types.items():
        relation = catalogue.relations.get(known.relation)
        fields = [(number, *column) for number, column in relation.types.items()] if relation else []
        if known.kind != "composite" or relation is not None:
            yield oid, known.kind, *known.over, known.relation, known.label, fields


def text_detectors(policy: Policy, principal: Principal, target: Target) -> Mapping[str, str]:
    """What is looked for in text that has no columns, with what becomes of it."""
    return every_detector(policy.applicable(principal, target).masks)
