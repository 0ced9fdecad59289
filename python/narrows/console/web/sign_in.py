"""Signing in at the issuer and coming back, and signing out."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

import structlog
from starlette.responses import RedirectResponse

from narrows.console.errors import ApiError
from narrows.console.web.guard import COOKIE, find_login
from narrows.console.web.logins import ATTEMPT_MAX_S, TOKEN_BYTES
from narrows.console.web.pages import render
from narrows.console.web.site import site_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.console.web.site import Site
    from narrows.identity.relying_party import RelyingParty

BROWSER_COOKIE = "__Host-narrows-sign-in"
"""Ties a sign-in to the browser that began it, so that nobody is signed in as somebody else by a link."""
OWN_PAGE = re.compile(r"/(?:[A-Za-z0-9._~%=&?+,:-][A-Za-z0-9._~%=&?+,:/-]*)?")
"""A path here: not `//host`, no backslash, no scheme."""
BROWSER_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")

log = structlog.get_logger("narrows.console")


async def start(request: Request) -> Response:
    """Asks to sign in; with `fresh=1` or from the button, leaves for the issuer at once."""
    after = own_page(request.query_params.get("next", "/"))
    fresh = request.query_params.get("fresh") == "1"
    if request.query_params.get("go") != "1" and not fresh:
        if await find_login(request) is not None:
            return RedirectResponse(after, 303)
        party = site_of(request).operations.sign_in
        return render(request, "sign_in", after=after, issuer=party.issuer.section.name if party else "")
    site = site_of(request)
    party = _party(site)
    browser = request.cookies.get(BROWSER_COOKIE, "")
    if not BROWSER_VALUE.fullmatch(browser):
        browser = secrets.token_urlsafe(TOKEN_BYTES)
    attempt = await site.attempts.begin(browser, site.redirect_uri, after=after, fresh=fresh)
    response = RedirectResponse(await party.authorization_url(attempt), 303)
    _set_cookie(response, BROWSER_COOKIE, browser, max_age=int(ATTEMPT_MAX_S))
    return response


async def callback(request: Request) -> Response:
    """The browser comes back from the issuer."""
    site = site_of(request)
    party = _party(site)
    given = request.query_params
    pending = await site.attempts.take(given.get("state", ""), request.cookies.get(BROWSER_COOKIE, ""))
    if pending is None:
        raise ApiError(
            403,
            "forbidden",
            "This sign-in was not begun in this browser, or too long ago, or is over already.",
            "Sign in again.",
        )
    if given.get("iss", party.issuer.iss) != party.issuer.iss:
        raise ApiError(403, "forbidden", "Another issuer answered than the one asked.", "Sign in again.")
    if "error" in given:
        raise ApiError(403, "forbidden", "The issuer did not sign you in.", "Sign in again.")
    principal = await party.redeem(pending.attempt, given.get("code", ""))
    site.operations.revocations.check(principal)
    await site.logins.close(request.cookies.get(COOKIE, ""))
    cookie = await site.logins.open(principal)
    log.info("signed in", principal=principal.key, fresh=pending.attempt.fresh)
    response = RedirectResponse(pending.after, 303)
    _set_cookie(response, COOKIE, cookie)
    return response


async def sign_out(request: Request) -> Response:
    """Signs out here; the session at the issuer stays."""
    await site_of(request).logins.close(request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/signed-out", 303)
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


async def signed_out(request: Request) -> Response:
    """Says that it is done."""
    return render(request, "signed_out")


def own_page(path: str) -> str:
    """The path, if it is one of this console's pages; else the first page."""
    return path if OWN_PAGE.fullmatch(path) and not path.startswith("/sign") else "/"


def _party(site: Site) -> RelyingParty:
    if site.operations.sign_in is None:
        raise ApiError(
            503,
            "unavailable",
            "Nobody can sign in: the console has no client at the issuer.",
            "Set client-id under [console] in the gateway's configuration.",
        )
    return site.operations.sign_in


def _set_cookie(response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    """Lax, not Strict: one comes here by links, from the issuer and from messages."""
    response.set_cookie(name, value, max_age=max_age, path="/", secure=True, httponly=True, samesite="lax")
