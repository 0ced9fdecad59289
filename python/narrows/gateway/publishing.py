"""What follows from a policy or a catalogue that has moved: for masks, approvals, and the open sessions."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from narrows.errors import StoreError
from narrows.store import policy_versions

if TYPE_CHECKING:
    from narrows.approvals.grants import Grants
    from narrows.approvals.lifecycle import Approvals
    from narrows.decide import Decider
    from narrows.gateway.catalogues import TargetCatalogues
    from narrows.gateway.masks import MaskSets
    from narrows.gateway.policies import Policies
    from narrows.gateway.sessions import LiveSession, Sessions
    from narrows.plane import DataPlane
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.rules import Policy
    from narrows.store import Store

OTHER_MASKS = ("Narrows: other masks apply to this principal now", "Connect again.")
"""Why a session ends, and what to do."""

log = structlog.get_logger("narrows.publishing")


@dataclass(slots=True, kw_only=True, eq=False)
class Publishing:
    """Brings what is running up to date."""

    plane: DataPlane
    store: Store
    approvals: Approvals
    grants: Grants
    decider: Decider
    policies: Policies
    catalogues: TargetCatalogues
    masks: MaskSets
    sessions: Sessions

    async def note_policy(self, version: str) -> None:
        """Notes the version, and ends what people were asked and granted under another one."""
        try:
            await self.store.run(policy_versions.note, version, now_ms=time.time_ns() // 1_000_000)
            await self.approvals.void(version)
            await self.grants.void(version)
        except StoreError as error:
            log.error("policy version not noted", version=version, error=str(error))

    def policy_moved(self, policy: Policy) -> None:
        """Publishes new masks, voids cached verdicts and waiting approvals, ends what may no longer be."""
        for live in self.sessions:
            self._renew_masks(live, self.catalogues.last(live.decided.target.name))
        self.plane.move_policy()
        for live in self.sessions:
            self.decider.policy_moved(live.decided)
            if not policy.applicable(live.decided.principal, live.decided.target).admitted:
                live.end(
                    "Narrows: policy no longer lets this principal do anything here",
                    "Ask the owner of the policy.",
                )

    def catalogue_loaded(self, target: str, catalogue: Catalogue) -> None:
        """Publishes masks anew for the sessions of a target."""
        for live in self.sessions:
            if live.decided.target.name == target:
                self._renew_masks(live, catalogue)

    def _renew_masks(self, live: LiveSession, catalogue: Catalogue | None) -> None:
        """Publishes a session's masks anew, and ends it when others apply to it now."""
        if not live.masks_hold(self.policies.current):
            live.end(*OTHER_MASKS)
        if live.mask_set is None or catalogue is None:
            return
        number, _masks = self.masks.assign(
            self.policies.current, live.decided.principal, live.decided.target, catalogue
        )
        if number != live.mask_set:
            live.end(*OTHER_MASKS)
