"""Which recordings are kept for how long: pure rules over what the index knows of sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.recordings.journal import session_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from narrows.config import RetentionSection
    from narrows.recordings.index.sessions import RecordedSession
    from narrows.store.holds import Hold

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Deletion:
    """A recording that is to go, and why."""

    session: RecordedSession
    rule: str
    keep_days: int

    def note(self, event: str) -> dict[str, object]:
        """What is written down of it."""
        return {
            "event": event,
            "session": session_name(self.session.id),
            "principal": self.session.principal,
            "target": self.session.target,
            "closed_us": self.session.closed_us,
            "rule": self.rule,
            "reason": f"older than {self.keep_days} days",
        }


def due(
    sessions: Iterable[RecordedSession],
    rules: Sequence[RetentionSection],
    holds: Iterable[Hold],
    labels: Mapping[str, Mapping[str, str]],
    *,
    now_us: int,
) -> list[Deletion]:
    """The recordings that are to go now.

    The first rule that fits a session decides; what none fits is kept, and so is what is held.

    Args:
        sessions: Those that may have to go; open ones never do.
        rules: As configured.
        holds: In force or lifted.
        labels: Of the targets, by name.
        now_us: The time in microseconds since 1970.
    """
    held = {(hold.subject, hold.value) for hold in holds if hold.lifted_ms is None}
    found = []
    for session in sessions:
        rule = next((rule for rule in rules if _fits(rule, session, labels)), None)
        if rule is None or session.closed_us is None or _is_held(session, held):
            continue
        if now_us - session.closed_us > rule.keep_days * DAY_US:
            found.append(Deletion(session, rule.name, rule.keep_days))
    return found


def _fits(rule: RetentionSection, session: RecordedSession, labels: Mapping[str, Mapping[str, str]]) -> bool:
    own = labels.get(session.target, {})
    return (not rule.targets or session.target in rule.targets) and all(
        own.get(name) == value for name, value in rule.labels.items()
    )


def _is_held(session: RecordedSession, held: set[tuple[str, str]]) -> bool:
    names = {
        "session": session_name(session.id), "principal": session.principal, "target": session.target,
    }  # fmt: skip
    return not held.isdisjoint(names.items())
