"""Tells approvers of every new request, when it is known what it would touch, of every broken glass, and,
where a channel's messages can be changed, of what became of a request.

Nothing here is waited for. A preview that fails is one that says why; a channel that is dead is visible in
the request and holds up neither the others nor the statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar

import msgspec
import structlog
import trio

from narrows.approvals.deliveries import Delivery
from narrows.approvals.lifecycle import wall_ms
from narrows.approvals.notify.channel import ChangingChannel, DeliveryFailed
from narrows.approvals.notify.message import message_of, outcome_of
from narrows.approvals.request import State
from narrows.errors import CredentialError
from narrows.store.doorbell import Doorbell

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from narrows.approvals.lifecycle import Approvals
    from narrows.approvals.notify.channel import Channel
    from narrows.approvals.notify.message import Message
    from narrows.approvals.request import Approval
    from narrows.gateway.destinations import Destinations
    from narrows.gateway.previews import Previews

RETRY_AFTER_S = (1.0, 5.0, 25.0, 125.0)
"""Pauses between attempts; then the channel has failed."""

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger("narrows.announcements")


class Announcements:
    """Announces requests.

    Args:
        approvals: Where previews are kept.
        previews: Looks at what a request would touch.
        destinations: The configured targets.
        channels: The configured notifiers by name.
        console_url: The console as people reach it, when it is known.
        doorbell: Rung when a request is decided.
    """

    def __init__(
        self,
        *,
        approvals: Approvals,
        previews: Previews,
        destinations: Destinations,
        channels: Mapping[str, Channel],
        console_url: str = "",
        doorbell: Doorbell | None = None,
    ) -> None:
        self._approvals = approvals
        self._channels = channels
        self._console_url = console_url
        self._previews = previews
        self._destinations = destinations
        self._doorbell = doorbell or Doorbell()
        self._changing: set[str] = set()
        """Requests whose messages are being changed."""
        self.failures = 0
        """How many messages could not be delivered."""
        self._nursery: trio.Nursery | None = None

    async def run(self) -> None:
        """Announces what comes, until cancelled."""
        async with trio.open_nursery() as self._nursery:
            with self._doorbell.listening() as listener:
                while True:
                    ring = await listener.next()
                    if ring.kind == "approval" and not ring.node:
                        self._nursery.start_soon(self._show_outcome, ring.id)

    def take(self, approval: Approval) -> None:
        """Takes what is to be told; the bounds on requests bound what is under way."""
        if self._nursery is not None:
            self._nursery.start_soon(self._announce, approval)

    async def _announce(self, approval: Approval) -> None:
        request = approval.request
        try:
            if approval.state is not State.REQUESTED:
                await self._show_outcome(request.id)
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
            self.failures += 1
            await self._note(name, message, "failed", 0, "there is no notifier of this name")
            return
        for attempt, pause_s in enumerate((*RETRY_AFTER_S, None), start=1):
            try:
                reference = await _attempt(channel.send, message)
            except DeliveryFailed as failed:
                error = failed
            else:
                asked = message.state is State.REQUESTED
                await self._note(name, message, "sent", attempt, reference=(reference or "") if asked else "")
                return
            log.warning("notifier failed", notifier=name, approval=message.approval, error=str(error))
            if pause_s is None or error.final:
                break
            await self._note(name, message, "retrying", attempt, str(error))
            await trio.sleep(pause_s)
            now = (await self._approvals.find(message.approval)).state
            if now is not message.state:
                break
        self.failures += 1
        await self._note(name, message, "failed", attempt, str(error))

    async def _show_outcome(self, approval: str) -> None:
        """Puts what became of a request in the place of the messages that asked, once."""
        channels = {n: one for n, one in self._channels.items() if isinstance(one, ChangingChannel)}
        if not channels or approval in self._changing:
            return
        self._changing.add(approval)
        try:
            found = await self._approvals.find(approval)
            if found.state is State.REQUESTED:
                return
            for delivery in await self._approvals.deliveries(approval):
                if delivery.reference and (channel := channels.get(delivery.notifier)):
                    await self._change(channel, delivery, outcome_of(found))
        except Exception:
            log.exception("outcome not shown", approval=approval)  # it must end no other
        finally:
            self._changing.discard(approval)

    async def _change(self, channel: ChangingChannel, delivery: Delivery, outcome: str) -> None:
        for pause_s in (*RETRY_AFTER_S, None):
            try:
                await _attempt(channel.change, delivery.reference, outcome)
                break
            except DeliveryFailed as error:
                log.warning("message not changed", notifier=delivery.notifier, error=str(error))
                if error.final or pause_s is None:
                    break
                await trio.sleep(pause_s)
        await self._approvals.note_delivery(msgspec.structs.replace(delivery, reference=""))

    async def _note(
        self,
        name: str,
        message: Message,
        state: str,
        attempts: int,
        error: str = "",
        *,
        reference: str = "",
    ) -> None:
        await self._approvals.note_delivery(
            Delivery(
                approval=message.approval,
                notifier=name,
                state=state,
                attempts=attempts,
                error=error,
                time_ms=wall_ms(),
                reference=reference,
            )
        )


async def _attempt(how: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Tells or changes; a credential that cannot be had is a failure like any other."""
    try:
        return await how(*args, **kwargs)
    except CredentialError as error:
        raise DeliveryFailed(str(error)) from None
