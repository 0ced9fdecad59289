"""The one path from a question to a verdict: decision, approval where policy wants one, answer.

Allow and deny are answered in place, without a task or a thread. An approval is a task of the session: it
holds the statement, waits for people, and then judges the statement again, because what people approved was
one operation under one policy, and neither may have changed since.
"""

from __future__ import annotations

import json
import time
from dataclasses import astuple, replace
from typing import TYPE_CHECKING, Generic

import structlog
import trio

from narrows.approvals.asking import Asked
from narrows.approvals.digest import DOCUMENT_BYTES_MAX, canonical, digest_of, document_of
from narrows.approvals.grant import grant_key
from narrows.approvals.messages import notice, refusal, returned
from narrows.approvals.request import State
from narrows.errors import ApprovalError, NarrowsError
from narrows.model import ApprovalTerms, Decision, Effect, Parameter, Statement
from narrows.policy.shape import shape_of
from narrows.seam import CatalogueT, Wait
from narrows.store.decisions import DecisionRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.approvals.grant import Use
    from narrows.approvals.grants import Grants
    from narrows.approvals.lifecycle import Approvals
    from narrows.approvals.request import Approval, Request
    from narrows.seam import Answers, Ask, Catalogues, Known, Session
    from narrows.store.audit import Audit

LONG_TEXT_CHARACTERS = 16_384
"""A longer text is read in a thread: that takes milliseconds, for a megabyte up to half a second, and every
other session's statements would wait for it."""
EXPIRY_GRACE_MS = 2_000
"""How much longer the data plane holds than people may take, so that the denial can say why."""
WITHDRAW_DEADLINE_S = 10.0
"""How long the withdrawal of a request may take once its session is gone."""

AUDIT_BEHIND = ("audit-behind", "the audit log cannot keep up, and nothing runs unnoted")
"""Rule id and reason of a denial while decisions cannot be noted."""
INTERNAL_ERROR = "internal-error"
"""The rule id of a denial that a defect of ours caused."""
TELL_AN_OPERATOR = "Tell an operator of Narrows."

log = structlog.get_logger("narrows.decide")


class Decider(Generic[CatalogueT]):
    """Answers the statements of every session.

    Args:
        answers: The data plane.
        judge: Policy: the decision on a statement of a session, given the target's catalogue.
        catalogues: Where catalogues come from.
        approvals: Where requests wait for people.
        grants: What people let through for a while.
        audit: Where decisions are noted.
    """

    def __init__(
        self,
        *,
        answers: Answers,
        judge: Callable[[Session, Statement, CatalogueT], Decision],
        catalogues: Catalogues[CatalogueT],
        approvals: Approvals,
        grants: Grants,
        audit: Audit,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._answers = answers
        self._judge = judge
        self._catalogues = catalogues
        self._approvals = approvals
        self._grants = grants
        self._audit = audit
        self._now_ms = now_ms
        self._long_texts = trio.CapacityLimiter(1)  # so that others still get most of the interpreter

    def answer(self, session: Session, ask: Ask) -> None:
        """Answers a statement: at once where policy alone decides, else from a task of the session."""
        known = self._catalogues.current(session.target.name, ask.catalogue_epoch)
        if known is None or _is_long(ask.text):
            self._start_waiting(session, ask)
            return
        statement = _statement(ask)
        decision = self._decision(session, statement, known.catalogue)
        if _needs_people(decision, statement):
            self._start_waiting(session, ask)
        else:
            self._settle(session, ask, statement, decision, known)

    def withdraw(self, session: Session, ask: int, why: str) -> None:
        """The data plane no longer needs an answer."""
        if wait := session.waits.get(ask):
            wait.end(why)

    def policy_moved(self, session: Session) -> None:
        """Voids the session's approval requests: they were made under a policy that no longer holds."""
        for wait in list(session.waits.values()):
            if wait.for_people:
                wait.end("the policy changed while it waited")

    def _start_waiting(self, session: Session, ask: Ask) -> None:
        wait = session.waits[ask.ask] = Wait()  # here, for a withdrawal may be next in the same batch
        session.nursery.start_soon(self._answer_later, session, ask, wait)

    async def _answer_later(self, session: Session, ask: Ask, wait: Wait) -> None:
        """Answers a statement that has to wait, whatever ends the waiting."""
        try:
            with wait.scope:
                await self._wait_and_answer(session, ask, wait)
            if wait.scope.cancelled_caught:
                self._refuse(ask, "approval-void", wait.why, "Run the statement again.")
        except NarrowsError as error:
            log.error("statement denied", session=session.name, error=str(error))
            self._refuse(ask, "not-decidable", str(error), "Try again later.")
        except Exception:
            log.exception("defect while deciding", session=session.name)  # it must end no other session
            self._refuse(ask, INTERNAL_ERROR, "the gateway could not decide this", TELL_AN_OPERATOR)
        finally:
            del session.waits[ask.ask]

    async def _wait_and_answer(self, session: Session, ask: Ask, wait: Wait) -> None:
        known = await self._catalogues.fresh(session.target.name, ask.catalogue_epoch)
        statement = _statement(ask)
        decision = await self._patient_decision(session, statement, known.catalogue)
        if not _needs_people(decision, statement):
            self._settle(session, ask, statement, decision, known)
            return
        wait.for_people = True
        await self._ask_people(session, ask, wait, decision)

    async def _ask_people(self, session: Session, ask: Ask, wait: Wait, decision: Decision) -> None:
        """Lets a grant answer that people gave before, or else asks them."""
        asked = _asked(session, _statement(ask), decision)
        if len(canonical(asked.document)) > DOCUMENT_BYTES_MAX:
            self._refuse(ask, "approval-bytes-max", "the statement is too large for a person to review")
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
            self._refuse(ask, "approval-limit", str(error), "Wait until those you have made are decided.")

    async def _return(self, session: Session, ask: Ask, asked: Asked) -> None:
        """Denies the statement for now, and says how it can be sent again."""
        approval = await self._approvals.ask_and_return(asked)
        self._note(session, _statement(ask), asked.decision, approval.request)
        self._refuse(ask, asked.decision.rule, *returned(approval))

    async def _hold(self, session: Session, ask: Ask, wait: Wait, asked: Asked) -> None:
        """Holds the statement until people have decided.

        However it ends, cancelled or not, no request is left open behind it.
        """
        request = await self._approvals.request(asked)
        try:
            statement = _statement(ask)
            self._note(session, statement, asked.decision, request)
            await self._audit.flush()
            message, detail, hint = notice(request, asked.decision, statement)
            until_ms = request.expires_ms + EXPIRY_GRACE_MS
            if not self._answers.hold(ask.ask, until_ms=until_ms, message=message, detail=detail, hint=hint):
                return
            approval = await self._approvals.outcome(request)
        finally:
            with trio.move_on_after(WITHDRAW_DEADLINE_S, shield=True):
                await self._approvals.leave(request, wait.why or "the agent no longer waits")
        if approval.state is State.WITHDRAWN and (use := await self._grants.claim(asked.key)):
            await self._release(session, ask, use)  # another request's approval covers it too
        elif not approval.lets_through:
            self._note(session, statement, replace(asked.decision, effect=Effect.DENY), request, approval)
            self._refuse(ask, asked.decision.rule, *refusal(approval))
        elif use := await self._approvals.claim(request):
            await self._release(session, ask, use)
        else:
            why = f"approval {request.id} has let through what it was good for"
            self._refuse(ask, asked.decision.rule, why, "Run the statement again to ask again.")

    async def _release(self, session: Session, ask: Ask, use: Use) -> None:
        """Lets a statement go that people let through, if it still is what they let through."""
        released = False
        try:
            statement = _statement(ask)
            known = await self._catalogues.fresh(session.target.name, ask.catalogue_epoch)
            decision = self._decision(session, statement, known.catalogue)
            asked = _asked(session, statement, decision)
            if not _needs_people(decision, statement) or not asked.bound_by(use):
                why = f"approval {use.approval} is void: what was approved is no longer what would run"
                self._refuse(ask, "approval-void", why, "Run the statement again.")
                return
            if not self._audit.has_room:
                self._refuse(ask, *AUDIT_BEHIND)
                return
            self._note_release(session, statement, decision, use)
            votes = {"event": "approved", "approval": use.approval, "grant": use.grant, "by": use.by}
            self._answers.record(session.id, json.dumps(votes))
            released = self._allow(ask, decision, known, approval=use.approval)
        finally:
            if not released:
                with trio.move_on_after(WITHDRAW_DEADLINE_S, shield=True):
                    await self._approvals.give_back(use)

    def _settle(
        self,
        session: Session,
        ask: Ask,
        statement: Statement,
        decision: Decision,
        known: Known[CatalogueT],
    ) -> None:
        """Answers what needs no people. A Parse that leads to an approval goes up; its Binds ask again."""
        if not self._audit.has_room:
            self._refuse(ask, *AUDIT_BEHIND)
            return
        if decision.effect is Effect.REQUIRE_APPROVAL:
            self._allow(ask, decision, known, ask_at_bind=True)
            return
        self._note(session, statement, decision)
        if decision.effect is Effect.ALLOW:
            self._allow(ask, decision, known, ask_at_bind=decision.ask_at_bind and statement.phase == "parse")
        else:
            self._answers.deny(
                ask.ask,
                rule=decision.rule,
                reason=decision.reason,
                hint=decision.hint,
                sqlstate=decision.sqlstate,
                reusable=not decision.ask_at_bind,
            )

    def _decision(self, session: Session, statement: Statement, catalogue: CatalogueT) -> Decision:
        """Policy's answer; a defect in finding it denies the one statement instead of ending the gateway."""
        try:
            return self._judge(session, statement, catalogue)
        except Exception:
            log.exception("policy could not be evaluated", session=session.name)
            return Decision(Effect.DENY, INTERNAL_ERROR, "policy could not be evaluated", TELL_AN_OPERATOR)

    async def _patient_decision(
        self, session: Session, statement: Statement, catalogue: CatalogueT
    ) -> Decision:
        """The same, made beside other sessions' decisions where it takes long."""
        if not _is_long(statement.text):
            return self._decision(session, statement, catalogue)
        return await trio.to_thread.run_sync(
            self._decision, session, statement, catalogue, limiter=self._long_texts
        )

    def _allow(
        self,
        ask: Ask,
        decision: Decision,
        known: Known[CatalogueT],
        *,
        approval: str | None = None,
        ask_at_bind: bool = False,
    ) -> bool:
        """Only what policy alone allowed by the text is reusable: not what people or parameters decide."""
        return self._answers.allow(
            ask.ask,
            rule=decision.rule,
            approval=approval,
            reusable=decision.effect is Effect.ALLOW and not decision.ask_at_bind,
            exposure=decision.exposure,
            columns=None if decision.columns is None else [astuple(column) for column in decision.columns],
            copy=None if decision.copy is None else astuple(decision.copy),
            effects=sorted(decision.effects),
            gives=decision.gives,
            reads=decision.reads,
            ask_at_bind=ask_at_bind,
            policy_epoch=self._answers.policy_epoch(),
            catalogue_epoch=known.epoch,
        )

    def _refuse(self, ask: Ask, rule: str, reason: str, hint: str = "") -> None:
        self._answers.deny(ask.ask, rule=rule, reason=reason, hint=hint)

    def _note(
        self,
        session: Session,
        statement: Statement,
        decision: Decision,
        request: Request | None = None,
        approval: Approval | None = None,
    ) -> None:
        self._audit.note(
            DecisionRow(
                time_ms=self._now_ms(),
                session=session.id,
                principal=session.principal.key,
                target=session.target.name,
                effect=decision.effect.value,
                rule=decision.rule,
                reason=decision.reason,
                digest=request.digest if request else "",
                text=statement.text,
                policy_version=decision.policy_version,
                approval=request.id if request else None,
                approver=approval.deciders if approval else None,
            )
        )

    def _note_release(self, session: Session, statement: Statement, decision: Decision, use: Use) -> None:
        self._audit.note(
            DecisionRow(
                time_ms=self._now_ms(),
                session=session.id,
                principal=session.principal.key,
                target=session.target.name,
                effect="release",
                rule=decision.rule,
                reason=decision.reason,
                digest=use.bound,
                text=statement.text,
                policy_version=decision.policy_version,
                approval=use.approval,
                approver=use.by,
            )
        )


def _needs_people(decision: Decision, statement: Statement) -> bool:
    return decision.effect is Effect.REQUIRE_APPROVAL and statement.phase != "parse"


def _is_long(text: str) -> bool:
    return len(text) > LONG_TEXT_CHARACTERS


def _asked(session: Session, statement: Statement, decision: Decision) -> Asked:
    terms = decision.approval or ApprovalTerms()
    document = document_of(session.principal, session.target.name, session.database, statement, decision)
    return Asked(
        session=session.id,
        principal=session.principal,
        target=session.target.name,
        database=session.database,
        decision=decision,
        terms=terms,
        document=document,
        digest=digest_of(document),
        key=grant_key(terms.scope, document, session=session.id, shape_of=shape_of),
    )


def _statement(ask: Ask) -> Statement:
    return Statement(
        text=ask.text,
        phase=ask.phase,
        parameter_types=ask.parameter_types,
        parameters=None
        if ask.parameters is None
        else tuple(Parameter(format_, value) for format_, value in ask.parameters),
        transaction=ask.transaction,
    )
