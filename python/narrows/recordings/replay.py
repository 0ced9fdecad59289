"""A recording played in the terminal, at the speed at which it happened or another."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from narrows.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from narrows.recordings.transcript import Moment

PAUSE_MAX_S = 5.0
"""A longer pause in the recording is played as one of this length."""


def replay(
    moments: Iterable[Moment],
    out: TextIO,
    *,
    speed: float = 1.0,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Plays a recording.

    Args:
        moments: What happened.
        out: Where to.
        speed: 1 as it happened, 2 twice as fast; 0 without pauses.
        sleep: Waits for seconds.
    """
    start = last = None
    for moment in moments:
        if start is None or last is None:
            start = last = moment.time_us
        if speed > 0 and moment.time_us > last:
            sleep(min((moment.time_us - last) / 1_000_000 / speed, PAUSE_MAX_S))
        last = moment.time_us
        offset = (moment.time_us - start) / 1_000_000
        for number, line in enumerate(_lines(moment)):
            out.write(f"{offset:>9.3f}  {line}\n" if number == 0 else f"{'':>9}  {line}\n")
        out.flush()


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
        case "input" | "output" | "errors":
            mark = {"input": "<", "output": " ", "errors": "!"}[moment.event]
            return "\n".join(f"[{detail['channel']}] {mark} {line}" for line in detail["text"].splitlines())
        case "exit":
            how = f"status {detail['status']}" if "status" in detail else f"signal {detail['signal']}"
            return f"[{detail['channel']}] exit, {how}"
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
        f"target {detail.get('target', '?')}, {_place(detail)}, "
        f"policy {detail.get('policy_version', '?')}"
    )


def _place(detail: dict[str, Any]) -> str:
    name = "login" if "login" in detail else "database"
    return f"{name} {detail.get(name, '?')}"


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
