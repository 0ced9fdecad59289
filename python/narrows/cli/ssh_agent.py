"""`narrows ssh-agent`: a socket that shows every SSH client a fresh certificate."""

from __future__ import annotations

import os
import socket
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trio

from narrows.cli.certificates import add_options, fetch
from narrows.cli.errors import CommandError
from narrows.cli.options import token
from narrows.identity.ssh_agent import MESSAGE_BYTES_MAX, Keyring, answer, failure

if TYPE_CHECKING:
    import argparse

LENGTH_BYTES = 4
CLIENTS_MAX = 64
"""Clients that are answered at a time; others wait."""


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "ssh-agent",
        description="Serves the SSH agent protocol until interrupted. The access token is read anew for each "
        "certificate, so a --token-file that is kept fresh is enough.",
    )
    parser.add_argument(
        "--socket",
        metavar="PATH",
        type=Path,
        default=default_socket(),
        help=f"where to listen (default: {default_socket()})",
    )
    add_options(parser)
    parser.set_defaults(run=_serve)


def default_socket() -> Path:
    """A place of the user's own."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return (Path(runtime) / "narrows" if runtime else Path.home() / ".narrows") / "agent.sock"


def _serve(arguments: argparse.Namespace) -> int:
    token(arguments)  # whether there is one is best known now
    keyring = Keyring(fetch=partial(fetch, arguments), clock=time.time)
    with _listener(arguments.socket) as listener:
        print(f"SSH_AUTH_SOCK={arguments.socket}; export SSH_AUTH_SOCK;", flush=True)
        try:
            trio.run(serve, listener, keyring)
        finally:
            arguments.socket.unlink(missing_ok=True)
    return 0


async def serve(listener: socket.socket, keyring: Keyring) -> None:
    """Answers clients until cancelled.

    Args:
        listener: Listening; nobody but its owner may reach it.
        keyring: What is shown.
    """
    one_by_one = trio.Lock()
    clients = trio.Semaphore(CLIENTS_MAX)

    async def talk(stream: trio.SocketStream) -> None:
        async with stream, clients:
            while (message := await _receive(stream)) is not None:
                async with one_by_one:  # a certificate is fetched once for all who want one
                    reply = await trio.to_thread.run_sync(_answer, message, keyring)
                await stream.send_all(len(reply).to_bytes(LENGTH_BYTES, "big") + reply)

    async def safely(stream: trio.SocketStream) -> None:
        try:
            await talk(stream)
        except trio.BrokenResourceError:
            return  # the client went away

    listening = trio.SocketListener(trio.socket.from_stdlib_socket(listener))
    await trio.serve_listeners(safely, [listening])


async def _receive(stream: trio.SocketStream) -> bytes | None:
    """One message without its length; None when there is none, or none that this protocol has."""
    head = await _exactly(stream, LENGTH_BYTES)
    length = int.from_bytes(head, "big")
    if len(head) < LENGTH_BYTES or not 0 < length <= MESSAGE_BYTES_MAX:
        return None
    message = await _exactly(stream, length)
    return message if len(message) == length else None


async def _exactly(stream: trio.SocketStream, count: int) -> bytes:
    received = b""
    while len(received) < count and (part := await stream.receive_some(count - len(received))):
        received += part
    return received


def _answer(message: bytes, keyring: Keyring) -> bytes:
    try:
        return answer(message, keyring)
    except CommandError as error:
        hint = f" ({error.hint})" if error.hint else ""
        print(f"narrows ssh-agent: {error}{hint}", file=sys.stderr, flush=True)
        return failure()


def _listener(path: Path) -> socket.socket:
    """A socket that only its owner can reach, in the place of one that nobody serves any more."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_stale(path)
    except OSError as error:
        raise CommandError(f"cannot listen on {path}: {error.strerror or error}") from None
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        umask = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(umask)
        listener.listen()
    except OSError as error:
        listener.close()
        raise CommandError(f"cannot listen on {path}: {error.strerror or error}") from None
    return listener


def _remove_stale(path: Path) -> None:
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(str(path)) == 0:
            raise CommandError(f"another agent serves {path}", "Use it, or give --socket PATH.")
    path.unlink()
