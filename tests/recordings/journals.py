"""Sessions made by hand: frames as the gateway writes them, in parts as a reader gets them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.recordings.channels import HEAD, START
from narrows.recordings.frames import Part
from tests.control.test_transcript import COMPLETE, READY, data_row, message, row_description, text

if TYPE_CHECKING:
    from narrows.model import Operation

KEY = "entra/t1/agent-1"


@dataclass(frozen=True)
class Frame:
    session: int
    sequence: int
    time_us: int
    kind: str
    payload: bytes
    position: tuple[int, int]
    withheld: str | None = None


class Journal:
    """Hands out frames; the offset of a frame is its number."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._sequences: dict[int, int] = {}

    def add(self, session: int, time_us: int, kind: str, payload: bytes | dict) -> None:
        sequence = self._sequences.get(session, 0)
        self._sequences[session] = sequence + 1
        content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.frames.append(Frame(session, sequence, time_us, kind, content, (1, len(self.frames))))

    def open(self, session: int, time_us: int, **fields: object) -> None:
        principal = {"key": KEY, "name": "support agent", "kind": "app"}
        document = {
            "principal": principal,
            "target": "orders-db",
            "peer": "10.0.0.9:5000",
            "masks": ["cards"],
        }
        self.add(session, time_us, "open", document | fields)
        self.add(session, time_us, "verdict", {"id": 5, "effect": "allow", "rule": "read-orders"})
        self.add(session, time_us, "verdict", {"id": 6, "effect": "deny", "rule": "never", "reason": "no"})

    def query(self, session: int, time_us: int, sql: str, *rows: str, verdict: int = 5) -> None:
        self.add(session, time_us, "request", message("Q", text(sql)))
        self.add(session, time_us, "applied", verdict.to_bytes(8, "big"))
        body = row_description(("a", 25, 0)) + b"".join(data_row(row.encode()) for row in rows) + COMPLETE
        self.add(session, time_us + 10, "reply", body + READY)

    def begin(self, session: int, time_us: int, channel: int, operation: Operation) -> None:
        """What an agent wants over SSH."""
        document = {"kind": operation.kind} | operation.document()
        self.add(session, time_us, "request", HEAD.pack(channel, START) + json.dumps(document).encode())

    def close(self, session: int, time_us: int) -> None:
        self.add(session, time_us, "close", {"reason": "the agent hung up", "bytes_to_agent": 7})

    def part(self, start: int = 0, end: int | None = None) -> Part:
        chosen = self.frames[start:end]
        return Part(chosen, (1, start + len(chosen)))
