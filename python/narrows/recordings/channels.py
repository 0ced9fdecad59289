"""From an SSH session's frames to what happened on its channels: commands, decisions, input, output, ends.

The layout of the frames is `ssh/recorder.py`'s.
"""

from __future__ import annotations

import codecs
import json
import struct
from typing import TYPE_CHECKING, Any

from narrows.errors import RecordingError
from narrows.recordings.left_out import LEFT_OUT, named_by
from narrows.recordings.verdicts import Verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from narrows.recordings.happening import Happening
    from narrows.recordings.journal import Frame

HEAD = struct.Struct("!IB")
STREAMS = {0: "input", 1: "output", 2: "errors"}
START = 255
OPERATIONS = frozenset({"command", "transfer", "forward"})
"""What begins on a channel. Transfers are beside the command that they are made by; the others follow one
another."""
ENDS = frozenset({"exit", "forward-ended", "forward-failed"})
"""Events behind which nothing more comes of what runs on a channel."""


class ChannelReader:
    """Reads one session's frames, in order."""

    def __init__(self) -> None:
        self._verdicts = Verdicts()
        self._left_out: dict[tuple[int, str], dict[str, Any]] = {}
        self._texts: dict[tuple[int, int], codecs.IncrementalDecoder] = {}
        self._operations = 0
        self._running: dict[int, int] = {}
        """The command or forward of each channel."""
        self._asked: dict[int, tuple[int, str]] = {}
        """What is to be decided on each channel, and of which kind it is."""

    def is_quiet_before(self, frame: Frame) -> bool:
        """See `Reader.is_quiet_before`: no channel is in use."""
        return not (self._running or self._asked)

    def over(self, operations: Set[int]) -> Set[int]:
        """See `Reader.over`."""
        return operations - {*self._running.values(), *(operation for operation, _ in self._asked.values())}

    def state(self) -> dict[str, Any]:
        """See `Reader.state`. Verdicts are not part of it, for each is about one operation."""
        return {"operations": self._operations}

    @staticmethod
    def resumed(state: dict[str, Any]) -> ChannelReader:
        """A reader that goes on where `state` was taken."""
        reading = ChannelReader()
        reading._operations = state["operations"]
        return reading

    def frame(self, frame: Frame) -> Iterator[Happening]:
        """See `Reader.frame`. What begins on a channel is an operation; what follows on it is its."""
        for event, detail in self._told(frame):
            channel = detail.get("channel")
            if event in OPERATIONS:
                yield event, detail, self._begin(event, detail["channel"])
            elif event == "decision":
                yield event, detail, self._decide(detail)
            else:
                yield event, detail, None if channel is None else self._running.get(channel)
            if event in ENDS:
                self._end(detail["channel"])

    def _begin(self, kind: str, channel: int) -> int:
        operation = self._operations
        self._operations += 1
        self._asked[channel] = operation, kind
        if kind != "transfer":
            self._running[channel] = operation
        return operation

    def _end(self, channel: int) -> None:
        self._running.pop(channel, None)
        for stream in STREAMS:
            self._texts.pop((channel, stream), None)

    def _decide(self, decision: dict[str, Any]) -> int | None:
        """The operation that a decision is about: what waits on its channel, or was asked last where none is
        named. Of a forward that is denied nothing more comes."""
        channel = decision.get("channel", next(reversed(self._asked), None))
        if channel not in self._asked:
            return None
        operation, kind = self._asked.pop(channel)
        if kind == "forward" and decision["effect"] == "deny":
            self._end(channel)
        return operation

    def _told(self, frame: Frame) -> Iterator[tuple[str, dict[str, Any]]]:
        match frame.kind:
            case "request" | "reply":
                event, detail = self._channel(frame.payload)
                if event not in STREAMS.values():
                    yield from self._take_left_out(detail["channel"])
                yield event, detail
            case "verdict":
                self._verdicts.keep(frame.payload)
            case "applied":
                yield "decision", self._verdicts.applied(frame.payload)
            case "event":
                detail = json.loads(frame.payload)
                yield from self._event(detail.pop("event", "event"), detail)
            case "open" | "close" | "recovered":
                yield from self._take_left_out()
                yield frame.kind, json.loads(frame.payload)

    def _event(self, event: str, detail: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        if event == LEFT_OUT:
            self._left_out[detail["channel"], detail["stream"]] = named_by(detail, self._verdicts)
            return
        if event == "exit":
            yield from self._take_left_out(detail["channel"])
        yield event, detail

    def _take_left_out(self, channel: int | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """What was left out of a command that has ended; None: of all of them."""
        ended = [key for key in self._left_out if channel in (None, key[0])]
        for key in ended:
            yield LEFT_OUT, self._left_out.pop(key)

    def _channel(self, payload: bytes) -> tuple[str, dict[str, Any]]:
        if len(payload) < HEAD.size:
            raise RecordingError("the recording holds a frame that names no channel")
        channel, stream = HEAD.unpack_from(payload)
        data = payload[HEAD.size :]
        if stream == START:
            document = json.loads(data)
            kind = document.pop("kind", "operation")
            return kind, {"channel": channel, "text": document.pop(kind, "")} | document
        if stream not in STREAMS:
            raise RecordingError(f"the recording holds a frame of an unknown stream, {stream}")
        return STREAMS[stream], {
            "channel": channel,
            "bytes": len(data),
            "text": self._text(channel, stream).decode(data),
        }

    def _text(self, channel: int, stream: int) -> codecs.IncrementalDecoder:
        """Characters may be cut by frames, so each stream has its decoder."""
        if (channel, stream) not in self._texts:
            decoder = codecs.getincrementaldecoder("utf-8")(errors="backslashreplace")
            self._texts[channel, stream] = decoder
        return self._texts[channel, stream]
