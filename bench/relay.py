"""A plain Trio relay: what Python in the byte path costs before it looks at a byte. TLS passes through it.

`python -m bench.relay TARGET_PORT` prints the port that it listens on.
"""

from __future__ import annotations

import sys
from functools import partial

import trio

READ_BYTES = 64 * 1024


async def _pass(source: trio.SocketStream, sink: trio.SocketStream, scope: trio.CancelScope) -> None:
    try:
        async for part in source:
            await sink.send_all(part)
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        pass
    scope.cancel()


async def _relay(target: int, client: trio.SocketStream) -> None:
    async with await trio.open_tcp_stream("127.0.0.1", target) as server, trio.open_nursery() as nursery:
        nursery.start_soon(_pass, client, server, nursery.cancel_scope)
        nursery.start_soon(_pass, server, client, nursery.cancel_scope)


async def _serve(target: int) -> None:
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, partial(_relay, target), 0, host="127.0.0.1"))
        print(listeners[0].socket.getsockname()[1], flush=True)


if __name__ == "__main__":
    trio.run(_serve, int(sys.argv[1]))
