"""From a Postgres session's frames to what happened in it: statements, decisions, results, errors.

Replies carry no reference to what they answer; the protocol answers in order. So the agent's messages line up
in a queue, and the target's replies are matched with its front.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from narrows.recordings.happening import ROWS, never
from narrows.recordings.left_out import LEFT_OUT, named_by
from narrows.recordings.messages import Body, MessageStream, format_of
from narrows.recordings.values import rendered
from narrows.recordings.verdicts import Verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from narrows.recordings.happening import Enough, Happening
    from narrows.recordings.journal import Frame

COPY_BYTES_SHOWN_MAX = 4_096
OF_AN_OPERATION = frozenset({"held", "approved", "withdrawn", "cancelled"})
"""Events that are about the operation asked last."""

ENDING_ANSWERS = frozenset("CIsEZ")
"""Messages with which an answer ends; what was left out of it has been counted by then (docs/evidence.md)."""
SPANNING = frozenset("PBDEC")
"""Messages of the extended protocol, which belong together up to the next Sync."""


@dataclass(slots=True)
class _Column:
    name: str
    type_oid: int
    format: int


@dataclass(slots=True)
class _Prepared:
    text: str
    types: tuple[int, ...]
    columns: list[_Column] = field(default_factory=list)
    denied_as: int | None = None
    """The operation that it is when it was denied before it could be bound."""


@dataclass(slots=True)
class _Portal:
    columns: list[_Column]
    formats: tuple[int, ...]
    operation: int | None = None


@dataclass(slots=True)
class _Expected:
    """A reply that is due: to a `query`, a `describe`, an `execute` or a `sync`."""

    to: str
    columns: list[_Column] = field(default_factory=list)
    rows: int = 0
    described: _Prepared | _Portal | None = None
    operation: int | None = None


class StatementReader:
    """Reads one session's frames, in order.

    Args:
        enough: Whether no more need be read of the rows that answer an operation; they are counted then.
    """

    def __init__(self, enough: Enough = never) -> None:
        self._operations = 0
        self._enough = enough
        self._from_agent = MessageStream()
        self._to_agent = MessageStream()
        self._verdicts = Verdicts()
        self._prepared: dict[str, _Prepared] = {}
        self._portals: dict[str, _Portal] = {}
        self._expected: deque[_Expected] = deque()
        self._left_out: dict[str, Any] | None = None
        """What has been left out of the answer that is being given, so far."""
        self._in_span = False
        """The agent has begun what only a Sync ends."""
        self._asked: _Prepared | int | None = None
        """What a decision that comes now is about."""

    def is_quiet_before(self, frame: Frame) -> bool:
        """See `Reader.is_quiet_before`."""
        return self._is_quiet

    def over(self, operations: Set[int]) -> Set[int]:
        """See `Reader.over`."""
        return operations if self._is_quiet else frozenset()

    @property
    def _is_quiet(self) -> bool:
        is_due = self._expected or self._left_out or self._in_span
        return not (is_due or self._from_agent.cut or self._to_agent.cut)

    def state(self) -> dict[str, Any]:
        """See `Reader.state`."""
        return {
            "operations": self._operations,
            "verdicts": list(self._verdicts.values()),
            "prepared": {name: asdict(one) for name, one in self._prepared.items()},
            "portals": {name: asdict(one) for name, one in self._portals.items()},
        }

    @staticmethod
    def resumed(state: dict[str, Any], enough: Enough = never) -> StatementReader:
        """A reader that goes on where `state` was taken."""
        reading = StatementReader(enough)
        reading._operations = state["operations"]
        reading._verdicts = Verdicts.of(state["verdicts"])
        for name, kept in state["prepared"].items():
            columns = [_Column(**column) for column in kept["columns"]]
            reading._prepared[name] = _Prepared(
                kept["text"], tuple(kept["types"]), columns, kept["denied_as"]
            )
        for name, kept in state["portals"].items():
            columns = [_Column(**column) for column in kept["columns"]]
            reading._portals[name] = _Portal(columns, tuple(kept["formats"]), kept["operation"])
        return reading

    def _next_operation(self) -> int:
        self._operations += 1
        return self._operations - 1

    def frame(self, frame: Frame) -> Iterator[Happening]:
        """See `Reader.frame`."""
        match frame.kind:
            case "request":
                for tag, body in self._from_agent.feed(frame.payload):
                    yield from self._request(tag, body)
            case "reply":
                for tag, body in self._to_agent.feed(frame.payload):
                    yield from self._reply(tag, body)
            case "verdict":
                self._verdicts.keep(frame.payload)
            case "applied":
                verdict = self._verdicts.applied(frame.payload)
                yield "decision", verdict, self._decided(verdict)
            case "event":
                detail = json.loads(frame.payload)
                event = detail.pop("event", "event")
                if event == LEFT_OUT:
                    self._left_out = named_by(detail, self._verdicts)
                else:
                    yield event, detail, self._noted(event)
            case "open" | "close" | "recovered":
                yield from self._take_left_out(self._expected[0] if self._expected else _Expected("nothing"))
                yield frame.kind, json.loads(frame.payload), None

    def _take_left_out(self, front: _Expected) -> Iterator[Happening]:
        """What was left out of an answer that has ended."""
        if self._left_out is not None:
            yield LEFT_OUT, self._left_out, front.operation
            front.rows += self._left_out["rows"]
            self._left_out = None

    def _decided(self, verdict: dict[str, Any]) -> int | None:
        """The operation that a verdict is about. What is denied before it can be bound is one too."""
        if isinstance(self._asked, _Prepared):
            if verdict["effect"] == "deny":
                self._asked.denied_as = self._next_operation()
            return self._asked.denied_as
        return self._asked

    def _noted(self, event: str) -> int | None:
        if event == "masked":  # noted just before the reply that they are in
            return next((due.operation for due in self._expected if due.operation is not None), None)
        return self._asked if event in OF_AN_OPERATION and isinstance(self._asked, int) else None

    def _request(self, tag: str, body: Body) -> Iterator[Happening]:
        self._in_span = tag in SPANNING or (self._in_span and tag not in "SQ")
        match tag:
            case "Q":
                self._asked = operation = self._next_operation()
                self._expected.append(_Expected("query", operation=operation))
                yield "statement", {"text": body.string()}, operation
            case "P":
                name, text = body.string(), body.string()
                types = tuple(body.uint32() for _ in range(body.uint16()))
                self._asked = self._prepared[name] = _Prepared(text, types)
                yield "prepare", {"name": name, "text": text}, None
            case "B":
                yield "statement", *self._bind(body)
            case "D":
                kind, name = body.byte(), body.string()
                described = self._prepared.get(name) if kind == "S" else self._portals.get(name)
                self._expected.append(_Expected("describe", described=described))
            case "E":
                self._execute(body.string())
            case "S":
                self._expected.append(_Expected("sync"))
            case "C":
                self._closed(body.byte(), body.string())
            case "d":
                front = self._expected[0].operation if self._expected else None
                yield "copy", _copied("to-target", body), front

    def _bind(self, body: Body) -> tuple[dict[str, Any], int]:
        """A Bind is where values are known and the statement is decided: it counts as the statement."""
        name, statement = body.string(), body.string()
        prepared = self._prepared.get(statement) or _Prepared(f"(statement {statement!r})", ())
        formats = body.formats()
        values = [body.value() for _ in range(body.uint16())]
        parameters = [
            rendered(prepared.types[i] if i < len(prepared.types) else 0, format_of(formats, i), value)
            for i, value in enumerate(values)
        ]
        operation = self._next_operation() if prepared.denied_as is None else prepared.denied_as
        self._asked = operation
        self._portals[name] = _Portal(prepared.columns, body.formats(), operation)
        return {"text": prepared.text, "parameters": parameters}, operation

    def _closed(self, kind: str, name: str) -> None:
        (self._prepared if kind == "S" else self._portals).pop(name, None)

    def _execute(self, name: str) -> None:
        portal = self._portals.get(name) or _Portal([], ())
        columns = [
            _Column(column.name, column.type_oid, format_of(portal.formats, index))
            for index, column in enumerate(portal.columns)
        ]
        self._asked = portal.operation
        self._expected.append(_Expected("execute", columns, described=portal, operation=portal.operation))

    def _reply(self, tag: str, body: Body) -> Iterator[Happening]:
        if tag in "CIs":
            self._skip_descriptions()
        front = self._expected[0] if self._expected else _Expected("nothing")
        if tag in ENDING_ANSWERS:
            yield from self._take_left_out(front)
        for event, detail in self._answer(tag, body, front):
            yield event, detail, front.operation

    def _answer(self, tag: str, body: Body, front: _Expected) -> Iterator[tuple[str, dict[str, Any]]]:
        match tag:
            case "T":
                yield from self._columns(front, body)
            case "t" if isinstance(front.described, _Prepared):
                front.described.types = tuple(body.uint32() for _ in range(body.uint16()))
            case "n" if front.to == "describe":
                self._expected.popleft()
            case "D" | "d" if self._enough(front.operation):
                count = 1 + self._to_agent.skip(tag)
                front.rows += count
                yield ROWS, {"count": count}
            case "D":
                front.rows += 1
                yield "row", {"values": _row(self._row_columns(front), body)}
            case "d":
                front.rows += 1
                yield "copy", _copied("to-agent", body)
            case "C":
                yield "result", {"tag": body.string(), "rows": front.rows}
                self._end(front)
            case "I" | "s":
                yield "result", {"tag": "" if tag == "I" else "suspended", "rows": front.rows}
                self._end(front)
            case "E":
                yield "error", _fields(body)
                self._skip_to_sync(front)
            case "N":
                yield "notice", _fields(body)
            case "Z":
                self._ready()

    def _columns(self, front: _Expected, body: Body) -> Iterator[tuple[str, dict[str, Any]]]:
        columns = []
        for _ in range(body.uint16()):
            name = body.string()
            body.take(6)  # the column's origin: table and attribute number
            type_oid = body.uint32()
            body.take(6)  # the type's length and modifier
            columns.append(_Column(name, type_oid, body.int16()))
        if front.to == "describe":
            self._expected.popleft()
            if front.described is not None:
                front.described.columns[:] = columns
        else:
            front.columns = columns
        yield "columns", {"names": [column.name for column in columns]}

    def _row_columns(self, front: _Expected) -> list[_Column]:
        """A portal described after its Execute was sent has its columns only by now."""
        if front.to != "execute" or front.columns or not isinstance(front.described, _Portal):
            return front.columns
        formats = front.described.formats
        return [
            _Column(column.name, column.type_oid, format_of(formats, index))
            for index, column in enumerate(front.described.columns)
        ] or [_Column("", 0, format_of(formats, index)) for index in range(max(len(formats), 1))]

    def _end(self, front: _Expected) -> None:
        """A simple Query may have more results; anything else had one."""
        if front.to == "execute":
            self._expected.popleft()
        else:
            front.rows = 0

    def _skip_descriptions(self) -> None:
        """A description that was asked for has not been kept: what is answered now came behind it."""
        while self._expected and self._expected[0].to == "describe":
            self._expected.popleft()

    def _skip_to_sync(self, front: _Expected) -> None:
        """After an error the target answers nothing more until it has seen Sync."""
        if front.to == "query":
            return
        while self._expected and self._expected[0].to != "sync":
            self._expected.popleft()

    def _ready(self) -> None:
        while self._expected and self._expected.popleft().to not in ("query", "sync"):
            pass


def _row(columns: list[_Column], body: Body) -> list[str | None]:
    values = []
    for index in range(body.uint16()):
        value = body.value()
        column = columns[index] if index < len(columns) else _fallback(columns)
        values.append(rendered(column.type_oid, column.format, value))
    return values


def _fallback(columns: list[_Column]) -> _Column:
    """Where the columns are not known one by one, the one format given is for all."""
    return _Column("", 0, columns[0].format if len(columns) == 1 else 0)


def _fields(body: Body) -> dict[str, Any]:
    names = {"V": "severity", "C": "code", "M": "message", "D": "detail", "H": "hint"}
    found = {}
    while body.left and (kind := body.byte()) != "\0":
        text = body.string()
        if kind in names:
            found[names[kind]] = text
    return found


def _copied(direction: str, body: Body) -> dict[str, Any]:
    count = body.left
    data = body.take(min(count, COPY_BYTES_SHOWN_MAX))
    return {"direction": direction, "bytes": count, "data": data.decode("utf-8", errors="backslashreplace")}
