"""The bridge between asyncio's thread and Trio's: one crossing for a session, one for an operation.

Nothing is queued without bound: whoever crosses waits for the answer, and how many may wait is bounded by the
connections and the channels of each.
"""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any, TypeVar

import trio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


class Bridge:
    """Carries calls over, both ways.

    Args:
        token: Of the Trio run.
        nursery: Where calls that take time run; its end is theirs.
        loop: asyncio's.
    """

    def __init__(
        self, token: trio.lowlevel.TrioToken, nursery: trio.Nursery, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._token = token
        self._nursery = nursery
        self._loop = loop

    def to_asyncio(self, call: Callable[..., object], *args: Any) -> bool:
        """From Trio: has something called in asyncio's thread; False when that has ended."""
        try:
            self._loop.call_soon_threadsafe(call, *args)
        except RuntimeError:  # its loop is closed
            return False
        return True

    def to_trio(self, call: Callable[..., object], *args: Any) -> bool:
        """From asyncio: has something called in Trio's thread; False when Trio has ended."""
        try:
            self._token.run_sync_soon(functools.partial(call, *args))
        except trio.RunFinishedError:
            return False
        return True

    async def await_in_trio(self, call: Callable[..., Awaitable[T]], *args: Any) -> T:
        """From asyncio: awaits something in Trio, and gives back what it returns or raises.

        When this is cancelled, so is that.
        """
        outcome: asyncio.Future[T] = self._loop.create_future()
        scope = trio.CancelScope()
        if not self.to_trio(self._start, call, args, scope, outcome):
            raise asyncio.CancelledError
        try:
            return await outcome
        except asyncio.CancelledError:
            self.to_trio(scope.cancel)
            raise

    def _start(
        self,
        call: Callable[..., Awaitable[T]],
        args: tuple[Any, ...],
        scope: trio.CancelScope,
        outcome: asyncio.Future[T],
    ) -> None:
        try:
            self._nursery.start_soon(self._run, call, args, scope, outcome)
        except RuntimeError:  # the nursery has ended
            self.to_asyncio(outcome.cancel)

    async def _run(
        self,
        call: Callable[..., Awaitable[T]],
        args: tuple[Any, ...],
        scope: trio.CancelScope,
        outcome: asyncio.Future[T],
    ) -> None:
        settle: Callable[[], object] = outcome.cancel
        try:
            with scope:
                settle = functools.partial(outcome.set_result, await call(*args))
        except Exception as error:  # it is the asker's
            settle = functools.partial(outcome.set_exception, error)
        finally:
            self.to_asyncio(_unless_done, outcome, settle)


def _unless_done(outcome: asyncio.Future[Any], settle: Callable[[], object]) -> None:
    if not outcome.done():
        settle()
