"""Grants as they are used, listed and revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.approvals import grant_records
from narrows.approvals.lifecycle import REASON_CHARS_MAX, wall_ms
from narrows.errors import ApprovalError
from narrows.store.doorbell import Doorbell

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.approvals.grant import Grant, Use
    from narrows.model import Principal
    from narrows.store import Store


class Grants:
    """Every grant of this gateway.

    Args:
        store: Where they are kept.
        doorbell: Rung at every change.
        now_ms: The wall clock, in milliseconds since 1970.
    """

    def __init__(
        self, store: Store, *, doorbell: Doorbell | None = None, now_ms: Callable[[], int] = wall_ms
    ) -> None:
        self._store = store
        self._doorbell = doorbell or Doorbell()
        self._now_ms = now_ms

    async def claim(self, key: str) -> Use | None:
        """Uses a live grant of that key once; None when there is none."""
        use = await self._store.run(grant_records.claim, key, now_ms=self._now_ms())
        if use is not None:
            self._doorbell.ring("grant", use.grant)
        return use

    async def revoke(self, grant: str, by: Principal, *, reason: str = "") -> Grant:
        """Ends a grant; revoking it again changes nothing.

        Raises:
            ApprovalError: There is no such grant.
        """
        await self.find(grant)
        await self._store.run(
            grant_records.revoke,
            grant,
            now_ms=self._now_ms(),
            by=by.key,
            reason=reason[:REASON_CHARS_MAX],
        )
        self._doorbell.ring("grant", grant)
        return await self.find(grant)

    async def void(self, policy_version: str) -> int:
        """Ends what was granted under another policy than this one; returns how many."""
        return await self._store.run(
            grant_records.void_others,
            policy_version,
            now_ms=self._now_ms(),
            reason="the policy changed",
        )

    async def find(self, grant: str) -> Grant:
        """The grant of that id. Raises ApprovalError when there is none."""
        found = await self._store.run_beside(grant_records.find, grant)
        if found is None:
            raise ApprovalError("not-found", f"there is no grant {grant}")
        return found

    async def newest(self, *, live_only: bool = False) -> list[Grant]:
        """Grants, newest first."""
        return await self._store.run_beside(
            grant_records.newest, live_at_ms=self._now_ms() if live_only else None
        )

    def standing(self, grant: Grant) -> str:
        """`live`, `revoked`, `expired` or `used-up`, now."""
        return grant.standing(self._now_ms())
