"""Who may open a session, and what it gets: evidence to principal, name to target, masks, upstream login.

Whatever takes time is done first. Then, without a pause in which anything could move, revocation and policy
are asked once more and the data plane is told.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog
import trio

from narrows.credentials.present import present
from narrows.errors import CredentialError, IdentityError, NarrowsError
from narrows.gateway.destinations import NoSuchTargetError
from narrows.store import sessions as rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from narrows.credentials.present import UpstreamTerms
    from narrows.gateway.catalogues import TargetCatalogues
    from narrows.gateway.destinations import Destination, Destinations
    from narrows.gateway.masks import MaskSets
    from narrows.gateway.policies import Policies
    from narrows.gateway.sessions import LiveSession, Sessions
    from narrows.identity.authenticate import Authenticator
    from narrows.identity.revocation import Revocations
    from narrows.model import Principal
    from narrows.plane import DataPlane
    from narrows.policy.catalogue import Catalogue
    from narrows.seam import Enforcement
    from narrows.store import Store

INVALID_PASSWORD = "28P01"  # noqa: S105, an SQLSTATE
NO_SUCH_DATABASE = "3D000"
NOT_PERMITTED = "42501"
CANNOT_CONNECT = "08001"

log = structlog.get_logger("narrows.admission")


class OpenRefusedError(NarrowsError):
    """No session is opened; all of it is told to the agent."""

    def __init__(self, sqlstate: str, message: str, hint: str = "") -> None:
        self.sqlstate = sqlstate
        self.hint = hint
        super().__init__(message)


@dataclass(slots=True, kw_only=True, eq=False)
class Admission:
    """Answers every OpenAsked."""

    nursery: trio.Nursery
    """Where sessions live."""
    plane: DataPlane
    authenticator: Authenticator
    revocations: Revocations
    destinations: Destinations
    policies: Policies
    catalogues: TargetCatalogues
    masks: MaskSets
    sessions: Sessions
    enforcement: Enforcement[Catalogue]
    store: Store
    upstream: Callable[[UpstreamTerms], Any]
    """Makes the data plane's form of how to reach a target."""
    name_of: Callable[[int], str]
    """A session id as people see it."""
    base: Path
    """Where the configuration's relative paths start."""
    session_max_s: int
    """The longest that a session may last."""
    node: str = ""
    """This gateway's name among those that share the store."""
    opening: dict[int, trio.CancelScope] = field(default_factory=dict)
    """By ask."""

    def asked(self, event: Any) -> None:
        """Someone presents evidence and wants a session."""
        scope = self.opening[event.ask] = trio.CancelScope()
        self.nursery.start_soon(self._answer, event, event.take_evidence(), scope)

    def withdrawn(self, ask: int) -> None:
        """They no longer wait."""
        if scope := self.opening.get(ask):
            scope.cancel()

    async def _answer(self, event: Any, evidence: bytes, scope: trio.CancelScope) -> None:
        with scope:
            try:
                await self._open(event, evidence)
            except Exception as error:  # whatever it is, it must end no other session
                self._refuse(event, _refusal(event, error))
            finally:
                self.opening.pop(event.ask, None)

    async def _open(self, event: Any, evidence: bytes) -> None:
        principal = await self.authenticator.authenticate(
            evidence,
            peer=event.peer,
            user=event.user,
            target=self.destinations.name_in(event.database, event.server_name),
        )
        try:
            destination = self.destinations.find(event.database, event.user, event.server_name)
        except NoSuchTargetError as error:
            raise OpenRefusedError(NO_SUCH_DATABASE, str(error), error.hint) from None
        self._check_policy(principal, destination)
        upstream = self.upstream(present(destination.section, self.base))
        await self.catalogues.fresh(destination.target.name)
        live: LiveSession = await self.nursery.start(
            self.sessions.live,
            event.session,
            principal,
            destination.target,
            destination.database,
            self.enforcement,
        )
        admitted = False
        try:
            admitted = await self._admit(event, live, destination, upstream)
        finally:
            if not admitted:
                live.closed.set()

    async def _admit(self, event: Any, live: LiveSession, destination: Destination, upstream: Any) -> bool:
        principal = live.decided.principal
        document = self._document(event, principal, destination)
        await self.store.run(
            rows.add,
            rows.SessionRow(
                id=event.session,
                principal=principal.key,
                target=destination.target.name,
                peer=event.peer,
                opened_ms=document["started_ms"],
                document=json.dumps(document),
                node=self.node,
            ),
        )
        known = await self.catalogues.fresh(destination.target.name)
        self.revocations.check(principal)
        self._check_policy(principal, destination)
        live.mask_set, masks = self.masks.assign(
            self.policies.current, principal, destination.target, known.catalogue
        )
        document |= {"policy_version": self.policies.current.version, "masks": list(masks)}
        ends = min(principal.expires_at, document["started_ms"] / 1000 + self.session_max_s)
        admitted = self.plane.admit(
            event.ask,
            upstream=upstream,
            principal=principal.key,
            target=destination.target.name,
            mask_set=live.mask_set,
            expires_ms=int(ends * 1000),
            document=json.dumps(document),
        )
        log.info(
            "session admitted" if admitted else "session no longer waited for",
            session=document["session"],
            principal=principal.key,
            target=destination.target.name,
            peer=event.peer,
        )
        return admitted

    def _document(self, event: Any, principal: Principal, destination: Destination) -> dict[str, Any]:
        """The session's record: who, from where, to what. It is the recording's first frame."""
        return {
            "session": self.name_of(event.session),
            "principal": {
                "key": principal.key,
                "name": principal.name,
                "kind": principal.kind,
                "app": principal.app,
                "token": principal.token,
            },
            "target": destination.target.name,
            "database": destination.database,
            "user": event.user,
            "peer": event.peer,
            "tls": event.tls_version,
            "started_ms": time.time_ns() // 1_000_000,
        }

    def _check_policy(self, principal: Principal, destination: Destination) -> None:
        if not self.policies.current.applicable(principal, destination.target).admitted:
            raise OpenRefusedError(
                NOT_PERMITTED,
                f"policy lets this principal do nothing on {destination.target.name}",
                "Ask the owner of the policy for a rule that names it.",
            )

    def _refuse(self, event: Any, refusal: OpenRefusedError) -> None:
        log.warning("session refused", peer=event.peer, user=event.user, reason=str(refusal))
        self.plane.refuse(
            event.ask, sqlstate=refusal.sqlstate, message=f"Narrows: {refusal}", hint=refusal.hint
        )


def _refusal(event: Any, error: Exception) -> OpenRefusedError:
    """What the agent is told of an error; what it is not told is in the log."""
    match error:
        case OpenRefusedError():
            return error
        case IdentityError():
            return OpenRefusedError(INVALID_PASSWORD, str(error), error.hint)
        case CredentialError():
            hint = "The gateway's credential for it is wrong or missing; tell an operator of Narrows."
        case NarrowsError():
            hint = "The target cannot be used now; try again later."
        case _:
            hint = "Something is wrong in the gateway; tell an operator of Narrows."
            log.error("defect while opening a session", exc_info=error)
    log.error("session not opened", peer=event.peer, target=event.database, error=str(error))
    return OpenRefusedError(CANNOT_CONNECT, f"{event.database} cannot be reached", hint)
