"""A recording played in the terminal, at the speed at which it happened or another."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from narrows.printable import printable
from narrows.recordings.forwards import forwarded
from narrows.recordings.left_out import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.recordings.transcript import Moment

STREAMS = {"input": "stdin", "output": "stdout", "errors": "stderr"}
"""What the streams of a process are called."""
LINES_MAX = 200
"""Of one body; `--json` has all of it."""
PAUSE_MAX_S = 5.0
"""A longer pause in the recording is played as one of this length."""


class Quit(Exception):
    """Whoever watches has seen enough."""


Pause = Callable[[float], None]
"""Waits as long as the recording does, in seconds of the recording; raises Quit to end."""


def at_speed(speed: float, sleep: Callable[[float], None] = time.sleep) -> Pause:
    """Waits as it happened.

    Args:
        speed: 1 as it happened, 2 twice as fast; 0 without pauses.
        sleep: Waits for seconds.
    """

    def pause(seconds: float) -> None:
        if speed > 0 and seconds > 0:
            sleep(min(seconds / speed, PAUSE_MAX_S))

    return pause


class Player:
    """Plays moments to a terminal.

    Args:
        out: Where to.
        opened_us: When the recording starts; moments are shown with their distance from it.
        pause: Waits between moments.
        mark: What every line begins with.
    """

    def __init__(self, out: TextIO, opened_us: int, pause: Pause, mark: str = "") -> None:
        self._out = out
        self._opened_us = opened_us
        self._pause = pause
        self._mark = mark
        self._last_us: int | None = None

    def play(self, moments: Iterable[Moment]) -> None:
        """Plays moments, one after the other. Raises Quit."""
        for moment in moments:
            if self._last_us is not None:
                self._pause((moment.time_us - self._last_us) / 1_000_000)
            self._last_us = moment.time_us
            offset = (moment.time_us - self._opened_us) / 1_000_000
            for number, line in enumerate(_lines(moment)):
                when = f"{offset:.3f}" if number == 0 else ""
                self._out.write(f"{self._mark}{when:>9}  {line}\n")
            self._out.flush()


def _lines(moment: Moment) -> list[str]:
    return [printable(line) for line in _text(moment).splitlines()] or [""]


def _text(moment: Moment) -> str:
    detail = moment.detail
    match moment.event:
        case "open":
            return _opening(moment)
        case "prepare":
            return f"prepare {detail['name']}: {detail['text']}"
        case "statement":
            return f"> {detail['text']}" + _parameters(detail.get("parameters"))
        case "command":
            return f"[{detail['channel']}] $ {detail['text'] or detail['start']}"
        case "call":
            command = f"\n  $ {detail['command']}" if "command" in detail else ""
            body = f"\n{_indented(detail['body'])}" if "body" in detail else ""
            translated = f"\n  translated from {detail['translated']}" if "translated" in detail else ""
            return f"> {detail['text']}{command}{translated}{body}"
        case "answer":
            return f"  {detail['status']} {detail['reason']} {detail['type']}".rstrip()
        case "body":
            return _indented(detail["text"])
        case "input" | "output" | "errors":
            mark = {"input": "<", "output": " ", "errors": "!"}[moment.event]
            stream = f"[{detail['channel']}]" if "channel" in detail else f"{STREAMS[moment.event]:>6}"
            return "\n".join(f"{stream} {mark} {line}" for line in detail["text"].splitlines())
        case "exit":
            return _exit(detail)
        case "forward-opened" | "forward-refused" | "forward-failed" | "forward-ended":
            return forwarded(moment.event, detail)
        case "decision":
            return _decision(detail)
        case "columns":
            return "  " + " | ".join(detail["names"])
        case "row":
            return "  " + " | ".join("NULL" if value is None else value for value in detail["values"])
        case "copy":
            return f"  copy {detail['direction']}, {detail['bytes']} bytes: {detail['data']}"
        case "result":
            return f"  {detail['tag']}"
        case "error" | "notice":
            return _complaint(detail)
        case "masked":
            return f"  {detail['values']} values masked in what follows"
        case "left-out":
            return f"  {sentence(detail)}"
        case "close":
            return f"session closed: {detail.get('reason', '')}"
        case _:
            return f"{moment.event}: " + ", ".join(f"{name} {value}" for name, value in detail.items())


def _opening(moment: Moment) -> str:
    detail = moment.detail
    principal = detail.get("principal", {})
    at = datetime.fromtimestamp(moment.time_us / 1_000_000, UTC)
    return (
        f"session {detail.get('session', '?')} at {at:%Y-%m-%d %H:%M:%S} UTC\n"
        f"principal {principal.get('key', '?')} ({principal.get('kind', '?')})\n"
        f"from {detail.get('peer', '?')}\n"
        f"target {detail.get('target', '?')}{_place(detail)}, "
        f"policy {detail.get('policy_version', '?')}"
    )


def _place(detail: dict[str, Any]) -> str:
    """Where on the target, and as whom: whatever the session's protocol has of it."""
    named = (("database", "database"), ("login", "login"), ("impersonates", "as"), ("agent", "with"))
    return "".join(f", {word} {detail[name]}" for name, word in named if detail.get(name))


def _exit(detail: dict[str, Any]) -> str:
    """How a process ended: with a status, by a signal, or before it began."""
    channel = f"[{detail['channel']}] " if "channel" in detail else ""
    if "message" in detail:
        return f"{channel}failed: {detail['message']}"
    return f"{channel}exit, " + (
        f"status {detail['status']}" if "status" in detail else f"signal {detail['signal']}"
    )


def _indented(text: str) -> str:
    """JSON with a member a line where it is whole; other text as it is. All of it indented."""
    try:
        shown = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        shown = text
    lines = shown.splitlines()
    left_out = [f"… {len(lines) - LINES_MAX} more lines"] if len(lines) > LINES_MAX else []
    return "\n".join(f"  {line}" for line in [*lines[:LINES_MAX], *left_out])


def _parameters(parameters: list[str | None] | None) -> str:
    if not parameters:
        return ""
    shown = (
        f"${number}={'NULL' if value is None else repr(value)}" for number, value in enumerate(parameters, 1)
    )
    return "\n  with " + ", ".join(shown)


def _decision(detail: dict[str, object]) -> str:
    text = f"= {detail.get('effect')} by rule {detail.get('rule')}"
    if detail.get("approval"):
        text += f", approval {detail['approval']}"
    if detail.get("reason"):
        text += f": {detail['reason']}"
    columns = detail.get("columns")
    return text + _shown_of(columns) if isinstance(columns, list) else text


def _shown_of(columns: list[dict[str, str]]) -> str:
    """What the verdict let be seen of each column; nothing is said where all of them were clear."""
    if all(column["exposure"] == "clear" for column in columns):
        return ""
    return "\n  columns " + ", ".join(column.get("transform") or column["exposure"] for column in columns)


def _complaint(detail: dict[str, object]) -> str:
    lines = [f"! {detail.get('severity')} {detail.get('code')}: {detail.get('message')}"]
    lines += [f"  {name.upper()}: {detail[name]}" for name in ("detail", "hint") if detail.get(name)]
    return "\n".join(lines)
