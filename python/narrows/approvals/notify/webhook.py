"""Webhooks as Standard Webhooks has them: an id, a time, and an HMAC over both and the body.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING

from narrows.approvals.notify.channel import DeliveryFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.approvals.notify.guard import Post
    from narrows.approvals.notify.message import Message

PREFIX = "whsec_"
KEY_BYTES_MIN = 24
KEY_BYTES_MAX = 64


class Webhook:
    """Posts a signed JSON document.

    Args:
        post: Sends it.
        url: Says where to, each time anew.
        secret: Gives `whsec_` and the key in base64, each time anew, so that it can be rotated.
    """

    def __init__(self, post: Post, *, url: Callable[[], str], secret: Callable[[], bytes]) -> None:
        self._post = post
        self._url = url
        self._secret = secret

    async def send(self, message: Message) -> None:
        """Posts an `approval.requested` or `approval.broken-glass` event. Raises DeliveryFailed."""
        body = json.dumps(
            {
                "type": f"approval.{message.state.value}",
                "data": {
                    "id": message.approval,
                    "digest": message.digest,
                    "url": message.url,
                    "title": message.title,
                    "facts": dict(message.facts),
                    "statement": message.statement,
                },
            }
        ).encode()
        headers = signed(
            self._secret(), f"msg_{message.approval}_{message.state.value}", int(time.time()), body
        )
        await self._post(self._url(), body, headers)


def signed(secret: bytes, identifier: str, time_s: int, body: bytes) -> dict[str, str]:
    """The headers that vouch for a body.

    Args:
        secret: `whsec_` and the key in base64.
        identifier: The same in every attempt, so that a receiver can tell a repetition.
        time_s: Seconds since 1970.
        body: What is sent.

    Raises:
        DeliveryFailed: The secret is none.
    """
    try:
        key = base64.b64decode(secret.decode().removeprefix(PREFIX), validate=True)
    except (binascii.Error, UnicodeDecodeError):
        key = b""
    if not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        raise DeliveryFailed("its secret is not whsec_ and 24 to 64 bytes in base64", final=True)
    content = f"{identifier}.{time_s}.".encode() + body
    mac = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return {"webhook-id": identifier, "webhook-timestamp": str(time_s), "webhook-signature": f"v1,{mac}"}
