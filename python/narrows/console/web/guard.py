"""What stands before every page: who is signed in, whether a form is ours, and what an error looks like."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from starlette.responses import RedirectResponse

from narrows.console.errors import APPROVAL_STATUS, ApiError
from narrows.console.requests import form_fields
from narrows.console.web.headers import protected
from narrows.console.web.pages import render
from narrows.console.web.site import site_of
from narrows.errors import ApprovalError, IdentityError, RecordingError, StoreError
from narrows.gateway import NoReaderError, NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.console.web.logins import Login
    from narrows.console.web.site import Site
    from narrows.gateway import Operations

    Endpoint = Callable[[Request], Awaitable[Response]]

COOKIE = "__Host-narrows"
"""`__Host-`: a browser takes it over TLS only, for the whole of this host and for no other."""
CSRF_FIELD = "csrf"
LIVE_HEADER = "narrows-live"
"""Borne by requests that a page makes by itself: they do not keep a sign-in from idling."""

log = structlog.get_logger("narrows.console")


def public(endpoint: Endpoint) -> Endpoint:
    """Wraps an endpoint that needs nobody signed in."""

    async def answer(request: Request) -> Response:
        try:
            return protected(await endpoint(request))
        except Exception as error:
            return protected(_error_page(request, error))

    return answer


def signed_in(endpoint: Endpoint) -> Endpoint:
    """Wraps an endpoint that is for people who are signed in; its forms must be ours."""

    async def answer(request: Request) -> Response:
        renews_itself = LIVE_HEADER in request.headers
        request.state.login = await find_login(request, touch=not renews_itself)
        if request.method == "POST":
            request.state.form = await _own_form(request)
        elif request.state.login is None:
            return _to_sign_in(request)
        return await endpoint(request)

    return public(answer)


def for_operators(endpoint: Endpoint) -> Endpoint:
    """Wraps an endpoint that is for operators."""

    async def answer(request: Request) -> Response:
        operations: Operations = request.app.state.operations
        if not operations.is_operator(login_of(request).principal):
            named = [*operations.operators.operator_groups, *operations.operators.operator_roles]
            raise ApiError(
                403,
                "forbidden",
                "This page is for operators.",
                f"Operators are in one of: {', '.join(named)}." if named else "No operators are configured.",
            )
        return await endpoint(request)

    return signed_in(answer)


def for_readers(endpoint: Endpoint) -> Endpoint:
    """Wraps an endpoint that is for those who may read recordings."""

    async def answer(request: Request) -> Response:
        operations: Operations = request.app.state.operations
        if not operations.recordings.may_read(login_of(request).principal):
            raise ApiError(403, "forbidden", "This page is for those who may read recordings.")
        return await endpoint(request)

    return signed_in(answer)


async def find_login(request: Request, *, touch: bool = True) -> Login | None:
    """Whose cookie a request bears; None where it is over or they are revoked. Raises StoreError."""
    site = site_of(request)
    cookie = request.cookies.get(COOKIE, "")
    login = await site.logins.find(cookie, touch=touch) if cookie else None
    if login is not None and _is_revoked(site, login):
        await site.logins.close(cookie)
        return None
    return login


def is_revoked(request: Request) -> bool:
    """Whether who the guard has found is accepted no more."""
    return _is_revoked(site_of(request), login_of(request))


def _is_revoked(site: Site, login: Login) -> bool:
    try:
        site.operations.revocations.check(login.principal)
    except IdentityError:
        return True
    return False


def login_of(request: Request) -> Login:
    """The login that the guard has found."""
    found: Login = request.state.login
    return found


async def no_such_page(request: Request) -> Response:
    """For a browser that asks for what is not there, or in a way in which it is not."""

    async def refuse(request: Request) -> Response:
        raise ApiError(404, "not-found", "There is no such page.")

    return await public(refuse)(request)


def form_of(request: Request) -> dict[str, str]:
    """The form that the guard has checked."""
    found: dict[str, str] = request.state.form
    return found


async def _own_form(request: Request) -> dict[str, str]:
    """The fields of a form of ours.

    A browser says where a form comes from (`Origin`, `Sec-Fetch-Site`); our own bear the login's secret too.
    """
    login: Login | None = request.state.login
    if login is None:
        raise ApiError(401, "unauthorized", "You are signed out.", "Sign in and do it again.")
    origin = request.headers.get("origin")
    fetched = request.headers.get("sec-fetch-site", "same-origin")
    fields = dict(await form_fields(request))
    sent = fields.pop(CSRF_FIELD, "")
    if (
        origin not in (None, site_of(request).origin)
        or fetched not in ("same-origin", "none")
        or not hmac.compare_digest(sent.encode(), login.csrf.encode())
    ):
        raise ApiError(
            403, "forbidden", "This form is not from a page of yours.", "Reload the page and retry."
        )
    return fields


def to_sign_in_anew(after: str) -> Response:
    """Leads to the issuer, where a person proves themselves anew, and from there to the page `after`."""
    return RedirectResponse(f"/sign-in?fresh=1&next={quote(after, safe='')}", 303)


def _to_sign_in(request: Request) -> Response:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse("/sign-in" if path == "/" else f"/sign-in?next={quote(path, safe='')}", 303)


def _error_page(request: Request, error: Exception) -> Response:
    shown = _shown(error)
    if shown is None:
        log.error("defect in a page", path=request.url.path, exc_info=error)
        shown = ApiError(500, "internal", "Something went wrong here.", "Tell an operator of Narrows.")
    return render(request, "error", status=shown.status, message=shown.message, hint=shown.hint)


def _shown(error: Exception) -> ApiError | None:
    """What a person is told of an error; None for a defect of ours."""
    match error:
        case ApiError():
            return error
        case IdentityError():
            return ApiError(403, "forbidden", str(error), error.hint)
        case NotAllowedError() | NoReaderError():
            return ApiError(403, "forbidden", str(error))
        case ApprovalError():
            return ApiError(APPROVAL_STATUS[error.code], error.code, str(error))
        case RecordingError():
            return ApiError(
                404, "not-found", "There is no recording that can be read.", "The gateway's log says more."
            )
        case StoreError():
            return ApiError(503, "unavailable", "The store cannot be used now.", "Try again in a moment.")
        case _:
            return None
