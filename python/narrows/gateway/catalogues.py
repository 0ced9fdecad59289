"""The catalogue of every target: loaded at first need, reloaded when it moves, waited for while it is stale.

Policy and masks are judged against what a database holds. Judging against an old picture could clear a
statement of a mask that a new view carries, so while a target's picture is stale its statements wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
import trio

from narrows.credentials.present import present
from narrows.errors import NarrowsError, PlaneError
from narrows.policy.postgres.catalogue import QUERIES, Catalogue
from narrows.seam import Known

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from narrows.config import TargetSection
    from narrows.credentials.present import UpstreamTerms
    from narrows.plane import DataPlane, EventPump, Rows

REFRESH_S = 300.0
"""How often a catalogue is compared with the database, for DDL that did not pass through Narrows."""
RELOADS_MAX = 3
"""How often one load starts over because the catalogue moved under it."""

log = structlog.get_logger("narrows.catalogue")


class TargetCatalogues:
    """Keeps one catalogue per target.

    Args:
        targets: The configured targets by name.
        base: Where their relative paths start.
        plane: The data plane, which owns the epochs.
        pump: Runs the queries.
        upstream: Makes the data plane's form of how to reach a target.
        loaded: Called with a target's name when it has a new catalogue, before any statement sees it.
    """

    def __init__(
        self,
        targets: Mapping[str, TargetSection],
        base: Path,
        plane: DataPlane,
        pump: EventPump,
        *,
        upstream: Callable[[UpstreamTerms], Any],
        loaded: Callable[[str, Catalogue], None],
    ) -> None:
        self._targets = targets
        self._base = base
        self._plane = plane
        self._pump = pump
        self._upstream = upstream
        self._loaded = loaded
        self._known: dict[str, Known[Catalogue]] = {}
        self._rows: dict[str, dict[str, Rows]] = {}
        self._read_at: dict[str, int] = {}
        """The epoch of each target's `_rows`."""
        self._loading = {name: trio.Lock() for name in targets}

    def current(self, target: str, at_least: int) -> Known[Catalogue] | None:
        """The catalogue of a target, unless what is known is older than an epoch."""
        known = self._known.get(target)
        return known if known is not None and known.epoch >= at_least else None

    async def fresh(self, target: str, at_least: int = 0) -> Known[Catalogue]:
        """The catalogue of a target, loaded first when it is older than an epoch.

        Raises:
            PlaneError: The database cannot be asked, or moves faster than it can be read.
            CredentialError: The gateway's credential for it cannot be had.
        """
        for _ in range(RELOADS_MAX):
            async with self._loading[target]:
                if self.current(target, at_least) is None:
                    await self._load(target)
            if known := self.current(target, at_least):
                return known
        raise PlaneError(f"the catalogue of {target} changes faster than it can be read")

    def last(self, target: str) -> Catalogue | None:
        """The catalogue last loaded, however old."""
        known = self._known.get(target)
        return known.catalogue if known else None

    def moved(self, target: str) -> None:
        """The data plane saw DDL, or a relation that the masks do not know: the next statement reloads."""
        if known := self._known.get(target):
            self._known[target] = Known(known.catalogue, -1)

    async def keep_fresh(self) -> None:
        """Compares every loaded catalogue with its database now and then, until cancelled."""
        while True:
            await trio.sleep(REFRESH_S)
            for target in list(self._known):
                try:
                    async with self._loading[target]:
                        await self._load(target)
                except NarrowsError as error:
                    log.warning("catalogue not refreshed", target=target, error=str(error))

    async def _load(self, target: str) -> None:
        epoch = self._plane.catalogue_epoch(target)
        rows = await self._ask(target)
        if rows == self._rows.get(target):
            self._known[target] = Known(self._known[target].catalogue, epoch)
            return
        catalogue = await trio.to_thread.run_sync(Catalogue.from_rows, rows)
        self._loaded(target, catalogue)
        if self._read_at.get(target) == epoch == self._plane.catalogue_epoch(target):
            epoch = self._plane.move_catalogue(target)  # verdicts cached under the old picture are void
        self._rows[target] = rows
        self._read_at[target] = epoch
        self._known[target] = Known(catalogue, epoch)
        log.info("catalogue loaded", target=target, relations=len(catalogue.relations), epoch=epoch)

    async def _ask(self, target: str) -> dict[str, Rows]:
        terms = present(self._targets[target], self._base)
        upstream = self._upstream(terms)
        return await catalogue_rows(target, lambda sql: self._pump.query(upstream, sql))


async def catalogue_rows(target: str, ask: Callable[[str], Awaitable[Rows]]) -> dict[str, Rows]:
    """Reads what a target's database holds, for `Catalogue.from_rows`.

    Args:
        target: Its name, for the error.
        ask: Runs SQL there.

    Raises:
        PlaneError: The database cannot be asked.
    """
    try:
        return {name: await ask(sql) for name, sql in QUERIES.items()}
    except PlaneError as error:
        raise PlaneError(f"the catalogue of {target} cannot be read: {error}") from error
