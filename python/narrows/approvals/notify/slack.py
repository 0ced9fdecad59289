"""Slack: a message with buttons, and what comes back when one is pressed.

Sources: https://api.slack.com/reference/surfaces/formatting#escaping,
https://api.slack.com/authentication/verifying-requests-from-slack,
https://api.slack.com/reference/interaction-payloads/block-actions
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.approvals.notify.guard import Post
    from narrows.approvals.notify.message import Message

AGE_MAX_S = 300
"""An older signed request is a replay."""
FENCE = "`" * 3


class NotFromSlack(Exception):
    """What arrived is not signed by Slack, too old, or not a pressed button."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that somebody pressed."""

    action: str
    """`approve` or `deny`."""
    approval: str
    digest: str
    team: str
    user: str


class Slack:
    """Posts to an incoming webhook.

    Args:
        post: Sends it.
        url: Says where to, each time anew; the address is the secret.
    """

    def __init__(self, post: Post, *, url: Callable[[], str]) -> None:
        self._post = post
        self._url = url

    async def send(self, message: Message) -> None:
        """Posts the message. Raises DeliveryFailed."""
        await self._post(self._url(), json.dumps(blocks(message)).encode(), {})


def blocks(message: Message) -> dict[str, Any]:
    """The message in Block Kit. What agents wrote is in plain text or escaped, so that it forms no link."""
    facts = "\n".join(f"*{name}:* {escaped(value)}" for name, value in message.facts)
    sections: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": message.title[:150], "emoji": False}},
        {"type": "section", "text": {"type": "mrkdwn", "text": facts[:3000], "verbatim": True}},
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": f"Statement, as sent by the agent:\n{_fenced(message.statement)}",
                "verbatim": True,
            },
        },
    ]
    if elements := _elements(message):
        sections.append({"type": "actions", "block_id": "narrows", "elements": elements})
    return {"text": escaped(message.title), "blocks": sections, "unfurl_links": False}


def escaped(text: str) -> str:
    """The text so that mrkdwn shows it as it is: no links, mentions, formatting or emoji."""
    for mark, replacement in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(mark, replacement)
    return "".join(f"{mark}\u2060" if mark in "*_~`:@#" else mark for mark in text)


def verified(secret: bytes, *, timestamp: str, signature: str, body: bytes, now_s: float) -> None:
    """Checks that Slack sent a body.

    Args:
        secret: The app's signing secret.
        timestamp: Of the header X-Slack-Request-Timestamp.
        signature: Of the header X-Slack-Signature.
        body: As it arrived, before any decoding.
        now_s: The time, in seconds since 1970.

    Raises:
        NotFromSlack: It did not, or too long ago.
    """
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(now_s - int(timestamp)) > AGE_MAX_S:
        raise NotFromSlack("the request is not of now")
    content = b"v0:" + timestamp.encode() + b":" + body
    wanted = f"v0={hmac.new(secret, content, hashlib.sha256).hexdigest()}"
    if not hmac.compare_digest(wanted.encode(), signature.encode()):
        raise NotFromSlack("the signature is not Slack's")


def pressed(body: bytes) -> Pressed:
    """The button in a body that is verified.

    Raises:
        NotFromSlack: There is none of ours.
    """
    try:
        payload = json.loads(parse_qs(body.decode(), strict_parsing=True)["payload"][0])
        (action,) = payload["actions"]
        name, approval, digest = action["value"].split(" ")
        found = Pressed(name, approval, digest, payload["user"]["team_id"], payload["user"]["id"])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise NotFromSlack("the request is no pressed button") from error
    if found.action not in {"approve", "deny"} or not found.digest:
        raise NotFromSlack("the button is none of ours")
    return found


def _elements(message: Message) -> list[dict[str, Any]]:
    elements = []
    if message.buttons:
        for action, style in (("approve", "primary"), ("deny", "danger")):
            elements.append(
                {
                    "type": "button",
                    "action_id": action,
                    "style": style,
                    "text": {"type": "plain_text", "text": action.capitalize()},
                    "value": f"{action} {message.approval} {message.digest}",
                }
            )
    if message.url:
        text = {"type": "plain_text", "text": "Open in the console"}
        elements.append({"type": "button", "action_id": "open", "text": text, "url": message.url})
    return elements


def _fenced(statement: str) -> str:
    """In a code block, which a fence inside it must not end."""
    for mark, replacement in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("`", "`\u2060")):
        statement = statement.replace(mark, replacement)
    return f"{FENCE}{statement}{FENCE}"
