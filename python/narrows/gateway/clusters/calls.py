"""The Kubernetes side of the gateway: what clusters and agents are shown, how calls are judged."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from narrows.calls import CallAnswers
from narrows.credentials.cluster import ClusterCredentials
from narrows.gateway.clusters.access import ClusterAccess
from narrows.gateway.clusters.admission import Clusters
from narrows.gateway.clusters.binding import CallBinding
from narrows.gateway.clusters.masks import ObjectMaskSets
from narrows.gateway.clusters.previews import CallPreviews
from narrows.gateway.clusters.restoring import Restoring
from narrows.gateway.openings import Openings
from narrows.plane import mask_object
from narrows.policy.kubernetes.evaluate import judge
from narrows.policy.kubernetes.masks import object_masks
from narrows.policy.kubernetes.shape import call_shape
from narrows.seam import Enforcement, NoCatalogues

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.config import Located
    from narrows.credentials.cluster import ClusterTerms
    from narrows.decide import Decider
    from narrows.gateway.destinations import Destinations
    from narrows.gateway.entrance import Entrance
    from narrows.gateway.policies import Policies
    from narrows.gateway.sessions import Sessions
    from narrows.model import ApiCall, Decision
    from narrows.plane import DataPlane
    from narrows.seam import Session


class Calls:
    """Joins what API calls need.

    Args:
        located: The configuration.
        plane: The data plane.
        destinations: The configured targets.
        policies: The policy in force.
        sessions: The open sessions.
        upstream: Makes the data plane's form of how to reach a cluster.
        pseudonym_key: Keys placeholders and pseudonyms; 32 bytes.
    """

    def __init__(
        self,
        located: Located,
        plane: DataPlane,
        *,
        destinations: Destinations,
        policies: Policies,
        sessions: Sessions,
        upstream: Callable[[ClusterTerms], Any],
        pseudonym_key: bytes,
    ) -> None:
        self._destinations = destinations
        self._plane = plane
        self._policies = policies
        self._upstream = upstream
        self._access = ClusterAccess(destinations, ClusterCredentials(located.base))
        self._masks = ObjectMaskSets(plane, pseudonym_key, object_masks)
        masker = partial(mask_object, pseudonym_key)
        self._restoring = Restoring(self._access, policies, masker)
        self.previews = CallPreviews(
            access=self._access,
            sessions=sessions,
            policies=policies,
            object_masks=object_masks,
            masker=masker,
        )

    def clusters(self, entrance: Entrance, decider: Decider) -> Clusters:
        """What opens sessions on clusters, and takes their calls to where they are decided."""
        enforcement: Enforcement[None] = Enforcement(
            answers=CallAnswers(self._plane),
            judge=self._judge,
            shape_of=call_shape,
            catalogues=NoCatalogues(),
            bound=CallBinding(self._access, self._restoring).bound,
        )
        return Clusters(
            entrance=entrance,
            plane=self._plane,
            destinations=self._destinations,
            decider=decider,
            access=self._access,
            masks=self._masks,
            enforcement=enforcement,
            upstream=self._upstream,
            openings=Openings(entrance.nursery),
        )

    def _judge(self, session: Session, call: ApiCall, catalogue: None) -> Decision:
        return judge(self._policies.current, session.principal, session.target, call)
