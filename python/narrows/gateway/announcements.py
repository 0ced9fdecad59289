"""Tells approvers of every new request, when it is known what it would touch, and of every broken glass.

Nothing here is waited for. A preview that fails is one that says why; a channel that is dead is visible in
the request and holds up neither the others nor the statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import structlog
import trio

from narrows.approvals.deliveries import Delivery
from narrows.approvals.lifecycle import wall_ms
from narrows.approvals.notify.channel import DeliveryFailed
from narrows.approvals.notify.message import message_of
from narrows.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.approvals.lifecycle import Approvals
    from narrows.approvals.notify.channel import Channel
    from narrows.approvals.notify.message import Message
    from narrows.approvals.request import Approval
    from narrows.gateway.destinations import Destinations
    from narrows.gateway.previews import Previews

RETRY_AFTER_S = (1.0, 5.0, 25.0, 125.0)
"""Pauses between attempts; then the channel has failed."""

log = structlog.get_logger("narrows.announcements")


class Announcements:
    """Announces requests.

    Args:
        approvals: Where previews are kept.
        previews: Looks at what a request would touch.
        destinations: The configured targets.
        channels: The configured notifiers by name.
        console_url: The console as people reach it, when it is known.
    """

    def __init__(
        self,
        *,
        approvals: Approvals,
        previews: Previews,
        destinations: Destinations,
        channels: Mapping[str, Channel],
        console_url: str = "",
    ) -> None:
        self._approvals = approvals
        self._channels = channels
        self._console_url = console_url
        self._previews = previews
        self._destinations = destinations
        self._nursery: trio.Nursery | None = None

    async def run(self) -> None:
        """Announces what comes, until cancelled."""
        async with trio.open_nursery() as self._nursery:
            await trio.sleep_forever()

    def take(self, approval: Approval) -> None:
        """Takes what is to be told; the bounds on requests bound what is under way."""
        if self._nursery is not None:
            self._nursery.start_soon(self._announce, approval)

    async def _announce(self, approval: Approval) -> None:
        request = approval.request
        try:
            if approval.preview is None and (target := self._destinations.known(request.target)):
                preview = await self._previews.of(request, target)
                await self._approvals.describe(request.id, preview)
                approval = msgspec.structs.replace(approval, preview=preview)
            message = message_of(approval, self._console_url)
            async with trio.open_nursery() as nursery:
                for name in request.terms.notify:
                    nursery.start_soon(self._tell, name, message)
        except Exception:
            log.exception("request not announced", approval=request.id)  # it must end no other

    async def _tell(self, name: str, message: Message) -> None:
        """Tells one channel, again and again until it has heard, or nobody need hear any more."""
        channel = self._channels.get(name)
        if channel is None:
            await self._note(name, message, "failed", 0, "there is no notifier of this name")
            return
        for attempt, pause_s in enumerate((*RETRY_AFTER_S, None), start=1):
            error = await _attempt(channel, message)
            if error is None:
                await self._note(name, message, "sent", attempt)
                return
            log.warning("notifier failed", notifier=name, approval=message.approval, error=str(error))
            if pause_s is None or error.final:
                break
            await self._note(name, message, "retrying", attempt, str(error))
            await trio.sleep(pause_s)
            now = (await self._approvals.find(message.approval)).state
            if now is not message.state:
                break
        await self._note(name, message, "failed", attempt, str(error))

    async def _note(self, name: str, message: Message, state: str, attempts: int, error: str = "") -> None:
        await self._approvals.note_delivery(
            Delivery(
                approval=message.approval,
                notifier=name,
                state=state,
                attempts=attempts,
                error=error,
                time_ms=wall_ms(),
            )
        )


async def _attempt(channel: Channel, message: Message) -> DeliveryFailed | None:
    """Why an attempt failed; None when it did not."""
    try:
        await channel.send(message)
    except DeliveryFailed as error:
        return error
    except CredentialError as error:
        return DeliveryFailed(str(error))
    return None
