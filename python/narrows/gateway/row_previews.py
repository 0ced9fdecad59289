"""Looks at the rows that a held statement would touch, over a connection of the gateway's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import structlog

from narrows.errors import NarrowsError, PlaneError
from narrows.gateway.previews import NOBODY
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

VALUE_CHARACTERS_MAX = 100

log = structlog.get_logger("narrows.preview")


class RowPreviews:
    """Makes previews of statements.

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

    async def look(self, request: Request, target: Target) -> dict[str, Any]:
        """What a request's statement would touch.

        Returns:
            `relation`, `rows` with `more` and an `estimate` when there are more, and `sample`, a few of the
            rows, masked; or `estimate`, by the planner; or `why` neither could be had.
        """
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
