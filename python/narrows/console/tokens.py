"""`POST /v1/token`: an access token for a ticket, as OAuth 2.0 token exchange (RFC 8693)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from narrows.console.errors import ApiError
from narrows.console.requests import form_fields, operations
from narrows.errors import IdentityError
from narrows.gateway import NotAllowedError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
TOKEN_TYPES = frozenset(
    f"urn:ietf:params:oauth:token-type:{kind}" for kind in ("access_token", "jwt", "id_token")
)
TICKET_TYPE = "urn:narrows:token-type:postgres-ticket"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
KNOWN = frozenset(
    {
        "grant_type",
        "subject_token",
        "subject_token_type",
        "audience",
        "resource",
        "requested_token_type",
        "scope",
    }
)


async def exchange(request: Request) -> Response:
    """Answers with a ticket for one target, or with an error of RFC 6749 (5.2) or RFC 8693 (2.2.2)."""
    try:
        fields = _single(await form_fields(request))
        target = _checked(fields)
        principal = await operations(request).principal(fields["subject_token"].encode())
        ticket = await operations(request).mint_ticket(principal, target)
    except IdentityError as error:
        return _refused(400, "invalid_request", str(error), error.hint)
    except NotAllowedError as error:
        return _refused(
            400, "invalid_target", str(error), "Ask the owner of the policy for a rule that names you."
        )
    except ApiError as error:
        return _refused(error.status, error.error.replace("-", "_"), error.message, error.hint)
    return JSONResponse(
        {
            "access_token": ticket.text,
            "issued_token_type": TICKET_TYPE,
            "token_type": "N_A",
            "expires_in": max(0, int(ticket.expires_at - time.time())),
        },
        headers=NO_STORE,
    )


def _single(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The fields by name; RFC 6749 (3.2) forbids repeating one, and a ticket is for one target."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ApiError(400, "invalid_request", "a field is sent twice")
    return fields


def _checked(fields: dict[str, str]) -> str:
    """The target that is asked for, once the rest is as it must be."""
    if fields.get("grant_type") != GRANT_TYPE:
        raise ApiError(400, "unsupported_grant_type", f"grant_type is to be {GRANT_TYPE}")
    if unknown := set(fields) - KNOWN:
        raise ApiError(400, "invalid_request", f"{min(unknown)} is not known here")
    if not fields.get("subject_token"):
        raise ApiError(400, "invalid_request", "subject_token is missing")
    if fields.get("subject_token_type") not in TOKEN_TYPES:
        raise ApiError(
            400, "invalid_request", f"subject_token_type is to be one of {', '.join(sorted(TOKEN_TYPES))}"
        )
    if fields.get("requested_token_type", TICKET_TYPE) != TICKET_TYPE:
        raise ApiError(400, "invalid_request", f"only {TICKET_TYPE} is issued here")
    targets = {fields[name] for name in ("audience", "resource") if fields.get(name)}
    if len(targets) != 1:
        raise ApiError(400, "invalid_target", "name one target as audience or resource")
    return targets.pop()


def _refused(status: int, error: str, description: str, hint: str) -> Response:
    """An OAuth error that also has the members of every other error here."""
    return JSONResponse(
        {"error": error, "error_description": description, "message": description, "hint": hint},
        status,
        headers=NO_STORE,
    )
