"""`narrows recordings verify | bundle | key | erase`: what an auditor is given, and how it is checked."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrows.cli.errors import CommandError, UsageError
from narrows.cli.options import located
from narrows.cli.sessions import session_of
from narrows.cli.show import print_json

if TYPE_CHECKING:
    import argparse

    from narrows.recordings.proof import Verified


def add_actions(actions: Any) -> None:
    """Adds the actions to `narrows recordings`."""
    verified = actions.add_parser("verify", help="check a bundle, or this node's journal")
    verified.add_argument(
        "bundle", nargs="?", type=Path, metavar="BUNDLE", help="a bundle (default: this node's journal)"
    )
    verified.add_argument(
        "--key", metavar="KEY", help="the log's public key, or a file with it; a bundle needs it"
    )
    verified.add_argument(
        "--since", type=Path, metavar="FILE", help="a checkpoint that was kept: the log has to continue it"
    )
    verified.set_defaults(run=_verify)
    bundled = actions.add_parser("bundle", help="write sessions, and what proves them, to a file")
    bundled.add_argument("sessions", nargs="+", type=session_of, metavar="SESSION")
    bundled.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    bundled.set_defaults(run=_bundle)
    key = actions.add_parser("key", help="print the public key that bundles are verified with")
    key.set_defaults(run=_key)
    erased = actions.add_parser("erase", help="destroy what an encrypted session could be read with")
    erased.add_argument("session", type=session_of, metavar="SESSION")
    erased.add_argument("--yes", action="store_true", required=True, help="it cannot be undone")
    erased.set_defaults(run=_erase)


def _verify(arguments: argparse.Namespace) -> int:
    from narrows.recordings import proof

    key, since = _key_text(arguments.key), _checkpoint(arguments.since)
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
        _print(found)
    return 1 if found.problems else 0


def _print(found: Verified) -> None:
    for shown in found.shown:
        ended = "ended" if shown.closed else "open at the checkpoint"
        print(f"session {shown.session}: {shown.frames} frames, {ended}")
    if found.signed is not None:
        print(f"checkpoint: signed, {found.signed} segments")
    for problem in found.problems:
        print(problem)
    print(f"{found.sessions} sessions, {found.frames} frames, {len(found.problems)} problems")


def _bundle(arguments: argparse.Namespace) -> int:
    from narrows.recordings import proof

    proof.bundle(located(arguments).journal, arguments.sessions, arguments.output)
    if arguments.json:
        print_json({"bundle": str(arguments.output)})
    else:
        print(f"wrote {arguments.output}")
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

    proof.erase(located(arguments).journal, arguments.session)
    if arguments.json:
        print_json({"erased": True})
    else:
        print("erased; copies of the journal's keys, such as backups, have to be destroyed as well")
    return 0


def _key_text(given: str | None) -> str | None:
    """A key as it was given, or out of the file that was named."""
    if given is None or "+" in given:
        return given
    return _text(Path(given))


def _checkpoint(file: Path | None) -> str | None:
    return None if file is None else _text(file)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from None
