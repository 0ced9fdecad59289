"""From a session's frames to what happened in it: statements, decisions, results, errors, events.

Replies carry no reference to what they answer; the protocol answers in order. So the agent's messages line up
in a queue, and the target's replies are matched with its front.
"""

from __future__ import annotations

import itertools
import json
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from narrows.recordings.channels import ChannelReader
from narrows.recordings.messages import Body, MessageStream, format_of
from narrows.recordings.values import rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from narrows.recordings.journal import Frame

COPY_BYTES_SHOWN_MAX = 4_096


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened."""

    time_us: int
    event: str
    """`open`, `prepare`, `statement`, `decision`, `columns`, `row`, `copy`, `result`, `error`, `notice`,
    `held`, `withdrawn`, `close` or another that the gateway noted; of SSH `command`, `input`, `output`,
    `errors`, `exit`, `resized`."""
    detail: dict[str, Any]


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


@dataclass(slots=True)
class _Portal:
    columns: list[_Column]
    formats: tuple[int, ...]


@dataclass(slots=True)
class _Expected:
    """A reply that is due: to a `query`, a `describe`, an `execute` or a `sync`."""

    to: str
    columns: list[_Column] = field(default_factory=list)
    rows: int = 0
    described: _Prepared | _Portal | None = None


def transcript(frames: Iterable[Frame]) -> Iterator[Moment]:
    """What happened in a session.

    Args:
        frames: Its frames, in order.

    Raises:
        RecordingError: They do not hold what a session's frames hold.
    """
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        return iter(())
    protocol = json.loads(first.payload).get("protocol") if first.kind == "open" else None
    reader = ChannelReader() if protocol == "ssh" else _Reader()
    return _moments(reader, itertools.chain([first], frames))


class _FrameReader(Protocol):
    def frame(self, frame: Frame) -> Iterator[tuple[str, dict[str, Any]]]: ...


def _moments(reader: _FrameReader, frames: Iterable[Frame]) -> Iterator[Moment]:
    for frame in frames:
        for event, detail in reader.frame(frame):
            yield Moment(frame.time_us, event, detail)


class _Reader:
    def __init__(self) -> None:
        self._from_agent = MessageStream()
        self._to_agent = MessageStream()
        self._verdicts: dict[int, dict[str, Any]] = {}
        self._prepared: dict[str, _Prepared] = {}
        self._portals: dict[str, _Portal] = {}
        self._expected: deque[_Expected] = deque()

    def frame(self, frame: Frame) -> Iterator[tuple[str, dict[str, Any]]]:
        match frame.kind:
            case "request":
                for tag, body in self._from_agent.feed(frame.payload):
                    yield from self._request(tag, body)
            case "reply":
                for tag, body in self._to_agent.feed(frame.payload):
                    yield from self._reply(tag, body)
            case "verdict":
                verdict = json.loads(frame.payload)
                self._verdicts[verdict["id"]] = verdict
            case "applied":
                number = int.from_bytes(frame.payload, "big")
                yield "decision", self._verdicts.get(number, {"id": number, "effect": "unknown"})
            case "event":
                detail = json.loads(frame.payload)
                yield detail.pop("event", "event"), detail
            case "open" | "close" | "recovered":
                yield frame.kind, json.loads(frame.payload)

    def _request(self, tag: str, body: Body) -> Iterator[tuple[str, dict[str, Any]]]:
        match tag:
            case "Q":
                self._expected.append(_Expected("query"))
                yield "statement", {"text": body.string()}
            case "P":
                name, text = body.string(), body.string()
                types = tuple(body.uint32() for _ in range(body.uint16()))
                self._prepared[name] = _Prepared(text, types)
                yield "prepare", {"name": name, "text": text}
            case "B":
                yield "statement", self._bind(body)
            case "D":
                kind, name = body.byte(), body.string()
                described = self._prepared.get(name) if kind == "S" else self._portals.get(name)
                self._expected.append(_Expected("describe", described=described))
            case "E":
                self._execute(body.string())
            case "S":
                self._expected.append(_Expected("sync"))
            case "d":
                yield "copy", _copied("to-target", body)

    def _bind(self, body: Body) -> dict[str, Any]:
        """A Bind is where values are known and the statement is decided: it counts as the statement."""
        name, statement = body.string(), body.string()
        prepared = self._prepared.get(statement) or _Prepared(f"(statement {statement!r})", ())
        formats = body.formats()
        values = [body.value() for _ in range(body.uint16())]
        parameters = [
            rendered(prepared.types[i] if i < len(prepared.types) else 0, format_of(formats, i), value)
            for i, value in enumerate(values)
        ]
        self._portals[name] = _Portal(prepared.columns, body.formats())
        return {"text": prepared.text, "parameters": parameters}

    def _execute(self, name: str) -> None:
        portal = self._portals.get(name) or _Portal([], ())
        columns = [
            _Column(column.name, column.type_oid, format_of(portal.formats, index))
            for index, column in enumerate(portal.columns)
        ]
        self._expected.append(_Expected("execute", columns, described=portal))

    def _reply(self, tag: str, body: Body) -> Iterator[tuple[str, dict[str, Any]]]:
        front = self._expected[0] if self._expected else _Expected("nothing")
        match tag:
            case "T":
                yield from self._columns(front, body)
            case "t" if isinstance(front.described, _Prepared):
                front.described.types = tuple(body.uint32() for _ in range(body.uint16()))
            case "n" if front.to == "describe":
                self._expected.popleft()
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
