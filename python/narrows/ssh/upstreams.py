"""Connections to targets, kept for the next command: a handshake costs more than a hundred commands.

A connection belongs to one principal, target and login, and carries no more channels than the target's
MaxSessions lets it; more channels get another connection.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncssh
from asyncssh.constants import OPEN_ADMINISTRATIVELY_PROHIBITED, OPEN_CONNECT_FAILED, OPEN_RESOURCE_SHORTAGE

from narrows.printable import printable
from narrows.ssh import limits
from narrows.ssh.ahead import TargetChannel
from narrows.ssh.connecting import UnreachableError, connected

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.credentials.host import HostTerms
    from narrows.ssh.ahead import Start
    from narrows.ssh.lean import LeanClientConnection

NO_MORE_SESSIONS = {OPEN_ADMINISTRATIVELY_PROHIBITED, OPEN_CONNECT_FAILED, OPEN_RESOURCE_SHORTAGE}
"""How servers say that a connection has as many channels as they allow."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom a connection belongs to."""

    principal: str
    target: str
    login: str


class Kept:
    """One connection upstream, with the channels on it.

    Args:
        connection: Authenticated.
        idle: Called when nobody has used it for a while.
    """

    def __init__(self, connection: LeanClientConnection, idle: Callable[[Kept], None]) -> None:
        self.connection = connection
        self.channels_max = limits.UPSTREAM_SESSIONS_MAX
        self.channels = 0
        self._idle = idle
        self._idling: asyncio.TimerHandle | None = None
        self._ahead: TargetChannel | None = None
        self._opens_ahead: bool | None = None
        """None: it has not been used yet."""

    @property
    def has_room(self) -> bool:
        """It takes another channel."""
        return self.channels < self.channels_max and not self.connection.is_closed()

    def channel(self) -> TargetChannel:
        """A channel to start something on, opened ahead if one was; it is given back when it is closed.

        The one for whoever comes next is asked for here too, from the second on: most connections of an
        agent's run one command.
        """
        channel, self._ahead = self._ahead, None
        if channel is not None and not channel.is_fresh:  # this target does not like it
            channel.abandon()
            channel, self._opens_ahead = None, False
        channel = channel or TargetChannel(self.connection)
        channel.closed = self.give_back
        self.take()
        if self._opens_ahead and self.has_room:
            self._ahead = TargetChannel(self.connection)
        elif self._opens_ahead is None:
            self._opens_ahead = True
        return channel

    def take(self) -> None:
        """A channel is to be opened."""
        self.channels += 1
        if self._idling:
            self._idling.cancel()
            self._idling = None

    def give_back(self) -> None:
        """A channel is closed, or was not to be had."""
        self.channels -= 1
        if not self.channels:
            loop = asyncio.get_running_loop()
            self._idling = loop.call_later(limits.UPSTREAM_IDLE_S, self._idle, self)


@dataclass(slots=True, eq=False)
class _Pool:
    """The connections of one principal to one login of one target."""

    kept: list[Kept] = field(default_factory=list)
    connecting: asyncio.Lock = field(default_factory=asyncio.Lock)


class Upstreams:
    """Every connection upstream."""

    def __init__(self) -> None:
        self._pools: dict[Whose, _Pool] = {}
        self._waiting: set[asyncio.Task[None]] = set()
        """One for every open forward; asyncio itself keeps none alive."""

    async def open(
        self, whose: Whose, terms: HostTerms, session: Callable[[], Any], start: Start
    ) -> TargetChannel:
        """Opens a channel and starts something on it.

        Args:
            whose: Who may use the connection.
            terms: How the target is reached.
            session: Makes the channel's session.
            start: What is to run.

        Raises:
            UnreachableError: The target cannot be had, or does not start it.
        """
        try:
            async with asyncio.timeout(limits.UPSTREAM_DEADLINE_S):
                return await self._open(whose, terms, session, start)
        except TimeoutError:
            raise UnreachableError(f"{terms.target} did not answer in time") from None

    async def connect(
        self, whose: Whose, terms: HostTerms, session: Callable[[], Any], host: str, port: int
    ) -> asyncssh.SSHTCPChannel[bytes]:
        """Has the target connect to somewhere.

        Args:
            whose: Who may use the connection.
            terms: How the target is reached.
            session: Makes the channel's session.
            host: Where to, as the target knows it.
            port: The port there.

        Raises:
            UnreachableError: The target cannot be had, or does not get there.
        """
        try:
            async with asyncio.timeout(limits.UPSTREAM_DEADLINE_S):
                return await self._connect(whose, terms, session, host, port)
        except TimeoutError:
            raise UnreachableError(f"{terms.target} did not answer in time") from None

    def close(self) -> None:
        """Ends every connection."""
        for pool in self._pools.values():
            for kept in pool.kept:
                kept.connection.abort()
        self._pools.clear()

    async def _open(
        self, whose: Whose, terms: HostTerms, session: Callable[[], Any], start: Start
    ) -> TargetChannel:
        while True:
            kept = await self._with_room(whose, terms)
            others, channel = kept.channels, kept.channel()
            try:
                await channel.start(session, start)
            except asyncssh.ChannelOpenError as error:
                if error.code not in NO_MORE_SESSIONS or not others or kept.connection.is_closed():
                    raise UnreachableError(f"{terms.target} does not start it: {error.reason}") from None
                kept.channels_max = others  # its MaxSessions is lower than most
            except BaseException:
                channel.abandon()
                raise
            else:
                return channel

    async def _connect(
        self, whose: Whose, terms: HostTerms, session: Callable[[], Any], host: str, port: int
    ) -> asyncssh.SSHTCPChannel[bytes]:
        kept = await self._with_room(whose, terms)
        kept.take()
        try:
            channel, _ = await kept.connection.create_connection(
                session, host, port, window=limits.WINDOW_BYTES, max_pktsize=limits.PACKET_BYTES_MAX
            )
        except asyncssh.ChannelOpenError as error:
            kept.give_back()
            raise UnreachableError(
                f"{terms.target} does not get to {host}:{port}: {printable(error.reason)}"
            ) from None
        except BaseException:
            kept.give_back()
            raise
        waiting = asyncio.get_running_loop().create_task(_give_back_when_closed(kept, channel))
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)
        return channel

    async def _with_room(self, whose: Whose, terms: HostTerms) -> Kept:
        pool = self._pools.setdefault(whose, _Pool())
        async with pool.connecting:  # those who come meanwhile share what is being connected
            pool.kept = [kept for kept in pool.kept if not kept.connection.is_closed()]
            if kept := next((kept for kept in pool.kept if kept.has_room), None):
                return kept
            if len(pool.kept) >= limits.UPSTREAM_CONNECTIONS_MAX:
                bound = f"upstream-connections-max = {limits.UPSTREAM_CONNECTIONS_MAX}"
                raise UnreachableError(f"too many commands run on {terms.target} at a time ({bound})")
            connection = await connected(whose.login, terms)
            kept = Kept(connection, lambda kept: self._end_idle(whose, kept))
            pool.kept.append(kept)
            return kept

    def _end_idle(self, whose: Whose, kept: Kept) -> None:
        kept.connection.close()
        pool = self._pools.get(whose)
        if pool is None:
            return
        pool.kept = [other for other in pool.kept if other is not kept]
        if not pool.kept and not pool.connecting.locked():
            del self._pools[whose]


async def _give_back_when_closed(kept: Kept, channel: asyncssh.SSHTCPChannel[bytes]) -> None:
    await channel.wait_closed()
    kept.give_back()
