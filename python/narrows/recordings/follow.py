"""Keeps the index up to date with the journal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
import trio

from narrows.errors import NarrowsError
from narrows.recordings.frames import journal_of
from narrows.recordings.index import IndexWriter
from narrows.store import sessions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from narrows.config import Located
    from narrows.store import Store

POLL_S = 0.25
"""How long the journal may have grown before it is noticed."""
RETRY_S = 5.0
"""Pause after something that failed; nothing is lost meanwhile, the journal has it."""

log = structlog.get_logger("narrows.recordings")


async def keep_indexed(where: Located, store: Store) -> None:
    """Feeds the index for as long as it runs."""
    writer = await trio.to_thread.run_sync(IndexWriter, where.index, journal_of(where))
    try:
        ended = await store.run(_over, writer.open_sessions())
        await _catch_up(writer)
        if lost := await trio.to_thread.run_sync(writer.end_lost, ended):
            log.warning("recordings without an end", sessions=lost)
        while True:
            await _catch_up(writer)
            await trio.sleep(POLL_S)
    finally:
        writer.close()


def index_once(where: Located, store: Store) -> None:
    """Brings the index up to the journal's end. Raises StoreError and RecordingError."""
    writer = IndexWriter(where.index, journal_of(where))
    try:
        ended = store.run_here(sessions.ended, writer.open_sessions())
        while writer.step():
            pass
        ended |= store.run_here(sessions.ended, writer.open_sessions())
        writer.end_lost(ended)
    finally:
        writer.close()


def _over(connection: Connection, left: Sequence[int]) -> dict[int, tuple[int, str]]:
    """When and why sessions of the gateway's last run ended, of those that did not close the journal's frame.

    One that was killed with the gateway before it was on the list has no other end than this start.
    """
    lost = time.time_ns() // 1_000_000, "the gateway ended without closing it"
    return dict.fromkeys(sessions.unknown(connection, left), lost) | sessions.ended(connection, left)


async def _catch_up(writer: IndexWriter) -> None:
    """Takes what there is; what fails is tried again for as long as it takes."""
    complained = ""
    while True:
        try:
            while await trio.to_thread.run_sync(writer.step):
                pass
        except NarrowsError as error:
            if str(error) != complained:
                log.error("recordings not indexed", error=str(error))
                complained = str(error)
            await trio.sleep(RETRY_S)
        else:
            return
