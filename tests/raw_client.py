"""A Postgres client that sends exactly the messages it is told to: for cases no driver would produce."""

from __future__ import annotations

import socket
import ssl
import struct
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """One message from the server."""

    type: str
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        """The fields of an ErrorResponse or NoticeResponse by their code."""
        parts = [part for part in self.body.split(b"\0") if part]
        return {part[:1].decode(): part[1:].decode() for part in parts}

    @property
    def values(self) -> list[bytes | None]:
        """The columns of a DataRow."""
        (count,) = struct.unpack_from("!h", self.body)
        values: list[bytes | None] = []
        at = 2
        for _ in range(count):
            (length,) = struct.unpack_from("!i", self.body, at)
            at += 4
            values.append(None if length < 0 else self.body[at : at + length])
            at += max(length, 0)
        return values


def message(kind: str, body: bytes = b"") -> bytes:
    return kind.encode() + struct.pack("!i", len(body) + 4) + body


def cstring(text: str) -> bytes:
    return text.encode() + b"\0"


def query(sql: str) -> bytes:
    return message("Q", cstring(sql))


def parse(sql: str, name: str = "", types: tuple[int, ...] = ()) -> bytes:
    return message("P", cstring(name) + cstring(sql) + struct.pack(f"!h{len(types)}I", len(types), *types))


def bind(
    portal: str = "", statement: str = "", values: tuple[bytes | None, ...] = (), binary: bool = False
) -> bytes:
    body = cstring(portal) + cstring(statement) + struct.pack("!hh", 0, len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    return message("B", body + (struct.pack("!hh", 1, 1) if binary else struct.pack("!h", 0)))


def describe(kind: str, name: str = "") -> bytes:
    return message("D", kind.encode() + cstring(name))


def execute(portal: str = "", rows_max: int = 0) -> bytes:
    return message("E", cstring(portal) + struct.pack("!i", rows_max))


def close(kind: str, name: str = "") -> bytes:
    return message("C", kind.encode() + cstring(name))


SYNC = message("S")
FLUSH = message("H")
TERMINATE = message("X")


def copy_data(data: bytes) -> bytes:
    return message("d", data)


COPY_DONE = message("c")


def startup(parameters: dict[str, str], version: int = 196608) -> bytes:
    body = (
        struct.pack("!i", version) + b"".join(cstring(k) + cstring(v) for k, v in parameters.items()) + b"\0"
    )
    return struct.pack("!i", len(body) + 4) + body


SSL_REQUEST = struct.pack("!ii", 8, 80877103)
GSSENC_REQUEST = struct.pack("!ii", 8, 80877104)


class RawClient:
    """A connection to `host:port`, in plain text until `start_tls`."""

    def __init__(self, address: str, *, timeout_s: float = 10.0) -> None:
        host, _, port = address.rpartition(":")
        self.socket: socket.socket = socket.create_connection((host, int(port)), timeout=timeout_s)
        self._buffer = b""

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def start_tls(self, context: ssl.SSLContext, server_name: str = "localhost") -> None:
        self.socket.sendall(SSL_REQUEST)
        assert self.socket.recv(1) == b"S"
        self.socket = context.wrap_socket(self.socket, server_hostname=server_name)

    def log_in(
        self, context: ssl.SSLContext, *, user: str, database: str, password: str, **parameters: str
    ) -> list[Message]:
        """Goes through TLS and cleartext password; returns the messages up to the end of the login."""
        self.start_tls(context)
        self.send(startup({"user": user, "database": database, **parameters}))
        first = self.receive()
        if first.type != "R":
            return [first]
        self.send(message("p", cstring(password)))
        return self.until("ZE")

    def send(self, *messages: bytes) -> None:
        self.socket.sendall(b"".join(messages))

    def receive(self) -> Message:
        """The next message; EOFError when the server has closed."""
        while len(self._buffer) < 5 or len(self._buffer) < 1 + struct.unpack_from("!i", self._buffer, 1)[0]:
            chunk = self.socket.recv(65536)
            if not chunk:
                raise EOFError
            self._buffer += chunk
        (length,) = struct.unpack_from("!i", self._buffer, 1)
        taken, self._buffer = self._buffer[: 1 + length], self._buffer[1 + length :]
        return Message(chr(taken[0]), taken[5:])

    def until(self, types: str) -> list[Message]:
        """Messages up to and including the first whose type is in `types`, or to the connection's end."""
        seen: list[Message] = []
        while True:
            try:
                seen.append(self.receive())
            except (EOFError, ssl.SSLEOFError):
                return seen
            if seen[-1].type in types:
                return seen

    def ask(self, *messages: bytes) -> list[Message]:
        """Sends and reads up to ReadyForQuery."""
        self.send(*messages)
        return self.until("Z")

    def is_silent(self, seconds: float = 0.3) -> bool:
        """Whether nothing arrives for a while."""
        self.socket.settimeout(seconds)
        try:
            self._buffer += self.socket.recv(65536)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(10.0)
        return False


def shape(messages: list[Message]) -> str:
    """The types of messages in a row, with the status of a ReadyForQuery and an error's SQLSTATE."""
    told = []
    for each in messages:
        if each.type == "Z":
            told.append("Z" + each.body.decode())
        elif each.type == "E":
            told.append(f"E[{each.fields['C']}]")
        elif each.type not in "SN":
            told.append(each.type)
    return " ".join(told)
