"""From a Kubernetes session's frames to what happened in it: calls, decisions, answers, streams.

Calls and answers are recorded as HTTP/1.1 messages (RFC 9112), one after the other. Once a connection has
become a stream, frames are of the streams of a process (`processes.py`).
"""

from __future__ import annotations

import codecs
import json
import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from narrows.errors import RecordingError
from narrows.recordings.processes import ProcessReader
from narrows.recordings.verdicts import Verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from narrows.recordings.happening import Happening
    from narrows.recordings.journal import Frame

HEAD_END = b"\r\n\r\n"
HEAD_BYTES_MAX = 1 << 20
BODY_CHARACTERS_SHOWN_MAX = 4_096
"""Of a call's body; the recording has all of it."""
BEFORE_A_CALL = frozenset({"held", "approved", "withdrawn", "refused"})
"""Events about a call that is written down behind them, with its verdict, or not at all."""
FALSE = frozenset({"", "0", "false"})
"""How a query says no (Convert_Slice_string_To_bool of apimachinery)."""
TRANSLATED = "narrows-translated-from"
"""The field of a call whose body came in another form: which, and the length and hash of what came."""
SWITCHED = "stream"
"""The event behind which frames are of a stream."""


class CallReader:
    """Reads one session's frames, in order."""

    def __init__(self) -> None:
        self._verdicts = Verdicts()
        self._operations = 0
        self._head = bytearray()
        """The front of an answer whose head is not all there."""
        self._in_head = False
        self._body = _decoder()
        self._process: ProcessReader | None = None
        """Where the connection has become a stream."""

    def is_quiet_before(self, frame: Frame) -> bool:
        """See `Reader.is_quiet_before`: nothing says when an answer is over but the next call."""
        return frame.kind == "request" and self._process is None

    def over(self, operations: Set[int]) -> Set[int]:
        """See `Reader.over`."""
        return frozenset()

    def state(self) -> dict[str, Any]:
        """See `Reader.state`."""
        return {"operations": self._operations, "verdicts": list(self._verdicts.values())}

    @staticmethod
    def resumed(state: dict[str, Any]) -> CallReader:
        """A reader that goes on where `state` was taken."""
        reading = CallReader()
        reading._operations = state["operations"]
        reading._verdicts = Verdicts.of(state["verdicts"])
        return reading

    def frame(self, frame: Frame) -> Iterator[Happening]:
        """See `Reader.frame`. Whatever comes behind a call is about it, unless it is about the next."""
        if frame.kind == "request" and self._process is None:
            self._operations += 1
        operation = self._operations - 1 if self._operations else None
        for event, detail in self._told(frame):
            about_none = event in BEFORE_A_CALL or frame.kind in {"open", "close", "recovered"}
            yield event, detail, None if about_none else operation

    def _told(self, frame: Frame) -> Iterator[tuple[str, dict[str, Any]]]:
        match frame.kind:
            case "request" | "reply" if self._process is not None:
                yield from self._process.told(frame.payload)
            case "request":
                yield "call", self._call(frame.payload)
            case "reply":
                yield from self._answer(frame.payload)
            case "verdict":
                self._verdicts.keep(frame.payload)
            case "applied":
                yield "decision", self._verdicts.applied(frame.payload)
            case "event":
                detail = json.loads(frame.payload)
                event = detail.pop("event", "event")
                if event == SWITCHED:
                    self._process = ProcessReader()
                if event == "refused":
                    self._expect_answer()
                yield event, detail
            case "open" | "close" | "recovered":
                yield frame.kind, json.loads(frame.payload)

    def _call(self, payload: bytes) -> dict[str, Any]:
        head, found, body = payload.partition(HEAD_END)
        line, headers = _head(head)
        method, _, rest = line.partition(" ")
        path = rest.rpartition(" ")[0]
        if not found or not path:
            raise RecordingError("the recording holds a call without a request line")
        self._expect_answer()
        shown = body.decode(errors="backslashreplace")[:BODY_CHARACTERS_SHOWN_MAX]
        return {
            "text": f"{method} {path}",
            "agent": headers.get("user-agent", ""),
            **_process(path),
            **({"body": shown, "bytes": len(body)} if body else {}),
            **({"translated": came} if (came := headers.get(TRANSLATED)) else {}),
        }

    def _expect_answer(self) -> None:
        self._head.clear()
        self._body = _decoder()
        self._in_head = True

    def _answer(self, payload: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
        if self._in_head:
            self._head += payload
            head, found, payload = bytes(self._head).partition(HEAD_END)
            if not found:
                if len(self._head) > HEAD_BYTES_MAX:
                    raise RecordingError("the recording holds an answer whose head does not end")
                return
            self._in_head = False
            line, headers = _head(head)
            _, _, status = line.partition(" ")
            code, _, reason = status.partition(" ")
            yield "answer", {"status": int(code), "reason": reason, "type": headers.get("content-type", "")}
        if payload:
            yield "body", {"bytes": len(payload), "text": self._body.decode(payload)}


def _process(path: str) -> dict[str, Any]:
    """What an exec starts, as a shell would be given it, and whether an exec or an attach has a terminal."""
    place, _, query = path.partition("?")
    if not place.endswith(("/exec", "/attach")):
        return {}
    asked = parse_qsl(query, keep_blank_values=True)
    words = [value for name, value in asked if name == "command"]
    has_terminal = any(name == "tty" and value.lower() not in FALSE for name, value in asked)
    return ({"command": shlex.join(words)} if words else {}) | ({"terminal": True} if has_terminal else {})


def _decoder() -> codecs.IncrementalDecoder:
    """Characters may be cut by frames."""
    return codecs.getincrementaldecoder("utf-8")(errors="backslashreplace")


def _head(head: bytes) -> tuple[str, dict[str, str]]:
    """The first line, and the fields by their lower-case names."""
    line, *fields = head.decode("latin-1").split("\r\n")
    named = (field.partition(":") for field in fields)
    return line, {name.strip().lower(): value.strip() for name, _, value in named}
