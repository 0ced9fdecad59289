"""Programs that an agent's own scp, rsync and git start on a host to carry files: what they read and write.

Such a command is written by the client and not by a person; what matters of it is the path, so a rule's paths
may speak of it, if the rule names the program. It is recognised only in the form that the client writes, with
options that are known to change nothing about that; in any other form it is a command like every other. The
program itself follows the links that a path leads through, which is why a rule has to say that it may.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.policy.patterns import words

if TYPE_CHECKING:
    from collections.abc import Iterator

RSYNC_LETTERS = re.compile(r"-[vlogDtprcuxzHAXSWndOJ]+(e[0-9]*\.[A-Za-z]*)?|-e[0-9]*\.[A-Za-z]*")
"""Options of rsync's own server as one word. What follows `e` here tells what the client understands; as an
option of a client it would name a program."""
RSYNC_LONG = words(
    """--partial --inplace --append --append-verify --numeric-ids --checksum --update --existing --size-only
    --ignore-existing --ignore-times --whole-file --sparse --preallocate --omit-dir-times --omit-link-times
    --stats --safe-links --munge-links --no-implied-dirs --fuzzy --force --delete --delete-before
    --delete-during --delete-delay --delete-after --delete-excluded --remove-source-files --no-r --no-l
    --no-i-r --new-compress --old-compress"""
)
RSYNC_VALUED = re.compile(
    r"--(log-format|compress-level|compress-choice|checksum-choice|block-size|bwlimit|modify-window|max-size|"
    r"min-size|max-delete|timeout|checksum-seed|stop-after)=[A-Za-z0-9%.,:_-]*"
)
SCP_LETTERS = re.compile(r"-[vrpdq]*")
PROGRAMS = ("git", "rsync", "scp")
"""What a rule can name."""
GIT_RIGHTS = {"git-upload-pack": "read", "git-upload-archive": "read", "git-receive-pack": "write"}


@dataclass(frozen=True, slots=True)
class Carried:
    """A right that a program uses at a path and everything below it."""

    right: str
    """`read`, `write`, `delete` or `links`."""
    path: str


def carried(argv: tuple[str, ...]) -> tuple[Carried, ...]:
    """What a program that carries files does; empty where it is none, or not in the form its client writes.

    Args:
        argv: Words that are certain.
    """
    match argv:
        case ("rsync", "--server", *rest):
            return tuple(_rsync(rest))
        case ("scp", *rest):
            return tuple(_scp(rest))
        case (program, path) if program in GIT_RIGHTS and not path.startswith("-"):
            return (Carried(GIT_RIGHTS[program], path),)
        case _:
            return ()


def program_of(argv: tuple[str, ...]) -> str:
    """The one of PROGRAMS that a program is."""
    return argv[0].partition("-")[0]


def _rsync(arguments: list[str]) -> Iterator[Carried]:
    sends = arguments[:1] == ["--sender"]
    options, paths = _split_rsync(arguments[1:] if sends else arguments)
    if not paths or not all(_is_rsync_option(word) for word in options):
        return
    deletes = any(word.startswith("--delete") for word in options)
    links = any("l" in word.partition("e")[0] for word in options if not word.startswith("--"))
    for path in paths:
        place = path.rstrip("/") or "/"
        yield Carried("read" if sends else "write", place)
        if (deletes and not sends) or "--remove-source-files" in options:
            yield Carried("delete", place)
        if links and not sends and "--safe-links" not in options:
            yield Carried("links", place)


def _split_rsync(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Options and paths; between them the client writes a dot."""
    at = _options(arguments)
    return (arguments[:at], arguments[at + 1 :]) if arguments[at : at + 1] == ["."] else (arguments, [])


def _options(arguments: list[str]) -> int:
    """How many options stand before the first operand."""
    return next((at for at, word in enumerate(arguments) if not word.startswith("-")), len(arguments))


def _is_rsync_option(word: str) -> bool:
    return bool(word in RSYNC_LONG or RSYNC_LETTERS.fullmatch(word) or RSYNC_VALUED.fullmatch(word))


def _scp(arguments: list[str]) -> Iterator[Carried]:
    at = _options(arguments)
    options, paths = arguments[:at], arguments[at:]
    if options[-1:] == ["--"]:
        options = options[:-1]
    ways = [word for word in options if word in ("-t", "-f")]
    others = [word for word in options if word not in ("-t", "-f")]
    if (
        len(ways) != 1
        or not paths
        or not all(SCP_LETTERS.fullmatch(word) and len(word) > 1 for word in others)
    ):
        return
    for path in paths:
        yield Carried("read" if ways == ["-f"] else "write", path.rstrip("/") or "/")
