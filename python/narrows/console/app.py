"""The HTTP API's routes on one page; the web pages stand beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from narrows.approvals.lifecycle import wall_ms
from narrows.console import (
    approvals,
    chat,
    events,
    grants,
    metrics,
    openapi,
    policy,
    recordings,
    sessions,
    tokens,
)
from narrows.console.errors import ApiError, answers_errors
from narrows.console.web import Site, web_routes
from narrows.console.web.guard import no_such_page
from narrows.console.web.logins import Attempts, Logins

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.gateway import Operations

ROUTES = (
    ("GET", "/v1/approvals", approvals.listing),
    ("GET", "/v1/approvals/{id}", approvals.single),
    ("POST", "/v1/approvals/{id}/approve", approvals.approve),
    ("POST", "/v1/approvals/{id}/deny", approvals.deny),
    ("POST", "/v1/approvals/{id}/break-glass", approvals.break_glass),
    ("POST", "/v1/approvals/{id}/review", approvals.review),
    ("GET", "/v1/grants", grants.listing),
    ("POST", "/v1/grants/{id}/revoke", grants.revoke),
    ("POST", "/v1/policy/explain", policy.explain),
    ("GET", "/v1/targets", policy.targets),
    ("GET", "/v1/events", events.stream),
    ("POST", "/v1/notifiers/{name}/slack", chat.slack),
    ("GET", "/v1/sessions", sessions.listing),
    ("GET", "/v1/sessions/{id}", sessions.single),
    ("POST", "/v1/sessions/{id}/kill", sessions.kill),
    ("GET", "/v1/recordings", recordings.listing),
    ("GET", "/v1/recordings/search", recordings.search),
    ("GET", "/v1/recordings/{id}", recordings.single),
    ("GET", "/v1/recordings/{id}/events", recordings.follow),
    ("POST", "/v1/revocations", sessions.revoke),
    ("POST", "/v1/token", tokens.exchange),
)


def application(
    operations: Operations, *, origin: str = "", now_ms: Callable[[], int] = wall_ms
) -> Starlette:
    """The API and the web pages of one gateway, as an ASGI application.

    Args:
        operations: What the gateway lets people do.
        origin: `https://host[:port]` as browsers see it.
        now_ms: The wall clock, in milliseconds since 1970.
    """
    routes = [Route(path, answers_errors(endpoint), methods=[method]) for method, path, endpoint in ROUTES]
    routes.append(Route("/v1/health", health, methods=["GET"]))
    routes.append(Route("/metrics", answers_errors(metrics.page), methods=["GET"]))
    routes += web_routes()
    routes.append(Route("/v1/openapi.json", openapi.page, methods=["GET"]))
    app = Starlette(routes=routes, exception_handlers={HTTPException: _http_error, Exception: _defect})
    app.state.operations = operations
    store = operations.store
    app.state.site = Site(operations, origin, Logins(store, now_ms), Attempts(store, now_ms))
    return app


async def health(request: Request) -> Response:
    """Tells anyone that the gateway serves, and how far what is made of recordings is behind."""
    operations: Operations = request.app.state.operations
    return JSONResponse({"status": "ok", "recordings": await operations.recordings.lag()})


async def _http_error(request: Request, error: Exception) -> Response:
    """Paths and methods that the routes do not have."""
    assert isinstance(error, HTTPException)
    if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/"):
        return await no_such_page(request)
    word = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "invalid")
    return ApiError(error.status_code, word, error.detail, "See docs/operating.md.").response(error.headers)


async def _defect(request: Request, error: Exception) -> Response:
    """A defect of ours; its details are in the log, not in the answer."""
    return ApiError(500, "internal", "something went wrong here", "Tell an operator of Narrows.").response()
