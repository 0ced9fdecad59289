"""From the frames of an exec or attach to what passed on the streams of its process.

Frames begin with the number of the stream that they are of, as the channels of `v4.channel.k8s.io` have it
(`rust/relay/src/kubernetes/streams/recording.rs`).
"""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any

from narrows.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = {0: "input", 1: "output", 2: "errors"}


class ProcessReader:
    """Reads the frames of one process, in order."""

    def __init__(self) -> None:
        self._decoders = {
            stream: codecs.getincrementaldecoder("utf-8")(errors="backslashreplace") for stream in TEXTS
        }
        """Characters may be cut by frames."""

    def told(self, payload: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
        """What a frame tells: `input`, `output`, `errors`, `exit`, `resized`.

        Raises:
            RecordingError: It is of no stream.
        """
        stream, data = payload[:1], payload[1:]
        match stream[0] if stream else None:
            case 0 | 1 | 2 as number:
                yield TEXTS[number], {"bytes": len(data), "text": self._decoders[number].decode(data)}
            case 3:
                yield "exit", _ended(data)
            case 4:
                yield from (("resized", size) for size in _sizes(data))
            case _:
                raise RecordingError("the recording holds a frame of no stream")


def _ended(data: bytes) -> dict[str, Any]:
    """How the process ended: its status, or the message where it has none, for it could not be run."""
    text = data.decode(errors="backslashreplace")
    try:
        status = json.loads(text)
        if status["status"] == "Success":
            return {"status": 0}
        causes = (status.get("details") or {}).get("causes") or []
        codes = [int(cause["message"]) for cause in causes if cause.get("reason") == "ExitCode"]
        return {"status": codes[0]} if codes else {"message": str(status["message"])}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {"message": text}


def _sizes(data: bytes) -> Iterator[dict[str, int]]:
    """The sizes that a terminal got; they are the agent's own words, read as far as they are sizes."""
    text, place = data.decode(errors="backslashreplace"), 0
    while place < len(text):
        try:
            size, place = json.JSONDecoder().raw_decode(text, place)
            yield {"columns": int(size["Width"]), "rows": int(size["Height"])}
        except (ValueError, KeyError, TypeError, RecursionError):
            return
        place += len(text[place:]) - len(text[place:].lstrip())
