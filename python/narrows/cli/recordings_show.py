"""`narrows recordings show`: what an agent did, out of a bundle; no gateway is needed."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.cli.errors import CommandError, UsageError
from narrows.cli.proof import add_trust, key_text, print_verified, since_text
from narrows.cli.sessions import session_of
from narrows.recordings import bundles, content_keys
from narrows.recordings.asciicast import VERSIONS, asciicast
from narrows.recordings.journal import session_name
from narrows.recordings.replay import Player, at_speed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from narrows.recordings.proof import Verified
    from narrows.recordings.transcript import Moment

UNPROVEN = "NOT PROVEN"
"""What marks everything out of a bundle that does not verify."""


def add_parser(actions: Any) -> None:
    """Adds the action."""
    parser = actions.add_parser("show", help="verify a bundle, and show what its sessions did")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    add_trust(parser)
    parser.add_argument(
        "--session", type=session_of, metavar="SESSION", help="one of the bundle's (default: all of them)"
    )
    parser.add_argument(
        "--content-keys", type=Path, metavar="FILE", help="what encrypted sessions are read with"
    )
    parser.add_argument(
        "--asciicast", type=int, choices=VERSIONS, metavar="VERSION", help="one session, as terminals play it"
    )
    parser.add_argument(
        "--despite-problems",
        action="store_true",
        help=f"show a bundle that does not verify, every line marked {UNPROVEN}; it proves nothing",
    )
    parser.set_defaults(run=_show)


def _show(arguments: argparse.Namespace) -> int:
    from narrows.recordings import proof

    key = key_text(arguments.key)
    if key is None:
        raise UsageError(
            "a bundle is verified with --key", "`narrows recordings key` prints it on the gateway."
        )
    found = proof.verify_bundle(arguments.bundle, key=key, since=since_text(arguments.since))
    _say(arguments, found)
    if found.problems and not arguments.despite_problems:
        print("nothing of it is shown, for it proves nothing; see --despite-problems", file=sys.stderr)
        return 1
    keys = content_keys.read(arguments.content_keys) if arguments.content_keys else {}
    for session in _sessions(arguments):
        _show_session(arguments, session, keys, is_proven=not found.problems)
    return 1 if found.problems else 0


def _say(arguments: argparse.Namespace, found: Verified) -> None:
    """What verification found comes first; where an asciicast is printed, beside it."""
    if arguments.json:
        print(json.dumps({"verification": asdict(found), "verified": not found.problems}))
    else:
        print_verified(found, sys.stderr if arguments.asciicast else sys.stdout)


def _sessions(arguments: argparse.Namespace) -> list[int]:
    there = bundles.sessions(arguments.bundle)
    if arguments.session is not None and arguments.session not in there:
        raise CommandError(f"the bundle shows nothing of session {session_name(arguments.session)}")
    chosen = there if arguments.session is None else [arguments.session]
    if arguments.asciicast and len(chosen) != 1:
        raise UsageError("an asciicast is of one session", "Say which with --session.")
    return chosen


def _show_session(
    arguments: argparse.Namespace, session: int, keys: Mapping[int, bytes], *, is_proven: bool
) -> None:
    happened = bundles.moments(arguments.bundle, session, keys)
    if arguments.json:
        for moment in happened:
            told = {"session": session_name(session), **asdict(moment), "verified": is_proven}
            print(json.dumps(told, ensure_ascii=False))
    elif arguments.asciicast:
        title = "" if is_proven else f"{UNPROVEN}: "
        for line in asciicast(happened, version=arguments.asciicast, title=title):
            print(line)
    else:
        _play(happened, "" if is_proven else f"{UNPROVEN} ")


def _play(happened: Iterator[Moment], mark: str) -> None:
    print()
    first = next(happened, None)
    if first is None:
        return
    player = Player(sys.stdout, first.time_us, at_speed(0), mark)
    player.play([first])
    player.play(happened)
