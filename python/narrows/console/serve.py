"""Serves API and pages with Hypercorn on Trio, over TLS with the listeners' certificate."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING

import hypercorn.trio
import trio
from hypercorn.config import Config as HypercornConfig

from narrows.console.app import application
from narrows.errors import NarrowsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from narrows.gateway import Operations

BACKLOG = 100
KEEP_ALIVE_S = 30
SHUTDOWN_S = 2.0
"""How long requests that run may finish in when the gateway stops."""


class ConsoleError(NarrowsError):
    """The console cannot be served."""


def serve(address: str, certificate: Path, key: Path) -> Callable[..., Awaitable[None]]:
    """Makes the service that the gateway starts.

    Args:
        address: `host:port` to listen on.
        certificate: PEM file of the certificate with its chain.
        key: PEM file of its key.
    """

    async def console(operations: Operations, *, task_status: trio.TaskStatus[str]) -> None:
        config = HypercornConfig()
        listener, bound = _bind(address)
        config.bind = [f"fd://{listener.detach()}"]
        config.certfile = str(certificate)
        config.keyfile = str(key)
        config.alpn_protocols = ["http/1.1"]
        config.keep_alive_timeout = KEEP_ALIVE_S
        config.graceful_timeout = SHUTDOWN_S
        config.accesslog = None
        config.errorlog = logging.getLogger("narrows.console")
        async with trio.open_nursery() as nursery:
            origin = operations.public_url.rstrip("/") or f"https://{bound}"
            served = application(operations, origin=origin)
            await nursery.start(hypercorn.trio.serve, served, config)
            task_status.started(bound)

    return console


def _bind(address: str) -> tuple[socket.socket, str]:
    """A listening socket and its address; by ourselves, for an error that names what is wrong."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, int(port)), family=family, backlog=BACKLOG)
    except OSError as error:
        why = str(error.strerror or error).partition(" (while")[0]
        raise ConsoleError(f"cannot listen on {address}: {why}") from None
    listener.setblocking(False)
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    return listener, f"{shown}:{listener.getsockname()[1]}"
