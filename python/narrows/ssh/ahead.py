"""A channel to a target, which may be opened before anything is to be started on it.

Opening costs a round trip to the target, and every command waits for it. On a connection that is used again,
the next channel is therefore asked for together with the start of the command before. An open channel starts
nothing and says nothing of what will be: command, variables and terminal follow when they are allowed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncssh

from narrows.ssh import limits
from narrows.ssh.lean import Unlogged
from narrows.ssh.window import Windowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncssh.packet import SSHPacket

    from narrows.ssh.channel import Terminal
    from narrows.ssh.lean import LeanClientConnection


@dataclass(frozen=True, slots=True)
class Start:
    """What is to be started on a channel."""

    kind: str
    """`exec`, `subsystem` or `shell`."""
    text: str
    """The command, or the subsystem's name."""
    environment: tuple[tuple[str, str], ...]
    terminal: Terminal | None


class TargetChannel(Unlogged, Windowed, asyncssh.SSHClientChannel[bytes]):
    """A session channel to a target. The opening is asked for as soon as it is made.

    Args:
        connection: To the target.
    """

    closed: Callable[[], None] | None = None
    """Called once, when the channel is no more, or never came to be."""

    def __init__(self, connection: LeanClientConnection) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            connection, loop, "strict", None, "strict", limits.WINDOW_BYTES, limits.PACKET_BYTES_MAX
        )
        self._session = asyncssh.SSHClientSession()
        self._opening = loop.create_task(super()._open(b"session"))
        self._opening.add_done_callback(_seen)

    @property
    def is_fresh(self) -> bool:
        """It is open or being opened, and the target has sent nothing on it."""
        if not self._opening.done():
            return True
        ended = self._exit_status is not None or self._exit_signal is not None
        return self._recv_state == "open" and not self._recv_buf and not ended

    async def start(self, session: Callable[[], Any], start: Start) -> None:
        """Starts something, once.

        Args:
            session: Makes what is told of output and end.
            start: What is to run.

        Raises:
            asyncssh.ChannelOpenError: The target does not open the channel, or does not start it.
        """
        terminal = start.terminal
        await self.create(
            session,
            command=start.text if start.kind == "exec" else None,
            subsystem=start.text if start.kind == "subsystem" else None,
            env={name.encode(): value.encode() for name, value in start.environment},
            request_pty=terminal is not None,
            term_type=terminal.kind or "dumb" if terminal else None,
            term_size=terminal.size if terminal else None,
            term_modes=terminal.modes if terminal else {},
            x11_forwarding=False,
            x11_display=None,
            x11_auth_path=None,
            x11_single_connection=False,
            agent_forwarding=False,
        )

    def abandon(self) -> None:
        """Closes it, now or as soon as it is open."""
        if self._opening.done():
            self.abort()
        else:
            self._opening.add_done_callback(lambda _: self.abort())

    async def _open(self, chantype: bytes, *args: bytes) -> SSHPacket:
        return await asyncio.shield(self._opening)  # who gives up waiting leaves the channel to `abandon`

    def _cleanup(self, exc: Exception | None = None) -> None:
        was_known = self._conn is not None
        super()._cleanup(exc)
        if was_known and self.closed:
            self.closed()


def _seen(opening: asyncio.Task[Any]) -> None:
    """Whether it was refused is for whoever starts something on it; asyncio would say that nobody asked."""
    if not opening.cancelled():
        opening.exception()
