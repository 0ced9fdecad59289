"""A session channel of an agent's: what may be asked for on it, and when its window opens.

asyncssh answers most requests itself. Here is what it leaves open: how much environment a channel may name,
what becomes of a command that is no text, and that nothing is read before the command is allowed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import asyncssh
from asyncssh.constants import MSG_CHANNEL_CLOSE

from narrows.ssh import limits
from narrows.ssh.lean import Unlogged
from narrows.ssh.window import Windowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from asyncssh.packet import SSHPacket

ENVIRONMENT_ALLOWED = ("LANG", "LC_*", "TZ", "COLORTERM", "NO_COLOR", "GIT_PROTOCOL")
"""Variables that change how a program speaks, and none that changes what runs."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """A pseudo-terminal as it was asked for."""

    kind: str
    """As in TERM."""
    size: tuple[int, int, int, int]
    """Columns and rows, then the same in pixels."""
    modes: Mapping[int, int]


class AgentChannel(Unlogged, Windowed, asyncssh.SSHServerChannel[bytes]):
    """The channel; its session is an `Exec`."""

    def __init__(self, connection: asyncssh.SSHServerConnection) -> None:
        super().__init__(
            connection,
            asyncio.get_running_loop(),
            True,  # a terminal may be asked for; policy decides
            False,  # the line editor would stand between agent and target
            False,
            0,
            0,
            None,
            "strict",
            limits.WINDOW_BYTES,
            limits.PACKET_BYTES_MAX,
        )
        self._held = True
        self._environment_bytes = 0
        self.refusal = ""
        """Why what was asked for cannot be started whatever policy says; empty: nothing is wrong with it."""

    def open_window(self) -> None:
        """Reads from now on; until then the agent can send no more than one window."""
        self._held = False
        self.resume_reading()

    def resume_reading(self) -> None:
        """See `SSHChannel.resume_reading`, which asyncssh itself calls as soon as something is started."""
        if not self._held:
            super().resume_reading()

    def _process_close(self, pkttype: int, pktid: int, packet: SSHPacket) -> None:
        super()._process_close(pkttype, pktid, packet)
        if self._held:
            self._discard_recv()  # else a hang-up would wait behind what nobody reads

    _packet_handlers = asyncssh.SSHServerChannel._packet_handlers | {MSG_CHANNEL_CLOSE: _process_close}

    def _process_env_request(self, packet: SSHPacket) -> bool:
        name, value = packet.get_string(), packet.get_string()
        packet.check_end()
        self._environment_bytes += len(name) + len(value)
        if self._environment_bytes > limits.ENVIRONMENT_BYTES_MAX:
            self.refusal = (
                f"the environment is too large (environment-bytes-max = {limits.ENVIRONMENT_BYTES_MAX})"
            )
            return False
        if len(self._env) >= limits.ENVIRONMENT_COUNT_MAX:
            self.refusal = f"too many variables (environment-count-max = {limits.ENVIRONMENT_COUNT_MAX})"
            return False
        if not is_harmless(name, value):
            return False
        self._env[name] = value
        return True

    def _process_exec_request(self, packet: SSHPacket) -> bool:
        command = packet.get_string()
        packet.check_end()
        if len(command) > limits.COMMAND_BYTES_MAX:
            self.refusal = f"the command is too long (command-bytes-max = {limits.COMMAND_BYTES_MAX})"
        elif not command.strip():
            self.refusal = "the command is empty"  # sent on, it would be taken for a shell
        elif b"\0" in command:
            self.refusal = "the command holds a zero byte"
        try:
            text = command.decode()
        except UnicodeDecodeError:
            self.refusal = "the command is not UTF-8 text"
            text = ""
        return self._start_session(command=text)

    def _process_subsystem_request(self, packet: SSHPacket) -> bool:
        name = packet.get_string()
        packet.check_end()
        text = name.decode("ascii", errors="replace")
        if not text.isprintable() or not text.strip() or not name.isascii():
            self.refusal = "the subsystem's name is no name"
        return self._start_session(subsystem=text)


def is_harmless(name: bytes, value: bytes) -> bool:
    """Whether a variable may be passed on."""
    try:
        text = name.decode("ascii")
        value.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in value and any(fnmatchcase(text, allowed) for allowed in ENVIRONMENT_ALLOWED)


def environment_of(channel: asyncssh.SSHServerChannel[Any]) -> tuple[tuple[str, str], ...]:
    """The variables that are passed on, by name."""
    return tuple(sorted(channel.get_environment().items()))
