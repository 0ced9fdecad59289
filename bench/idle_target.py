"""A target for more sessions than a database takes: everybody is let in, and a question brings the real one.

`python -m bench.idle_target SOCKET` prints the port that it listens on; SOCKET is that of a PostgreSQL that
trusts local connections.
"""

from __future__ import annotations

import struct
import sys
from functools import partial

import trio

READ_BYTES = 16 * 1024
READY = b"Z\0\0\0\5I"


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


WELCOME = (
    _message(b"R", bytes(4))
    + _message(b"S", b"server_version\x0017.0\0")
    + _message(b"S", b"client_encoding\0UTF8\0")
    + _message(b"S", b"standard_conforming_strings\0on\0")
    + _message(b"K", bytes(8))
    + READY
)
"""AuthenticationOk, what clients ask of a server's parameters, BackendKeyData, ReadyForQuery."""


async def _pass(source: trio.SocketStream, sink: trio.SocketStream, scope: trio.CancelScope) -> None:
    try:
        async for part in source:
            await sink.send_all(part)
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        pass
    scope.cancel()


async def _ask(socket: str, startup: bytes, first: bytes, client: trio.SocketStream) -> None:
    """Logs in to the database and lets both talk."""
    async with await trio.open_unix_socket(socket) as server, trio.open_nursery() as nursery:
        await server.send_all(startup)
        greeting = b""
        while not greeting.endswith(READY):
            greeting += await server.receive_some(READ_BYTES)
        await server.send_all(first)
        nursery.start_soon(_pass, client, server, nursery.cancel_scope)
        nursery.start_soon(_pass, server, client, nursery.cancel_scope)


async def _serve_one(socket: str, client: trio.SocketStream) -> None:
    try:
        startup = await client.receive_some(READ_BYTES)
        await client.send_all(WELCOME)
        if first := await client.receive_some(READ_BYTES):
            await _ask(socket, startup, first, client)
    except trio.BrokenResourceError:
        return


async def _serve(socket: str) -> None:
    async with trio.open_nursery() as nursery:
        serve = partial(trio.serve_tcp, partial(_serve_one, socket), 0, host="127.0.0.1", backlog=1024)
        listeners = await nursery.start(serve)
        print(listeners[0].socket.getsockname()[1], flush=True)


if __name__ == "__main__":
    trio.run(_serve, sys.argv[1])
