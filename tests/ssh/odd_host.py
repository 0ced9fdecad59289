"""A host that misbehaves as it is told to: asyncssh's server, in a thread, with the command as the script."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncssh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EXTENDED_DATA_STDERR = 1


@dataclass
class OddHost:
    """The server; it has what a real one's description has, so that a gateway can be put before it."""

    port: int
    login: str
    host_key: str
    private_key: Path
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    sessions_max: int = 1_000
    opened: int = 0
    """Channels so far."""
    spoils: str = ""
    """What it does on a channel before anything was asked for there: `write`, `close` or `status`."""
    slow_to_open: bool = False
    """Channels are opened when `open_now` is called."""
    may_open: threading.Event = field(default_factory=threading.Event)

    def open_now(self) -> None:
        """Opens what waits, and opens at once from now on."""
        self.may_open.set()


class _Session(asyncssh.SSHServerSession[bytes]):
    def __init__(self, host: OddHost) -> None:
        self._host = host
        self._channel: Any = None
        self._received = 0

    def connection_made(self, chan: Any) -> None:
        self._channel = chan
        if self._host.spoils == "write":
            chan.write(b"stale")
        elif self._host.spoils == "status":
            chan._send_request(b"exit-status", asyncssh.packet.UInt32(9))
        elif self._host.spoils == "close":
            chan.close()

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Any) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return command != "refuse"

    def session_started(self) -> None:
        act: Callable[[], None] = getattr(self, f"do_{self._command.split()[0].replace('-', '_')}")
        act()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        self._received += len(data)
        if self._command == "exec sh" and b"eval" in data:
            self._channel.write(b"ready\n")

    def eof_received(self) -> bool:
        if self._command == "count":
            self._channel.write(b"%d" % self._received)
            self._channel.exit(0)
        return True

    def signal_received(self, signal: str) -> None:
        self._channel.write(signal.encode())
        self._channel.exit_with_signal(signal, False, "told to", "en")

    def break_received(self, msec: int) -> bool:
        self._channel.write(b"break %d" % msec)
        self._channel.exit(0)
        return True

    def do_true(self) -> None:
        self._channel.exit(0)

    def do_count(self) -> None:
        """Answers when standard input ends."""

    def do_wait(self) -> None:
        self._channel.write(b"ready\n")

    def do_exec(self) -> None:
        """A shell that gets through no line."""

    def do_terminal(self) -> None:
        channel = self._channel
        told = (
            f"{channel.get_terminal_type()} {channel.get_terminal_size()} {dict(channel.get_environment())}"
        )
        channel.write(told.encode())
        channel.exit(0)

    def do_hang(self) -> None:
        """Says nothing, ever."""

    def do_die(self) -> None:
        self._channel.write(b"last words")
        asyncio.get_running_loop().call_later(0.1, self._channel.get_connection().abort)

    def do_status_before_data(self) -> None:
        self._channel._send_request(b"exit-status", asyncssh.packet.UInt32(3))
        self._channel.write(b"x" * 500_000)
        self._channel.write(b"late", EXTENDED_DATA_STDERR)
        self._channel.close()

    def do_no_status(self) -> None:
        self._channel.write(b"done")
        self._channel.close()

    def do_data_after_eof(self) -> None:
        self._channel.write_eof()
        self._channel._send_state = "open"
        self._channel.write(b"more")

    def do_never_read(self) -> None:
        self._channel.pause_reading()
        asyncio.get_running_loop().call_soon(self._channel.pause_reading)

    def do_flood(self) -> None:
        self._channel.write(b"x" * (64 << 20))
        self._channel.exit(0)


class _Server(asyncssh.SSHServer):
    def __init__(self, host: OddHost) -> None:
        self._host = host
        self._connection: Any = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._host.connections.append(conn)

    def session_requested(self) -> Any:
        if len(self._connection._channels) >= self._host.sessions_max:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "open failed")
        self._host.opened += 1
        return self._later() if self._host.slow_to_open else _Session(self._host)

    async def _later(self) -> _Session:
        await asyncio.to_thread(self._host.may_open.wait)
        return _Session(self._host)


@contextlib.contextmanager
def odd_host(place: Path) -> Iterator[OddHost]:
    """Runs one."""
    host_key, agent_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    private_key = place / "odd_key"
    private_key.write_bytes(agent_key.export_private_key())
    private_key.chmod(0o600)
    host = OddHost(0, "odd", host_key.export_public_key().decode().strip(), private_key)
    started, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            server_factory=lambda: _Server(host),
            authorized_client_keys=asyncssh.import_authorized_keys(agent_key.export_public_key().decode()),
            encoding=None,
            line_editor=False,
        )
        host.port = server.get_port()
        started.set()
        await stop.wait()
        server.close()
        for connection in host.connections:
            connection.abort()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    started.wait()
    try:
        yield host
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
