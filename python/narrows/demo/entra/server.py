"""The emulator's HTTP face: discovery, keys, the login form and the token endpoint, on loopback TLS only."""

from __future__ import annotations

import ipaddress
from functools import partial
from html import escape
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

import trio
from hypercorn.config import Config
from hypercorn.trio import serve as serve_http
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from narrows.demo.entra.authorize import login_page
from narrows.demo.entra.errors import EntraError
from narrows.demo.entra.tokens import issuer

if TYPE_CHECKING:
    from pathlib import Path

    from hypercorn.typing import Framework
    from starlette.requests import Request

    from narrows.demo.entra import EntraEmulator


def check_loopback(bind: str) -> None:
    """Raises ValueError unless the address is a loopback one: an emulator must not face a network."""
    host = bind.rpartition(":")[0].strip("[]")
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"the emulated Entra is for this machine alone and does not bind to {bind}")


async def serve(
    emulator: EntraEmulator,
    bind: str,
    certificate_file: Path,
    key_file: Path,
    *,
    task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serves until cancelled; started with the port it is bound to.

    Raises:
        ValueError: The address is not a loopback one.
    """
    check_loopback(bind)
    config = Config()
    config.bind = [bind]
    config.certfile, config.keyfile = str(certificate_file), str(key_file)
    config.loglevel = "WARNING"
    async with trio.open_nursery() as nursery:
        app = cast("Framework", application(emulator))  # two spellings of one interface
        bound = await nursery.start(partial(serve_http, app, config))
        task_status.started(int(bound[0].rpartition(":")[2]))


def application(emulator: EntraEmulator) -> Starlette:
    """The emulator as an ASGI application."""
    endpoints = _Endpoints(emulator)
    tenant = f"/{emulator.tenant}"
    return Starlette(
        routes=[
            Route(f"{tenant}/.well-known/openid-configuration", partial(endpoints.metadata, 1)),
            Route(f"{tenant}/v2.0/.well-known/openid-configuration", partial(endpoints.metadata, 2)),
            Route(f"{tenant}/discovery/keys", partial(endpoints.keys, 1)),
            Route(f"{tenant}/discovery/v2.0/keys", partial(endpoints.keys, 2)),
            Route(f"{tenant}/oauth2/v2.0/authorize", endpoints.authorize, methods=["GET"]),
            Route(f"{tenant}/oauth2/v2.0/authorize", endpoints.log_in, methods=["POST"]),
            Route(f"{tenant}/oauth2/v2.0/token", endpoints.token, methods=["POST"]),
        ]
    )


class _Endpoints:
    def __init__(self, emulator: EntraEmulator) -> None:
        self._emulator = emulator

    async def metadata(self, version: int, _request: Request) -> JSONResponse:
        base = f"{self._emulator.authority}/{self._emulator.tenant}"
        path = "/v2.0" if version == 2 else ""
        return JSONResponse(
            {
                "issuer": issuer(self._emulator.authority, self._emulator.tenant, version),
                "authorization_endpoint": f"{base}/oauth2{path}/authorize",
                "token_endpoint": f"{base}/oauth2{path}/token",
                "jwks_uri": f"{base}/discovery{path}/keys",
                "response_types_supported": ["code", "id_token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def keys(self, version: int, _request: Request) -> JSONResponse:
        self._emulator.key_requests += 1
        template = issuer(self._emulator.authority, "{tenantid}", version)
        return JSONResponse(self._emulator.keys.document(template))

    async def authorize(self, request: Request) -> Response:
        try:
            self._emulator.authorizations.check(request.query_params)
        except EntraError as error:
            return HTMLResponse(f"<!doctype html><p>{escape(str(error))}", error.status)
        return HTMLResponse(login_page(request.query_params))

    async def log_in(self, request: Request) -> Response:
        form = await _form(request)
        try:
            return RedirectResponse(self._emulator.log_in(form), 303)
        except EntraError as error:
            return HTMLResponse(login_page(form, str(error)), error.status)

    async def token(self, request: Request) -> JSONResponse:
        form = await _form(request)
        try:
            return JSONResponse(self._emulator.answer(form), headers={"Cache-Control": "no-store"})
        except EntraError as error:
            return JSONResponse(error.body(), status_code=error.status)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
