"""Microsoft Entra access tokens, v1.0 and v2.0, of one tenant.

The identity of a principal is (tenant, object id); names, addresses and `sub` never decide anything. Every
address is made from the configured authority and tenant, never from a token. Agent ID facets only narrow:
they are often absent for custom APIs, so their absence proves nothing, but their presence can take away.
Source: learn.microsoft.com/entra/identity-platform/access-token-claims-reference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from narrows.errors import IdentityError
from narrows.identity import claims as check
from narrows.identity.key_sources import HttpKeys
from narrows.identity.keys import IssuerKeys
from narrows.model import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from narrows.config import IssuerSection
    from narrows.identity.jose import Token

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PERSONAL_ACCOUNTS_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""Where Microsoft keeps personal accounts; nobody's organisation."""

_V1_ISSUER_HOSTS = {
    "https://login.microsoftonline.com": "https://sts.windows.net",
    "https://login.microsoftonline.us": "https://sts.windows.net",
    "https://login.partner.microsoftonline.cn": "https://sts.chinacloudapi.cn",
}
_KNOWN_AUDIENCES = {
    "00000003-0000-0000-c000-000000000000": "Microsoft Graph",
    "https://graph.microsoft.com": "Microsoft Graph",
    "https://graph.microsoft.com/": "Microsoft Graph",
    "https://management.azure.com": "Azure Resource Manager",
    "https://management.azure.com/": "Azure Resource Manager",
    "https://management.core.windows.net/": "Azure Resource Manager",
    "api://AzureADTokenExchange": "exchange at Entra itself (api://AzureADTokenExchange)",
}
_AGENT = "11"
"""In `xms_act_fct`: an agent identity acts. Acting for a person, it must still never pass as that person."""
_AGENT_USER = "13"
"""In `xms_sub_fct`: the subject is an agent's user account, not a person."""


class EntraIssuer:
    """One token version of one tenant; see `narrows.identity.issuer.Issuer`.

    Args:
        section: The configured issuer.
        version: `1.0` or `2.0`, the token's `ver`.
        keys: The tenant's keys for that version.
    """

    def __init__(self, section: IssuerSection, version: str, keys: IssuerKeys) -> None:
        self.section = section
        self.version = version
        self.iss = issuer_of(section, version)
        self.keys = keys

    def principal(self, claims: Mapping[str, Any], now: float) -> Principal:
        """Checks verified claims and derives the principal; see `Issuer.principal`."""
        section = self.section
        tenant = _tenant(claims, section)
        if claims.get("ver") != self.version:
            raise IdentityError(f"the token's version is not {self.version}, as its issuer says it is")
        check.check_audience(claims, section.audiences, _KNOWN_AUDIENCES)
        expires_at = check.check_times(
            claims, now=now, leeway_s=section.leeway_s, age_max_s=section.token_age_max_s
        )
        check.check_usable(claims)
        app = self._client(claims)
        kind = _kind(claims)
        check.check_overage(claims, "groups")
        signed_in_at, methods = check.sign_in(claims)
        return Principal(
            issuer=section.name,
            tenant=tenant,
            object_id=_object_id(claims),
            kind=kind,
            app=app,
            name=_display_name(claims),
            groups=check.texts(claims, "groups"),
            roles=check.texts(claims, "roles"),
            scopes=_scopes(claims),
            token=check.printable(check.text(claims, "uti")),
            expires_at=expires_at,
            signed_in_at=signed_in_at,
            methods=methods,
        )

    def _client(self, claims: Mapping[str, Any]) -> str:
        names = ("azp", "azpacr") if self.version == "2.0" else ("appid", "appidacr")
        app, strength = (check.text(claims, name) for name in names)
        if not GUID.fullmatch(app):
            raise IdentityError(
                f"the token names no client application ({names[0]}), as an ID token does not",
                hint="Send the access token.",
            )
        if self.section.strong_clients and strength != "2":
            raise IdentityError(
                "the client logged in to Entra without a certificate or federated credential",
                hint="Use a managed identity, a certificate or workload identity federation, not a secret.",
            )
        return app


def issuers(section: IssuerSection, base: Path) -> list[EntraIssuer]:
    """Makes the issuers that a section of kind `entra` stands for.

    Args:
        section: The configured issuer.
        base: Where the section's relative paths start.

    Raises:
        IdentityError: The tenant is not a GUID, or the CA file cannot be read.
    """
    tenant = section.tenant.lower()
    if not GUID.fullmatch(tenant) or tenant == PERSONAL_ACCOUNTS_TENANT:
        raise IdentityError(f"issuer {section.name}: tenant must be the GUID of one organisation's tenant")
    found = []
    for version in ("2.0", "1.0") if section.accept_v1 else ("2.0",):
        iss = issuer_of(section, version)
        source = HttpKeys(
            issuer=iss,
            metadata_url=_metadata_url(section, version),
            ca=base / section.ca if section.ca else None,
        )
        found.append(EntraIssuer(section, version, IssuerKeys(source, issuer=iss, tenant=tenant)))
    return found


def issuer_of(section: IssuerSection, version: str) -> str:
    """The exact `iss` of a tenant's tokens of one version."""
    authority, tenant = section.authority.rstrip("/"), section.tenant.lower()
    if version == "2.0":
        return f"{authority}/{tenant}/v2.0"
    return f"{_V1_ISSUER_HOSTS.get(authority, authority)}/{tenant}/"


def explain_issuer(token: Token, section: IssuerSection) -> IdentityError | None:
    """Says more of a token whose `iss` is not accepted, if it looks like Entra's."""
    iss = token.unverified.get("iss")
    if not isinstance(iss, str):
        return None
    if iss == issuer_of(section, "1.0"):
        return IdentityError(
            f"the token is a v1.0 token, which issuer {section.name} is not configured to accept",
            hint="Set requestedAccessTokenVersion to 2 in the API's app registration, or accept-v1 here.",
        )
    hosts = {issuer_of(section, version).split(section.tenant.lower())[0] for version in ("1.0", "2.0")}
    if any(iss.startswith(host) for host in hosts):
        tenant = iss.removesuffix("/v2.0").rstrip("/").rpartition("/")[2]
        return IdentityError(f"the token is of tenant {check.printable(tenant)}, not of {section.tenant}")
    return None


def identity_of_person(claims: Mapping[str, Any], section: IssuerSection) -> tuple[str, str]:
    """Tenant and object id in verified claims of an ID token, which only a person's browser can bring.

    Raises:
        IdentityError: It is of another tenant, or an agent signed in.
    """
    if claims.get("idtyp", "user") != "user" or _agent_facets(claims):
        raise IdentityError("an agent signed in, not a person")
    return _tenant(claims, section), _object_id(claims)


def _tenant(claims: Mapping[str, Any], section: IssuerSection) -> str:
    tenant = check.text(claims, "tid")
    if tenant != section.tenant.lower():
        raise IdentityError(f"the token is of tenant {check.printable(tenant)}, not of {section.tenant}")
    return tenant


def _object_id(claims: Mapping[str, Any]) -> str:
    object_id = check.text(claims, "oid")
    if not GUID.fullmatch(object_id):
        raise IdentityError("the token names no object id (oid), so it has no identity here")
    return object_id


def _agent_facets(claims: Mapping[str, Any]) -> bool:
    return _AGENT in check.words(claims, "xms_act_fct") or _AGENT_USER in check.words(claims, "xms_sub_fct")


def _metadata_url(section: IssuerSection, version: str) -> str:
    path = "/v2.0" if version == "2.0" else ""
    return f"{section.authority.rstrip('/')}/{section.tenant.lower()}{path}/.well-known/openid-configuration"


def _kind(claims: Mapping[str, Any]) -> str:
    """`app` or `user`; `idtyp` is optional in Entra, so its absence must be made good from other claims."""
    stated = check.text(claims, "idtyp")
    delegated = bool(_scopes(claims))
    if stated == "app" and delegated:
        raise IdentityError("the token is of an app and of a person at once (idtyp app with scp)")
    if stated not in ("", "app", "user"):
        raise IdentityError(f"the token is of neither an app nor a person (idtyp {check.printable(stated)})")
    if not stated and not delegated and check.text(claims, "oid") != check.text(claims, "sub"):
        raise IdentityError(
            "the token does not say whether it is of an app or a person",
            hint="Add the optional claim idtyp to the API's app registration.",
        )
    person = stated == "user" or delegated
    if person and not delegated:
        raise IdentityError("the token is of a person and grants no scope (scp)")
    agent_acts = _AGENT in check.words(claims, "xms_act_fct")
    agent_user = _AGENT_USER in check.words(claims, "xms_sub_fct")
    if agent_user and not person:
        raise IdentityError("the token is of an app and of an agent's user account at once")
    return "user" if person and not agent_acts and not agent_user else "app"


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """Delegated scopes; app-only tokens may bear an empty `scp` or `/`."""
    return check.words(claims, "scp") - {"/"}


def _display_name(claims: Mapping[str, Any]) -> str:
    for name in ("app_displayname", "name", "preferred_username"):
        if shown := check.printable(check.text(claims, name)):
            return shown
    return ""
