"""The configured notifiers as channels. Addresses and keys are read anew for each message, so they rotate."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from narrows.approvals.notify.email import Email, Server
from narrows.approvals.notify.guard import Post
from narrows.approvals.notify.slack import Slack
from narrows.approvals.notify.slack_app import API, SlackApp
from narrows.approvals.notify.teams import Teams
from narrows.approvals.notify.webhook import Webhook
from narrows.credentials.references import resolve

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.approvals.notify.channel import Channel
    from narrows.config import Located, NotifierSection


def channels_of(located: Located) -> dict[str, Channel]:
    """Every configured notifier by its name."""
    return {section.name: _channel(section, located.base) for section in located.config.notifier}


def post_of(section: NotifierSection, base: Path) -> Post:
    """How a notifier's messages are posted."""
    ca = str(base / section.ca) if section.ca else ""
    return Post(allow_private=section.allow_private, ca=ca)


def revealed(reference: str, base: Path) -> bytes:
    """The value of a reference. Raises CredentialError."""
    return resolve(reference, base).reveal()


def _channel(section: NotifierSection, base: Path) -> Channel:
    def url() -> str:
        return revealed(section.url, base).decode()

    secret = partial(revealed, section.secret, base)
    if section.kind == "email":
        return _email(section, base)
    post = post_of(section, base)
    if section.kind == "webhook":
        return Webhook(post, url=url, secret=secret)
    if section.token:
        token = partial(revealed, section.token, base)
        api = url if section.url else lambda: API
        return SlackApp(post, channel=section.channel, token=token, api=api)
    return Slack(post, url=url) if section.kind == "slack" else Teams(post, url=url)


def _email(section: NotifierSection, base: Path) -> Email:
    host, _, port = section.server.rpartition(":")
    server = Server(
        host=host.strip("[]"),
        port=int(port),
        tls=section.tls,
        ca=str(base / section.ca) if section.ca else "",
        user=section.user,
    )
    password = partial(revealed, section.secret, base)
    return Email(server, sender=section.sender, recipients=section.to, password=password)
