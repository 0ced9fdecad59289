"""The authorization endpoint: who logs in with the form gets a code, which is good once and for one client.

Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, RFC 6749 (4.1), RFC 7636.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from narrows.demo.entra.errors import EntraError, required
from narrows.demo.entra.signing import base64url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.demo.entra.directory import Application, Directory, Person

CODE_LIFETIME_S = 600
CODES_MAX = 1_000
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
PASSED_ON = (
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "max_age",
    "prompt",
)
"""Parameters that the form carries from the request to its own submission."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for."""

    application: Application
    person: Person
    redirect_uri: str
    challenge: str
    nonce: str
    scopes: tuple[str, ...]
    authenticated_at: int


class Authorizations:
    """Gives out codes and redeems them.

    Args:
        directory: What is registered.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._codes: dict[str, Code] = {}

    def check(self, query: Mapping[str, str]) -> Application:
        """Checks an authorization request; whatever is wrong is shown, not sent to an unchecked address.

        Raises:
            EntraError: The request is refused.
        """
        application = self._directory.application(required(query, "client_id"))
        redirect_uri = required(query, "redirect_uri")
        if redirect_uri not in application.redirect_uris:
            raise EntraError(
                50011,
                "invalid_request",
                f"The redirect URI '{redirect_uri}' specified in the request does not match the redirect "
                f"URIs configured for the application '{application.client_id}'.",
            )
        if required(query, "response_type") != "code":
            raise EntraError(700054, "unsupported_response_type", "response_type must be 'code'.")
        if "openid" not in required(query, "scope").split():
            raise EntraError(70011, "invalid_scope", "The scope must hold 'openid'.")
        if query.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(
            query.get("code_challenge", "")
        ):
            raise EntraError(501491, "invalid_request", "The PKCE code challenge must be of method S256.")
        return application

    def log_in(self, form: Mapping[str, str], now: float) -> str:
        """Where to send the browser of who logged in.

        Raises:
            EntraError: The request, the name or the password is wrong.
        """
        application = self.check(form)
        person = self._directory.person(required(form, "username"), required(form, "password"))
        code = secrets.token_urlsafe(48)
        if len(self._codes) >= CODES_MAX:
            self._codes.pop(next(iter(self._codes)))
        self._codes[code] = Code(
            application,
            person,
            form["redirect_uri"],
            form["code_challenge"],
            form.get("nonce", ""),
            tuple(form["scope"].split()),
            int(now),
        )
        return f"{form['redirect_uri']}?{urlencode({'code': code, 'state': form.get('state', '')})}"

    def redeem(self, form: Mapping[str, str], application: Application, now: float) -> Code:
        """What a code stands for; it is spent even when the rest of the request is wrong.

        Raises:
            EntraError: The code is not good for this client, address or verifier.
        """
        code = self._codes.pop(required(form, "code"), None)
        if code is None:
            raise EntraError(54005, "invalid_grant", "OAuth2 Authorization code was already redeemed.")
        if now > code.authenticated_at + CODE_LIFETIME_S:
            raise EntraError(70008, "invalid_grant", "The provided authorization code has expired.")
        if code.application is not application or code.redirect_uri != required(form, "redirect_uri"):
            raise EntraError(
                500112, "invalid_grant", "The reply address does not match the one of the authorization."
            )
        challenge = base64url(hashlib.sha256(required(form, "code_verifier").encode()).digest())
        if not hmac.compare_digest(challenge, code.challenge):
            raise EntraError(501481, "invalid_grant", "The Code_Verifier does not match the code_challenge.")
        return code


def login_page(parameters: Mapping[str, str], failure: str = "") -> str:
    """The form, with the request in hidden fields."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(parameters[name])}">'
        for name in PASSED_ON
        if name in parameters
    )
    problem = f'<p role="alert">{escape(failure)}</p>' if failure else ""
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in (emulated Entra)</title>
<h1>Sign in</h1><p>This is an emulated tenant on this machine.</p>{problem}
<form method="post">{hidden}
<p><label>User name<br><input name="username" autocomplete="username" required autofocus></label></p>
<p><label>Password<br><input name="password" type="password" required></label></p>
<p><button>Sign in</button></p></form></html>"""
