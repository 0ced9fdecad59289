"""What is written down of an SSH session, before it is acted on.

Frames of kind `request` and `reply` begin with the channel (4 bytes, big-endian) and the stream (1 byte).
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from narrows.model import Operation
    from narrows.ssh.control import Recording, Verdict

HEAD = struct.Struct("!IB")
INPUT, OUTPUT, ERRORS = 0, 1, 2
"""Streams of a channel, numbered as a process numbers them."""
START = 255
"""Not a stream: the frame holds the operation's document, as JSON."""


@dataclass(slots=True)
class LeftOut:
    """Output of one command that is not kept, so far."""

    verdict: int
    """The verdict that says so."""
    record: str
    count: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)

    def document(self, data: bytes) -> dict[str, Any]:
        """Takes more of it, and says what is written down of all of it."""
        self.count += len(data)
        self.sha256.update(data)
        return {
            "verdict": self.verdict,
            "record": self.record,
            "bytes": self.count,
            "sha256": self.sha256.hexdigest(),
        }


class Recorder:
    """Writes one session's frames.

    Every method raises OSError when the journal cannot be written: then nothing may be done.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._verdicts = 0
        self.operations = 0
        self.denials = 0
        self.masked_values = 0
        self.bytes_to_agent = 0

    @property
    def session(self) -> int:
        """Whose recording it is."""
        return self._recording.session

    def start(self, channel: int, operation: Operation) -> None:
        """What an agent wants, before anybody is asked about it."""
        self.operations += 1
        document = {"kind": operation.kind} | operation.document()
        self._recording.append("request", HEAD.pack(channel, START), json.dumps(document).encode())

    def verdict(self, channel: int, verdict: Verdict) -> int:
        """What decided the operation that waits on a channel; returns its number in the recording."""
        self._verdicts += 1
        self.denials += not verdict.allowed
        document = {
            "id": self._verdicts,
            "channel": channel,
            "effect": "allow" if verdict.allowed else "deny",
            "rule": verdict.rule,
            "reason": verdict.reason,
            "approval": verdict.approval,
            "released": verdict.released,
            "scope": "session" if verdict.reusable else "once",
            "record": verdict.record,
        }
        self._recording.append("verdict", json.dumps(document).encode(), b"")
        self._recording.append("applied", self._verdicts.to_bytes(8, "big"), b"")
        return self._verdicts

    def sent(self, channel: int, data: bytes) -> None:
        """What an agent is about to send to the target."""
        self._recording.append("request", HEAD.pack(channel, INPUT), data)

    def reply(self, channel: int, stream: int, data: bytes) -> None:
        """What an agent is about to be sent, masked."""
        self.bytes_to_agent += len(data)
        self._recording.append("reply", HEAD.pack(channel, stream), data)

    def reply_left_out(self, channel: int, stream: int, data: bytes, left_out: LeftOut) -> None:
        """What an agent is about to be sent and no copy is kept of: all of the command's output so far."""
        self.bytes_to_agent += len(data)
        name = "errors" if stream == ERRORS else "output"
        self.event("left-out", channel=channel, stream=name, **left_out.document(data))

    def event(self, event: str, **detail: Any) -> None:
        """Something that happened."""
        self.note(json.dumps({"event": event} | detail))

    def note(self, document: str) -> None:
        """Something that happened, told as JSON."""
        self._recording.append("event", document.encode(), b"")

    def close(self, reason: str) -> tuple[int, bytes]:
        """The last frame; returns how many there are, and the last link of their chain."""
        document = {
            "reason": reason,
            "operations": self.operations,
            "denials": self.denials,
            "masked_values": self.masked_values,
            "bytes_to_agent": self.bytes_to_agent,
        }
        self._recording.append("close", json.dumps(document).encode(), b"")
        return self._recording.frames, self._recording.head
