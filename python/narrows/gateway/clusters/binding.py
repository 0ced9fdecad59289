"""What an approval of an API call is bound to besides the call: the objects as people saw them.

A person approves that this Deployment be changed, as it is, or that a command run in this pod. If the object
has been changed or replaced by the time the call is released, it is another thing, and the approval is void.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from narrows.errors import ClusterError
from narrows.gateway.clusters.api_server import METADATA, METADATA_LIST, NOT_FOUND
from narrows.gateway.clusters.listed import count_in, elements, metadata_of
from narrows.gateway.clusters.paths import collection_path, object_path

if TYPE_CHECKING:
    from narrows.gateway.clusters.access import ClusterAccess
    from narrows.gateway.clusters.restoring import Restoring
    from narrows.model import ApiCall
    from narrows.seam import Session

CHANGES = frozenset({"create", "update", "patch", "delete"})
"""Of an object that has a name: an eviction and the like are creates below one."""
CONNECTS = frozenset({"exec", "attach", "portforward", "proxy"})
"""To an object that may go on changing, as pods do, as long as it is the same."""
OBJECTS_MAX = 500
"""Of a collection; of what lies beyond, only how many there are counts."""

ABSENT = (("exists", "no"),)

Preconditions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CallBinding:
    """Looks at what calls are about, with the gateway's own credential."""

    access: ClusterAccess
    restoring: Restoring

    async def bound(self, session: Session, call: ApiCall) -> ApiCall:
        """The call with what must still hold of its objects when it goes, and the body that restores values.

        Raises:
            ClusterError: The objects cannot be seen, so nothing could be bound to them.
            CredentialError: The gateway's credential cannot be had.
        """
        if call.resource and call.verb == "deletecollection":
            return replace(call, preconditions=await self._collection(session, call))
        if call.resource and call.name and call.verb in CHANGES | CONNECTS:
            call = replace(call, preconditions=await self._object(session, call))
            return await self.restoring.restored(session, call)
        return call

    async def _object(self, session: Session, call: ApiCall) -> Preconditions:
        async with self.access.reach(session) as server:
            answer = await server.call("GET", object_path(call), accept=METADATA)
        if answer.status == NOT_FOUND:
            return ABSENT
        metadata = metadata_of(_seen(answer.status, answer.document()))
        names = ("uid",) if call.verb in CONNECTS else ("uid", "resourceVersion")
        return tuple((name, str(metadata.get(name, ""))) for name in names)

    async def _collection(self, session: Session, call: ApiCall) -> Preconditions:
        async with self.access.reach(session) as server:
            answer = await server.call("GET", collection_path(call, limit=OBJECTS_MAX), accept=METADATA_LIST)
        listed = _seen(answer.status, answer.document())
        uids = sorted(str(metadata_of(item).get("uid", "")) for item in elements(listed, "items"))
        digest = hashlib.sha256("\n".join(uids).encode()).hexdigest()
        return ("objects", str(count_in(listed))), ("uids_sha256", digest)


def _seen(status: int, document: dict[str, Any]) -> dict[str, Any]:
    if not 200 <= status < 300:
        raise ClusterError(f"what it is about could not be looked at: the API server answered {status}")
    return document
