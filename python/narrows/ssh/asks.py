"""Operations that wait for their verdict, on asyncio's side, and the answering of them, on Trio's.

Whatever is not answered in time is denied here: a control plane that stalls lets nothing pass.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.seam import Ask
from narrows.ssh.control import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.model import Decision, Operation
    from narrows.ssh.bridge import Bridge
    from narrows.ssh.control import Control
    from narrows.ssh.engine import Engine

FILE_CARRIERS = frozenset({"rsync", "scp", "git-upload-pack", "git-receive-pack", "git-upload-archive"})
"""Programs whose output is files; masking would spoil them. A command that runs others too is text."""

NOT_ANSWERED = Verdict(
    allowed=False, rule="not-decidable", reason="no answer was ready in time", hint="Try again later."
)


@dataclass(slots=True, eq=False)
class _Open:
    verdict: asyncio.Future[Verdict]
    deadline: asyncio.Timeout
    say: Callable[[str], None]


class Asks:
    """Asks the control plane; all but the constructor runs in asyncio's thread.

    Args:
        bridge: Carries asks up and answers down.
        control: Who is asked.
        deadline_s: How long an ask may stay unanswered.
    """

    def __init__(self, bridge: Bridge, control: Control, deadline_s: float) -> None:
        self._bridge = bridge
        self._control = control
        self._deadline_s = deadline_s
        self._numbers = itertools.count(1)
        self._open: dict[int, _Open] = {}

    async def ask(self, session: int, operation: Operation, say: Callable[[str], None]) -> Verdict:
        """Waits for the verdict on an operation.

        Args:
            session: Whose it is.
            operation: What is attempted.
            say: Tells the agent that people are asked.
        """
        number = next(self._numbers)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._deadline_s) as deadline:
                verdict: asyncio.Future[Verdict] = loop.create_future()
                self._open[number] = _Open(verdict, deadline, say)
                if not self._bridge.to_trio(self._control.ask, session, Ask(number, operation)):
                    return NOT_ANSWERED
                return await verdict
        except TimeoutError:
            self._withdraw(session, number, "no answer was ready in time")
            return NOT_ANSWERED
        except asyncio.CancelledError:
            self._withdraw(session, number, "the agent hung up")
            raise
        finally:
            del self._open[number]

    def settle(self, number: int, verdict: Verdict) -> None:
        """The answer to an ask."""
        if (ask := self._open.get(number)) and not ask.verdict.done():
            ask.verdict.set_result(verdict)

    def hold(self, number: int, until_ms: int, text: str) -> None:
        """People are asked: the agent is told, and the deadline is another."""
        if ask := self._open.get(number):
            loop = asyncio.get_running_loop()
            ask.deadline.reschedule(loop.time() + until_ms / 1000 - time.time())
            ask.say(text)

    def _withdraw(self, session: int, number: int, why: str) -> None:
        self._bridge.to_trio(self._control.withdraw, session, number, why)


class AskAnswers:
    """Answers asks from Trio's thread, once an engine runs; see `Answers`."""

    def __init__(self) -> None:
        self._unanswered: set[int] = set()
        self._engine: Engine

    def connect(self, engine: Engine) -> None:
        """The engine that asks, and that answers go to."""
        self._engine = engine

    def policy_moved(self) -> None:
        """Policy is another now: the engine asks again about what is open."""
        self._engine.policy_moved()

    def asked(self, number: int) -> None:
        """An ask has come up."""
        self._unanswered.add(number)

    def withdrawn(self, number: int) -> None:
        """Nobody waits for it any more."""
        self._unanswered.discard(number)

    def allow(
        self,
        ask: int,
        decision: Decision,
        *,
        approval: str | None,
        reusable: bool,
        asks_again: bool,
        catalogue_epoch: int,
    ) -> bool:
        """See `Answers.allow`."""
        verdict = Verdict(
            allowed=True,
            rule=decision.rule,
            approval=approval,
            released=decision.released,
            record=decision.record,
            carries_files=bool(decision.verbs) and decision.verbs <= FILE_CARRIERS,
            reusable=reusable,
        )
        return self._settle(ask, verdict)

    def deny(self, ask: int, decision: Decision, *, reusable: bool = False) -> bool:
        """See `Answers.deny`."""
        return self._settle(
            ask, Verdict(allowed=False, rule=decision.rule, reason=decision.reason, hint=decision.hint)
        )

    def hold(self, ask: int, *, until_ms: int, message: str, detail: str = "", hint: str = "") -> bool:
        """See `Answers.hold`."""
        text = "\n  ".join(line for line in (message, detail, hint) if line)
        return ask in self._unanswered and self._engine.hold(ask, until_ms, text)

    def record(self, session: int, document: str) -> bool:
        """See `Answers.record`."""
        return self._engine.record(session, document)

    def end(self, session: int, *, reason: str, hint: str = "") -> bool:
        """See `Answers.end`."""
        return self._engine.end(session, reason, hint)

    def _settle(self, ask: int, verdict: Verdict) -> bool:
        if ask not in self._unanswered:
            return False
        self._unanswered.discard(ask)
        return self._engine.settle(ask, verdict)
