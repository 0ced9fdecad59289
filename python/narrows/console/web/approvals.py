"""The inbox and the page of one request: who wants what where, and the two buttons."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from narrows.approvals.eligibility import break_glass_objection, objection, review_objection
from narrows.approvals.preview import touched
from narrows.approvals.request import State
from narrows.console.approvals import may_see
from narrows.console.errors import ApiError
from narrows.console.web.guard import form_of, login_of, to_sign_in_anew
from narrows.console.web.pages import duration, render
from narrows.console.web.site import site_of
from narrows.errors import ApprovalError
from narrows.operation import KINDS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from narrows.approvals.request import Approval
    from narrows.model import Principal

STATEMENT_CHARACTERS_IN_LIST = 600
CLOSED_SHOWN_MAX = 20
"""Requests that are over, below those that wait."""
NOTHING: tuple[Any, ...] = (None, "", [], {})
SHOWN_OF_DOCUMENT = frozenset(
    {
        "version",
        "principal",
        "target",
        "database",
        *KINDS,
        "method",
        "path",
        "parameters",
        "parameter_types",
        "transaction",
    }
    | {"policy", "rule"}
)
"""Members of the document that the page has a place of its own for; any other is shown as it is."""


async def inbox(request: Request) -> Response:
    """What waits for people, and what was decided lately."""
    here = site_of(request).operations
    person = login_of(request).principal
    found = [one for one in await here.approvals.newest() if may_see(here, person, one)]
    waiting = [one for one in found if one.state is State.REQUESTED]
    closed = [one for one in found if one.state is not State.REQUESTED]
    due = [one for one in closed if one.needs_review]
    return render(
        request,
        "inbox",
        waiting=[(one, why := _why_not(one, person), not why and _fits(one)) for one in waiting],
        due=due,
        closed=closed[:CLOSED_SHOWN_MAX],
        characters=STATEMENT_CHARACTERS_IN_LIST,
    )


def _fits(approval: Approval) -> bool:
    """Whether the inbox shows what would run and change, so that it may be decided there."""
    document = approval.request.document
    return (
        not _diff(approval)
        and len(approval.request.text) <= STATEMENT_CHARACTERS_IN_LIST
        and not document.get("parameters")
        and document.get("transaction", "idle") == "idle"
        and {name for name, value in document.items() if value not in NOTHING} <= SHOWN_OF_DOCUMENT
    )


async def single(request: Request) -> Response:
    """One request, whole: what is shown is what would be approved."""
    here = site_of(request).operations
    person = login_of(request).principal
    approval = await here.approvals.find(request.path_params["id"])
    if not may_see(here, person, approval):
        raise _not_theirs(approval, person)
    document = approval.request.document
    return render(
        request,
        "approval",
        approval=approval,
        why_not=objection(approval.request, person),
        voted=_voted(approval, person),
        waits=approval.state is State.REQUESTED,
        may_break_glass=not break_glass_objection(approval.request, person),
        may_review=approval.needs_review and not review_objection(approval, person),
        touches=touched(approval.preview) if approval.preview else "",
        sample=_sample(approval),
        diff=_diff(approval),
        diff_is_cut=bool((approval.preview or {}).get("cut")),
        good_for=_good_for(approval),
        told=await here.approvals.deliveries(approval.request.id),
        parameters=[_parameter(one) for one in document.get("parameters", ())],
        further={
            name: _readable(value)
            for name, value in document.items()
            if name not in SHOWN_OF_DOCUMENT and value not in NOTHING
        },
        approvers=_approvers(approval),
    )


async def decide(request: Request) -> Response:
    """Approves, denies or breaks the glass; the form bears the digest of what was shown."""
    here = site_of(request).operations.approvals
    person = login_of(request).principal
    name, form = request.path_params["id"], form_of(request)
    votes = {"approve": here.approve, "deny": here.deny, "break-glass": here.break_glass}
    vote = votes.get(form.get("vote", ""))
    if vote is None or not form.get("digest"):
        raise ApiError(400, "invalid", "The form does not say what is decided.", "Reload the page and retry.")
    try:
        await vote(name, person, digest=form["digest"], reason=form.get("reason", "").strip())
    except ApprovalError as error:
        if error.code == "sign-in-needed":
            return to_sign_in_anew(f"/approvals/{name}")
        if error.code == "not-eligible":
            raise _not_theirs(await here.find(name), person, str(error)) from None
        raise
    return RedirectResponse(f"/approvals/{name}", 303)


async def review(request: Request) -> Response:
    """Notes that somebody else has looked at a broken glass."""
    name = request.path_params["id"]
    said = form_of(request).get("reason", "").strip()
    await site_of(request).operations.approvals.review(name, login_of(request).principal, said)
    return RedirectResponse(f"/approvals/{name}", 303)


def _why_not(approval: Approval, person: Principal) -> str:
    """Why this person has nothing to say: they may not decide, or have approved. Empty: they have."""
    if _voted(approval, person):
        return "you have approved; others have to approve too"
    return objection(approval.request, person)


def _voted(approval: Approval, person: Principal) -> bool:
    return any(vote.approver == person.key for vote in approval.votes)


def _not_theirs(approval: Approval, person: Principal, why: str = "") -> ApiError:
    why = why or objection(approval.request, person) or "this request is not for you to decide"
    return ApiError(
        403, "forbidden", f"{why[0].upper()}{why[1:]}.", f"Who may decide: {_approvers(approval)}."
    )


def _approvers(approval: Approval) -> str:
    """Who may decide, in words."""
    terms = approval.request.terms
    named = (("group", terms.groups), ("role", terms.roles), ("object", terms.objects))
    return ", ".join(f"{kind} {one}" for kind, ones in named for one in ones) or "nobody"


def _sample(approval: Approval) -> list[dict[str, Any]]:
    """A few of the rows that it would touch, each by column."""
    rows = (approval.preview or {}).get("sample")
    return rows if isinstance(rows, list) else []


def _diff(approval: Approval) -> list[tuple[str, str]]:
    """The lines of what would change, each with what it is: `added`, `removed` or `same`."""
    lines = str((approval.preview or {}).get("diff", "")).splitlines()
    signs = {"+": "added", "-": "removed"}
    return [(signs.get(line[:1], "same"), line) for line in lines]


def _readable(value: Any) -> str:
    """A part of the document as people read it: JSON with one member a line, other text as it is."""
    if not isinstance(value, str):
        return json.dumps(value, indent=2, ensure_ascii=False)
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return json.dumps(document, indent=2, ensure_ascii=False) if isinstance(document, dict | list) else value


def _good_for(approval: Approval) -> str:
    """What one yes lets through."""
    terms = approval.request.terms
    if not terms.grant_ms:
        return f"this {approval.request.kind}, once"
    what = f"this {approval.request.kind if terms.scope == 'once' else terms.scope}"
    often = f", {terms.grant_uses} times at most" if terms.grant_uses else ""
    return f"{what}, for {duration(terms.grant_ms)}{often}"


def _parameter(parameter: dict[str, Any]) -> str:
    """A bound value as the document holds it."""
    if "hex" in parameter:
        return f"\\x{parameter['hex']} (binary)"
    if "sha256" in parameter:
        return f"{parameter['bytes']} bytes, SHA-256 {parameter['sha256']}"
    return "NULL" if parameter.get("value") is None else str(parameter["value"])
