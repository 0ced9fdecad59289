"""`narrows recordings search` and what keeps its index; on the gateway's own node."""

from __future__ import annotations

import getpass
import sys
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from narrows.cli.errors import UsageError
from narrows.cli.options import located, store
from narrows.cli.show import moment, print_json, print_table
from narrows.cli.times import moment_us
from narrows.gateway.storage import restore_all
from narrows.gateway.stores import store_of
from narrows.recordings.index import SearchError, Wanted, read_index, remove, search
from narrows.recordings.index.schema import lock_index
from narrows.recordings.index.search import EFFECTS, FOUND_MAX, session_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from narrows.recordings.index import Hit

FILTERS = {
    "principal": "key, object id or display name",
    "target": "the target's name",
    "peer": "source address, with or without its port",
    "session": "one session's id",
    "verb": "select, insert, update, get, list, exec, …",
    "table": "a table as it was written, or its last name",
    "resource": "a cluster's resource, such as pods/log or apps/deployments",
    "namespace": "a namespace of a cluster",
    "rule": "the rule that decided",
    "approval": "the approval that let it through",
    "mask": "only where values were masked, in sessions to which this mask applied",
}


def add_parsers(actions: Any) -> None:
    """Adds the actions."""
    searched = actions.add_parser(
        "search", help="operations by words and by what they are about, newest first"
    )
    add_filters(searched)
    searched.add_argument(
        "--limit", type=int, default=100, metavar="N", help=f"1 to {FOUND_MAX} (default: 100)"
    )
    searched.add_argument(
        "--before", type=int, metavar="NUMBER", help="go on behind the operation of that number"
    )
    searched.set_defaults(run=_search)
    indexed = actions.add_parser("index", help="bring the index up to date, where no gateway runs that does")
    indexed.add_argument("--rebuild", action="store_true", help="make it anew from the journal")
    indexed.set_defaults(run=_index)
    restored = actions.add_parser("restore", help="bring all segments back from the object store")
    restored.set_defaults(run=_restore)
    followed = actions.add_parser(
        "follow", help="keep the index and the exports up to date; `narrows serve` runs this"
    )
    followed.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    followed.set_defaults(run=_follow)


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Options that say which operations are meant."""
    parser.add_argument(
        "--text",
        default="",
        metavar="WORDS",
        help='words, "phrases", prefix*, -without; in statements and output',
    )
    for name, meaning in FILTERS.items():
        parser.add_argument(f"--{name}", default="", metavar=name.upper(), help=meaning)
    parser.add_argument("--effect", default="", choices=EFFECTS, help="what was decided")
    parser.add_argument(
        "--since", type=moment_us, default=0, metavar="TIME", help="2d, 2026-11-24, 2026-11-24T10:00"
    )
    parser.add_argument("--until", type=moment_us, metavar="TIME", help="the same; not included")


@contextmanager
def usage_errors() -> Iterator[None]:
    """A search that cannot be understood is an error of usage."""
    try:
        yield
    except SearchError as error:
        raise UsageError(str(error), error.hint) from None


def wanted(arguments: argparse.Namespace, **more: Any) -> Wanted:
    """What the options ask for. Raises SearchError."""
    names = {name: getattr(arguments, name) for name in FILTERS if name != "session"}
    return Wanted(
        **names,
        session=session_of(arguments.session) if arguments.session else None,
        text=arguments.text,
        effect=arguments.effect,
        since_us=arguments.since,
        until_us=arguments.until,
        **more,
    )


def note_reading(arguments: argparse.Namespace, how: str, what: str) -> None:
    """Notes that whoever runs the command looks at recordings. Raises StoreError: then nothing is shown."""
    from narrows.store import readings

    reading = readings.Reading(
        time_ms=time.time_ns() // 1_000_000, reader=f"os:{getpass.getuser()}", how=how, what=what
    )
    store_of(located(arguments)).run_here(readings.add, reading)


def _search(arguments: argparse.Namespace) -> int:
    with usage_errors():
        look = wanted(arguments, limit=arguments.limit, before=arguments.before)
        note_reading(arguments, "search", look.described())
        with closing(read_index(located(arguments).index)) as connection:
            found = search(connection, look)
    if arguments.json:
        print_json([hit.shown() for hit in found])
        return 0
    print_table(
        (
            "TIME (UTC)",
            "SESSION",
            "AT",
            "PRINCIPAL",
            "TARGET",
            "EFFECT",
            "RULE",
            "ROWS",
            "MASKED",
            "STATEMENT",
        ),
        (_line(hit) for hit in found),
    )
    if len(found) == look.limit:
        print(f"the newest {look.limit}; older ones: --before {found[-1].number}", file=sys.stderr)
    return 0


def _line(hit: Hit) -> tuple[str, ...]:
    shown = hit.shown()
    effect = hit.effect if hit.ended else f"{hit.effect}, goes on"
    return (
        moment(hit.time_us // 1_000), shown["session"], f"{hit.at_s:.3f}", hit.name or hit.principal,
        hit.target, effect, hit.rule, str(hit.rows), str(hit.masked), " ".join(hit.text.split())[:200],
    )  # fmt: skip


def _index(arguments: argparse.Namespace) -> int:
    from narrows.recordings.follow import index_once

    where = located(arguments)
    here = store(arguments)
    if arguments.rebuild:
        restore_all(where, here)
        with lock_index(where.index):
            remove(where.index)
    index_once(where, here)
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    count = restore_all(located(arguments), store(arguments))
    print(f"{count} segments brought back")
    return 0


def _follow(arguments: argparse.Namespace) -> int:
    import trio

    from narrows.cli.serve import set_up_logs
    from narrows.gateway.following import follow

    set_up_logs("auto")
    trio.run(follow, located(arguments), arguments.until_eof)
    return 0
