"""Who may open a session, and what it gets: evidence to principal, name to target, masks, upstream login.

Whatever takes time is done first. Then, without a pause in which anything could move, revocation and policy
are asked once more and the data plane is told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from narrows.credentials.present import present
from narrows.errors import CredentialError, IdentityError, NarrowsError
from narrows.gateway.destinations import NoSuchTargetError
from narrows.gateway.entrance import NotPermittedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from narrows.credentials.present import UpstreamTerms
    from narrows.gateway.catalogues import TargetCatalogues
    from narrows.gateway.destinations import Destination, Destinations
    from narrows.gateway.entrance import Entrance
    from narrows.gateway.masks import MaskSets
    from narrows.gateway.openings import Openings
    from narrows.gateway.sessions import LiveSession
    from narrows.plane import DataPlane
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.seam import Enforcement

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

    entrance: Entrance
    plane: DataPlane
    destinations: Destinations
    catalogues: TargetCatalogues
    masks: MaskSets
    enforcement: Enforcement[Catalogue]
    upstream: Callable[[UpstreamTerms], Any]
    """Makes the data plane's form of how to reach a target."""
    base: Path
    """Where the configuration's relative paths start."""
    openings: Openings

    def asked(self, event: Any) -> None:
        """Someone presents evidence and wants a session."""
        evidence = event.take_evidence()
        self.openings.start(
            event.ask,
            lambda: self._open(event, evidence),
            lambda error: self._refuse(event, _refusal(event, error)),
        )

    async def _open(self, event: Any, evidence: bytes) -> None:
        entrance = self.entrance
        principal = await entrance.authenticator.authenticate(
            evidence,
            peer=event.peer,
            user=event.user,
            target=self.destinations.name_in(event.database, event.server_name),
        )
        try:
            destination = self.destinations.find(event.database, event.user, event.server_name)
        except NoSuchTargetError as error:
            raise OpenRefusedError(NO_SUCH_DATABASE, str(error), error.hint) from None
        entrance.check(principal, destination.target)
        upstream = self.upstream(present(destination.section, self.base))
        await self.catalogues.fresh(destination.target.name)
        target, database = destination.target, destination.database
        async with entrance.opening(event.session, principal, target, database, self.enforcement) as opening:
            opening.admitted = await self._admit(event, opening.live, destination, upstream)

    async def _admit(self, event: Any, live: LiveSession, destination: Destination, upstream: Any) -> bool:
        principal, target = live.decided.principal, destination.target
        document = self.entrance.document(
            event.session,
            principal,
            target,
            database=destination.database,
            user=event.user,
            peer=event.peer,
            tls=event.tls_version,
        )
        self.entrance.note(event.session, principal, document)
        known = await self.catalogues.fresh(target.name)
        self.entrance.check(principal, target)
        policy = self.entrance.policies.current
        live.mask_set, masks = self.masks.assign(policy, principal, target, known.catalogue)
        document |= {"policy_version": policy.version, "masks": list(masks)}
        admitted = self.plane.admit(
            event.ask,
            upstream=upstream,
            principal=principal.key,
            target=target.name,
            mask_set=live.mask_set,
            expires_ms=int(self.entrance.ends_at(principal, document) * 1000),
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
        case NotPermittedError():
            return OpenRefusedError(NOT_PERMITTED, str(error), error.hint)
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
