"""Signing people in with an issuer: authorization code flow with PKCE, the console as client.

Sources: OpenID Connect Core 1.0 (3.1), RFC 7636 (PKCE), RFC 9700 (security best practice), RFC 9207 (`iss`).
"""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import trio

from narrows.errors import IdentityError
from narrows.identity.claims import printable
from narrows.identity.https import Https, deadline
from narrows.identity.id_tokens import Expected, person_of
from narrows.identity.metadata import WELL_KNOWN, read_metadata
from narrows.identity.strict_json import parse_object

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from narrows.identity.issuer import Issuer
    from narrows.model import Principal

METADATA_MAX_S = 3600.0
"""How long an issuer's endpoints are remembered."""
CODE_CHARACTERS_MAX = 8 * 1024
SCOPE = "openid profile"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in that a browser has begun; all of it is secret but `redirect_uri`."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    """PKCE's code verifier: 43 to 128 unreserved characters."""
    redirect_uri: str
    fresh: bool = False
    """Whether the person must prove themselves anew, even with a session at the issuer."""


class RelyingParty:
    """The console as a client of one issuer.

    Args:
        issuer: Where people sign in.
        client_id: What the issuer calls the console.
        secret: Reveals the client's secret; None for a public client, which PKCE alone protects.
        ca: PEM file of the CA for the issuer's certificate; None: the system's.
        clock: Returns seconds since 1970.

    Raises:
        IdentityError: The CA file cannot be read.
    """

    def __init__(
        self,
        issuer: Issuer,
        client_id: str,
        *,
        secret: Callable[[], bytes] | None = None,
        ca: Path | None = None,
        clock: Callable[[], float] = time.time,
        https: Https | None = None,
    ) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self._secret = secret
        self._https = https or Https(issuer.iss, ca=ca)
        self._clock = clock
        self._metadata: dict[str, Any] = {}
        self._read_at = float("-inf")

    async def authorization_url(self, attempt: Attempt) -> str:
        """Where the browser is sent to sign in.

        Raises:
            IdentityError: The issuer does not say where.
        """
        endpoint = await self._endpoint("authorization_endpoint")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest())
        parameters = {
            "client_id": self.client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": attempt.redirect_uri,
            "scope": SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if attempt.fresh:
            parameters |= {"max_age": "0", "prompt": "login"}
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(parameters)}"

    async def redeem(self, attempt: Attempt, code: str) -> Principal:
        """Exchanges the code that the browser brought back.

        Args:
            attempt: The sign-in that the code's `state` belongs to.
            code: The authorization code.

        Returns:
            The person who signed in.

        Raises:
            IdentityError: The issuer refuses the code, or its ID token is not good for this sign-in.
        """
        if not 0 < len(code) <= CODE_CHARACTERS_MAX:
            raise IdentityError("the issuer sent no code", hint="Sign in again.")
        fields = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": code,
            "redirect_uri": attempt.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        if self._secret is not None:
            fields["client_secret"] = self._secret().decode()
        endpoint = await self._endpoint("token_endpoint")
        with deadline(self.issuer.iss):
            answer = await self._https.post_form(endpoint, fields)
        try:
            document = parse_object(answer.body, "token endpoint's answer")
        except ValueError as error:
            raise IdentityError(str(error)) from None
        if answer.status != 200:
            why = document.get("error")
            raise IdentityError(
                f"the issuer refuses the sign-in ({printable(str(why or answer.status))})",
                hint="Sign in again.",
            )
        token = document.get("id_token")
        if not isinstance(token, str):
            raise IdentityError("the issuer sent no ID token")
        expected = Expected(self.client_id, attempt.nonce, attempt.fresh)
        return await person_of(token.encode(), self.issuer, expected, self._clock())

    async def _endpoint(self, name: str) -> str:
        if trio.current_time() - self._read_at > METADATA_MAX_S:
            url = self.issuer.iss.rstrip("/") + WELL_KNOWN
            with deadline(self.issuer.iss):
                self._metadata = await read_metadata(self._https, url, self.issuer.iss)
            self._read_at = trio.current_time()
        endpoint = self._metadata.get(name)
        if not isinstance(endpoint, str) or urlsplit(endpoint).scheme != "https":
            raise IdentityError(f"issuer {self.issuer.iss} names no {name} on https")
        return endpoint
