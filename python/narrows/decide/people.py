"""Asking people: an operation is held, or sent back, until they have decided, and then judged once more.

What people approved was one operation under one policy, and neither may have changed since. However a wait
ends, cancelled or not, no request is left open behind it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import trio

from narrows.approvals.asking import Asked
from narrows.approvals.digest import DOCUMENT_BYTES_MAX, canonical, digest_of, document_of
from narrows.approvals.grant import grant_key
from narrows.approvals.messages import notice, refusal, returned
from narrows.approvals.request import State
from narrows.decide.trail import AUDIT_BEHIND
from narrows.decide.verdicts import allow, needs_people, refuse
from narrows.errors import ApprovalError
from narrows.model import ApprovalTerms, Effect

if TYPE_CHECKING:
    from narrows.approvals.grant import Use
    from narrows.approvals.grants import Grants
    from narrows.approvals.lifecycle import Approvals
    from narrows.decide.judging import Judging
    from narrows.decide.trail import Trail
    from narrows.model import Decision, Operation
    from narrows.seam import Ask, Session, Wait

EXPIRY_GRACE_MS = 2_000
"""How much longer an operation is held than people may take, so that the denial can say why."""
WITHDRAW_DEADLINE_S = 10.0
"""How long the withdrawal of a request may take once its session is gone."""


class AskingPeople:
    """Answers the operations that policy wants approved."""

    def __init__(
        self,
        approvals: Approvals,
        grants: Grants,
        trail: Trail,
        judging: Judging,
        *,
        console_url: str = "",
    ) -> None:
        self._console_url = console_url
        self._approvals = approvals
        self._grants = grants
        self._trail = trail
        self._judging = judging

    async def ask(self, session: Session, ask: Ask, wait: Wait, decision: Decision) -> None:
        """Lets a grant answer that people gave before, or else asks them."""
        ask = replace(ask, operation=await session.enforcement.bound(session, ask.operation))
        wait.operation = ask.operation
        asked = asked_by(session, ask.operation, decision)
        kind = ask.operation.kind
        if len(canonical(asked.document)) > DOCUMENT_BYTES_MAX:
            refuse(session, ask, "approval-bytes-max", f"the {kind} is too large for a person to review")
            return
        if asked.terms.grant_s and (use := await self._grants.claim(asked.key)):
            await self._release(session, ask, use)
            return
        try:
            if asked.terms.mode == "return":
                await self._return(session, ask, asked)
            else:
                await self._hold(session, ask, wait, asked)
        except ApprovalError as error:
            if error.code != "too-many":
                raise
            hint = "Wait until those you have made are decided."
            refuse(session, ask, "approval-limit", str(error), hint)

    async def _return(self, session: Session, ask: Ask, asked: Asked) -> None:
        """Denies the operation for now, and says how it can be sent again."""
        session.returned.append(asked.operation)
        approval = await self._approvals.ask_and_return(asked)
        self._trail.note(session, ask.operation, asked.decision, approval.request)
        refuse(session, ask, asked.decision.rule, *returned(approval, asked.operation, self._console_url))

    async def _hold(self, session: Session, ask: Ask, wait: Wait, asked: Asked) -> None:
        """Holds the operation until people have decided."""
        request = await self._approvals.request(asked)
        try:
            self._trail.note(session, ask.operation, asked.decision, request)
            await self._trail.flush()
            message, detail, hint = notice(request, asked, self._console_url)
            until_ms = request.expires_ms + EXPIRY_GRACE_MS
            answers = session.enforcement.answers
            if not answers.hold(ask.number, until_ms=until_ms, message=message, detail=detail, hint=hint):
                return
            approval = await self._approvals.outcome(request)
        finally:
            with trio.move_on_after(WITHDRAW_DEADLINE_S, shield=True):
                await self._approvals.leave(request, wait.why or "the agent no longer waits")
        if approval.state is State.WITHDRAWN and (use := await self._grants.claim(asked.key)):
            await self._release(session, ask, use)  # another request's approval covers it too
        elif not approval.lets_through:
            denied = replace(asked.decision, effect=Effect.DENY)
            self._trail.note(session, ask.operation, denied, request, approval)
            refuse(session, ask, asked.decision.rule, *refusal(approval, asked.operation))
        elif use := await self._approvals.claim(request):
            await self._release(session, ask, use)
        else:
            why = f"approval {request.id} has let through what it was good for"
            hint = f"Run the {ask.operation.kind} again to ask again."
            refuse(session, ask, asked.decision.rule, why, hint)

    async def _release(self, session: Session, ask: Ask, use: Use) -> None:
        """Lets an operation go that people let through, if it still is what they let through."""
        released = False
        try:
            released = await self._release_if_same(session, ask, use)
        finally:
            if not released:
                with trio.move_on_after(WITHDRAW_DEADLINE_S, shield=True):
                    await self._approvals.give_back(use)

    async def _release_if_same(self, session: Session, ask: Ask, use: Use) -> bool:
        operation = await session.enforcement.bound(session, ask.operation)
        known = await session.enforcement.catalogues.fresh(session.target.name, ask.catalogue_epoch)
        decision = self._judging.decision(session, operation, known.catalogue)
        asked = asked_by(session, operation, decision)
        if not needs_people(decision, operation) or not asked.bound_by(use):
            why = f"approval {use.approval} is void: what was approved is no longer what would run"
            refuse(session, ask, "approval-void", why, f"Run the {operation.kind} again.")
            return False
        if not self._trail.has_room:
            refuse(session, ask, *AUDIT_BEHIND)
            return False
        self._trail.note_release(session, operation, decision, use)
        votes = {"event": "approved", "approval": use.approval, "grant": use.grant, "by": use.by}
        session.enforcement.answers.record(session.id, json.dumps(votes))
        return allow(session, ask, decision, known, approval=use.approval)


def asked_by(session: Session, operation: Operation, decision: Decision) -> Asked:
    """What an operation's approval is asked for with."""
    terms = decision.approval or ApprovalTerms()
    document = document_of(session.principal, session.target.name, session.database, operation, decision)
    return Asked(
        session=session.id,
        principal=session.principal,
        target=session.target.name,
        database=session.database,
        operation=operation,
        decision=decision,
        terms=terms,
        document=document,
        digest=digest_of(document),
        key=grant_key(
            terms.scope,
            document,
            session=session.id,
            shape=lambda: session.enforcement.shape_of(operation),
        ),
    )
