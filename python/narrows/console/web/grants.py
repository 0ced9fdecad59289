"""What people let through for a while, with the button that ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from narrows.console.errors import ApiError
from narrows.console.grants import may_end
from narrows.console.web.guard import form_of, login_of
from narrows.console.web.pages import render
from narrows.console.web.site import site_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.approvals.grant import Grant

OVER_SHOWN_MAX = 50


async def listing(request: Request) -> Response:
    """Grants that are good now, then those that are over."""
    here = site_of(request).operations
    person = login_of(request).principal
    live: list[tuple[Grant, str, bool]] = []
    over: list[tuple[Grant, str, bool]] = []
    for grant in await here.grants.newest():
        theirs = await may_end(here, person, grant)
        if not theirs and grant.principal != person.key:
            continue
        standing = here.grants.standing(grant)
        (live if standing == "live" else over).append((grant, standing, theirs))
    return render(request, "grants", live=live, over=over[:OVER_SHOWN_MAX])


async def revoke(request: Request) -> Response:
    """Ends a grant at once."""
    here = site_of(request).operations
    person = login_of(request).principal
    grant = await here.grants.find(request.path_params["id"])
    if not await may_end(here, person, grant):
        raise ApiError(403, "forbidden", "This grant is not yours to end.")
    await here.grants.revoke(grant.id, person, reason=form_of(request).get("reason", "").strip())
    return RedirectResponse("/grants", 303)
