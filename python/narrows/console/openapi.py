"""`/v1/openapi.json`: the API described for programs, from the routes that serve it."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from narrows import __version__
from narrows.console.policy import IMAGINED
from narrows.console.recordings import FILTERS
from narrows.console.schemas import ANSWERS, Error, components, reference
from narrows.identity.revocation import SUBJECTS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

QUERY = {
    "/v1/approvals": ("state", "review"),
    "/v1/grants": ("live",),
    "/v1/recordings/search": FILTERS,
    "/v1/recordings/{id}": ("from",),
    "/v1/recordings/{id}/events": ("from",),
    "/v1/sessions": ("open",),
}
"""Query parameters by path."""

VOTE = ("digest", "reason")
BODIES: dict[str, tuple[str, ...]] = {
    "/v1/approvals/{id}/approve": VOTE,
    "/v1/approvals/{id}/deny": VOTE,
    "/v1/approvals/{id}/break-glass": VOTE,
    "/v1/approvals/{id}/review": ("reason",),
    "/v1/grants/{id}/revoke": ("reason",),
    "/v1/policy/explain": ("target", *IMAGINED),
    "/v1/revocations": (*SUBJECTS, "reason"),
    "/v1/sessions/{id}/kill": (),
}
"""Members of JSON bodies by path; all are strings."""

FORMS = {
    "/v1/token": (
        "grant_type",
        "subject_token",
        "subject_token_type",
        "audience",
        "requested_token_type",
        "public_key",
    ),
    "/v1/notifiers/{name}/slack": ("payload",),
}
"""Fields of forms by path."""

EVENT_STREAMS = frozenset({"/v1/events", "/v1/recordings/{id}/events"})
PUBLIC = frozenset({"/v1/health", "/v1/openapi.json", "/v1/token", "/v1/notifiers/{name}/slack"})
"""Answered without a bearer token."""


async def page(request: Request) -> Response:
    """This description."""
    routes = [route for route in request.app.routes if getattr(route, "path", "").startswith("/v1/")]
    return JSONResponse(described(routes))


def described(routes: list[Route]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of these routes."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            paths.setdefault(route.path, {})[method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Narrows",
            "version": __version__,
            "description": "Approvals, grants, sessions and policy of one gateway.",
        },
        "paths": paths,
        "components": {
            "schemas": components(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    summary, _, rest = (inspect.getdoc(route.endpoint) or "").partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": f"{route.endpoint.__module__.rpartition('.')[2]}-{route.endpoint.__name__}",
        "summary": " ".join(summary.split()),
        "parameters": _parameters(route.path),
        "responses": {
            "200": {"description": "Done.", "content": {_media(route.path): {"schema": _answer(route.path)}}},
            "default": {
                "description": "An error: what, why, and what to do next.",
                "content": {"application/json": {"schema": reference(Error)}},
            },
        },
        "security": [] if route.path in PUBLIC else [{"bearer": []}],
    }
    if rest:
        operation["description"] = " ".join(rest.split())
    if route.path in BODIES:
        operation["requestBody"] = _body("application/json", BODIES[route.path])
    if route.path in FORMS:
        operation["requestBody"] = _body("application/x-www-form-urlencoded", FORMS[route.path])
    return operation


def _parameters(path: str) -> list[dict[str, Any]]:
    text = {"type": "string"}
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in re.findall(r"{(\w+)}", path)
    ]
    return in_path + [{"name": name, "in": "query", "schema": text} for name in QUERY.get(path, ())]


def _answer(path: str) -> dict[str, Any]:
    """The schema of what a path answers with; none for what is no JSON of ours."""
    return reference(ANSWERS[path]) if path in ANSWERS else {}


def _media(path: str) -> str:
    return "text/event-stream" if path in EVENT_STREAMS else "application/json"


def _body(media: str, names: tuple[str, ...]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: {"type": "string"} for name in names},
    }
    return {"content": {media: {"schema": schema}}}
