"""What people may do to a running gateway, whatever way they come in: the console is one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from narrows.errors import NarrowsError
from narrows.gateway.destinations import target_of
from narrows.identity.revocation import Revocation
from narrows.model import Statement
from narrows.policy.explain import explain
from narrows.policy.imagined import operation_on
from narrows.recordings import session_name
from narrows.store import revocations as revocation_rows
from narrows.store import sessions as session_rows
from narrows.store.revocations import RevocationRow

if TYPE_CHECKING:
    from narrows.approvals.grants import Grants
    from narrows.approvals.lifecycle import Approvals
    from narrows.config import ConsoleSection
    from narrows.gateway.catalogues import TargetCatalogues
    from narrows.gateway.chat import Chat
    from narrows.gateway.destinations import Destinations
    from narrows.gateway.ending import Ending
    from narrows.gateway.metrics import Metrics
    from narrows.gateway.policies import Policies
    from narrows.gateway.recordings import Recordings
    from narrows.identity.authenticate import Authenticator
    from narrows.identity.certificates import SshAuthorities, UserCertificate
    from narrows.identity.relying_party import RelyingParty
    from narrows.identity.revocation import Revocations, Subject
    from narrows.identity.tickets import Ticket, Tickets
    from narrows.model import Principal, Target
    from narrows.policy.explain import Explanation
    from narrows.policy.tables import ImaginedTable
    from narrows.store import Store
    from narrows.store.behind import WrittenBehind
    from narrows.store.doorbell import Doorbell
    from narrows.store.sessions import SessionRow

log = structlog.get_logger("narrows.operations")


class NotAllowedError(NarrowsError):
    """The principal is known, but may not do this."""


def is_operator(operators: ConsoleSection, principal: Principal) -> bool:
    """Whether the configuration names one of the principal's groups or roles."""
    return bool(
        principal.groups.intersection(operators.operator_groups)
        or principal.roles.intersection(operators.operator_roles)
    )


@dataclass(slots=True, kw_only=True, eq=False)
class Operations:
    """The operations; each takes the verified principal who asks for it."""

    authenticator: Authenticator
    tickets: Tickets
    authorities: SshAuthorities
    revocations: Revocations
    approvals: Approvals
    grants: Grants
    chat: Chat
    catalogues: TargetCatalogues
    doorbell: Doorbell
    destinations: Destinations
    policies: Policies
    ending: Ending
    store: Store
    listed: WrittenBehind[Any]
    """The list of sessions: what is not in the store yet is written before it is read."""
    operators: ConsoleSection
    recordings: Recordings
    node: str = ""
    """This gateway's name among those that share the store."""
    sign_in: RelyingParty | None = None
    """Where people sign in to the web pages; None: nowhere."""
    public_url: str = ""
    """As configured."""
    metrics: Metrics | None = None
    """What is counted, for whoever watches; None: nothing is."""

    async def principal(self, token: bytes) -> Principal:
        """Who a bearer token stands for. Raises IdentityError."""
        return await self.authenticator.verify(token)

    def is_operator(self, principal: Principal) -> bool:
        """Whether the configuration names one of the principal's groups or roles."""
        return is_operator(self.operators, principal)

    async def mint_ticket(self, principal: Principal, target: str) -> Ticket:
        """A ticket for a target on which policy lets the principal do something.

        Raises:
            NotAllowedError: There is no such target, or policy lets the principal do nothing on it; the two
                are not told apart.
        """
        self._admitting(principal, target)
        return await self.tickets.mint(principal, target)

    def mint_certificate(self, principal: Principal, public_key: str, source: str) -> UserCertificate:
        """An SSH certificate over a principal's key; see `SshAuthorities.mint`. Raises IdentityError."""
        minted = self.authorities.mint(principal, public_key, source=source)
        log.info("certificate minted", principal=principal.key, serial=minted.serial, token=principal.token)
        return minted

    def targets_of(self, principal: Principal) -> list[Target]:
        """The targets on which policy lets the principal do something; to operators, all of them."""
        targets = [target_of(section) for section in self.destinations.sections.values()]
        if self.is_operator(principal):
            return targets
        policy = self.policies.current
        return [target for target in targets if policy.applicable(principal, target).admitted]

    async def explain(self, principal: Principal, target: str, imagined: ImaginedTable) -> Explanation:
        """How policy would decide something that the principal would do now, and why.

        Raises:
            NotAllowedError: As for `mint_ticket`.
            NotImaginable: The target takes nothing like it.
            PlaneError: The target is a database and cannot be asked what it holds.
        """
        operation = operation_on(self._admitting(principal, target), imagined)
        is_statement = isinstance(operation, Statement)
        catalogue = (await self.catalogues.fresh(target)).catalogue if is_statement else None
        there = self._admitting(principal, target)  # policy may have moved meanwhile
        return explain(self.policies.current, principal, there, operation, catalogue)

    async def list_sessions(self, *, open_only: bool = False) -> list[SessionRow]:
        """Sessions, newest first."""
        await self.listed.flush_once()
        return await self.store.run_beside(session_rows.newest, open_only=open_only)

    async def find_session(self, session: int) -> SessionRow | None:
        """One session."""
        await self.listed.flush_once()
        return await self.store.run_beside(session_rows.find, session)

    async def kill(self, session: int, by: Principal) -> bool:
        """Ends a session at once, at whichever node it is; False when it is not open."""
        log.warning("session killed", session=session_name(session), by=by.key)
        if self.ending.kill(session):
            return True
        row = await self.find_session(session)
        if row is None or row.closed_ms is not None or row.node == self.node:
            return False
        self.doorbell.ring("kill", session_name(session))
        return True

    async def revoke(self, subject: Subject, value: str, by: Principal, reason: str) -> int:
        """Accepts nothing more from whom a revocation names and ends their sessions at once.

        Args:
            subject: What kind of thing is revoked.
            value: A principal's key, an application's id, a token's id, or a certificate's serial.
            by: Who revokes.
            reason: Shown to the one who is refused.

        Returns:
            How many sessions were ended at this node.

        Raises:
            IdentityError: The value is empty, or too much is revoked already.
            StoreError: It holds from now on, but could not be stored for the next start.
        """
        revocation = Revocation(subject, value, reason or "revoked by an operator")
        ended = self.ending.revoke(revocation)
        log.warning("revoked", subject=subject, value=value, by=by.key, sessions=ended)
        await self.store.run(
            revocation_rows.add,
            RevocationRow(
                subject=revocation.subject,
                value=revocation.value,
                revoked_ms=time.time_ns() // 1_000_000,
                revoked_by=by.key,
                reason=revocation.reason,
            ),
        )
        self.doorbell.ring("revocation", value)
        return ended

    def _admitting(self, principal: Principal, target: str) -> Target:
        destination = self.destinations.known(target)
        if destination is None or not self.policies.current.applicable(principal, destination).admitted:
            raise NotAllowedError(
                f"there is no target {target} on which policy lets this principal do anything"
            )
        return destination
