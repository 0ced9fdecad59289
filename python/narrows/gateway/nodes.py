"""What other nodes do with the shared store, as it concerns this one.

Each ring is a hint to look: a decision that wakes a statement held here, a principal revoked elsewhere, a
session of ours that an operator ended at another node. Rings can be lost, so everything is also looked at
now and then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
import trio

from narrows.errors import NarrowsError
from narrows.gateway.stores import shared_address
from narrows.identity.revocation import Revocation
from narrows.recordings import session_id
from narrows.store import revocations
from narrows.store.postgres import Line

if TYPE_CHECKING:
    from narrows.approvals.lifecycle import Approvals
    from narrows.config import Located
    from narrows.gateway.ending import Ending
    from narrows.store import Store
    from narrows.store.doorbell import Doorbell, Ring

LOOK_S = 5.0
"""How often everything is looked at without a ring."""

log = structlog.get_logger("narrows.nodes")


class Nodes:
    """Heeds the other nodes.

    Args:
        located: The configuration.
        store: The shared store.
        doorbell: This node's.
        approvals: What may have been decided elsewhere.
        ending: Ends sessions here for what was done elsewhere.
    """

    def __init__(
        self,
        *,
        located: Located,
        store: Store,
        doorbell: Doorbell,
        approvals: Approvals,
        ending: Ending,
    ) -> None:
        self._located = located
        self._store = store
        self._doorbell = doorbell
        self._approvals = approvals
        self._ending = ending

    async def run(self) -> None:
        """Heeds until cancelled; returns at once where the store is this node's alone."""
        if not self._located.config.gateway.store:
            return
        line = Line(shared_address(self._located), self._store, self._doorbell, self._located.node)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(line.run)
            nursery.start_soon(self._listen)

    async def _listen(self) -> None:
        with self._doorbell.listening() as listener:
            while True:
                ring = None
                with trio.move_on_after(LOOK_S):
                    ring = await listener.next()
                try:
                    if ring is None or listener.missed:
                        listener.missed = False
                        await self._look()
                    elif ring.node:
                        await self._heed(ring)
                except NarrowsError as error:
                    log.error("other nodes not heeded", error=str(error))

    async def _look(self) -> None:
        await self._approvals.look_at_all()
        await self._take_revocations()

    async def _heed(self, ring: Ring) -> None:
        match ring.kind:
            case "approval":
                await self._approvals.look_at(ring.id)
            case "revocation":
                await self._take_revocations()
            case "kill":
                self._ending.kill(session_id(ring.id))

    async def _take_revocations(self) -> None:
        for row in await self._store.run_beside(revocations.everything):
            self._ending.revoke(Revocation(row.subject, row.value, row.reason))  # type: ignore[arg-type]
