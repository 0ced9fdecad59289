"""From an ID token to the person who signed in: for the console alone, never for a session.

Who signs in through a browser at the authorization endpoint is a person by the protocol itself, unless the
token says that an agent's account did. Every other check is as strict as an access token's. Sources: OpenID
Connect Core 1.0 (3.1.3.7); learn.microsoft.com/entra/identity-platform/id-token-claims-reference.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.errors import IdentityError
from narrows.identity import claims as check
from narrows.identity import entra, jose, oidc
from narrows.identity.issuer import check_header
from narrows.model import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.identity.issuer import Issuer

FRESH_SIGN_IN_S = 120
"""A fresh sign-in is one at most so long before its token came."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the ID token of one sign-in must say."""

    client_id: str
    nonce: str
    fresh: bool = False
    """Whether the person was to prove themselves anew (`max_age=0`)."""


async def person_of(raw: bytes, issuer: Issuer, expected: Expected, now: float) -> Principal:
    """Verifies an ID token.

    Args:
        raw: The token as the issuer's token endpoint sent it.
        issuer: Whose it must be.
        expected: What it must say.
        now: Seconds since 1970.

    Returns:
        The person, of kind `user`.

    Raises:
        IdentityError: It is not a good ID token for this sign-in; the message may be shown to the person.
    """
    token = jose.parse(raw)
    if token.unverified.get("iss") != issuer.iss:
        raise IdentityError("the ID token is of another issuer than the one asked")
    check_header(token, issuer.section)
    key = await issuer.keys.find(token.key_id)
    if token.algorithm not in key.algorithms:
        raise IdentityError(f"the issuer's key that the token names does not sign with {token.algorithm}")
    claims = jose.verify(token, key.public)
    return _person(claims, issuer, expected, now)


def _person(claims: Mapping[str, Any], issuer: Issuer, expected: Expected, now: float) -> Principal:
    section = issuer.section
    if claims.get("aud") not in (expected.client_id, [expected.client_id]):
        raise IdentityError("the ID token was made for another application than this console")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise IdentityError("the ID token was given to another application than this console")
    nonce = check.text(claims, "nonce")
    if not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise IdentityError("the ID token is of another sign-in", hint="Sign in again.")
    expires_at = check.check_times(
        claims, now=now, leeway_s=section.leeway_s, age_max_s=section.token_age_max_s
    )
    if "cnf" in claims:
        raise IdentityError("the ID token is bound to a key, which cannot be proven here")
    if expected.fresh:
        _check_fresh(claims, now, section.leeway_s)
    if section.kind == "entra":
        tenant, object_id = entra.identity_of_person(claims, section)
        groups, roles = "groups", "roles"
    else:
        tenant, object_id = section.issuer, oidc.subject_of(claims, section)
        groups, roles = section.groups, section.roles
    check.check_overage(claims, groups)
    signed_in_at, methods = check.sign_in(claims)
    return Principal(
        issuer=section.name,
        tenant=tenant,
        object_id=object_id,
        kind="user",
        app=expected.client_id,
        name=check.printable(check.text(claims, "name") or check.text(claims, "preferred_username")),
        groups=check.texts(claims, groups),
        roles=check.texts(claims, roles),
        token=check.printable(check.text(claims, "uti") or check.text(claims, "jti")),
        expires_at=expires_at,
        signed_in_at=signed_in_at,
        methods=methods,
    )


def _check_fresh(claims: Mapping[str, Any], now: float, leeway_s: int) -> None:
    """`auth_time` is required of an answer to `max_age`; without it nothing says so."""
    at = claims.get("auth_time")
    if type(at) is not int:
        raise IdentityError(
            "the ID token does not say when you signed in (auth_time)",
            hint="Add the optional claim auth_time to the ID tokens of the console's app registration.",
        )
    if not now - FRESH_SIGN_IN_S - leeway_s <= at <= now + leeway_s:
        raise IdentityError("the sign-in is not fresh", hint="Sign in again, with your credentials.")
