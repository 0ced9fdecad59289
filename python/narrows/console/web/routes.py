"""Every page on one page: path, method, who it is for."""

from __future__ import annotations

from starlette.routing import Route

from narrows.console.web import (
    approvals,
    assets,
    grants,
    live,
    policy,
    recordings,
    sessions,
    sign_in,
    terminal,
)
from narrows.console.web.guard import for_operators, for_readers, public, signed_in


def web_routes() -> list[Route]:
    """The routes; the application that has them keeps a `Site` in its state."""
    return [
        _get("/", signed_in(approvals.inbox)),
        _get("/approvals/{id}", signed_in(approvals.single)),
        _post("/approvals/{id}", signed_in(approvals.decide)),
        _post("/approvals/{id}/review", signed_in(approvals.review)),
        _get("/grants", signed_in(grants.listing)),
        _post("/grants/{id}/revoke", signed_in(grants.revoke)),
        _get("/sessions", for_operators(sessions.listing)),
        _get("/sessions/{id}", for_operators(sessions.single)),
        _post("/sessions/{id}/kill", for_operators(sessions.kill)),
        _get("/recordings", for_readers(recordings.search)),
        _get("/recordings/{id}", for_readers(recordings.single)),
        _get("/recordings/{id}/terminal", for_readers(terminal.show)),
        _get("/recordings/{id}/cast", for_readers(terminal.cast)),
        _get("/policy", for_operators(policy.show)),
        _post("/policy", for_operators(policy.explained)),
        _get("/live/inbox", signed_in(live.inbox)),
        _get("/live/approvals/{id}", signed_in(live.approval)),
        _get("/live/grants", signed_in(live.grants)),
        _get("/live/sessions", for_operators(live.sessions)),
        _get("/live/recordings/{id}", for_readers(recordings.live)),
        _get("/live/recordings/{id}/terminal", for_readers(terminal.live)),
        _get("/sign-in", public(sign_in.start)),
        _get("/sign-in/callback", public(sign_in.callback)),
        _get("/signed-out", public(sign_in.signed_out)),
        _post("/sign-out", signed_in(sign_in.sign_out)),
        _get("/static/{name:path}", public(assets.static)),
        _get("/favicon.ico", public(assets.favicon)),
    ]


def _get(path: str, endpoint: object) -> Route:
    return Route(path, endpoint, methods=["GET"])  # type: ignore[arg-type]


def _post(path: str, endpoint: object) -> Route:
    return Route(path, endpoint, methods=["POST"])  # type: ignore[arg-type]
