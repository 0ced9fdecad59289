"""Slack, as an app with a token: its messages can be changed once a request is decided elsewhere.

Sources: https://api.slack.com/methods/chat.postMessage, https://api.slack.com/methods/chat.update
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from narrows.approvals.notify.channel import DeliveryFailed
from narrows.approvals.notify.slack import blocks, escaped
from narrows.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.approvals.notify.guard import Post
    from narrows.approvals.notify.message import Message

API = "https://slack.com/api"
PASSING = frozenset({"ratelimited", "service_unavailable", "internal_error", "fatal_error"})
"""Errors of Slack's own that another attempt may not meet."""
ERROR_CHARACTERS_MAX = 60


class SlackApp:
    """Posts to a channel through Slack's Web API.

    Args:
        post: Sends it.
        channel: The channel's id, such as C024BE91L; the app is a member of it.
        token: Gives the bot's token (`xoxb-…`), each time anew.
        api: Says where the API is, each time anew.
    """

    def __init__(
        self, post: Post, *, channel: str, token: Callable[[], bytes], api: Callable[[], str]
    ) -> None:
        self._post = post
        self._channel = channel
        self._token = token
        self._api = api

    async def send(self, message: Message) -> str:
        """Posts the message; returns what names it. Raises DeliveryFailed."""
        answer = await self._call("chat.postMessage", {"channel": self._channel, **blocks(message)})
        return f"{answer.get('channel', self._channel)} {answer.get('ts', '')}"

    async def change(self, reference: str, outcome: str) -> None:
        """Puts an outcome in the place of a message, and so takes its buttons away. Raises DeliveryFailed."""
        channel, _, ts = reference.partition(" ")
        fields = {"channel": channel, "ts": ts, "text": escaped(outcome), "blocks": []}
        await self._call("chat.update", fields)

    async def _call(self, method: str, fields: dict[str, Any]) -> dict[str, Any]:
        headers = {
            "Authorization": f"Bearer {self._token().decode()}",
            "Content-Type": "application/json; charset=utf-8",
        }
        body = await self._post(f"{self._api()}/{method}", json.dumps(fields).encode(), headers)
        try:
            answer = json.loads(body)
            is_done = answer["ok"] is True
        except (ValueError, TypeError, KeyError):
            raise DeliveryFailed("its answer is not Slack's") from None
        if not is_done:
            error = printable(str(answer.get("error", "")))[:ERROR_CHARACTERS_MAX]
            raise DeliveryFailed(f"Slack answered {error}", final=error not in PASSING)
        return dict(answer)
