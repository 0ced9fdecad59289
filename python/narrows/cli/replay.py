"""`narrows replay`: a recorded session, played in the terminal; on the gateway's own node."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from narrows import recordings
from narrows.cli.options import add_config, located
from narrows.cli.sessions import session_of
from narrows.recordings.replay import replay

SPEED_MAX = 1_000.0


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("replay")
    parser.add_argument("id")
    parser.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="N",
        help="1 as it happened (default), 2 twice as fast, 0 without pauses",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line, without pauses")
    add_config(parser)
    parser.set_defaults(run=_replay)


def _replay(arguments: argparse.Namespace) -> int:
    where = located(arguments)
    frames = recordings.read(where.journal, session_of(arguments.id), where.encryption_keys)
    moments = recordings.transcript(frames)
    if arguments.json:
        for moment in moments:
            print(json.dumps(asdict(moment), ensure_ascii=False))
    else:
        replay(moments, sys.stdout, speed=arguments.speed)
    return 0


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 <= speed <= SPEED_MAX:
        raise argparse.ArgumentTypeError(f"must be 0 to {SPEED_MAX:g}")
    return speed
