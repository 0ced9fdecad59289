"""`narrows recordings verify | bundle | key | erase`: what an auditor is given, and how it is checked."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from narrows.cli.errors import CommandError, UsageError
from narrows.cli.options import located
from narrows.cli.recordings_search import note_reading
from narrows.cli.sessions import session_of
from narrows.cli.show import print_json
from narrows.recordings.journal import session_name

if TYPE_CHECKING:
    import argparse

    from narrows.recordings.proof import Verified


def add_actions(actions: Any) -> None:
    """Adds the actions to `narrows recordings`."""
    verified = actions.add_parser("verify", help="check a bundle, or this node's journal")
    verified.add_argument(
        "bundle", nargs="?", type=Path, metavar="BUNDLE", help="a bundle (default: this node's journal)"
    )
    add_trust(verified)
    verified.set_defaults(run=_verify)
    bundled = actions.add_parser("bundle", help="write sessions, and what proves them, to a file")
    bundled.add_argument("sessions", nargs="+", type=session_of, metavar="SESSION")
    bundled.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    bundled.add_argument(
        "--content-keys",
        type=Path,
        metavar="FILE",
        help="write the keys of these sessions too, where they are encrypted, to be handed over apart",
    )
    bundled.set_defaults(run=_bundle)
    key = actions.add_parser("key", help="print the public key that bundles are verified with")
    key.set_defaults(run=_key)
    erased = actions.add_parser("erase", help="destroy what an encrypted session could be read with")
    erased.add_argument("session", type=session_of, metavar="SESSION")
    erased.add_argument("--yes", action="store_true", required=True, help="it cannot be undone")
    erased.set_defaults(run=_erase)


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Options that say whom somebody trusts who verifies."""
    parser.add_argument(
        "--key", metavar="KEY", help="the log's public key, or a file with it; a bundle needs it"
    )
    parser.add_argument(
        "--since", type=Path, metavar="FILE", help="a checkpoint that was kept: the log has to continue it"
    )


def _verify(arguments: argparse.Namespace) -> int:
    from narrows.recordings import proof

    key, since = key_text(arguments.key), since_text(arguments.since)
    if arguments.bundle is not None:
        if key is None:
            raise UsageError(
                "a bundle is verified with --key", "`narrows recordings key` prints it on the gateway."
            )
        found = proof.verify_bundle(arguments.bundle, key=key, since=since)
    else:
        where = located(arguments)
        own = key or proof.public_key(where.journal_key, where.config.journal.origin)
        signed = since is not None or key is not None or (where.journal / "checkpoint").exists()
        found = proof.verify(where.journal, key=own if signed else None, since=since)
    if arguments.json:
        print_json({name: value for name, value in asdict(found).items() if name != "shown" or value})
    else:
        print_verified(found, sys.stdout)
    return 1 if found.problems else 0


def print_verified(found: Verified, out: TextIO) -> None:
    """Says what verification found."""
    for shown in found.shown:
        ended = "ended" if shown.closed else "open at the checkpoint"
        print(f"session {shown.session}: {shown.frames} frames, {ended}", file=out)
    if found.signed is not None:
        print(f"checkpoint: signed, {found.signed} segments", file=out)
    for problem in found.problems:
        print(problem, file=out)
    print(f"{found.sessions} sessions, {found.frames} frames, {len(found.problems)} problems", file=out)


def _bundle(arguments: argparse.Namespace) -> int:
    from narrows.recordings import content_keys, proof
    from narrows.recordings.frames import journal_of

    where = located(arguments)
    proof.bundle(where.journal, arguments.sessions, arguments.output)
    written = {"bundle": str(arguments.output)}
    if arguments.content_keys is not None:
        note_reading(arguments, "keys", " ".join(session_name(one) for one in arguments.sessions))
        content_keys.write(arguments.content_keys, journal_of(where), arguments.sessions)
        written["content_keys"] = str(arguments.content_keys)
    if arguments.json:
        print_json(written)
    else:
        print("wrote " + " and ".join(written.values()))
    return 0


def _key(arguments: argparse.Namespace) -> int:
    from narrows.recordings import proof

    where = located(arguments)
    key = proof.public_key(where.journal_key, where.config.journal.origin)
    if arguments.json:
        print_json({"key": key})
    else:
        print(key)
    return 0


def _erase(arguments: argparse.Namespace) -> int:
    from narrows.recordings import proof
    from narrows.recordings.index.forget import forget

    where = located(arguments)
    proof.erase(where.journal, arguments.session)
    forget(where.index, arguments.session)
    if arguments.json:
        print_json({"erased": True})
    else:
        print("erased; copies of the journal's keys, such as backups, have to be destroyed as well")
    return 0


def key_text(given: str | None) -> str | None:
    """A key as it was given, or out of the file that was named."""
    if given is None or "+" in given:
        return given
    return _text(Path(given))


def since_text(file: Path | None) -> str | None:
    """A checkpoint that was kept, out of its file."""
    return None if file is None else _text(file)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from None
