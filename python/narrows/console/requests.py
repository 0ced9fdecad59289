"""Reading requests: the bearer token, and bodies that have a limit."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from narrows.console.errors import ApiError

if TYPE_CHECKING:
    from starlette.requests import Request

    from narrows.gateway import Operations
    from narrows.model import Principal

BODY_BYTES_MAX = 64 * 1024
"""More than any token with its form, or any reason."""
FIELDS_MAX = 20


def operations(request: Request) -> Operations:
    """The operations of the gateway that this console belongs to."""
    found: Operations = request.app.state.operations
    return found


async def bearer(request: Request) -> Principal:
    """The principal of the bearer token.

    Raises:
        ApiError: There is none.
        IdentityError: It is not good here.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ApiError(
            401, "unauthorized", "no bearer token was sent", "Send an access token: Authorization: Bearer …"
        )
    return await operations(request).principal(token.strip().encode())


async def operator(request: Request) -> Principal:
    """The principal of the bearer token, who is an operator.

    Raises:
        ApiError: They are not.
        IdentityError: The token is not good here.
    """
    principal = await bearer(request)
    if not operations(request).is_operator(principal):
        raise ApiError(
            403,
            "forbidden",
            "this is for operators",
            "Operators are whom operator-groups and operator-roles in [console] name.",
        )
    return principal


async def body(request: Request) -> bytes:
    """The body, read no further than its limit. Raises ApiError when it is larger."""
    too_large = ApiError(413, "too-large", f"a request's body has at most {BODY_BYTES_MAX} bytes")
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > BODY_BYTES_MAX:
        raise too_large
    parts = bytearray()
    async with aclosing(request.stream()) as stream:
        async for part in stream:
            parts += part
            if len(parts) > BODY_BYTES_MAX:
                raise too_large
    return bytes(parts)


async def json_fields(request: Request, *names: str) -> dict[str, str]:
    """The string members of a JSON object; an empty body is an object without any.

    Raises:
        ApiError: It is something else, or has a member of another name.
    """
    content = await body(request)
    try:
        document: Any = json.loads(content or b"{}")
    except ValueError:
        raise ApiError(400, "invalid", "the body is not JSON") from None
    if not isinstance(document, dict) or not all(isinstance(value, str) for value in document.values()):
        raise ApiError(400, "invalid", "the body is not a JSON object of strings")
    if unknown := set(document) - set(names):
        raise ApiError(400, "invalid", f"unknown member {min(unknown)}", f"Known: {', '.join(names)}.")
    return document


async def form_fields(request: Request) -> list[tuple[str, str]]:
    """The fields of a form, in order, repeated ones too. Raises ApiError when it is no form."""
    content = await body(request)
    if (
        request.headers.get("content-type", "").partition(";")[0].strip()
        != "application/x-www-form-urlencoded"
    ):
        raise ApiError(400, "invalid_request", "send application/x-www-form-urlencoded")
    try:
        return parse_qsl(
            content.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=FIELDS_MAX
        )
    except ValueError:
        raise ApiError(400, "invalid_request", "the form cannot be read") from None
