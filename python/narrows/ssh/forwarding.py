"""A connection that an agent has forwarded: made from the target, if policy lets it, and counted both ways.

What passes is some other protocol's, which nothing here reads: it is neither masked nor written down. How
much there was is, with a hash of each direction. Whoever cannot take more closes the other's window.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

import asyncssh
from asyncssh.constants import OPEN_ADMINISTRATIVELY_PROHIBITED, OPEN_CONNECT_FAILED

from narrows.ssh.upstreams import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.model import Forward
    from narrows.ssh.control import Verdict
    from narrows.ssh.downstream import Downstream


class Direction:
    """What has gone one way."""

    def __init__(self) -> None:
        self._bytes = 0
        self._hash = hashlib.sha256()

    def passed(self, data: bytes) -> None:
        """More has gone."""
        self._bytes += len(data)
        self._hash.update(data)

    def document(self) -> dict[str, Any]:
        """The count and the hash."""
        return {"bytes": self._bytes, "sha256": self._hash.hexdigest()}


class Forwarding(asyncssh.SSHTCPSession[bytes]):
    """The agent's end.

    Args:
        downstream: The session it belongs to.
        number: Names its channel in the recording.
        forward: Where it leads.
    """

    def __init__(self, downstream: Downstream, number: int, forward: Forward) -> None:
        self._downstream = downstream
        self._number = number
        self._forward = forward
        self._channel: asyncssh.SSHTCPChannel[bytes] | None = None
        self._far: asyncssh.SSHTCPChannel[bytes] | None = None
        self._judging: asyncio.Task[None] | None = None
        self._to_target, self._to_agent = Direction(), Direction()
        self._ended = 0

    async def open(self) -> Forwarding:
        """Asks, and connects; the agent is answered when this returns.

        Raises:
            asyncssh.ChannelOpenError: It is denied, or there is no connection.
        """
        try:
            await self._ask_and_connect()
        except BaseException as error:
            self._downstream.channel_closed(self)
            if isinstance(error, UnreachableError | asyncssh.DisconnectError):
                with self._downstream.ending_without_journal():
                    self._downstream.recorder.event(
                        "forward-failed", channel=self._number, message=str(error)
                    )
                raise asyncssh.ChannelOpenError(OPEN_CONNECT_FAILED, f"Narrows: {error}") from None
            raise
        return self

    async def _ask_and_connect(self) -> None:
        verdict = await self._verdict(self._downstream.tell)
        if not verdict.allowed:
            hint = f". {verdict.hint}" if verdict.hint else ""
            raise asyncssh.ChannelOpenError(
                OPEN_ADMINISTRATIVELY_PROHIBITED,
                f"Narrows: denied by rule {verdict.rule}: {verdict.reason}{hint}",
            )
        far = await self._downstream.connect(lambda: FarEnd(self), self._forward.host, self._forward.port)
        if self._downstream.is_lost:
            far.abort()
            raise asyncssh.ChannelOpenError(OPEN_CONNECT_FAILED, "Narrows: the agent disconnected")

    async def _verdict(self, say: Callable[[str], None]) -> Verdict:
        recorder = self._downstream.recorder
        with self._downstream.ending_without_journal():
            recorder.start(self._number, self._forward)
        verdict = await self._downstream.ask(self._forward, say)
        with self._downstream.ending_without_journal():
            recorder.verdict(self._number, verdict)
        return verdict

    # What asyncssh tells of the agent's end.

    def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
        """The agent has been told that it is connected."""
        self._channel = chan

    def session_started(self) -> None:
        """What the other end has to say may go to the agent now."""
        if self._far is None or self._far.is_closing():
            self.far_closed()
        else:
            self._far.resume_reading()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """From the agent."""
        if self._far is not None and not self._far.is_closing():
            self._to_target.passed(data)
            self._far.write(data)

    def eof_received(self) -> bool:
        """The agent sends no more."""
        if self._far is not None:
            self._far.write_eof()
        return self._one_of_two_ended()

    def pause_writing(self) -> None:
        """The agent reads slower than the other end writes."""
        if self._far is not None:
            self._far.pause_reading()

    def resume_writing(self) -> None:
        """The agent has caught up."""
        if self._far is not None:
            self._far.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone, whoever closed it."""
        if self._judging is not None:
            self._judging.cancel()
        if self._far is not None:
            self._far.close()
        self._downstream.channel_closed(self)
        with self._downstream.ending_without_journal():
            self._downstream.recorder.event(
                "forward-ended",
                channel=self._number,
                to_target=self._to_target.document(),
                to_agent=self._to_agent.document(),
            )

    # What the far end tells.

    def far_open(self, channel: asyncssh.SSHTCPChannel[bytes]) -> None:
        """The target is connected; it is not read before the agent is."""
        self._far = channel
        channel.pause_reading()

    def far_data(self, data: bytes) -> None:
        """From the other end."""
        if self._channel is not None and not self._channel.is_closing():
            self._to_agent.passed(data)
            self._downstream.recorder.bytes_to_agent += len(data)
            self._channel.write(data)

    def far_ended(self) -> bool:
        """The other end sends no more; whether the agent may still."""
        if self._channel is not None:
            self._channel.write_eof()
        return self._one_of_two_ended()

    def far_paused(self, *, is_full: bool) -> None:
        """The other end takes no more for now, or does again."""
        if self._channel is not None:
            (self._channel.pause_reading if is_full else self._channel.resume_reading)()

    def far_closed(self) -> None:
        """The other end is gone."""
        if self._channel is not None:
            self._channel.close()

    def _one_of_two_ended(self) -> bool:
        self._ended += 1
        return self._ended == 1

    # What policy says later.

    def policy_moved(self) -> None:
        """What was decided is decided again."""
        if self._channel is None:
            return
        if self._judging is not None:
            self._judging.cancel()
        self._judging = asyncio.get_running_loop().create_task(self._judge_again())

    async def _judge_again(self) -> None:
        verdict = await self._verdict(lambda _: self._cut("it needs approval now"))
        if not verdict.allowed:
            self._cut(f"denied by rule {verdict.rule}: {verdict.reason}")

    def _cut(self, why: str) -> None:
        self._downstream.tell(f"the forward to {self._forward.text} has ended: {why}")
        for channel in (self._channel, self._far):
            if channel is not None:
                channel.abort()


class FarEnd(asyncssh.SSHTCPSession[bytes]):
    """The target's end: what asyncssh tells of it is told to the agent's."""

    def __init__(self, forwarding: Forwarding) -> None:
        self._forwarding = forwarding

    def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
        """The target is connected."""
        self._forwarding.far_open(chan)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """It has sent something."""
        self._forwarding.far_data(data)

    def eof_received(self) -> bool:
        """It sends no more."""
        return self._forwarding.far_ended()

    def pause_writing(self) -> None:
        """It reads slower than the agent writes."""
        self._forwarding.far_paused(is_full=True)

    def resume_writing(self) -> None:
        """It has caught up."""
        self._forwarding.far_paused(is_full=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._forwarding.far_closed()
