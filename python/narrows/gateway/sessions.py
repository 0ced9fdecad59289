"""The sessions that are open now, each a task with a nursery of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog
import trio

from narrows.errors import StoreError
from narrows.gateway.settings import SettingsTrace
from narrows.seam import Session
from narrows.store import sessions as rows
from narrows.store.behind import WrittenBehind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from narrows.model import Principal, Target
    from narrows.policy.rules import Policy
    from narrows.seam import Enforcement
    from narrows.store import Store
    from narrows.store.doorbell import Doorbell

log = structlog.get_logger("narrows.session")


@dataclass(slots=True, eq=False)
class LiveSession:
    """An admitted session: what decisions see of it, and what the gateway keeps besides."""

    decided: Session
    mask_set: int | None = None
    """None until it is admitted."""
    settings: SettingsTrace = field(default_factory=SettingsTrace)
    masks_hold: Callable[[Policy], bool] = lambda _policy: True
    """Whether a policy masks for it what was masked when it was opened, where that is settled then."""
    closed: trio.Event = field(default_factory=trio.Event)

    def end(self, reason: str, hint: str) -> bool:
        """Ends it at once; False when it has ended."""
        return self.decided.enforcement.answers.end(self.decided.id, reason=reason, hint=hint)


class Sessions:
    """Every open session of this gateway.

    Args:
        store: Where they are listed.
        name_of: A session id as people see it.
        doorbell: Rung when a session opens or ends.
    """

    def __init__(self, store: Store, name_of: Callable[[int], str], doorbell: Doorbell) -> None:
        self._name_of = name_of
        self._doorbell = doorbell
        self.list: WrittenBehind[rows.SessionRow | rows.Ending] = WrittenBehind(
            store, rows.note, "the list of sessions", self._listed
        )
        """Where all of them, those that have ended too, are written down for people to see."""
        self._live: dict[int, LiveSession] = {}

    def __iter__(self) -> Iterator[LiveSession]:
        return iter(list(self._live.values()))

    def find(self, session: int) -> LiveSession | None:
        """The open session of that id, if there is one."""
        return self._live.get(session)

    async def live(
        self,
        session: int,
        principal: Principal,
        target: Target,
        database: str,
        enforcement: Enforcement[Any],
        *,
        task_status: trio.TaskStatus[LiveSession],
    ) -> None:
        """The task of one session: it ends when the data plane says so, and with it all that it runs."""
        async with trio.open_nursery() as nursery:
            decided = Session(
                session, self._name_of(session), principal, target, database, nursery, enforcement
            )
            live = self._live[session] = LiveSession(decided)
            task_status.started(live)
            try:
                await live.closed.wait()
            finally:
                self._live.pop(session, None)
            for wait in list(decided.waits.values()):
                wait.end("the agent hung up")
            nursery.cancel_scope.cancel()

    def note(self, row: rows.SessionRow) -> None:
        """Puts a session on the list before it is admitted.

        Raises:
            StoreError: The list cannot be written now, so that nobody would see the session.
        """
        if self.list.failing or not self.list.has_room:
            raise StoreError("the list of sessions cannot be written now")
        self.list.note(row)

    def note_end(self, event: Any) -> None:
        """Notes the end of a session in the list, with the counts of the data plane's SessionClosed."""
        log.info(
            "session closed",
            session=self._name_of(event.session),
            reason=event.reason,
            operations=event.operations,
            denials=event.denials,
        )
        self.list.note(_ending(event))

    def opened(self, session: int) -> None:
        """The data plane has logged a session in upstream."""
        log.info("session opened", session=self._name_of(session))

    def _listed(self, written: Sequence[rows.SessionRow | rows.Ending]) -> None:
        for row in written:
            session = row.id if isinstance(row, rows.SessionRow) else row.session
            self._doorbell.ring("session", self._name_of(session))


def _ending(event: Any) -> rows.Ending:
    return rows.Ending(
        session=event.session,
        closed_ms=time.time_ns() // 1_000_000,
        close_reason=event.reason,
        operations=event.operations,
        denials=event.denials,
        masked_values=event.masked_values,
        bytes_to_agent=event.bytes_to_agent,
        frames=event.frames,
        head=event.head.hex(),
    )
