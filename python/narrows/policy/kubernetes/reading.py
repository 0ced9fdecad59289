"""Calls as the extension reads them; the one place in policy that knows it.

Reading is a pure function of the text, so policy stays pure.
"""

from __future__ import annotations

import re

from narrows._core import read_api_call
from narrows.model import ApiCall

VERBS = {
    "get": "GET",
    "list": "GET",
    "create": "POST",
    "update": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "deletecollection": "DELETE",
}
"""Methods by the verbs that a call may be written with."""
WRITTEN = re.compile(r"([A-Za-z]+) (/\S*)")
STREAM = re.compile(r"/(?:exec|attach|portforward)(?:\?|$)")
CONTENT_TYPES = {"POST": "application/json", "PUT": "application/json"}
PLACE = "/clusters/any"
"""The path of a cluster at the gateway; which one is not looked at here."""

UPGRADE = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ("Sec-WebSocket-Protocol", "v5.channel.k8s.io"),
)
"""What a client asks for a stream with."""


class CallNotUnderstood(ValueError):
    """A text is no call; the message says why."""


def read_call_text(text: str, body: bytes = b"", content_type: str = "") -> ApiCall:
    """Reads a call such as `GET /api/v1/namespaces/shop/pods`, as the data plane would.

    Args:
        text: A method, or a verb that stands for one, and the path with its query.
        body: What would be sent.
        content_type: Its type; JSON where none is given, but for a patch.

    Raises:
        CallNotUnderstood: It is not of this form, or no data plane would take it.
    """
    match = WRITTEN.fullmatch(text.strip())
    if match is None:
        raise CallNotUnderstood(
            f"`{text}` is not a method and a path, such as GET /api/v1/namespaces/shop/pods"
        )
    method, path = VERBS.get(match[1].lower(), match[1].upper()), match[2]
    kind = content_type or (CONTENT_TYPES.get(method, "") if body else "")
    headers = list(UPGRADE) if STREAM.search(path) else [("Content-Type", kind)] if kind else []
    try:
        read = read_api_call(method, PLACE + path, headers)
    except ValueError as error:
        raise CallNotUnderstood(f"`{text}`: {error}") from None
    return ApiCall(
        method=read.method,
        verb=read.verb,
        path=read.path,
        group=read.group if read.resource_request else "",
        version=read.version if read.resource_request else "",
        resource=read.resource if read.resource_request else "",
        subresource=read.subresource,
        namespace=read.namespace,
        name=read.name,
        query=tuple(read.query),
        content_type=read.content_type,
        body=body,
        upgrade=read.upgrade,
    )
