"""Any issuer of signed JWT access tokens, as its section of the configuration describes it.

Only `iss`, `aud`, `exp`, `iat` and the subject can be required of every issuer. Whether a principal is a
person, who may approve, is never guessed: the configuration names the claims that say so. Source: RFC 9068.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.errors import IdentityError
from narrows.identity import claims as check
from narrows.identity.key_sources import FileKeys, HttpKeys, KeySource
from narrows.identity.keys import IssuerKeys
from narrows.model import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from narrows.config import IssuerSection

SUBJECT_CHARACTERS_MAX = 512
"""Longer than any issuer's subject, short enough for a log line."""

_CLIENT_CLAIMS = ("azp", "client_id", "cid", "appid")
_SCOPE_CLAIMS = ("scp", "scope")


class OidcIssuer:
    """A configured issuer; see `narrows.identity.issuer.Issuer`.

    Args:
        section: The configured issuer.
        keys: Its keys.
    """

    def __init__(self, section: IssuerSection, keys: IssuerKeys) -> None:
        self.section = section
        self.iss = section.issuer
        self.keys = keys

    def principal(self, claims: Mapping[str, Any], now: float) -> Principal:
        """Checks verified claims and derives the principal; see `Issuer.principal`."""
        section = self.section
        check.check_audience(claims, section.audiences, {})
        expires_at = check.check_times(
            claims, now=now, leeway_s=section.leeway_s, age_max_s=section.token_age_max_s
        )
        check.check_usable(claims)
        check.check_overage(claims, section.groups)
        if missing := [name for name in section.required if not _has(claims, name, section.required[name])]:
            raise IdentityError(
                f"the token's {', '.join(missing)} is not what issuer {section.name} is configured to require"
            )
        signed_in_at, methods = check.sign_in(claims)
        return Principal(
            issuer=section.name,
            tenant=section.issuer,
            object_id=subject_of(claims, section),
            kind="user" if section.people and _has_all(claims, section.people) else "app",
            app=_first_text(claims, _CLIENT_CLAIMS),
            name=check.printable(_first_text(claims, ("name", "preferred_username"))),
            groups=check.texts(claims, section.groups),
            roles=check.texts(claims, section.roles),
            scopes=frozenset().union(*(check.words(claims, name) for name in _SCOPE_CLAIMS)),
            token=check.printable(check.text(claims, "jti")),
            expires_at=expires_at,
            signed_in_at=signed_in_at,
            methods=methods,
        )


def issuers(section: IssuerSection, base: Path) -> list[OidcIssuer]:
    """Makes the issuer that a section of kind `oidc` stands for.

    Args:
        section: The configured issuer.
        base: Where the section's relative paths start.

    Raises:
        IdentityError: It has no `issuer`, or its CA file cannot be read.
    """
    if not section.issuer:
        raise IdentityError(f"issuer {section.name}: issuer must be the exact iss of its tokens")
    return [OidcIssuer(section, IssuerKeys(_source(section, base), issuer=section.issuer))]


def _source(section: IssuerSection, base: Path) -> KeySource:
    if section.jwks_file:
        return FileKeys(base / section.jwks_file)
    return HttpKeys(
        issuer=section.issuer,
        metadata_url=f"{section.issuer.rstrip('/')}/.well-known/openid-configuration",
        jwks_uri=section.jwks_uri,
        ca=base / section.ca if section.ca else None,
    )


def subject_of(claims: Mapping[str, Any], section: IssuerSection) -> str:
    """The immutable id in verified claims. Raises IdentityError when it is not fit to be one."""
    name = section.subject
    subject = check.text(claims, name)
    if not 0 < len(subject) <= SUBJECT_CHARACTERS_MAX or not subject.isprintable():
        raise IdentityError(f"the token's subject ({name}) is empty, too long or not printable")
    return subject


def _has(claims: Mapping[str, Any], name: str, value: str) -> bool:
    return bool(check.find(claims, name) == value)


def _has_all(claims: Mapping[str, Any], expected: Mapping[str, str]) -> bool:
    return all(_has(claims, name, value) for name, value in expected.items())


def _first_text(claims: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((found for name in names if (found := check.text(claims, name))), "")
