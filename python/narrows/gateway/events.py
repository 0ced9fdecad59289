"""What is done about each event of the data plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from narrows.plane import ask_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.decide import Decider
    from narrows.gateway.admission import Admission
    from narrows.gateway.catalogues import TargetCatalogues
    from narrows.gateway.clusters.admission import Clusters
    from narrows.gateway.sessions import Sessions

log = structlog.get_logger("narrows.gateway")

WITHDRAWN = {
    "hang-up": "the agent hung up",
    "cancelled": "the agent cancelled the statement",
    "deadline": "no answer was ready in time",
    "session-closed": "the session ended",
}
"""The data plane's reasons in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Takes each event to whoever answers it."""

    admission: Admission
    clusters: Clusters
    decider: Decider
    sessions: Sessions
    catalogues: TargetCatalogues
    journal_failed: Callable[[str], None]
    """Told why the journal cannot be written."""
    journal_alarmed: Callable[[str, str], None]
    """Told what of the journal needs looking after."""

    def handlers(self) -> dict[str, Callable[[Any], None]]:
        """By the event's name."""
        return {
            "OpenAsked": self.admission.asked,
            "StatementAsked": self._statement_asked,
            "ClusterOpenAsked": self.clusters.open_asked,
            "ApiCallAsked": self.clusters.call_asked,
            "AskWithdrawn": self._ask_withdrawn,
            "SessionOpened": lambda event: self.sessions.opened(event.session),
            "SessionClosed": self._session_closed,
            "CatalogueMoved": lambda event: self.catalogues.moved(event.target),
            "JournalFailed": lambda event: self.journal_failed(event.reason),
            "JournalAlarmed": lambda event: self.journal_alarmed(event.kind, event.what),
        }

    def _statement_asked(self, event: Any) -> None:
        if live := self.sessions.find(event.session):
            self.decider.answer(live.decided, ask_of(event, live.settings.seen(event)))

    def _ask_withdrawn(self, event: Any) -> None:
        self.admission.openings.withdrawn(event.ask)
        self.clusters.openings.withdrawn(event.ask)
        if live := self.sessions.find(event.session):
            self.decider.withdraw(live.decided, event.ask, WITHDRAWN[event.reason])

    def _session_closed(self, event: Any) -> None:
        live = self.sessions.find(event.session)
        if live is not None:
            live.closed.set()
        if live is not None or event.admitted:
            self.sessions.note_end(event)
        else:
            log.info("connection ended before a session", peer=event.peer, reason=event.reason)
