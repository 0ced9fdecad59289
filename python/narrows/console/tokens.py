"""`POST /v1/token`: an access token for a ticket or an SSH certificate, as token exchange (RFC 8693)."""

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
CERTIFICATE_TYPE = "urn:narrows:token-type:ssh-certificate"
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
KNOWN_FOR_CERTIFICATES = KNOWN - {"audience", "resource"} | {"public_key", "source_address"}


async def exchange(request: Request) -> Response:
    """Answers with a ticket for one target or a certificate over a key, or with an error of RFC 6749 (5.2) or
    RFC 8693 (2.2.2)."""
    try:
        fields = _single(await form_fields(request))
        if fields.get("requested_token_type") == CERTIFICATE_TYPE:
            return await _certificate(request, fields)
        _check(fields, KNOWN)
        target = _target(fields)
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
    return _issued(ticket.text, TICKET_TYPE, ticket.expires_at)


async def _certificate(request: Request, fields: dict[str, str]) -> Response:
    _check(fields, KNOWN_FOR_CERTIFICATES)
    if not fields.get("public_key"):
        raise ApiError(400, "invalid_request", "public_key is missing: the key that the certificate is for")
    principal = await operations(request).principal(fields["subject_token"].encode())
    minted = operations(request).mint_certificate(
        principal, fields["public_key"], fields.get("source_address", "")
    )
    return _issued(minted.line, CERTIFICATE_TYPE, minted.expires_at)


def _issued(text: str, kind: str, expires_at: float) -> Response:
    return JSONResponse(
        {
            "access_token": text,
            "issued_token_type": kind,
            "token_type": "N_A",
            "expires_in": max(0, int(expires_at - time.time())),
        },
        headers=NO_STORE,
    )


def _single(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The fields by name; RFC 6749 (3.2) forbids repeating one, and a ticket is for one target."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ApiError(400, "invalid_request", "a field is sent twice")
    return fields


def _check(fields: dict[str, str], known: frozenset[str]) -> None:
    """Raises ApiError where anything but the target is not as it must be."""
    if fields.get("grant_type") != GRANT_TYPE:
        raise ApiError(400, "unsupported_grant_type", f"grant_type is to be {GRANT_TYPE}")
    if unknown := set(fields) - known:
        raise ApiError(400, "invalid_request", f"{min(unknown)} is not known here")
    if not fields.get("subject_token"):
        raise ApiError(400, "invalid_request", "subject_token is missing")
    if fields.get("subject_token_type") not in TOKEN_TYPES:
        raise ApiError(
            400, "invalid_request", f"subject_token_type is to be one of {', '.join(sorted(TOKEN_TYPES))}"
        )
    if fields.get("requested_token_type", TICKET_TYPE) not in (TICKET_TYPE, CERTIFICATE_TYPE):
        raise ApiError(400, "invalid_request", f"{TICKET_TYPE} and {CERTIFICATE_TYPE} are issued here")


def _target(fields: dict[str, str]) -> str:
    """The one target that a ticket is to be for."""
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
