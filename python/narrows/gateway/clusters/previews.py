"""Has a held API call tried by the API server (dryRun=All), and shows what it would change.

The try is the call itself, as the same agent, so that admission and the cluster's own rules have their say
too. What is shown has every mask on it that the policy has.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from narrows.errors import NarrowsError
from narrows.gateway.clusters.api_server import METADATA_LIST, NOT_FOUND
from narrows.gateway.clusters.differences import differences, state_of
from narrows.gateway.clusters.listed import count_in, elements, metadata_of
from narrows.gateway.clusters.namespaces import contents_of
from narrows.gateway.clusters.paths import collection_path, dry_run_path, object_path
from narrows.gateway.previews import NOBODY
from narrows.model import ApiCall

if TYPE_CHECKING:
    from narrows.approvals.request import Request
    from narrows.gateway.clusters.access import ClusterAccess
    from narrows.gateway.clusters.api_server import Answer, ApiServer
    from narrows.gateway.clusters.masks import ObjectMasker, ObjectMasksOf
    from narrows.gateway.policies import Policies
    from narrows.gateway.sessions import Sessions
    from narrows.model import Target
    from narrows.seam import Session

NAMES_MAX = 20
"""Of objects, shown."""
LISTED_MAX = 500
TRIED = frozenset({"create", "update", "patch"})

log = structlog.get_logger("narrows.preview")


@dataclass(frozen=True, slots=True)
class CallPreviews:
    """Makes previews of API calls."""

    access: ClusterAccess
    sessions: Sessions
    policies: Policies
    object_masks: ObjectMasksOf
    masker: ObjectMasker

    async def look(self, request: Request, target: Target) -> dict[str, Any]:
        """What a request's call would change.

        Returns:
            `diff`, a unified one of the object as YAML, with `cut` when that is not all; or `objects`, how
            many would be deleted, with `names` of the first of them and for a namespace `contents`, how many
            of what it holds; or `why` nothing is known.
        """
        live = self.sessions.find(request.session)
        if live is None:
            return {"why": "the session is over"}
        call = _asked_for(live.decided, request)
        if call is None:
            return {"why": "the call is no longer at hand"}
        try:
            return await self._tried(live.decided, call, target)
        except NarrowsError as error:
            log.warning("no preview", approval=request.id, reason=str(error))
            return {"why": "the cluster could not be asked in time"}

    async def _tried(self, session: Session, call: ApiCall, target: Target) -> dict[str, Any]:
        async with self.access.reach(session) as server:
            if call.verb == "deletecollection":
                return await _collection(server, call)
            if call.verb == "delete" or call.subresource == "eviction":
                return await _deletion(server, call)
            if call.verb in TRIED:
                return await self._change(server, call, target)
        return {"why": "what it does cannot be seen beforehand"}

    async def _change(self, server: ApiServer, call: ApiCall, target: Target) -> dict[str, Any]:
        tried = await _tried(server, call)
        if not tried.is_good:
            return _would_be_refused(tried)
        before = None
        if call.name:
            now = await server.call("GET", object_path(call, call.subresource))
            before = self._shown(call, target, now) if now.is_good else None
        return differences(before, self._shown(call, target, tried))

    def _shown(self, call: ApiCall, target: Target, answer: Answer) -> dict[str, Any]:
        masks = self.object_masks(self.policies.current, NOBODY, target)
        return state_of(self.masker(masks, call, answer.body), call.subresource)


async def _tried(server: ApiServer, call: ApiCall) -> Answer:
    body = call.restored or call.body
    return await server.call(call.method, dry_run_path(call), body=body, content_type=call.content_type)


async def _deletion(server: ApiServer, call: ApiCall) -> dict[str, Any]:
    tried = await _tried(server, call)
    if not tried.is_good:
        return _would_be_refused(tried)
    kind = f"{call.resource}/{call.name}"
    if (call.group, call.resource) == ("", "namespaces"):
        return {"objects": 1, "names": [kind], "contents": await contents_of(server, call.name)}
    return {"objects": 1, "names": [kind]}


async def _collection(server: ApiServer, call: ApiCall) -> dict[str, Any]:
    answer = await server.call("GET", collection_path(call, limit=LISTED_MAX), accept=METADATA_LIST)
    if not answer.is_good:
        return {"why": f"the API server answered {answer.status} when it was asked for them"}
    listed = answer.document()
    names = [f"{call.resource}/{metadata_of(item).get('name', '')}" for item in elements(listed, "items")]
    return {"objects": count_in(listed), "names": names[:NAMES_MAX]}


def _would_be_refused(answer: Answer) -> dict[str, Any]:
    """Why, in the API server's one word: its message may quote values."""
    reason = answer.document().get("reason")
    missing = answer.status == NOT_FOUND
    word = "there is no such object" if missing else str(reason or "no reason given")
    return {"why": f"the API server would refuse it: {answer.status}, {word}"}


def _asked_for(session: Session, request: Request) -> ApiCall | None:
    """The call that the request is about, among those of its session that wait or were sent back."""
    asked = request.document
    for call in (*(wait.operation for wait in session.waits.values()), *session.returned):
        if isinstance(call, ApiCall) and (call.method, call.path) == (asked["method"], asked["path"]):
            digest = hashlib.sha256(call.body).hexdigest() if call.body else None
            if digest == asked.get("body_sha256"):
                return call
    return None
