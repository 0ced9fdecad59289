"""Connections to targets, kept for the next command: a handshake costs more than a hundred commands.

A connection belongs to one principal, target and login, and carries no more channels than the target's
MaxSessions lets it; more channels get another connection.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncssh
import structlog
from asyncssh.constants import OPEN_ADMINISTRATIVELY_PROHIBITED, OPEN_CONNECT_FAILED, OPEN_RESOURCE_SHORTAGE

from narrows.errors import NarrowsError
from narrows.printable import printable
from narrows.ssh import algorithms, lean, limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncssh.channel import SSHChannel

    from narrows.credentials.host import HostTerms

log = structlog.get_logger("narrows.ssh")

NO_MORE_SESSIONS = {OPEN_ADMINISTRATIVELY_PROHIBITED, OPEN_CONNECT_FAILED, OPEN_RESOURCE_SHORTAGE}
"""How servers say that a connection has as many channels as they allow."""


class UnreachableError(NarrowsError):
    """The target cannot be had. The message is shown to the agent and names no secret."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom a connection belongs to."""

    principal: str
    target: str
    login: str


@dataclass(slots=True, eq=False)
class _Kept:
    """One connection upstream."""

    connection: asyncssh.SSHClientConnection
    sessions_max: int = limits.UPSTREAM_SESSIONS_MAX
    sessions: int = 0
    idle: asyncio.TimerHandle | None = None

    @property
    def has_room(self) -> bool:
        return self.sessions < self.sessions_max and not self.connection.is_closed()


@dataclass(slots=True, eq=False)
class _Pool:
    """The connections of one principal to one login of one target."""

    kept: list[_Kept] = field(default_factory=list)
    connecting: asyncio.Lock = field(default_factory=asyncio.Lock)


class Upstreams:
    """Every connection upstream."""

    def __init__(self) -> None:
        self._pools: dict[Whose, _Pool] = {}
        self._waiting: set[asyncio.Task[None]] = set()
        """One for every open channel; asyncio itself keeps none alive."""

    async def open(
        self, whose: Whose, terms: HostTerms, session: Callable[[], Any], **start: Any
    ) -> asyncssh.SSHClientChannel[bytes]:
        """Opens a channel and starts something on it.

        Args:
            whose: Who may use the connection.
            terms: How the target is reached.
            session: Makes the channel's session.
            start: What `create_session` takes.

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
        self, whose: Whose, terms: HostTerms, session: Callable[[], Any], start: dict[str, Any]
    ) -> asyncssh.SSHClientChannel[bytes]:
        while True:
            kept = await self._with_room(whose, terms)
            self._take(kept)
            try:
                channel, _ = await kept.connection.create_session(session, **start)
            except asyncssh.ChannelOpenError as error:
                self._give_back(whose, kept)
                others = kept.sessions
                if error.code not in NO_MORE_SESSIONS or not others or kept.connection.is_closed():
                    raise UnreachableError(f"{terms.target} does not start it: {error.reason}") from None
                kept.sessions_max = others  # its MaxSessions is lower than most
            except BaseException:
                self._give_back(whose, kept)
                raise
            else:
                self._give_back_when_closed(whose, kept, channel)
                return channel

    async def _connect(
        self, whose: Whose, terms: HostTerms, session: Callable[[], Any], host: str, port: int
    ) -> asyncssh.SSHTCPChannel[bytes]:
        kept = await self._with_room(whose, terms)
        self._take(kept)
        try:
            channel, _ = await kept.connection.create_connection(
                session, host, port, window=limits.WINDOW_BYTES, max_pktsize=limits.PACKET_BYTES_MAX
            )
        except asyncssh.ChannelOpenError as error:
            self._give_back(whose, kept)
            raise UnreachableError(
                f"{terms.target} does not get to {host}:{port}: {printable(error.reason)}"
            ) from None
        except BaseException:
            self._give_back(whose, kept)
            raise
        self._give_back_when_closed(whose, kept, channel)
        return channel

    async def _with_room(self, whose: Whose, terms: HostTerms) -> _Kept:
        pool = self._pools.setdefault(whose, _Pool())
        async with pool.connecting:  # those who come meanwhile share what is being connected
            pool.kept = [kept for kept in pool.kept if not kept.connection.is_closed()]
            if kept := next((kept for kept in pool.kept if kept.has_room), None):
                return kept
            if len(pool.kept) >= limits.UPSTREAM_CONNECTIONS_MAX:
                bound = f"upstream-connections-max = {limits.UPSTREAM_CONNECTIONS_MAX}"
                raise UnreachableError(f"too many commands run on {terms.target} at a time ({bound})")
            kept = _Kept(await _connected(whose, terms))
            pool.kept.append(kept)
            return kept

    def _take(self, kept: _Kept) -> None:
        kept.sessions += 1
        if kept.idle:
            kept.idle.cancel()
            kept.idle = None

    def _give_back(self, whose: Whose, kept: _Kept) -> None:
        kept.sessions -= 1
        if not kept.sessions:
            loop = asyncio.get_running_loop()
            kept.idle = loop.call_later(limits.UPSTREAM_IDLE_S, self._end_idle, whose, kept)

    def _end_idle(self, whose: Whose, kept: _Kept) -> None:
        kept.connection.close()
        pool = self._pools[whose]
        pool.kept.remove(kept)
        if not pool.kept and not pool.connecting.locked():
            del self._pools[whose]

    def _give_back_when_closed(self, whose: Whose, kept: _Kept, channel: SSHChannel[bytes]) -> None:
        waiting = asyncio.get_running_loop().create_task(self._wait_closed(whose, kept, channel))
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)

    async def _wait_closed(self, whose: Whose, kept: _Kept, channel: SSHChannel[bytes]) -> None:
        await channel.wait_closed()
        self._give_back(whose, kept)


async def _connected(whose: Whose, terms: HostTerms) -> asyncssh.SSHClientConnection:
    """A connection on which the target has proved its key and taken our credential."""
    try:
        options = await asyncssh.SSHClientConnectionOptions.construct(
            None,
            config=None,
            username=whose.login,
            host=terms.host,
            port=terms.port,
            host_key_alias=terms.host_name,
            known_hosts=known_hosts_of(terms),
            client_keys=_keys(terms),
            password=terms.password.reveal().decode() if terms.password else None,
            agent_path=None,
            gss_host=None,
            x509_trusted_certs=None,
            client_version="Narrows",
            kex_algs=algorithms.KEY_EXCHANGES,
            encryption_algs=algorithms.CIPHERS,
            mac_algs=algorithms.MACS,
            compression_algs=None,
            signature_algs=algorithms.SIGNATURES,
            keepalive_interval=limits.KEEPALIVE_S,
            keepalive_count_max=limits.KEEPALIVE_COUNT_MAX,
        )
        return await lean.connect(terms.host, terms.port, options)
    except asyncssh.HostKeyNotVerifiable:
        log.error("host key refused", target=terms.target)
        raise UnreachableError(
            f"{terms.target} does not have the host key that is configured for it"
        ) from None
    except asyncssh.PermissionDenied:
        log.error("credential refused", target=terms.target, login=whose.login)
        raise UnreachableError(
            f"{terms.target} does not take the gateway's credential for {whose.login}"
        ) from None
    except (OSError, asyncssh.Error) as error:
        log.error("target not reached", target=terms.target, error=str(error))
        raise UnreachableError(f"{terms.target} cannot be reached") from None


def known_hosts_of(terms: HostTerms) -> tuple[list[asyncssh.SSHKey], list[asyncssh.SSHKey], list[Any]]:
    """The configured host keys as asyncssh takes them: keys, keys of authorities, revoked keys.

    Raises:
        UnreachableError: One of them is none.
    """
    keys, authorities = [], []
    for line in terms.host_keys:
        marker, _, rest = line.partition(" ")
        try:
            if marker == "@cert-authority":
                authorities.append(asyncssh.import_public_key(rest))
            else:
                keys.append(asyncssh.import_public_key(line))
        except asyncssh.KeyImportError as error:
            raise UnreachableError(f"a host key of {terms.target} cannot be read: {error}") from None
    return keys, authorities, []


def _keys(terms: HostTerms) -> list[asyncssh.SSHKey]:
    """The gateway's own key, and never one that happens to lie about."""
    if terms.private_key is None:
        return []
    try:
        return [asyncssh.import_private_key(terms.private_key.reveal())]
    except asyncssh.KeyImportError:
        raise UnreachableError(f"the gateway's key for {terms.target} cannot be read") from None
