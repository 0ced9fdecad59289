"""Object masks as the data plane knows them: one set for everything that is masked alike on one cluster."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from narrows.calls import CallPlane
    from narrows.model import ApiCall, Principal, Target
    from narrows.policy.rules import Policy

ObjectMasksOf = Callable[["Policy", "Principal", "Target"], str]
"""What is masked for a principal on a cluster, as JSON for the data plane."""

ObjectMasker = Callable[[str, "ApiCall", bytes], bytes]
"""Masks an answer to a call, by masks as `object_masks` gives them. Raises ClusterError."""


class ObjectMaskSets:
    """Publishes object masks before a session needs them.

    Args:
        plane: The data plane.
        pseudonym_key: Keys placeholders and pseudonyms; 32 bytes, never logged.
        object_masks: What policy masks.
    """

    def __init__(self, plane: CallPlane, pseudonym_key: bytes, object_masks: ObjectMasksOf) -> None:
        self._plane = plane
        self._pseudonym_key = pseudonym_key
        self._object_masks = object_masks
        self._numbers = itertools.count(1)
        self._published: dict[tuple[str, str], int] = {}
        """By target and masks."""

    def assign(self, policy: Policy, principal: Principal, target: Target) -> tuple[int, tuple[str, ...]]:
        """Makes sure that the masks for a principal on a cluster are published.

        Returns:
            The number of the set, the same as long as the masks are, and the ids of its masks.
        """
        masks = self._object_masks(policy, principal, target)
        number = self._published.get((target.name, masks))
        if number is None:
            number = next(self._numbers)
            self._plane.publish_object_masks(number, masks, pseudonym_key=self._pseudonym_key)
            self._published[target.name, masks] = number
        return number, tuple(mask["id"] for mask in json.loads(masks)["masks"])
