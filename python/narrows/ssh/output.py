"""The target's side of a command: what asyncssh tells of its output and end is told to the agent's side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncssh

from narrows.ssh.recorder import ERRORS, OUTPUT

if TYPE_CHECKING:
    from narrows.ssh.exec import Exec


class Output(asyncssh.SSHClientSession[bytes]):
    """The target's side of a command."""

    def __init__(self, command: Exec) -> None:
        self._command = command

    def connection_made(self, chan: Any) -> None:
        """The channel is open."""
        self._command.upstream_open(chan)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Output; RFC 4254 knows one kind of extended data, standard error."""
        self._command.output(OUTPUT if datatype is None else ERRORS, data)

    def eof_received(self) -> bool:
        """Output ends; input goes on."""
        self._command.output_ended()
        return True

    def exit_status_received(self, status: int) -> None:
        """The command has exited."""
        self._command.replies.exited((status,))

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        """A signal ended the command."""
        self._command.replies.exited((signal, core_dumped, msg, lang))

    def pause_writing(self) -> None:
        """The command reads slower than the agent writes."""
        self._command.pause_input()

    def resume_writing(self) -> None:
        """The command has caught up."""
        self._command.resume_input()

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone."""
        self._command.upstream_closed(exc)
