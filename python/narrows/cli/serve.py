"""`narrows serve`: the gateway. One line per listener on stdout when it is ready; logs on stderr."""

from __future__ import annotations

import gc
import json
import logging
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
import trio

from narrows.cli.client import LISTENERS_FILE
from narrows.cli.options import add_config, located
from narrows.errors import NarrowsError

if TYPE_CHECKING:
    import argparse

    from narrows.config import Located

SWITCH_S = 0.001
"""How long a thread of ours (the store's, a long text's) may keep the interpreter from the next decision."""


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser("serve")
    parser.add_argument(
        "--log-format",
        choices=["auto", "json", "text"],
        default="auto",
        help="logs on stderr (default: text on a terminal, else json)",
    )
    add_config(parser)
    parser.set_defaults(run=_serve)


def _serve(arguments: argparse.Namespace) -> int:
    where = located(arguments)
    set_up_logs(arguments.log_format)
    where.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    sys.setswitchinterval(SWITCH_S)
    gc.disable()  # what is made while starting stays, and looking through it takes a tenth of the time
    try:
        trio.run(_run, where)
    except BaseExceptionGroup as group:
        raise _first(group) from None
    return 0


async def _run(where: Located) -> None:
    from narrows import console
    from narrows.gateway import Gateway
    from narrows.gateway.follower import keep_following
    from narrows.gateway.secrets import listener_files
    from narrows.plane import session_name, start_plane, upstream_of

    plane = start_plane(where)
    try:
        gateway = Gateway(where, plane, upstream=upstream_of, name_of=session_name)
        service = None
        if where.config.listen.console is not None:
            service = console.serve(where.config.listen.console, *listener_files(where))
        gc.freeze()  # nor is it looked through again while agents wait
        gc.enable()
        followed = partial(keep_following, where.path)
        await gateway.run(console=service, ready=partial(_announce, where, {}), beside=(followed,))
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(plane.shutdown, 0)
        (where.state / LISTENERS_FILE).unlink(missing_ok=True)


def _announce(where: Located, listeners: dict[str, str], protocol: str, address: str) -> None:
    """Tells whoever started us, and the commands on this node, where we listen."""
    listeners[protocol] = address
    (where.state / LISTENERS_FILE).write_text(json.dumps(listeners))
    print(f"listening {protocol} {address}", flush=True)


def set_up_logs(form: str) -> None:
    """Logs go to stderr. Tracebacks are plain: the ones with local variables would show secrets."""
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    render: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    if text:
        render = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error that a person should read; the whole group when it is a defect of ours."""
    ours, others = group.split(NarrowsError)
    if ours is None or others is not None:
        return group
    error: BaseException = ours
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
