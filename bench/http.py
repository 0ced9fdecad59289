"""An HTTP/1.1 client that does next to nothing, so that what is measured is not the client.

It trusts the servers that it measures: what they send is counted, not checked.
"""

from __future__ import annotations

import base64
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

READ_BYTES = 1 << 18
CHUNKED_END = b"\r\n0\r\n\r\n"
"""Nothing else in a chunked answer of JSON looks like it: a CR in JSON is escaped."""
FIN_CLOSE = 0x88
DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where an API server is reached, and the process in between whose cost is counted."""

    name: str
    host: str
    port: int
    prefix: str = ""
    """What paths begin with."""
    token: str = ""
    tls: ssl.SSLContext | None = None
    process: int | None = None


class Connection:
    """One kept connection; every call waits."""

    def __init__(self, server: Server) -> None:
        raw = socket.create_connection((server.host, server.port), DEADLINE_S)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = server.tls.wrap_socket(raw, server_hostname=server.host) if server.tls else raw
        self._server = server
        self._buffer = bytearray(READ_BYTES)
        self._rest = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, path: str, *headers: str) -> None:
        """Sends a GET."""
        server = self._server
        lines = [f"GET {server.prefix}{path} HTTP/1.1", f"Host: {server.host}:{server.port}"]
        lines += [f"Authorization: Bearer {server.token}"] * bool(server.token)
        self.socket.sendall("\r\n".join([*lines, *headers, "", ""]).encode())

    def head(self, status: int) -> bytes:
        """The head of the answer.

        Raises:
            RuntimeError: The answer has another status; holds its beginning.
        """
        received = self._rest
        while b"\r\n\r\n" not in received:
            received += self._read()
        head, _, self._rest = received.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 %d " % status):
            raise RuntimeError(f"{self._server.name}: {received[:1000]!r}")
        return head.lower()

    def fetch(self, path: str) -> int:
        """Sends a GET and reads the whole answer; how long its body is as it is framed."""
        self.send(path, "Accept: application/json")
        head = self.head(200)
        if b"transfer-encoding: chunked" in head:
            return self._to_the_end()
        _, _, told = head.partition(b"content-length: ")
        length = int(told.split(b"\r\n", 1)[0])
        read = len(self._rest)
        self._rest = b""
        while read < length:
            read += self.socket.recv_into(self._buffer)
        return read

    def _to_the_end(self) -> int:
        read, tail = len(self._rest), self._rest[-len(CHUNKED_END) :]
        self._rest = b""
        while tail != CHUNKED_END:
            count = self._counted()
            read += count
            tail = (tail + self._buffer[max(count - len(CHUNKED_END), 0) : count])[-len(CHUNKED_END) :]
        return read

    def upgrade(self, path: str, protocol: str) -> None:
        """Makes it a WebSocket (RFC 6455)."""
        key = base64.b64encode(os.urandom(16)).decode()
        upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
        self.send(path, *upgrade, f"Sec-WebSocket-Key: {key}", f"Sec-WebSocket-Protocol: {protocol}")
        self.head(101)

    def messages(self) -> Iterator[tuple[int, int]]:
        """First byte and length of every message of the WebSocket until it is closed; no message is split."""
        received, at = bytearray(self._rest), 0
        while True:
            while (frame := _frame(received, at)) is None:
                del received[:at]
                at = 0
                received += self._read()
            begin, end = frame
            if received[at] == FIN_CLOSE:
                return
            if end > begin:
                yield received[begin], end - begin
            at = end

    def _read(self) -> bytes:
        return bytes(self._buffer[: self._counted()])

    def _counted(self) -> int:
        count = self.socket.recv_into(self._buffer)
        if count == 0:
            raise RuntimeError(f"{self._server.name} closed the connection")
        return count


def _frame(received: bytearray, at: int) -> tuple[int, int] | None:
    """Where the payload of the frame there begins and ends, once all of it is there."""
    if len(received) < at + 2:
        return None
    begin, length = at + 2, received[at + 1]
    if length >= 126:
        wide = 2 if length == 126 else 8
        length = int.from_bytes(received[begin : begin + wide], "big")
        begin += wide
    end = begin + length
    return (begin, end) if end <= len(received) else None
