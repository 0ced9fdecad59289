"""Claims of access tokens, in the shapes that Entra documents for v1.0 and v2.0."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.demo.entra.directory import Api, Application, Person

GROUPS_MAX = 200
"""With more groups than this, Entra leaves them all out and says so."""
LIFETIME_MIN_S, LIFETIME_MAX_S = 3600, 5400
"""Entra spreads lifetimes over this range, so that clients do not all return at once."""


@dataclass(frozen=True, slots=True)
class Validity:
    """A token's times, in whole seconds."""

    issued_at: int
    lifetime_s: int

    @classmethod
    def from_now(cls, now: float, lifetime_s: int | None) -> Validity:
        """The validity of a token issued now; without a lifetime, one of Entra's default range."""
        spread = LIFETIME_MIN_S + secrets.randbelow(LIFETIME_MAX_S - LIFETIME_MIN_S + 1)
        return cls(int(now), spread if lifetime_s is None else lifetime_s)

    def claims(self) -> dict[str, int]:
        """`iat`, `nbf` and `exp`."""
        return {"iat": self.issued_at, "nbf": self.issued_at, "exp": self.issued_at + self.lifetime_s}


def issuer(authority: str, tenant: str, version: int) -> str:
    """The `iss` of the tenant's tokens of version 1 or 2."""
    return f"{authority}/{tenant}/v2.0" if version == 2 else f"{authority}/{tenant}/"


def application_claims(api: Api, application: Application, strength: int) -> dict[str, Any]:
    """What an app-only token says of its subject.

    Args:
        api: The API that it is for.
        application: The client, which is also the subject.
        strength: How the client proved itself: 1 by secret, 2 by certificate or assertion.
    """
    return {
        "idtyp": "app",
        "oid": application.object_id,
        "sub": application.object_id,
        **_client(api, application, strength),
        **_memberships(application.groups, application.roles),
    }


def person_claims(api: Api, application: Application, person: Person, scope: str) -> dict[str, Any]:
    """What a delegated token says of its subject; `sub` differs per application, as in Entra."""
    return {
        "idtyp": "user",
        "oid": person.object_id,
        "sub": secrets.token_urlsafe(32),
        "scp": scope,
        "name": person.name,
        "preferred_username": person.username,
        **_client(api, application, 0),
        **_memberships(person.groups, person.roles),
    }


def envelope(authority: str, tenant: str, api: Api, validity: Validity) -> dict[str, Any]:
    """What every access token for this API says."""
    return {
        "aud": api.client_id if api.token_version == 2 else api.uri,
        "iss": issuer(authority, tenant, api.token_version),
        **validity.claims(),
        "tid": tenant,
        "uti": secrets.token_urlsafe(16),
        "ver": f"{api.token_version}.0",
        "aio": secrets.token_urlsafe(24),
    }


def id_token_claims(
    authority: str, tenant: str, application: Application, person: Person, validity: Validity
) -> dict[str, Any]:
    """An ID token: for the application itself, about who logged in."""
    return {
        "aud": application.client_id,
        "iss": issuer(authority, tenant, 2),
        **validity.claims(),
        "oid": person.object_id,
        "sub": secrets.token_urlsafe(32),
        "name": person.name,
        "preferred_username": person.username,
        "tid": tenant,
        "uti": secrets.token_urlsafe(16),
        "ver": "2.0",
        **_memberships(person.groups, person.roles),
    }


def _client(api: Api, application: Application, strength: int) -> dict[str, str]:
    names = ("azp", "azpacr") if api.token_version == 2 else ("appid", "appidacr")
    return dict(zip(names, (application.client_id, str(strength)), strict=True))


def _memberships(groups: list[str], roles: list[str]) -> dict[str, Any]:
    claims: dict[str, Any] = {"roles": list(roles)} if roles else {}
    if len(groups) > GROUPS_MAX:
        claims["_claim_names"] = {"groups": "src1"}
        claims["_claim_sources"] = {"src1": {"endpoint": "https://graph.windows.net/getMemberObjects"}}
    elif groups:
        claims["groups"] = list(groups)
    return claims
