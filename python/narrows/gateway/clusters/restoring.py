"""Looks at what stands where an agent has written back a placeholder, so that it can stay.

What is looked up goes into the body for the API server and nowhere else: neither the request for an approval
nor the recording nor the log has it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from narrows.errors import ClusterError
from narrows.gateway.clusters.api_server import NOT_FOUND
from narrows.gateway.clusters.paths import object_path
from narrows.policy.kubernetes.masks import as_document, restoring_masks
from narrows.policy.kubernetes.written_back import is_restorable, restored_body

if TYPE_CHECKING:
    from narrows.gateway.clusters.access import ClusterAccess
    from narrows.gateway.clusters.api_server import Answer
    from narrows.gateway.clusters.masks import ObjectMasker
    from narrows.gateway.policies import Policies
    from narrows.model import ApiCall
    from narrows.policy.kubernetes.masks import ObjectMask
    from narrows.seam import Session


@dataclass(frozen=True, slots=True)
class Restoring:
    """Restores the placeholders in the bodies of writes, as far as policy lets it."""

    access: ClusterAccess
    policies: Policies
    masker: ObjectMasker

    async def restored(self, session: Session, call: ApiCall) -> ApiCall:
        """The call with the body that goes to the API server in place of one that holds placeholders.

        Raises:
            ClusterError: The object cannot be seen.
            CredentialError: The gateway's credential cannot be had.
        """
        masks = restoring_masks(self.policies.current, session.principal, session.target)
        if not is_restorable(call, masks):
            return call
        async with self.access.reach(session) as server:
            answer = await server.call("GET", object_path(call))
        return replace(call, restored=self._body(call, masks, answer))

    def _body(self, call: ApiCall, masks: tuple[ObjectMask, ...], answer: Answer) -> bytes:
        if answer.status == NOT_FOUND:
            return b""
        if not answer.is_good:
            why = f"the API server answered {answer.status}"
            raise ClusterError(f"what it changes could not be looked at: {why}")
        return restored_body(call, answer.body, self.masker(as_document(masks), call, answer.body))
