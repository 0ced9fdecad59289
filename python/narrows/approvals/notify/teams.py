"""Microsoft Teams: an Adaptive Card through a Workflows webhook.

A workflow cannot tell who pressed a button in a way that can be checked here, so the card's only button opens
the console, where people sign in.

Source: https://adaptivecards.io/explorer/AdaptiveCard.html (version 1.4)
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.approvals.notify.guard import Post
    from narrows.approvals.notify.message import Message

MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!<>&~|])")


class Teams:
    """Posts to a Workflows webhook.

    Args:
        post: Sends it.
        url: Says where to, each time anew; the address is the secret.
    """

    def __init__(self, post: Post, *, url: Callable[[], str]) -> None:
        self._post = post
        self._url = url

    async def send(self, message: Message) -> None:
        """Posts the card. Raises DeliveryFailed."""
        await self._post(self._url(), json.dumps(card(message)).encode(), {})


def card(message: Message) -> dict[str, Any]:
    """The message as the attachment that the workflow's trigger takes."""
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {
                "type": "TextBlock",
                "size": "Medium",
                "weight": "Bolder",
                "wrap": True,
                "text": _plain(message.title),
            },
            {
                "type": "FactSet",
                "facts": [{"title": name, "value": _plain(value)} for name, value in message.facts],
            },
            {"type": "TextBlock", "isSubtle": True, "text": "Statement, as sent by the agent:"},
            _code(message.statement),
        ],
    }
    if message.url:
        content["actions"] = [
            {"type": "Action.OpenUrl", "title": "Decide in the console", "url": message.url}
        ]
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": content}],
    }


def _code(statement: str) -> dict[str, Any]:
    """Runs of text are not read as Markdown."""
    run = {"type": "TextRun", "text": statement, "fontType": "Monospace"}
    return {"type": "RichTextBlock", "inlines": [run]}


def _plain(text: str) -> str:
    """The text so that a card's Markdown shows it as it is."""
    return MARKDOWN.sub(r"\\\1", text)
