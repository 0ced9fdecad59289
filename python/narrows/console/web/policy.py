"""The policy in force, and why it would decide something as it does; for operators."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from narrows.console.errors import ApiError
from narrows.console.web.guard import form_of
from narrows.console.web.pages import render
from narrows.console.web.rules import mask_in_words, rule_in_words
from narrows.console.web.site import site_of
from narrows.model import Principal, Statement
from narrows.operation import KINDS
from narrows.policy import explain
from narrows.policy.imagined import KINDS_ON, NotImaginable, operation_on
from narrows.policy.tables import ImaginedTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.gateway import Operations
    from narrows.model import Target
    from narrows.policy.rules import Policy

NAMES_MAX = 100
"""Groups or roles in the form."""


async def show(request: Request) -> Response:
    """Rules and masks as loaded, with the form."""
    return _page(request, {})


async def explained(request: Request) -> Response:
    """How something would be decided, and why; what cannot be asked about is said above the form."""
    here = site_of(request).operations
    form = form_of(request)
    target = here.destinations.known(form.get("target", ""))
    if target is None:
        raise ApiError(400, "invalid", "There is no such target.", "Choose one of the list.")
    try:
        operation = operation_on(target, _imagined(form, target))
    except NotImaginable as error:
        return _page(request, form, problem=str(error))
    is_statement = isinstance(operation, Statement)
    catalogue = here.catalogues.last(target.name) if is_statement else None
    explanation = explain(here.policies.current, _principal(form), target, operation, catalogue)
    assumed = is_statement and catalogue is None
    return _page(request, form, explanation=explanation.document(), assumed=assumed)


def _imagined(form: Mapping[str, str], target: Target) -> ImaginedTable:
    """What the form says would be attempted; what the target takes first, where it does not say."""
    what = form.get("what", "")
    kind = what if what in KINDS else KINDS_ON[target.kind][0]
    text = form.get("text", "").replace("\r\n", "\n").strip()
    belongs = {name: form.get(name, "").strip() for name in ("login", "body", "content_type")}
    return ImaginedTable(**{kind: text}, **belongs)


def _page(
    request: Request,
    form: Mapping[str, str],
    *,
    explanation: dict[str, Any] | None = None,
    assumed: bool = False,
    problem: str = "",
) -> Response:
    here = site_of(request).operations
    policy = here.policies.current
    return render(
        request,
        "policy",
        status=400 if problem else 200,
        version=policy.version,
        rules=[rule_in_words(rule) for rule in policy.rules],
        masks=[mask_in_words(mask) for mask in policy.masks],
        targets=sorted(here.destinations.sections),
        issuers=_issuers(here, policy),
        kinds=KINDS,
        form=form,
        explanation=explanation,
        assumed=assumed,
        problem=problem,
    )


def _principal(form: Mapping[str, str]) -> Principal:
    return Principal(
        issuer=form.get("issuer", ""),
        tenant=form.get("tenant", ""),
        object_id=form.get("object", ""),
        kind="user" if form.get("kind") == "user" else "app",
        app=form.get("app", ""),
        groups=_names(form.get("groups", "")),
        roles=_names(form.get("roles", "")),
    )


def _names(text: str) -> frozenset[str]:
    """Names parted by commas or spaces."""
    names = re.split(r"[,\s]+", text.strip())[:NAMES_MAX]
    return frozenset(name for name in names if name)


def _issuers(here: Operations, policy: Policy) -> list[str]:
    named = {principals.issuer for principals in policy.principals.values()}
    if here.sign_in is not None:
        named.add(here.sign_in.issuer.section.name)
    return sorted(named)
