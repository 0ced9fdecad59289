"""`narrows replay`: a recorded session, played in the terminal; on the gateway's own node."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from narrows.cli.options import add_config, located
from narrows.cli.recordings_search import note_reading
from narrows.cli.sessions import session_of
from narrows.cli.times import offset_us
from narrows.gateway.storage import restorer
from narrows.gateway.stores import store_of
from narrows.recordings.asciicast import VERSIONS, asciicast
from narrows.recordings.frames import journal_of
from narrows.recordings.growing import Growing
from narrows.recordings.reading import Recording
from narrows.recordings.replay import Player, Quit, at_speed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.recordings.reading import Numbered
    from narrows.recordings.transcript import Moment

BEGINNINGS = frozenset({"statement", "command", "call"})
"""Events that an operation begins with."""
SPEED_MAX = 1_000.0
POLL_S = 0.2
STEP_HELP = "Enter: next operation; a time such as 90 or 1:30: go there; q: end"


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("replay", description="Play a recorded session, masked as the agent saw it.")
    parser.add_argument("id")
    parser.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help="1 as it happened (default), 2 twice as fast, 0 without pauses",
    )
    parser.add_argument(
        "--from",
        dest="start",
        type=offset_us,
        default=0,
        metavar="MOMENT",
        help="start there: seconds, or 1:02:03, since the session opened",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--step", action="store_true", help=f"stop at every operation. {STEP_HELP}")
    how.add_argument("--follow", action="store_true", help="go on while the session does")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object a line, without pauses")
    form.add_argument(
        "--asciicast",
        type=int,
        choices=VERSIONS,
        metavar="VERSION",
        help="print an SSH session as an asciicast of version 3 or 2, for asciinema and its players",
    )
    add_config(parser)
    parser.set_defaults(run=_replay)


def _replay(arguments: argparse.Namespace) -> int:
    where = located(arguments)
    restore = restorer(where, store_of(where))
    recording = Recording(journal_of(where), where.index, session_of(arguments.id), restore)
    note_reading(arguments, "follow" if arguments.follow else "replay", arguments.id)
    opened_us = recording.opening().time_us
    try:
        if arguments.asciicast:
            _cast(arguments, recording)
        elif arguments.step and not arguments.json:
            _step(recording, opened_us, arguments.start)
        else:
            _play(arguments, recording, opened_us)
    except Quit:
        pass
    return 0


def _play(arguments: argparse.Namespace, recording: Recording, opened_us: int) -> None:
    moments = _followed(recording) if arguments.follow else _since(recording, opened_us + arguments.start)
    if arguments.json:
        for moment in moments:
            print(json.dumps(asdict(moment), ensure_ascii=False), flush=True)
        return
    speed = 0.0 if arguments.follow else arguments.speed
    Player(sys.stdout, opened_us, at_speed(speed)).play(moments)


def _cast(arguments: argparse.Namespace, recording: Recording) -> None:
    moments = _followed(recording) if arguments.follow else _since(recording, 0)
    for line in asciicast(moments, version=arguments.asciicast):
        print(line, flush=True)


def _since(recording: Recording, time_us: int) -> Iterator[Moment]:
    return (one.moment for one in recording.moments_since(time_us))


def _followed(recording: Recording) -> Iterator[Moment]:
    """What has happened, then what happens, until the session is over."""
    growing = Growing(recording)
    while not growing.is_over:
        found: list[Numbered] = growing.more()
        yield from (one.moment for one in found)
        if growing.is_current and not found:
            time.sleep(POLL_S)


def _step(recording: Recording, opened_us: int, start_us: int) -> None:
    """Shows one operation after the other; whoever watches says when, and where to go. Raises Quit."""
    print(STEP_HELP, file=sys.stderr)
    player = Player(sys.stdout, opened_us, at_speed(0))
    go_to: int | None = start_us
    while go_to is not None:
        go_to = _step_from(recording, player, opened_us + go_to)


def _step_from(recording: Recording, player: Player, time_us: int) -> int | None:
    """Steps from a time on; where to go next, or None at the recording's end."""
    is_first = True
    for moment in _since(recording, time_us):
        if moment.event in BEGINNINGS and not is_first and (go_to := _asked()) is not None:
            return go_to
        player.play([moment])
        is_first = False
    return None


def _asked() -> int | None:
    """Where to go, in microseconds since the session opened; None for on. Raises Quit."""
    while True:
        try:
            typed = input().strip()
        except EOFError:
            raise Quit from None
        if typed in ("q", "quit"):
            raise Quit
        if not typed:
            return None
        try:
            return offset_us(typed)
        except argparse.ArgumentTypeError:
            print(STEP_HELP, file=sys.stderr)


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 <= speed <= SPEED_MAX:
        raise argparse.ArgumentTypeError(f"must be 0 to {SPEED_MAX:g}")
    return speed
