"""Renders templates. Autoescaping is on for all of them, and a name that is not there is an error."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from narrows.approvals.preview import touched
from narrows.console.web.assets import asset
from narrows.console.web.visible import marked, visible

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.console.web.logins import Login

UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page.

    Args:
        request: What it answers; who is signed in is taken from it.
        template: The template's name without its ending.
        status: The HTTP status.
        context: What the template names.
    """
    login: Login | None = getattr(request.state, "login", None)
    here = request.app.state.operations
    shared = {
        "login": login,
        "is_operator": login is not None and here.is_operator(login.principal),
        "is_reader": login is not None and here.recordings.may_read(login.principal),
        "status": status,
        "path": request.url.path,
        "now_ms": int(datetime.now(UTC).timestamp() * 1000),
    }
    return HTMLResponse(_ENVIRONMENT.get_template(f"{template}.html").render(shared | context), status)


def moment(time_ms: int | None) -> Markup:
    """A time, exact for machines and short for people."""
    if time_ms is None:
        return Markup("")
    at = datetime.fromtimestamp(time_ms / 1000, UTC)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        f"{at:%Y-%m-%dT%H:%M:%S}Z", f"{at:%Y-%m-%d %H:%M:%S} UTC", f"{at:%d %b %H:%M} UTC"
    )


def duration(milliseconds: float) -> str:
    """How long, in its largest unit: `14 min`."""
    seconds = max(0, int(milliseconds / 1000))
    for size, unit in UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "0 s"


def who(name: str, key: str) -> Markup:
    """A principal as people call it: by its name, else by its object id; the whole key on hovering."""
    return Markup('<span title="{}">{}</span>').format(key, visible(name or key.rpartition("/")[2]))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("narrows.console.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"visible": visible, "marked": marked, "moment": moment, "duration": duration}
    environment.globals |= {"asset": asset, "who": who, "touched": touched}
    return environment


_ENVIRONMENT = _environment()
