"""What follows the journal, in a process of its own: it costs no session anything.

See docs/decisions/0016-recordings-are-followed-by-a-process.md.
"""

from __future__ import annotations

import os
import signal
import ssl
import sys
from typing import TYPE_CHECKING

import trio

from narrows.credentials.references import resolve
from narrows.errors import CredentialError
from narrows.gateway.storage import remote_segments
from narrows.gateway.stores import store_of
from narrows.recordings.export.http import HttpSink, OtlpSink
from narrows.recordings.export.push import Push
from narrows.recordings.export.syslog import SyslogSink
from narrows.recordings.follow import keep_indexed
from narrows.recordings.offload import Offload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from narrows.config import ExportSection, Located
    from narrows.recordings.export.sink import Sink
    from narrows.store import Store


NICENESS = 10
"""How far behind everything else this waits for a processor, sessions above all: after a large answer it has
more to read than the gateway had to send."""


async def follow(where: Located, until_eof: bool = False) -> None:
    """Keeps everything that is made of the journal up to date, until SIGTERM or SIGINT.

    Args:
        where: The configuration.
        until_eof: Stop when standard input ends: whoever started this is gone then.

    Raises:
        StoreError: The store or the index cannot be used, or somebody else writes the index.
        CredentialError: An export's CA cannot be read.
    """
    os.nice(NICENESS)
    store = store_of(where)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_stop_on_signal, nursery.cancel_scope)
            if until_eof:
                nursery.start_soon(_stop_on_eof, nursery.cancel_scope)
            remote = remote_segments(where)
            if remote is not None and where.config.storage is not None:
                keep_local_s = where.config.storage.keep_local_s
                offload = Offload(
                    where.journal, where.index, remote, store, keep_local_s=keep_local_s, node=where.node
                )
                nursery.start_soon(offload.run)
            for push in pushes(where, store):
                nursery.start_soon(push.run)
            await keep_indexed(where, store)
    finally:
        store.close()


def pushes(where: Located, store: Store) -> Iterator[Push]:
    """One push for every export that is configured. Raises CredentialError."""
    for section in where.config.export:
        sink = _sink(section, where.base)
        yield Push(section.name, section.format, sink, index=where.index, store=store, node=where.node)


def _sink(section: ExportSection, base: Path) -> Sink:
    try:
        context = ssl.create_default_context(cafile=str(base / section.ca) if section.ca else None)
    except OSError as error:
        raise CredentialError(f"the CA of export {section.name} cannot be read: {error}") from None
    if section.kind == "syslog":
        return SyslogSink(section.address, context)
    kind = HttpSink if section.kind == "http" else OtlpSink
    token = _revealed(section.token, base) if section.token else None
    return kind(_revealed(section.url, base), token, context)


def _revealed(reference: str, base: Path) -> Callable[[], str]:
    """Reads what a reference names whenever it is needed, so that it can be changed."""
    return lambda: resolve(reference, base).reveal().decode()


async def _stop_on_signal(scope: trio.CancelScope) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            scope.cancel()


async def _stop_on_eof(scope: trio.CancelScope) -> None:
    async with trio.lowlevel.FdStream(os.dup(sys.stdin.fileno())) as stream:
        async for _ in stream:
            pass
    scope.cancel()
