"""The PostgreSQL side of the gateway: what databases hold, what is masked, how statements are judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.credentials.present import present
from narrows.gateway.admission import Admission
from narrows.gateway.catalogues import TargetCatalogues
from narrows.gateway.masks import MaskSets
from narrows.gateway.openings import Openings
from narrows.gateway.row_previews import RowPreviews
from narrows.plane import EventPump, StatementAnswers
from narrows.policy.postgres.evaluate import Question, evaluate
from narrows.policy.postgres.shape import statement_shape
from narrows.seam import Enforcement

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.config import Located
    from narrows.credentials.present import UpstreamTerms
    from narrows.gateway.destinations import Destinations
    from narrows.gateway.entrance import Entrance
    from narrows.gateway.policies import Policies
    from narrows.model import Decision, Statement
    from narrows.plane import DataPlane, Rows
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.seam import Session


class Statements:
    """Joins what statements need.

    Args:
        located: The configuration.
        plane: The data plane.
        destinations: The configured targets.
        policies: The policy in force.
        upstream: Makes the data plane's form of how to reach a target.
        pseudonym_key: Keys the `pseudonym` transform; 32 bytes.
        loaded: Called with a target's name when it has a new catalogue.
    """

    def __init__(
        self,
        located: Located,
        plane: DataPlane,
        *,
        destinations: Destinations,
        policies: Policies,
        upstream: Callable[[UpstreamTerms], Any],
        pseudonym_key: bytes,
        loaded: Callable[[str, Catalogue], None],
    ) -> None:
        self._base = located.base
        self._destinations = destinations
        self._plane = plane
        self._policies = policies
        self._upstream = upstream
        self.pump = EventPump(plane)
        self.masks = MaskSets(plane, pseudonym_key)
        self.catalogues = TargetCatalogues(
            destinations.sections, located.base, plane, self.pump, upstream=upstream, loaded=loaded
        )
        self.previews = RowPreviews(query=self._query, catalogue=self._catalogue, policies=policies)

    def admission(self, entrance: Entrance) -> Admission:
        """What opens sessions on databases."""
        enforcement: Enforcement[Catalogue] = Enforcement(
            answers=StatementAnswers(self._plane),
            judge=self._judge,
            shape_of=statement_shape,
            catalogues=self.catalogues,
        )
        return Admission(
            entrance=entrance,
            plane=self._plane,
            destinations=self._destinations,
            catalogues=self.catalogues,
            masks=self.masks,
            enforcement=enforcement,
            upstream=self._upstream,
            base=self._base,
            openings=Openings(entrance.nursery),
        )

    def _judge(self, session: Session, statement: Statement, catalogue: Catalogue) -> Decision:
        return evaluate(
            self._policies.current,
            Question(session.principal, session.target, statement, catalogue, self.masks.pseudonym_key),
        )

    async def _query(self, target: str, sql: str) -> Rows:
        """Runs SQL on a target over a connection of the gateway's own."""
        terms = present(self._destinations.sections[target], self._base)
        return await self.pump.query(self._upstream(terms), sql)

    async def _catalogue(self, target: str) -> Catalogue:
        return (await self.catalogues.fresh(target)).catalogue
