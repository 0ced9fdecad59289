"""Answers asks: in place where policy alone decides, else from a task of the session.

Allow and deny are answered without a task or a thread. An operation that waits, for what is known of its
target or for people, waits in a task of its session, whose end ends the wait.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from narrows.decide.judging import INTERNAL_ERROR, TELL_AN_OPERATOR, Judging, is_long
from narrows.decide.people import AskingPeople
from narrows.decide.trail import AUDIT_BEHIND, Trail
from narrows.decide.verdicts import allow, needs_a_look, needs_people, refuse
from narrows.errors import NarrowsError
from narrows.model import Effect
from narrows.seam import Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from narrows.approvals.grants import Grants
    from narrows.approvals.lifecycle import Approvals
    from narrows.model import Decision
    from narrows.seam import Ask, Known, Session
    from narrows.store.audit import Audit

log = structlog.get_logger("narrows.decide")


class Decider:
    """Answers the operations of every session.

    Args:
        approvals: Where requests wait for people.
        grants: What people let through for a while.
        audit: Where decisions are noted.
        now_ms: The wall clock, in milliseconds since 1970; None: the system's.
        console_url: The console as people reach it; empty: not known.
    """

    def __init__(
        self,
        *,
        approvals: Approvals,
        grants: Grants,
        audit: Audit,
        now_ms: Callable[[], int] | None = None,
        console_url: str = "",
    ) -> None:
        self._trail = Trail(audit, now_ms)
        self._judging = Judging()
        self._people = AskingPeople(approvals, grants, self._trail, self._judging, console_url=console_url)

    @property
    def counts(self) -> Mapping[str, int]:
        """Decisions noted since the start, by effect."""
        return self._trail.counts

    def answer(self, session: Session, ask: Ask) -> None:
        """Answers an operation: at once where policy alone decides, else from a task of the session."""
        known = session.enforcement.catalogues.current(session.target.name, ask.catalogue_epoch)
        if known is None or is_long(ask.operation):
            self._start_waiting(session, ask)
            return
        decision = self._judging.decision(session, ask.operation, known.catalogue)
        if needs_people(decision, ask.operation) or needs_a_look(decision):
            self._start_waiting(session, ask)
        else:
            self._settle(session, ask, decision, known)

    def withdraw(self, session: Session, ask: int, why: str) -> None:
        """Nobody waits for an answer any more."""
        if wait := session.waits.get(ask):
            wait.end(why)

    def policy_moved(self, session: Session) -> None:
        """Voids the session's approval requests: they were made under a policy that no longer holds."""
        for wait in list(session.waits.values()):
            if wait.for_people:
                wait.end("the policy changed while it waited")

    def _start_waiting(self, session: Session, ask: Ask) -> None:
        # Here, for a withdrawal may be next in the same batch.
        wait = session.waits[ask.number] = Wait(ask.operation)
        session.nursery.start_soon(self._answer_later, session, ask, wait)

    async def _answer_later(self, session: Session, ask: Ask, wait: Wait) -> None:
        """Answers an operation that has to wait, whatever ends the waiting."""
        try:
            with wait.scope:
                await self._wait_and_answer(session, ask, wait)
            if wait.scope.cancelled_caught:
                refuse(session, ask, "approval-void", wait.why, f"Run the {ask.operation.kind} again.")
        except NarrowsError as error:
            log.error("operation denied", session=session.name, error=str(error))
            refuse(session, ask, "not-decidable", str(error), "Try again later.")
        except Exception:
            log.exception("defect while deciding", session=session.name)  # it must end no other session
            refuse(session, ask, INTERNAL_ERROR, "the gateway could not decide this", TELL_AN_OPERATOR)
        finally:
            del session.waits[ask.number]

    async def _wait_and_answer(self, session: Session, ask: Ask, wait: Wait) -> None:
        known = await session.enforcement.catalogues.fresh(session.target.name, ask.catalogue_epoch)
        decision = await self._judging.patient_decision(session, ask.operation, known.catalogue)
        if needs_a_look(decision):
            ask = replace(ask, operation=await session.enforcement.bound(session, ask.operation))
            decision = await self._judging.patient_decision(session, ask.operation, known.catalogue)
        if not needs_people(decision, ask.operation):
            self._settle(session, ask, decision, known)
            return
        wait.for_people = True
        await self._people.ask(session, ask, wait, decision)

    def _settle(self, session: Session, ask: Ask, decision: Decision, known: Known[Any]) -> None:
        """Answers what needs no people. What only prepares goes; what it prepares asks again."""
        if not self._trail.has_room:
            refuse(session, ask, *AUDIT_BEHIND)
            return
        if decision.effect is Effect.REQUIRE_APPROVAL:
            allow(session, ask, decision, known, asks_again=True)
            return
        self._trail.note(session, ask.operation, decision)
        if decision.effect is Effect.ALLOW:
            asks_again = decision.ask_at_bind and ask.operation.prepares
            allow(session, ask, decision, known, asks_again=asks_again)
        else:
            reusable = not decision.ask_at_bind and not decision.looks_first
            session.enforcement.answers.deny(ask.number, decision, reusable=reusable)
