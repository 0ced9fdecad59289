"""Agents that stay logged in through the whole corpus, one for each database and way of asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.masking.stack import ELSEWHERE_TARGET, HERE_TARGET
from tests.masking.ways import RAW_WAYS, by_driver, simple
from tests.raw_client import Message, RawClient, shape

if TYPE_CHECKING:
    import psycopg

    from tests.masking.corpus import Case
    from tests.masking.stack import MaskingStack

RESET = "ROLLBACK; DEALLOCATE ALL; SELECT 1"
"""Leaves nothing behind of a case, and shows that the session is in step."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one case brought back."""

    data: bytes
    """Every byte of it."""
    shown: str
    """The same, to be compared and to be read."""
    in_sync: bool
    """The session answers `select 1`, or was ended in the open."""


class Agents:
    """Keeps a connection for every database and way, and makes a new one where the last was ended."""

    def __init__(self, stack: MaskingStack, *, trusted: bool = False) -> None:
        self._stack = stack
        self._trusted = trusted
        self._raw: dict[tuple[str, str], RawClient] = {}
        self._drivers: dict[str, psycopg.Connection[tuple[object, ...]]] = {}

    def __enter__(self) -> Agents:
        return self

    def __exit__(self, *_: object) -> None:
        for raw in self._raw.values():
            raw.socket.close()
        for driver in self._drivers.values():
            driver.close()

    def run(self, way: str, case: Case, *, elsewhere: bool = False) -> Answer:
        """Runs the statements of a case in a transaction that is rolled back, unless it commits."""
        target = ELSEWHERE_TARGET if elsewhere else case.target or HERE_TARGET
        return self._by_driver(target, case) if way == "driver" else self._raw_way(target, way, case)

    def _raw_way(self, target: str, way: str, case: Case) -> Answer:
        if (target, way) not in self._raw:
            self._raw[target, way] = self._stack.agent(target, trusted=self._trusted)
        agent = self._raw[target, way]
        if not case.commits:
            simple(agent, "BEGIN")
        seen: list[Message] = []
        for sql in case.sql:
            seen += RAW_WAYS[way](agent, sql)
        in_sync = self._in_sync(agent, seen)
        if seen[-1].type != "Z":
            self._raw.pop((target, way)).socket.close()
        return Answer(
            data=b"".join(each.type.encode() + each.body for each in seen),
            shown="\n".join(f"{each.type} {each.body!r}" for each in seen),
            in_sync=in_sync,
        )

    def _in_sync(self, agent: RawClient, seen: list[Message]) -> bool:
        if seen[-1].type != "Z":
            return seen[-1].type == "E" and seen[-1].fields["S"] == "FATAL"
        answer = [each for each in simple(agent, RESET) if each.type != "N"]
        return shape(answer) == "C C T D C ZI" and answer[3].values == [b"1"]

    def _by_driver(self, target: str, case: Case) -> Answer:
        if target not in self._drivers or self._drivers[target].closed:
            self._drivers[target] = self._stack.driver(target, trusted=self._trusted)
        connection = self._drivers[target]
        if not case.commits:
            connection.execute("BEGIN")
        data = b"\n".join(by_driver(connection, sql) for sql in case.sql)
        in_sync = True
        if not connection.closed:
            reset = connection.execute(RESET)
            in_sync = reset.nextset() is True and reset.nextset() is True and reset.fetchall() == [(1,)]
        return Answer(data, data.decode(), in_sync)
