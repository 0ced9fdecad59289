"""Decisions from a chat: only signed ones, only of members who are configured, only where a rule says so."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from narrows.approvals.notify.channel import DeliveryFailed
from narrows.approvals.notify.slack import NotFromSlack, answer, pressed, verified
from narrows.errors import ApprovalError
from narrows.gateway.channels import post_of, revealed
from narrows.model import Principal

if TYPE_CHECKING:
    from narrows.approvals.lifecycle import Approvals
    from narrows.approvals.notify.slack import Pressed
    from narrows.config import ChatPersonSection, Located, NotifierSection
    from narrows.identity.revocation import Revocations

SLACK_HOST = "hooks.slack.com"

log = structlog.get_logger("narrows.chat")


class Chat:
    """Takes pressed buttons.

    Args:
        located: The configuration, with its notifiers.
        approvals: What is decided.
        revocations: Whom nothing is accepted from.
    """

    def __init__(self, located: Located, approvals: Approvals, revocations: Revocations) -> None:
        self._revocations = revocations
        self._base = located.base
        self._sections = {
            section.name: section
            for section in located.config.notifier
            if section.kind == "slack" and section.secret
        }
        self._approvals = approvals

    async def slack(self, notifier: str, *, timestamp: str, signature: str, body: bytes) -> str:
        """Decides as a signed request of Slack's says.

        Args:
            notifier: The notifier whose app it comes from.
            timestamp: Of the header X-Slack-Request-Timestamp.
            signature: Of the header X-Slack-Signature.
            body: As it arrived.

        Returns:
            What became of it, in one line.

        Raises:
            NotFromSlack: The request is not to be believed.
            CredentialError: The signing secret cannot be had.
            ApprovalError: It is not to be decided so.
        """
        section = self._sections.get(notifier)
        if section is None:
            raise NotFromSlack("the signature is not Slack's")  # nor is it told which notifiers there are
        secret = revealed(section.secret, self._base)
        verified(secret, timestamp=timestamp, signature=signature, body=body, now_s=time.time())
        button = pressed(body)
        try:
            outcome = await self._decide(section, button)
        except ApprovalError as error:
            log.warning("chat refused", notifier=notifier, approval=button.approval, reason=str(error))
            raise
        await self._show(section, button, outcome)
        return outcome

    async def _decide(self, section: NotifierSection, button: Pressed) -> str:
        person = _person(section, button)
        if self._revocations.covers(person):
            raise ApprovalError("not-eligible", "nothing is accepted from you any more")
        found = await self._approvals.find(button.approval)
        terms = found.request.terms
        if not terms.chat or section.name not in terms.notify:
            raise ApprovalError("not-eligible", f"rule {found.request.rule} is decided in the console")
        vote = self._approvals.approve if button.action == "approve" else self._approvals.deny
        found = await vote(button.approval, person, digest=button.digest, reason=f"in {section.name}")
        return f"{found.request.id} is {found.state.value}, says {person.name or person.object_id}"

    async def _show(self, section: NotifierSection, button: Pressed, outcome: str) -> None:
        """Puts the outcome in the message's place. The decision stands whether or not that works."""
        if urlsplit(button.response_url).hostname != SLACK_HOST and not section.allow_private:
            return
        try:
            post = post_of(section, self._base)
            await post(button.response_url, json.dumps(answer(outcome)).encode(), {})
        except DeliveryFailed as error:
            log.warning("outcome not shown", notifier=section.name, error=str(error))


def _person(section: NotifierSection, button: Pressed) -> Principal:
    found = next((one for one in section.person if (one.team, one.user) == (button.team, button.user)), None)
    if found is None:
        raise ApprovalError("not-eligible", "no [[notifier.person]] says who you are")
    return _principal(found)


def _principal(person: ChatPersonSection) -> Principal:
    return Principal(
        issuer=person.issuer,
        tenant=person.tenant,
        object_id=person.object,
        kind="user",
        name=person.name,
        groups=frozenset(person.groups),
        roles=frozenset(person.roles),
    )
