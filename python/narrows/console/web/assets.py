"""The static files: read once, so that a path in a request is a name to look up and never a path to open."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response

from narrows.console.errors import ApiError

if TYPE_CHECKING:
    from starlette.requests import Request

TYPES = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "favicon.svg": "image/svg+xml",
    "terminal.js": "text/javascript; charset=utf-8",
    "asciinema-player/asciinema-player.min.js": "text/javascript; charset=utf-8",
    "asciinema-player/asciinema-player.css": "text/css; charset=utf-8",
}
CONTENT = {
    name: files("narrows.console.web").joinpath("static", *name.split("/")).read_bytes() for name in TYPES
}
IMMUTABLE = "public, max-age=31536000, immutable"


def asset(name: str) -> str:
    """The address of a static file, another one whenever its content is another."""
    return f"/static/{name}?v={hashlib.sha256(CONTENT[name]).hexdigest()[:12]}"


async def static(request: Request) -> Response:
    """One static file."""
    name = request.path_params["name"]
    if name not in CONTENT:
        raise ApiError(404, "not-found", "there is no such file")
    return Response(CONTENT[name], media_type=TYPES[name], headers={"Cache-Control": IMMUTABLE})


async def favicon(request: Request) -> Response:
    """Where browsers look for the icon before they have read a page."""
    return Response(CONTENT["favicon.svg"], media_type=TYPES["favicon.svg"])
