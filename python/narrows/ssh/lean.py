"""What asyncssh does more often than our ciphers need, done once: half of the relay's CPU time per byte.

These lines know asyncssh's insides, so its version is pinned and tests fail when it changes.
Measured per 500 MiB relayed on two legs (docs/performance.md):

- a packet of MSG_IGNORE before every packet: a counter-measure for CBC ciphers, of which we speak none;
- an AES key schedule for every packet instead of one for every key;
- the input copied twice for every packet instead of once for every read;
- a write to the socket for every packet instead of one for every read and every turn of the loop;
- a dozen lines of log for every command, put together and thrown away.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncssh
from asyncssh.connection import SSHConnection
from asyncssh.constants import MSG_IGNORE
from asyncssh.encryption import GCMEncryption, register_encryption_alg
from asyncssh.logging import SSHLogger
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from narrows.ssh import limits
from narrows.ssh.window import TcpChannel

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

SALT_BYTES = 4
COUNTER_MASK = (1 << 64) - 1


class LeanGcm(GCMEncryption):
    """AES-GCM as SSH uses it (RFC 5647, section 7.1) with its key schedule kept.

    The nonce is four fixed bytes and a counter of eight that is incremented after every packet.
    """

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._aead = AESGCM(key)
        self._salt = iv[:SALT_BYTES]
        self._counter = int.from_bytes(iv[SALT_BYTES:], "big")

    @classmethod
    def new(
        cls,
        cipher_name: str,
        key: bytes,
        iv: bytes,
        mac_alg: bytes = b"",
        mac_key: bytes = b"",
        etm: bool = False,
    ) -> LeanGcm:
        """See `GCMEncryption.new`."""
        return cls(key, iv)

    def encrypt_packet(self, seq: int, header: bytes, packet: bytes) -> tuple[bytes, bytes]:
        """The packet with its tag behind it."""
        return header + self._aead.encrypt(self._nonce(), packet, header), b""

    def decrypt_packet(
        self, seq: int, first: bytes, rest: bytes, header_len: int, mac: bytes
    ) -> bytes | None:
        """The packet, or None when it is not what was sent."""
        try:
            return self._aead.decrypt(
                self._nonce(), b"".join((first[header_len:], rest, mac)), first[:header_len]
            )
        except InvalidTag:
            return None

    def _nonce(self) -> bytes:
        counter = self._counter
        self._counter = (counter + 1) & COUNTER_MASK
        return self._salt + counter.to_bytes(8, "big")


for _name in ("aes128-gcm", "aes256-gcm"):
    register_encryption_alg(f"{_name}@openssh.com".encode(), LeanGcm, _name, True)


class InputBuffer:
    """Stands in for the `bytes` in which a connection keeps its input: what is cut off in front stays put.

    Taking `[n:]` consumes n bytes of it, which is what every taker wants that assigns it back.
    """

    __slots__ = ("_data", "_start")

    def __init__(self) -> None:
        self._data = b""
        self._start = 0

    def __iadd__(self, data: bytes) -> InputBuffer:
        self._data = self._data[self._start :] + data if self._start < len(self._data) else data
        self._start = 0
        return self

    def __len__(self) -> int:
        return len(self._data) - self._start

    def __getitem__(self, part: slice) -> bytes | InputBuffer:
        start = part.start or 0
        if start < 0 or (part.stop is not None and part.stop < start):
            raise asyncssh.ProtocolError("a packet's length is impossible")
        if part.stop is None:
            self._start += start
            return self
        return self._data[self._start + start : self._start + part.stop]

    def find(self, sought: bytes, start: int, end: int) -> int:
        """As `bytes.find`."""
        found = self._data.find(sought, self._start + start, self._start + end)
        return found - self._start if found >= 0 else found


class Silent(SSHLogger):
    """Says nothing: what asyncssh would is for its own debugging, and has commands and environments in it."""

    def log(self, *args: object, **kwargs: object) -> None:
        """Drops a line."""

    info = debug = debug1 = debug2 = packet = log


SILENT = Silent()


class Unlogged:
    """Of a connection or a channel: drops its lines about packets before they are put together."""

    def log_sent_packet(self, *args: Any) -> None:
        """Drops a line."""

    def log_received_packet(self, *args: Any) -> None:
        """Drops a line."""


class _Lean(Unlogged, SSHConnection):
    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._logger = SILENT
        self._inpbuf: Any = InputBuffer()
        self._outgoing: list[bytes] = []
        self._is_reading = False

    def send_packet(self, pkttype: int, *args: bytes, handler: Any = None) -> None:
        if pkttype != MSG_IGNORE:
            super().send_packet(pkttype, *args, handler=handler)

    def create_tcp_channel(
        self,
        encoding: str | None = None,
        errors: str = "strict",
        window: int = limits.WINDOW_BYTES,
        max_pktsize: int = limits.PACKET_BYTES_MAX,
    ) -> TcpChannel:
        """See `SSHConnection.create_tcp_channel`."""
        return TcpChannel(self, self._loop, encoding, errors, window, max_pktsize)

    def _recv_data(self) -> None:
        self._is_reading = True
        super()._recv_data()
        self._is_reading = False
        self._flush()

    def _send(self, data: bytes) -> None:
        if not self._outgoing and not self._is_reading:
            self._loop.call_soon(self._flush)
        self._outgoing.append(data)

    def _flush(self) -> None:
        outgoing, self._outgoing = self._outgoing, []
        if outgoing and self._transport:
            self._transport.writelines(outgoing)

    def _force_close(self, exc: Exception | None) -> None:
        self._flush()  # last words, after which the transport is forgotten
        super()._force_close(exc)


class LeanServerConnection(_Lean, asyncssh.SSHServerConnection):
    """The leg to an agent."""

    async def validate_public_key(self, username: str, key_data: bytes, msg: bytes, signature: bytes) -> bool:
        """Whether a certificate is good; its owner sees it whole, and only once its key is proved."""
        owner: Any = self._owner
        good = await super().validate_public_key(username, key_data, msg, signature)
        return good and (not msg or await owner.certificate_proved(key_data))

    def check_certificate_permission(self, permission: str) -> bool:
        """Whether a certificate is for terminals, forwards and the like: policy says so of each of them."""
        return True


class LeanClientConnection(_Lean, asyncssh.SSHClientConnection):
    """The leg to a target."""


class TurnedAway(asyncio.Protocol):
    """A connection that there is no room for; SSH lets a server say so before its version."""

    def __init__(self, why: str) -> None:
        self._why = why

    def connection_made(self, transport: Any) -> None:
        """Says why, and closes."""
        transport.write(f"{self._why}\r\n".encode())
        transport.close()


async def listen(
    listener: socket.socket,
    options: asyncssh.SSHServerConnectionOptions,
    why_not: Callable[[], str],
) -> asyncio.AbstractServer:
    """Accepts agents; see `asyncssh.listen`.

    Args:
        listener: Bound and listening.
        options: What is spoken.
        why_not: Why nobody more is taken now; empty: somebody is.
    """
    loop = asyncio.get_running_loop()

    def accepted() -> asyncio.Protocol:
        why = why_not()
        return TurnedAway(why) if why else LeanServerConnection(loop, options)

    return await loop.create_server(accepted, sock=listener)


async def connect(host: str, port: int, options: asyncssh.SSHClientConnectionOptions) -> LeanClientConnection:
    """Connects to a target and authenticates there; see `asyncssh.connect`.

    Raises:
        OSError: There is no connection.
        asyncssh.Error: Its host key, or our credential, is refused.
    """
    loop = asyncio.get_running_loop()
    options.waiter = loop.create_future()
    _, connection = await loop.create_connection(
        lambda: LeanClientConnection(loop, options, wait="auth"), host, port
    )
    connection.set_extra_info(host=host, port=port)
    try:
        await options.waiter
    except BaseException:
        connection.abort()
        raise
    return connection
