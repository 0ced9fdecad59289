"""From evidence to principal: the one way in for every protocol.

The order is: bounds and form, then the issuer by its exact `iss`, its key, the signature, its claims, and
last what has been revoked. A verified token is remembered by its hash; a refused one never is.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import trio

from narrows.errors import IdentityError
from narrows.identity import entra, jose, oidc
from narrows.identity.claims import printable
from narrows.identity.issuer import check_header, check_section
from narrows.identity.login_name import check_user
from narrows.identity.tickets import is_ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from narrows.config import Config, IssuerSection, OwnerSection
    from narrows.identity.issuer import Issuer
    from narrows.identity.jwks import SigningKey
    from narrows.identity.revocation import Revocations
    from narrows.identity.tickets import Tickets
    from narrows.model import Principal

VERIFIED_TOKENS_MAX = 10_000
"""Tokens remembered as verified; the least recently used is forgotten first."""


@dataclass(frozen=True, slots=True)
class _Verified:
    """A token that has passed every check, and the key it stands and falls with."""

    principal: Principal
    issuer: Issuer
    key: SigningKey


class Authenticator:
    """Derives principals from evidence.

    Args:
        issuers: Whose tokens are accepted; see `issuers_of`.
        tickets: Mints and redeems tickets.
        revocations: What is no longer accepted.
        owners: The people who own an agent.
        clock: Returns seconds since 1970.

    Raises:
        IdentityError: Two issuers share one `iss`, or one is configured out of range.
    """

    def __init__(
        self,
        issuers: Sequence[Issuer],
        *,
        tickets: Tickets,
        revocations: Revocations,
        owners: Iterable[OwnerSection] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuers: dict[str, Issuer] = {}
        for issuer in issuers:
            check_section(issuer.section)
            if issuer.iss in self._issuers:
                raise IdentityError(f"two issuers are configured for {issuer.iss}")
            self._issuers[issuer.iss] = issuer
        self._tickets = tickets
        self._revocations = revocations
        self._owners = {owner.agent: frozenset(owner.people) for owner in owners}
        self._clock = clock
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    def issuer(self, name: str) -> Issuer | None:
        """The configured issuer of that name; the newer one of an issuer's token versions."""
        return next((one for one in self._issuers.values() if one.section.name == name), None)

    async def keep_keys_fresh(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keeps every issuer's keys fresh until cancelled; started once each has been tried."""
        async with trio.open_nursery() as nursery:
            async with trio.open_nursery() as first:
                for issuer in self._issuers.values():
                    first.start_soon(nursery.start, issuer.keys.keep_fresh)
            task_status.started()

    async def authenticate(self, evidence: bytes, *, peer: str, user: str, target: str) -> Principal:
        """Derives the principal who opens a session.

        Args:
            evidence: What was presented as password: an access token or a ticket.
            peer: The agent's address with its port.
            user: The login name that was given.
            target: The target's name.

        Returns:
            The principal.

        Raises:
            IdentityError: The evidence is not good here; the message may be shown to the agent.
            StoreError: The tickets cannot be read.
        """
        principal = await self.recognise(evidence, peer=peer, user=user, target=target)
        check_user(principal, user)
        return principal

    async def recognise(self, evidence: bytes, *, peer: str, user: str, target: str) -> Principal:
        """Derives the principal where the login name is an account on the target and says nothing of them.

        See `authenticate`.
        """
        if not is_ticket(evidence):
            return await self.verify(evidence)
        principal = await self._tickets.redeem(evidence, peer=peer, user=user, target=target)
        self._revocations.check(principal)
        return principal

    async def look(self, evidence: bytes, *, peer: str) -> Principal:
        """Derives the principal without spending a ticket: for the way to a target, where it is spent.

        See `authenticate`.
        """
        if not is_ticket(evidence):
            return await self.verify(evidence)
        principal = await self._tickets.look(evidence, peer=peer)
        self._revocations.check(principal)
        return principal

    async def verify(self, evidence: bytes) -> Principal:
        """Derives the principal of an access token, for whom it is presented without login name or target.

        Args:
            evidence: The token.

        Returns:
            The principal.

        Raises:
            IdentityError: The token is not good here; the message may be shown to the one who sent it.
        """
        if not evidence:
            raise IdentityError("no token was sent", hint="Send an access token or a ticket as the password.")
        digest = hashlib.sha256(evidence).digest()
        verified = self._recall(digest) or await self._verify(evidence)
        self._revocations.check(verified.principal)
        self._remember(digest, verified)
        return verified.principal

    async def _verify(self, evidence: bytes) -> _Verified:
        token = jose.parse(evidence)
        self._refuse_graph(token)
        issuer = self._select(token)
        check_header(token, issuer.section)
        key = await issuer.keys.find(token.key_id)
        if token.algorithm not in key.algorithms:
            raise IdentityError(f"the issuer's key that the token names does not sign with {token.algorithm}")
        claims = jose.verify(token, key.public)
        principal = issuer.principal(claims, self._clock())
        owners = self._owners.get(principal.object_id, frozenset())
        return _Verified(replace(principal, owners=owners), issuer, key)

    def _refuse_graph(self, token: jose.Token) -> None:
        """Entra hashes a `nonce` header before signing: only Microsoft's own APIs can verify such a token."""
        if "nonce" not in token.header:
            return
        audiences = sorted({one for issuer in self._issuers.values() for one in issuer.section.audiences})
        raise IdentityError(
            "the token is for Microsoft Graph or another API of Microsoft's, which alone can verify it",
            hint=f"Request a token for {' or '.join(audiences)}.",
        )

    def _select(self, token: jose.Token) -> Issuer:
        iss = token.unverified.get("iss")
        if isinstance(iss, str) and (issuer := self._issuers.get(iss)):
            return issuer
        for issuer in self._issuers.values():
            if issuer.section.kind == "entra" and (error := entra.explain_issuer(token, issuer.section)):
                raise error
        names = ", ".join(sorted({issuer.section.name for issuer in self._issuers.values()})) or "none"
        raise IdentityError(
            f"the token's issuer, {printable(str(iss))}, is not accepted here",
            hint=f"Configured issuers: {names}.",
        )

    def _recall(self, digest: bytes) -> _Verified | None:
        verified = self._verified.pop(digest, None)
        if verified is None or self._clock() >= verified.principal.expires_at:
            return None  # verifying it anew says why it is no longer good
        return verified if verified.issuer.keys.current(verified.key.key_id) == verified.key else None

    def _remember(self, digest: bytes, verified: _Verified) -> None:
        self._verified[digest] = verified
        if len(self._verified) > VERIFIED_TOKENS_MAX:
            self._verified.popitem(last=False)


def issuers_of(config: Config, base: Path) -> list[Issuer]:
    """Makes the issuers that a configuration names.

    Args:
        config: The configuration.
        base: Where its relative paths start.

    Raises:
        IdentityError: An issuer's section cannot be used.
    """
    return [issuer for section in config.issuer for issuer in _issuers(section, base)]


def _issuers(section: IssuerSection, base: Path) -> Sequence[Issuer]:
    return entra.issuers(section, base) if section.kind == "entra" else oidc.issuers(section, base)
