"""Serves the API with Hypercorn on Trio, over TLS with the listeners' certificate."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import hypercorn.trio
import trio
from hypercorn.config import Config as HypercornConfig

from narrows.console.app import application

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from narrows.gateway import Operations

KEEP_ALIVE_S = 30
SHUTDOWN_S = 2.0
"""How long requests that run may finish in when the gateway stops."""


def serve(address: str, certificate: Path, key: Path) -> Callable[..., Awaitable[None]]:
    """Makes the service that the gateway starts.

    Args:
        address: `host:port` to listen on.
        certificate: PEM file of the certificate with its chain.
        key: PEM file of its key.
    """

    async def console(operations: Operations, *, task_status: trio.TaskStatus[str]) -> None:
        config = HypercornConfig()
        config.bind = [address]
        config.certfile = str(certificate)
        config.keyfile = str(key)
        config.alpn_protocols = ["http/1.1"]
        config.keep_alive_timeout = KEEP_ALIVE_S
        config.graceful_timeout = SHUTDOWN_S
        config.accesslog = None
        config.errorlog = logging.getLogger("narrows.console")
        async with trio.open_nursery() as nursery:
            binds = await nursery.start(hypercorn.trio.serve, application(operations), config)
            task_status.started(binds[0].partition("://")[2])

    return console
