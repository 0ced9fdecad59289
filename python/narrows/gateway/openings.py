"""Sessions that are being opened: a task for each, which ends when nobody waits for it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Openings:
    """Runs what opens sessions.

    Args:
        nursery: Where.
    """

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._scopes: dict[int, trio.CancelScope] = {}
        """By ask."""

    def start(
        self, ask: int, opening: Callable[[], Awaitable[None]], failed: Callable[[Exception], None]
    ) -> None:
        """Opens a session.

        Args:
            ask: Who waits.
            opening: Opens it.
            failed: Told of whatever went wrong, so that it ends no other session.
        """
        scope = self._scopes[ask] = trio.CancelScope()
        self._nursery.start_soon(self._open, ask, opening, failed, scope)

    def withdrawn(self, ask: int) -> None:
        """Nobody waits for an answer any more."""
        if scope := self._scopes.get(ask):
            scope.cancel()

    async def _open(
        self,
        ask: int,
        opening: Callable[[], Awaitable[None]],
        failed: Callable[[Exception], None],
        scope: trio.CancelScope,
    ) -> None:
        with scope:
            try:
                await opening()
            except Exception as error:
                failed(error)
            finally:
                self._scopes.pop(ask, None)
