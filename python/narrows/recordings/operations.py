"""The operations of a session: each with what was decided about it and what came of it.

Moments come in the order of the wire, where the statements of a pipeline lie between one another. Here they
are put together again by the operation that each belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set

    from narrows.recordings.transcript import Moment

TEXT_CHARACTERS_MAX = 65_536
"""Of an operation's text, and of its parameters, that can be searched."""
OUTPUT_CHARACTERS_MAX = 4_096
"""Of an operation's output that can be searched; a recording has all of it."""
UNFINISHED_MAX = 10_000
"""Operations of one session that may wait for their end; the oldest counts as ended then."""

FAILED_FROM = 400
"""HTTP's codes from here on say that a call failed."""
UNDECIDED = "withdrawn"
"""The effect of what was taken back, or cut off, before it was decided."""


@dataclass(slots=True)
class Operation:
    """One thing that an agent attempted."""

    number: int
    """Within its session."""
    moment: int
    """The number of the moment at which it was asked."""
    time_us: int
    kind: str
    """The event that began it: `statement`, `command`, `transfer`, `forward` or `call`."""
    text: str
    parameters: list[str | None] = field(default_factory=list)
    """A statement's; a call's body; a transfer's paths."""
    effect: str = UNDECIDED
    """`allow` or `deny`; `withdrawn` when nothing was decided."""
    rule: str = ""
    reason: str = ""
    approval: str = ""
    rows: int = 0
    masked: int = 0
    """Values masked. Where several operations are answered by one read, they count with the first of them."""
    took_us: int = 0
    """From being asked to its last answer; people's time to approve is in it."""
    error: str = ""
    """What it failed with: SQLSTATE and message, HTTP's status, or why a process could not be run."""
    left_out_bytes: int = 0
    """Bytes of its answer that the recording has no copy of."""
    output: str = ""
    """What the agent saw of its result, masked, up to `OUTPUT_CHARACTERS_MAX`."""

    def add(self, moment: Moment) -> None:
        """Takes what happened to it."""
        detail = moment.detail
        self.took_us = max(self.took_us, moment.time_us - self.time_us)
        match moment.event:
            case "decision":
                self.effect, self.rule = detail["effect"], detail.get("rule") or ""
                self.reason = detail.get("reason") or ""
                self.approval = detail.get("approval") or self.approval
            case "approved":
                self.approval = detail.get("approval") or self.approval
            case "masked":
                self.masked += detail["values"]
            case "columns":
                self._show(" ".join(detail["names"]))
            case "row":
                self.rows += 1
                self._show(" ".join(value for value in detail["values"] if value is not None))
            case "rows":
                self.rows += detail["count"]
            case "left-out":
                self.rows += detail.get("rows", 0)
                self.left_out_bytes += detail["bytes"]
            case "copy":
                self.rows += detail["direction"] == "to-agent"
                self._show(detail["data"].rstrip("\n"))
            case "result":
                self.rows = max(self.rows, _affected(detail["tag"]))
            case "error":
                self.error = f"{detail.get('code', '')} {detail.get('message', '')}".strip()
                self._show(self.error)
            case "notice":
                self._show(str(detail.get("message", "")))
            case "answer" if detail["status"] >= FAILED_FROM:
                self.error = f"{detail['status']} {detail['reason']}".strip()
                self._show(self.error)
            case "exit" if "message" in detail:
                self.error = detail["message"]
                self._show(self.error)
            case "body":
                self._show(detail["text"])
            case "output" | "errors":
                self._show(detail["text"].rstrip("\n"))

    def _show(self, line: str) -> None:
        if line and len(self.output) < OUTPUT_CHARACTERS_MAX:
            self.output = f"{self.output}\n{line}".lstrip("\n")[:OUTPUT_CHARACTERS_MAX]


class Operations:
    """Puts the moments of one session together."""

    def __init__(self) -> None:
        self._open: dict[int, Operation] = {}
        self._changed: set[int] = set()
        self._prepared = ""

    def add(self, number: int, moment: Moment) -> Operation | None:
        """Takes the next moment.

        Args:
            number: The moment's number within the session.
            moment: What happened.

        Returns:
            What it happened to; None where it is about no operation.
        """
        if moment.event == "prepare":
            self._prepared = moment.detail["text"]
        if moment.operation is None:
            return None
        operation = self._open.get(moment.operation)
        if operation is None:
            operation = self._open[moment.operation] = self._begin(moment.operation, number, moment)
        operation.add(moment)
        self._changed.add(operation.number)
        return operation

    def _begin(self, operation: int, number: int, moment: Moment) -> Operation:
        detail = moment.detail
        if moment.event == "decision":  # it comes first only where it denies what was only prepared
            return Operation(operation, number, moment.time_us, "statement", self._prepared)
        match moment.event:
            case "statement":
                parameters = detail.get("parameters", [])
            case "transfer":
                parameters = detail.get("paths", [])
            case _:
                parameters = [detail[part] for part in ("command", "body") if detail.get(part)]
        text = str(detail.get("text", ""))
        return Operation(operation, number, moment.time_us, moment.event, text, parameters)

    def shows_enough(self, operation: int | None) -> bool:
        """Whether no more of an operation's output is kept."""
        shown = self._open.get(operation) if operation is not None else None
        return shown is not None and len(shown.output) >= OUTPUT_CHARACTERS_MAX

    @property
    def is_full(self) -> bool:
        """Whether more wait for their end than there is room for."""
        return len(self._open) >= UNFINISHED_MAX

    @property
    def going_on(self) -> Set[int]:
        """The numbers of those that have not been taken."""
        return self._open.keys()

    def changed(self) -> list[Operation]:
        """Those of them that something happened to since the last call."""
        changed = [operation for number, operation in self._open.items() if number in self._changed]
        self._changed.clear()
        return changed

    def take(self, numbers: Set[int] | None = None) -> list[Operation]:
        """Gives away operations of which nothing more can follow.

        Args:
            numbers: Which of those that go on; None: all of them.
        """
        if numbers is None or len(numbers) == len(self._open):
            taken = list(self._open.values())
            self._open.clear()
            return taken
        return [self._open.pop(number) for number in sorted(numbers)]


def _affected(tag: str) -> int:
    """The rows that a command tag counts, such as `INSERT 0 3` (PostgreSQL, CommandComplete)."""
    last = tag.rpartition(" ")[2]
    return int(last) if last.isascii() and last.isdigit() else 0
