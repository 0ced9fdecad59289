"""Which parts of which objects are masked for a principal, as the data plane reads it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.policy.kubernetes.resources import ResourcePattern
from narrows.policy.masking.detection import every_detector

if TYPE_CHECKING:
    from narrows.model import Principal, Target
    from narrows.policy.kubernetes.resources import Resource
    from narrows.policy.rules import Mask, Policy

PLACEHOLDER = "placeholder"
"""The transform of objects alone: equal values at one place get equal texts, known when they come back."""

PATH = re.compile(
    r"\$(?:\.[\w-]+|\.\"[^\"\n]+\"|\['[^'\n]+'\]|\.\.[\w-]+|\.\.\"[^\"\n]+\"|\.\*|\[\*\])+", re.ASCII
)
"""A key, a key at any depth, any key, any element; as `rust/mask/src/objects` reads them."""

DROPPED_ANNOTATIONS = ("kubectl.kubernetes.io/last-applied-configuration",)
"""Copies of the object that clients keep in it."""

REFUSE = "refuse"
RESTORE = "restore"
WRITTEN_BACK = (REFUSE, RESTORE)

SECRETS = "secrets"
ISSUED_TOKENS = "issued-tokens"


@dataclass(frozen=True, slots=True)
class ObjectMask:
    """Parts of objects that are masked."""

    id: str
    resources: tuple[ResourcePattern, ...]
    paths: tuple[str, ...]
    transform: str = PLACEHOLDER
    written_back: str = REFUSE
    """What becomes of a placeholder that comes back: one of WRITTEN_BACK."""

    def covers(self, resource: Resource) -> bool:
        """Whether objects of a resource have masked parts."""
        return any(pattern.may_match(resource) for pattern in self.resources)

    def restores(self, resource: Resource) -> bool:
        """Whether placeholders in objects of a resource are restored when they are written back."""
        return self.written_back == RESTORE and self.covers(resource)


BUILT_IN_SECRETS = ObjectMask(SECRETS, (ResourcePattern.parse("secrets"),), ("$.data.*", "$.stringData.*"))
"""Holds on every cluster for which the policy has no mask of its own that names `secrets`."""
BUILT_IN_TOKENS = ObjectMask(ISSUED_TOKENS, (ResourcePattern.parse("serviceaccounts"),), ("$.status.token",))
"""The answer of a TokenRequest is a credential: whoever may ask for one does not see it."""


def masks_for(policy: Policy, principal: Principal, target: Target) -> tuple[ObjectMask, ...]:
    """The object masks for one principal on one cluster, the built-in ones first."""
    written = tuple(_compiled(mask) for mask in policy.applicable(principal, target).masks if mask.kubernetes)
    own = any(_names_secrets(mask) for mask in policy.masks if target in mask.targets)
    return (*(() if own else (BUILT_IN_SECRETS,)), BUILT_IN_TOKENS, *written)


def object_masks(policy: Policy, principal: Principal, target: Target) -> str:
    """What is masked in the answers of a cluster for one principal.

    Args:
        policy: The policy in force.
        principal: Who will read.
        target: The cluster.

    Returns:
        JSON for the data plane: `masks` of paths by resource, `detectors` for every string, annotations that
        are dropped from masked resources, and the masks whose values are looked for everywhere else.
    """
    masks = masks_for(policy, principal, target)
    document = {
        "masks": [_document(mask) for mask in masks],
        "detectors": every_detector(policy.applicable(principal, target).masks),
        "drop_annotations": list(DROPPED_ANNOTATIONS),
        "remember": [mask.id for mask in masks if mask is BUILT_IN_TOKENS or _is_of_secrets(mask)],
    }
    return json.dumps(document)


def restoring_masks(policy: Policy, principal: Principal, target: Target) -> tuple[ObjectMask, ...]:
    """The masks whose placeholders are restored when this principal writes them back on this cluster."""
    return tuple(mask for mask in masks_for(policy, principal, target) if mask.written_back == RESTORE)


def as_document(masks: tuple[ObjectMask, ...]) -> str:
    """These masks and nothing else, in the form of `object_masks`."""
    return json.dumps({"masks": [_document(mask) for mask in masks]})


def _document(mask: ObjectMask) -> dict[str, Any]:
    return {
        "id": mask.id,
        "resources": [list(pair) for pattern in mask.resources for pair in pattern.addresses],
        "paths": list(mask.paths),
        "transform": mask.transform,
    }


def _compiled(mask: Mask) -> ObjectMask:
    if mask.kubernetes is None:
        raise AssertionError("a mask of objects has resources")
    return ObjectMask(
        mask.id, mask.kubernetes.resources, mask.kubernetes.paths, mask.transform, mask.written_back
    )


def _names_secrets(mask: Mask) -> bool:
    return mask.kubernetes is not None and any(
        ("", SECRETS) in p.addresses for p in mask.kubernetes.resources
    )


def _is_of_secrets(mask: ObjectMask) -> bool:
    return any(("", SECRETS) in pattern.addresses for pattern in mask.resources)
