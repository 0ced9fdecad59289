"""Who waits for which request in this process: the same operation asked twice waits for one request."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trio

from narrows.errors import ApprovalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.approvals.asking import Asked
    from narrows.approvals.request import Request


@dataclass(slots=True, eq=False)
class Waiter:
    """A request and how many wait for it."""

    request: Request
    waiters: int = 1
    is_stored: trio.Event = field(default_factory=trio.Event)
    failed: bool = False
    closed: trio.Event = field(default_factory=trio.Event)

    async def stored(self) -> Request:
        """The request, once it is on the approvers' list. Raises ApprovalError when it never came there.

        It cannot be cancelled, so that whoever joined also leaves; storing does not take long.
        """
        with trio.CancelScope(shield=True):
            await self.is_stored.wait()
        if self.failed:
            raise ApprovalError("closed", "the same operation could not be asked for just now")
        return self.request


class Waiting:
    """Every request that holds a statement."""

    def __init__(self) -> None:
        self._by_operation: dict[tuple[str, str], Waiter] = {}
        self._by_id: dict[str, Waiter] = {}

    @property
    def names(self) -> list[str]:
        """The ids of all of them."""
        return list(self._by_id)

    def join(self, asked: Asked) -> Waiter | None:
        """Waits for a request that is open for the same operation; None when there is none."""
        waiter = self._by_operation.get(asked.identity)
        if waiter is None or waiter.closed.is_set():
            return None
        waiter.waiters += 1
        return waiter

    @contextmanager
    def opening(self, asked: Asked, request: Request) -> Iterator[Waiter]:
        """Lets others join a request that is just being stored, or turns out to be another node's."""
        waiter = self._by_operation[asked.identity] = self._by_id[request.id] = Waiter(request)
        try:
            yield waiter
        except BaseException:
            waiter.failed = True
            self._forget(waiter)
            raise
        else:
            self._by_id[waiter.request.id] = self._by_id.pop(request.id)
        finally:
            waiter.is_stored.set()

    def leave(self, request: Request) -> bool:
        """One waiter fewer; whether that was the last one, and the request is not known to be closed."""
        waiter = self._by_id.get(request.id)
        if waiter is None:
            return False
        waiter.waiters -= 1
        if waiter.waiters:
            return False
        self._forget(waiter)
        return not waiter.closed.is_set()

    def covered_by(self, request: Request) -> list[str]:
        """The other requests that wait for what an approval of this one covers."""
        return [
            name
            for name, waiter in self._by_id.items()
            if waiter.request.key == request.key and name != request.id
        ]

    async def closed(self, approval: str) -> None:
        """Waits until the request is closed."""
        await self._by_id[approval].closed.wait()

    def close(self, approval: str) -> None:
        """Wakes whoever waits."""
        if waiter := self._by_id.get(approval):
            waiter.closed.set()

    def _forget(self, waiter: Waiter) -> None:
        self._by_id.pop(waiter.request.id, None)
        for operation, other in list(self._by_operation.items()):
            if other is waiter:
                del self._by_operation[operation]
