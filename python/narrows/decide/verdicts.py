"""From a decision to the verdict that goes down the seam."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.model import Decision, Effect

if TYPE_CHECKING:
    from narrows.model import Operation
    from narrows.seam import Ask, Known, Session


def needs_people(decision: Decision, operation: Operation) -> bool:
    """Whether people are asked now; what only prepares needs none yet."""
    return decision.effect is Effect.REQUIRE_APPROVAL and not operation.prepares


def needs_a_look(decision: Decision) -> bool:
    """Whether what it is about has yet to be looked at before the operation may go."""
    return decision.looks_first and decision.restored is None and decision.effect is not Effect.DENY


def allow(
    session: Session,
    ask: Ask,
    decision: Decision,
    known: Known[Any],
    *,
    approval: str | None = None,
    asks_again: bool = False,
) -> bool:
    """Only what policy alone allowed by the text is reusable: not what people, parameters or objects decide.

    Nor what changes a session's settings: each time has to be seen, for approvals are bound to them.
    """
    if needs_a_look(decision):
        raise AssertionError("what it is about was not looked at")
    by_text = decision.effect is Effect.ALLOW and not decision.ask_at_bind and not decision.looks_first
    return session.enforcement.answers.allow(
        ask.number,
        decision,
        approval=approval,
        reusable=by_text and "settings" not in decision.effects,
        asks_again=asks_again,
        catalogue_epoch=known.epoch,
    )


def refuse(session: Session, ask: Ask, rule: str, reason: str, hint: str = "") -> None:
    """Denies an operation for a reason that is not a rule's."""
    session.enforcement.answers.deny(ask.number, Decision(Effect.DENY, rule, reason, hint))
