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
TITLE_CHARACTERS_MAX = 150
FIELD_CHARACTERS_MAX = 2_000
"""Block Kit's own bounds."""


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
    response_url: str
    """Where Slack takes what is to be shown in the message's place."""


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
    """The message in Block Kit. What agents wrote stands only where Slack reads no markup."""
    facts = [
        {"type": "plain_text", "text": f"{name}: {value}"[:FIELD_CHARACTERS_MAX], "emoji": False}
        for name, value in message.facts
    ]
    statement = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": message.statement}]}
    claimed = {"type": "plain_text", "text": "Statement, as sent by the agent:", "emoji": False}
    title = {"type": "plain_text", "text": message.title[:TITLE_CHARACTERS_MAX], "emoji": False}
    shown: list[dict[str, Any]] = [
        {"type": "header", "text": title},
        {"type": "section", "fields": facts},
        {"type": "section", "text": claimed},
        {"type": "rich_text", "elements": [statement]},
    ]
    if elements := _elements(message):
        shown.append({"type": "actions", "block_id": "narrows", "elements": elements})
    return {"text": escaped(message.title), "blocks": shown, "unfurl_links": False}


def escaped(text: str) -> str:
    """The text so that it forms no link and no mention where Slack reads markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def answer(text: str) -> dict[str, Any]:
    """What takes the place of a message that was decided."""
    return {"replace_original": True, "text": escaped(text)}


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
        user = payload["user"]
        found = Pressed(name, approval, digest, user["team_id"], user["id"], payload["response_url"])
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
