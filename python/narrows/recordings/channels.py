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
    from collections.abc import Iterator

    from narrows.recordings.happening import Happening
    from narrows.recordings.journal import Frame

HEAD = struct.Struct("!IB")
STREAMS = {0: "input", 1: "output", 2: "errors"}
START = 255
OF_A_CHANNEL = frozenset({"input", "output", "errors", "exit", "resized", LEFT_OUT})
"""Events about what runs on a channel; any other that names a channel begins something on it."""


class ChannelReader:
    """Reads one session's frames, in order."""

    def __init__(self) -> None:
        self._verdicts = Verdicts()
        self._left_out: dict[tuple[int, str], dict[str, Any]] = {}
        self._texts: dict[tuple[int, int], codecs.IncrementalDecoder] = {}
        self._operations = 0
        self._begun: dict[int, int] = {}
        """The operation that was begun last on each channel."""
        self._asked: int | None = None
        """What a decision that comes now is about."""

    @property
    def is_quiet(self) -> bool:
        """See `Reader.is_quiet`: never, for channels may be open."""
        return False

    def state(self) -> dict[str, Any]:
        """See `Reader.state`."""
        return {}

    def frame(self, frame: Frame) -> Iterator[Happening]:
        """See `Reader.frame`. What begins on a channel is an operation; what follows on it, and a decision
        behind it, are its."""
        for event, detail in self._told(frame):
            channel = detail.get("channel")
            if channel is not None and event not in OF_A_CHANNEL:
                self._asked = self._begun[channel] = self._operations
                self._operations += 1
            operation = self._begun.get(channel) if channel is not None else None
            yield event, detail, self._asked if event == "decision" else operation

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
