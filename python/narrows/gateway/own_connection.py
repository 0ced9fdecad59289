"""Asking a target over the gateway's own connection, for commands that run without a gateway.

The data plane is started for that alone: it logs in, with the credential that the configuration names, as a
gateway does. It serves nobody, and its journal goes when it does.
"""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import trio

from narrows.credentials.present import present
from narrows.errors import NarrowsError
from narrows.plane import EventPump, Rows, start_own_plane, upstream_of

if TYPE_CHECKING:
    from narrows.config import Located, TargetSection

T = TypeVar("T")
Ask = Callable[[str], Awaitable[Rows]]
"""Runs SQL on the target, each time over a connection of its own."""


def ask_target(located: Located, target: TargetSection, work: Callable[[Ask], Awaitable[T]]) -> T:
    """Does something with a target's database.

    Args:
        located: The configuration.
        target: One of its targets.
        work: What to do. It is given what runs SQL there.

    Returns:
        What the work returns.

    Raises:
        CredentialError: The gateway's credential for the target cannot be had.
        PlaneError: The target cannot be asked.
    """
    return trio.run(_ask, located, target, work)


async def _ask(located: Located, target: TargetSection, work: Callable[[Ask], Awaitable[T]]) -> T:
    upstream = upstream_of(present(target, located.base))
    with tempfile.TemporaryDirectory(prefix="narrows-") as journal:
        plane = start_own_plane(Path(journal))
        pump = EventPump(plane)

        async def ask(sql: str) -> Rows:
            return await pump.query(upstream, sql)

        try:
            done: T | NarrowsError
            async with trio.open_nursery() as nursery:
                nursery.start_soon(pump.run, {})
                try:
                    done = await work(ask)
                except NarrowsError as error:  # a nursery would wrap it
                    done = error
                nursery.cancel_scope.cancel()
        finally:
            await trio.to_thread.run_sync(plane.shutdown, 0)
    if isinstance(done, NarrowsError):
        raise done
    return done
