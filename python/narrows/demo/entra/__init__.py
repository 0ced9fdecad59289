"""A Microsoft Entra tenant for the demo and the tests, in shapes from the vendor's documentation.

Real azure-identity and msal clients log in to it. It proves that Narrows understands those libraries' tokens
and refuses what it must; it proves nothing about a live tenant. It serves on loopback over TLS only.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

import jwt
import trio

from narrows.demo.entra import server, tokens
from narrows.demo.entra.authorize import Authorizations
from narrows.demo.entra.directory import Api, Application, Directory, Federation, Person, new_id
from narrows.demo.entra.errors import EntraError, required
from narrows.demo.entra.grants import authenticate, judge
from narrows.demo.entra.signing import SigningCertificate, SigningKeys, base64url
from narrows.pki import LocalCa

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = [
    "Api",
    "Application",
    "EntraEmulator",
    "EntraError",
    "Federation",
    "Person",
    "SigningCertificate",
]


class EntraEmulator:
    """One emulated tenant.

    Args:
        directory: Where its TLS certificate is made.
        tenant: The tenant's id, a GUID.
        bind: A loopback address with its port; port 0: any free one.
        clock: Returns seconds since 1970.

    Raises:
        ValueError: The address is not a loopback one.
    """

    def __init__(
        self,
        directory: Path,
        *,
        tenant: str | None = None,
        bind: str = "127.0.0.1:0",
        clock: Callable[[], float] = time.time,
    ) -> None:
        server.check_loopback(bind)
        self.tenant = tenant or new_id()
        self.directory = Directory()
        self.authorizations = Authorizations(self.directory)
        self.keys = SigningKeys()
        self.lifetime_s: int | None = None
        """The lifetime of new tokens; None: Entra's default range."""
        self.key_requests = 0
        """How often the keys have been fetched."""
        self._bind = bind
        self._port = int(bind.rpartition(":")[2])
        self._clock = clock
        self._files = directory
        self._tls = LocalCa(directory)

    @property
    def authority(self) -> str:
        """The host that clients are given as authority; its port is known once `serve` has started."""
        return f"https://localhost:{self._port}"

    @property
    def ca_file(self) -> Path:
        """What clients must trust."""
        return self._tls.ca_file

    def issuer_section(self, api: Api, name: str = "entra") -> dict[str, Any]:
        """The `[[issuer]]` table of a configuration that accepts this tenant's tokens for an API."""
        return {
            "name": name,
            "kind": "entra",
            "tenant": self.tenant,
            "authority": self.authority,
            "audiences": [api.client_id, api.uri],
            "accept-v1": api.token_version == 1,
            "ca": str(self.ca_file),
        }

    async def serve(self, *, task_status: trio.TaskStatus[str] = trio.TASK_STATUS_IGNORED) -> None:
        """Serves until cancelled; started with the authority's URL."""
        self._tls.server_certificate(["localhost", "127.0.0.1", "::1"])
        async with trio.open_nursery() as nursery:
            self._port = await nursery.start(
                server.serve, self, self._bind, self._files / "server.pem", self._files / "server.key"
            )
            task_status.started(self.authority)

    def answer(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Answers a token request.

        Args:
            form: Its parameters.

        Returns:
            The token endpoint's JSON.

        Raises:
            EntraError: The request is refused.
        """
        endpoint = f"{self.authority}/{self.tenant}/oauth2/v2.0/token"
        if form.get("grant_type") == "authorization_code":
            return self._redeem(form, endpoint)
        granted = judge(form, self.directory, endpoint)
        validity = tokens.Validity.from_now(self._clock(), self.lifetime_s)
        application, person = granted.application, granted.person
        if person is None:
            subject = tokens.application_claims(granted.api, application, granted.strength)
        else:
            subject = tokens.person_claims(granted.api, application, person, granted.scope)
        reply: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": validity.lifetime_s,
            "ext_expires_in": validity.lifetime_s,
            "access_token": self.sign(self._claims(granted.api, subject, validity)),
        }
        if person is not None:
            reply["scope"] = form["scope"]
            reply["client_info"] = base64url(
                f'{{"uid":"{person.object_id}","utid":"{self.tenant}"}}'.encode()
            )
            if granted.wants_id_token:
                claims = tokens.id_token_claims(self.authority, self.tenant, application, person, validity)
                reply["id_token"] = self.sign(claims)
        return reply

    def log_in(self, form: Mapping[str, str]) -> str:
        """Where to send the browser of who logged in with the form; EntraError when they did not."""
        return self.authorizations.log_in(form, self._clock())

    def app_claims(self, api: Api, application: Application, *, lifetime_s: int = 3600) -> dict[str, Any]:
        """The claims of an app-only token issued now, for a test to bend and `sign`."""
        validity = tokens.Validity.from_now(self._clock(), lifetime_s)
        return self._claims(api, tokens.application_claims(api, application, 2), validity)

    def person_claims(
        self, api: Api, application: Application, person: Person, *, lifetime_s: int = 3600
    ) -> dict[str, Any]:
        """The claims of a person's token issued now, for a test to bend and `sign`."""
        validity = tokens.Validity.from_now(self._clock(), lifetime_s)
        return self._claims(api, tokens.person_claims(api, application, person, "access_as_user"), validity)

    def sign(self, claims: Mapping[str, Any], *, header: Mapping[str, Any] | None = None) -> str:
        """Signs claims with the current key.

        Args:
            claims: The payload.
            header: Added to, and in place of, the usual `typ`, `alg` and `kid`.
        """
        signer = self.keys.current
        headers = {"typ": "JWT", "kid": signer.thumbprint, **(header or {})}
        return jwt.encode(dict(claims), signer.key, algorithm="RS256", headers=headers)

    def _redeem(self, form: Mapping[str, str], endpoint: str) -> dict[str, Any]:
        """Answers a code with an ID token; the access token is opaque, as one for Microsoft's own APIs is."""
        application = self.directory.application(required(form, "client_id"))
        if not application.public:
            authenticate(form, application, endpoint)
        code = self.authorizations.redeem(form, application, self._clock())
        validity = tokens.Validity.from_now(self._clock(), self.lifetime_s)
        claims = tokens.id_token_claims(self.authority, self.tenant, application, code.person, validity)
        return {
            "token_type": "Bearer",
            "scope": " ".join(code.scopes),
            "expires_in": validity.lifetime_s,
            "access_token": secrets.token_urlsafe(48),
            "id_token": self.sign(claims | {"nonce": code.nonce, "auth_time": code.authenticated_at}),
        }

    def _claims(self, api: Api, subject: Mapping[str, Any], validity: tokens.Validity) -> dict[str, Any]:
        signed_in = {"auth_time": validity.issued_at} if subject["idtyp"] == "user" else {}
        return {**tokens.envelope(self.authority, self.tenant, api, validity), **subject, **signed_in}
