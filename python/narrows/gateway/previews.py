"""Looks at what a held operation would touch, with the gateway's own credential, for those who decide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import structlog
import trio

from narrows.errors import NarrowsError, PlaneError
from narrows.model import Principal
from narrows.policy.masking.masks import mask_set
from narrows.policy.postgres.counting import PLAIN_CATEGORIES, ROWS_MAX, NotCountable, counting, estimating

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from narrows.approvals.request import Request
    from narrows.gateway.policies import Policies
    from narrows.model import Target
    from narrows.plane import Rows
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.postgres.counting import Counting

PREVIEWS_MAX = 4
"""Looked at side by side, each over a connection of its own."""
DEADLINE_S = 2.0
"""For one preview, waiting for its turn included: approvers are told without it then."""
VALUE_CHARACTERS_MAX = 100

NOBODY = Principal(issuer="", tenant="", object_id="", kind="user")
"""Whoever decides may be anyone, so every mask applies: none excepts this principal."""

log = structlog.get_logger("narrows.preview")


class Previews:
    """Makes previews.

    Args:
        query: Runs SQL on a target over a connection of the gateway's own.
        catalogue: What a target's database holds, waited for.
        policies: For the masks.
    """

    def __init__(
        self,
        *,
        query: Callable[[str, str], Awaitable[Rows]],
        catalogue: Callable[[str], Awaitable[Catalogue]],
        policies: Policies,
    ) -> None:
        self._query = query
        self._catalogue = catalogue
        self._policies = policies
        self._turns = trio.CapacityLimiter(PREVIEWS_MAX)

    async def of(self, request: Request, target: Target) -> dict[str, Any]:
        """What a request's operation would touch.

        Returns:
            `relation`, `rows` with `more` and an `estimate` when there are more, and `sample`, a few of the
            rows, masked; or `estimate`, by the planner; or `why` neither could be had. Never fails.
        """
        if target.kind != "postgres":
            return {"why": "only a database can be asked beforehand"}
        looked: dict[str, Any] = {"why": "there was no time to look"}
        with trio.move_on_after(DEADLINE_S):
            async with self._turns:
                looked = await self._look(request, target)
        return looked

    async def _look(self, request: Request, target: Target) -> dict[str, Any]:
        try:
            catalogue = await self._catalogue(target.name)
            try:
                return await self._counted(request, target, catalogue)
            except (NotCountable, PlaneError) as error:
                log.info("rows not counted", approval=request.id, reason=str(error))
            return await self._estimated(request, target, catalogue)
        except NotCountable as error:
            return {"why": str(error)}
        except NarrowsError as error:
            log.warning("no preview", approval=request.id, reason=str(error))
            return {"why": "the target could not be asked in time"}

    async def _counted(self, request: Request, target: Target, catalogue: Catalogue) -> dict[str, Any]:
        plan = counting(request.document, catalogue)
        ((count,),) = await self._query(target.name, plan.count)
        rows = int(count or 0)
        more = rows > ROWS_MAX
        return {
            "relation": plan.relation.qualified,
            "rows": min(rows, ROWS_MAX),
            "more": more,
            "sample": await self._sample(plan, target, catalogue),
            **(await self._roughly(request, target, catalogue) if more else {}),
        }

    async def _roughly(self, request: Request, target: Target, catalogue: Catalogue) -> dict[str, Any]:
        """The estimate beside a count that has an end."""
        try:
            return await self._estimated(request, target, catalogue)
        except (NotCountable, PlaneError) as error:
            log.info("no estimate", approval=request.id, reason=str(error))
            return {}

    async def _sample(self, plan: Counting, target: Target, catalogue: Catalogue) -> list[dict[str, Any]]:
        """A few of the rows, with what any mask hides masked; none where they may not be read."""
        masks = mask_set(self._policies.current, NOBODY, target, catalogue)
        hidden = masks.relations.get(plan.relation.oid, {})
        columns: dict[str, bool] = {}
        try:
            for number, category in await self._query(target.name, plan.columns):
                attribute = int(number or 0)
                may_hold_text = category not in PLAIN_CATEGORIES
                masked = attribute in hidden or (bool(masks.detectors) and may_hold_text)
                columns[plan.relation.columns[attribute]] = masked
            rows = await self._query(target.name, plan.sample(columns))
        except (PlaneError, KeyError) as error:  # no right to read them, or columns newer than the catalogue
            log.info("no sample", relation=plan.relation.qualified, reason=str(error))
            return []
        return [dict(zip(columns, map(_shortened, row), strict=True)) for row in rows]

    async def _estimated(self, request: Request, target: Target, catalogue: Catalogue) -> dict[str, Any]:
        rows = await self._query(target.name, estimating(request.document, catalogue))
        plan = json.loads("\n".join(line or "" for (line,) in rows))[0]["Plan"]
        touched = plan["Plans"][0] if plan["Node Type"] == "ModifyTable" and plan.get("Plans") else plan
        return {"estimate": int(touched["Plan Rows"])}


def _shortened(value: str | None) -> str | None:
    return None if value is None else value[:VALUE_CHARACTERS_MAX]
