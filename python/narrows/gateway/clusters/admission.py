"""Who may open a session on a cluster, and the way of each of its API calls to a decision."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from narrows.errors import CredentialError, IdentityError, NarrowsError
from narrows.gateway.destinations import NoSuchTargetError
from narrows.gateway.entrance import NotPermittedError
from narrows.model import ApiCall
from narrows.seam import Ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.calls import CallPlane
    from narrows.credentials.cluster import ClusterTerms
    from narrows.decide import Decider
    from narrows.gateway.clusters.access import ClusterAccess
    from narrows.gateway.clusters.masks import ObjectMaskSets
    from narrows.gateway.destinations import Destination, Destinations
    from narrows.gateway.entrance import Entrance
    from narrows.gateway.openings import Openings
    from narrows.gateway.sessions import LiveSession
    from narrows.model import Principal, Target
    from narrows.policy.rules import Policy
    from narrows.seam import Enforcement

UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
TRY_LATER = 429
"""Never a 5xx: clients take that for a fault of the cluster and retry."""

log = structlog.get_logger("narrows.admission")


@dataclass(slots=True, kw_only=True, eq=False)
class Clusters:
    """Answers every ClusterOpenAsked and every ApiCallAsked."""

    entrance: Entrance
    plane: CallPlane
    destinations: Destinations
    decider: Decider
    access: ClusterAccess
    masks: ObjectMaskSets
    enforcement: Enforcement[None]
    upstream: Callable[[ClusterTerms], Any]
    """Makes the data plane's form of how to reach a cluster."""
    openings: Openings

    def open_asked(self, event: Any) -> None:
        """Somebody presents a bearer token and wants a session."""
        evidence = event.take_evidence()
        self.openings.start(
            event.ask, lambda: self._open(event, evidence), lambda error: self._refuse(event, error)
        )

    def call_asked(self, event: Any) -> None:
        """A session wants to make a call. Evidence is looked at each time: a connection may live for long."""
        live = self.entrance.sessions.find(event.session)
        if live is None:
            return
        try:
            self.entrance.revocations.check(live.decided.principal)
            if time.time() >= live.decided.principal.expires_at:
                raise IdentityError("the token of this connection has expired", hint="Get a new one.")
        except IdentityError as error:
            self.plane.deny_call(
                event.ask, rule="not-authenticated", reason=str(error), hint=error.hint, code=UNAUTHORIZED
            )
            return
        self.decider.answer(live.decided, Ask(event.ask, call_in(event)))

    async def _open(self, event: Any, evidence: bytes) -> None:
        entrance = self.entrance
        principal = await entrance.authenticator.recognise(
            evidence, peer=event.peer, user="", target=event.target
        )
        destination = self.destinations.cluster(event.target)
        entrance.check(principal, destination.target)
        target = destination.target
        async with entrance.opening(event.session, principal, target, "", self.enforcement) as opening:
            opening.admitted = await self._admit(event, opening.live, destination)

    async def _admit(self, event: Any, live: LiveSession, destination: Destination) -> bool:
        entrance, principal, target = self.entrance, live.decided.principal, destination.target
        terms = await self.access.terms(live.decided)
        document = entrance.document(
            event.session,
            principal,
            target,
            peer=event.peer,
            tls=event.tls_version,
            agent=event.user_agent,
            **({"impersonates": terms.impersonate["user"]} if terms.impersonate else {}),
        )
        entrance.note(event.session, principal, document)
        entrance.check(principal, target)
        policy = entrance.policies.current
        mask_set, masks = self.masks.assign(policy, principal, target)
        live.masks_hold = self._same_masks(principal, target, mask_set)
        document |= {"policy_version": policy.version, "masks": list(masks)}
        ends_at = entrance.ends_at(principal, document)
        admitted = self.plane.admit_cluster(
            event.ask,
            upstream=self.upstream(terms),
            principal=principal.key,
            target=target.name,
            mask_set=mask_set,
            expires_ms=int(min(ends_at, terms.expires_at or ends_at) * 1000),
            document=json.dumps(document),
        )
        log.info(
            "session admitted" if admitted else "session no longer waited for",
            session=document["session"],
            principal=principal.key,
            target=target.name,
            peer=event.peer,
        )
        return admitted

    def _same_masks(self, principal: Principal, target: Target, number: int) -> Callable[[Policy], bool]:
        return lambda policy: self.masks.assign(policy, principal, target)[0] == number

    def _refuse(self, event: Any, error: Exception) -> None:
        """Tells whoever wanted a session what they may know; the rest is in the log."""
        code, message, hint = self._refusal(event, error)
        log.warning("session refused", peer=event.peer, target=event.target, reason=message)
        self.plane.refuse_cluster(event.ask, code=code, message=f"Narrows: {message}", hint=hint)

    def _refusal(self, event: Any, error: Exception) -> tuple[int, str, str]:
        match error:
            case NoSuchTargetError():
                return NOT_FOUND, str(error), error.hint
            case NotPermittedError():
                return FORBIDDEN, str(error), error.hint
            case IdentityError():
                return UNAUTHORIZED, str(error), error.hint
            case CredentialError():
                code = FORBIDDEN
                hint = "The gateway's credential for it is wrong or missing; tell an operator of Narrows."
            case NarrowsError():
                code, hint = TRY_LATER, "The cluster cannot be used now; try again later."
            case _:
                code, hint = FORBIDDEN, "Something is wrong in the gateway; tell an operator of Narrows."
                log.error("defect while opening a session", exc_info=error)
        log.error("session not opened", peer=event.peer, target=event.target, error=str(error))
        return code, f"{event.target} cannot be reached", hint


def call_in(event: Any) -> ApiCall:
    """What the data plane's ApiCallAsked asks."""
    return ApiCall(
        method=event.method,
        verb=event.verb,
        path=event.path,
        group=event.group,
        version=event.version,
        resource=event.resource,
        subresource=event.subresource,
        namespace=event.namespace,
        name=event.name,
        query=event.query,
        content_type=event.content_type,
        body=event.body,
        upgrade=event.upgrade,
    )
