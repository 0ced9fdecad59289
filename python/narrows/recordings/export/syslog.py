"""Events to a syslog receiver: RFC 5424 messages over TLS, framed by their length (RFC 5425).

Syslog has no acknowledgement. What is sent counts as taken when the receiver's own TCP has acknowledged every
byte of it, so a receiver that is gone, or only half there, is noticed and gets the batch again.
"""

from __future__ import annotations

import fcntl
import os
import socket
import ssl
import struct
import termios
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import trio

from narrows.recordings.export.sink import SinkError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from narrows.recordings.export.sink import Outgoing

LOG_AUDIT = 13
WARNING, NOTICE, INFORMATIONAL = 4, 5, 6
ACKNOWLEDGED_POLL_S = 0.01
SEVERITIES = {"allow": INFORMATIONAL, "deny": WARNING, "withdrawn": NOTICE}


class SyslogSink:
    """A receiver of syslog over TLS.

    Args:
        address: `host:port`, such as `siem.example:6514`.
        context: Whom to trust.
    """

    def __init__(self, address: str, context: ssl.SSLContext) -> None:
        host, _, port = address.rpartition(":")
        self._host, self._port = host.strip("[]"), int(port)
        self._context = context
        self._stream: trio.SSLStream[trio.SocketStream] | None = None

    async def send(self, batch: Sequence[Outgoing]) -> None:
        """Sends messages and waits for TCP's acknowledgement of the last byte."""
        try:
            stream = self._stream or await self._connect()
            await stream.send_all(b"".join(framed(message(one)) for one in batch))
            await self._acknowledged(stream)
        except BaseException as error:
            await self.close()
            if isinstance(error, (trio.BrokenResourceError, trio.ClosedResourceError, ssl.SSLError)):
                cause = error.__cause__ or error
                raise SinkError(f"{self._host}:{self._port} broke the connection: {cause}") from None
            raise

    async def close(self) -> None:
        """Drops the connection: whatever was not acknowledged is sent again over the next one."""
        stream, self._stream = self._stream, None
        if stream is not None:
            await trio.aclose_forcefully(stream)

    async def _connect(self) -> trio.SSLStream[trio.SocketStream]:
        transport = await trio.open_tcp_stream(self._host, self._port)
        stream = trio.SSLStream(transport, self._context, server_hostname=self._host)
        self._stream = stream
        await stream.do_handshake()
        return stream

    async def _acknowledged(self, stream: trio.SSLStream[trio.SocketStream]) -> None:
        connection = stream.transport_stream.socket
        while _unacknowledged(connection.fileno()):
            if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise trio.BrokenResourceError
            await trio.sleep(ACKNOWLEDGED_POLL_S)


def message(one: Outgoing) -> bytes:
    """The RFC 5424 message for an event; its own part is UTF-8, marked as such."""
    event = one.event
    severity = SEVERITIES[event.operation.effect] if event.operation is not None else INFORMATIONAL
    at = datetime.fromtimestamp(event.time_us / 1_000_000, UTC)
    header = (
        f"<{LOG_AUDIT * 8 + severity}>1 {at:%Y-%m-%dT%H:%M:%S.%f}Z {_host_name()} narrows {os.getpid()} "
        f"{event.kind} - "
    )
    return header.encode("ascii") + b"\xef\xbb\xbf" + one.line


def framed(content: bytes) -> bytes:
    """A message with its length before it (RFC 5425, 4.3)."""
    return f"{len(content)} ".encode() + content


def _host_name() -> str:
    """Ours as RFC 5424 has it: printable ASCII, at most 255 characters."""
    name = "".join(character for character in socket.gethostname() if "!" <= character <= "~")
    return name[:255] or "-"


def _unacknowledged(descriptor: int) -> int:
    """Bytes that the other side's TCP has not acknowledged (tcp(7), SIOCOUTQ)."""
    answer = fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4))
    (count,) = struct.unpack("i", answer)
    return int(count)
