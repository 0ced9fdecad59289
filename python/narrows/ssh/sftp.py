"""The SFTP subsystem on one channel: each operation on files is asked about on its own.

The extension's inspector does the reading. What it asks goes the way of every operation; a denial answers one
request, and is told on standard error too, for most clients show no more than "Permission denied". Files'
contents are not written down: what was decided is, and a hash of whatever was moved.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from narrows import _core
from narrows.model import Transfer

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from narrows.ssh.downstream import Downstream
    from narrows.ssh.exec import Exec

SUBSYSTEM = "sftp"


class Sftp:
    """The two directions of the subsystem's bytes.

    Args:
        command: The channel that carries them.
        downstream: The session it belongs to.
        number: Names the channel in the recording.
    """

    def __init__(self, command: Exec, downstream: Downstream, number: int) -> None:
        self._command = command
        self._downstream = downstream
        self._number = number
        self._inspector = _core.SftpInspector()
        self._policy_epoch = 1
        self._asking: set[asyncio.Task[None]] = set()
        self._agent_has_ended = False
        self._is_over = False

    @property
    def wants_input(self) -> bool:
        """Whether the agent may be read from."""
        return self._inspector.wants_input("downstream")

    def from_agent(self, data: bytes) -> None:
        """The agent has sent something."""
        self._perform(self._inspector.feed("downstream", data))

    def from_target(self, data: bytes) -> None:
        """The target has sent something."""
        self._perform(self._inspector.feed("upstream", data))

    def input_ended(self) -> None:
        """The agent sends no more; the target is told once nothing waits for a verdict."""
        self._agent_has_ended = True
        self._end_input_if_idle()

    def policy_moved(self) -> None:
        """What is open is judged again."""
        self._policy_epoch += 1
        self._perform(self._inspector.set_policy_epoch(self._policy_epoch))

    def hang_up(self) -> None:
        """The channel is gone; what was open is written down as incomplete."""
        if self._is_over:
            return
        self._is_over = True
        for task in self._asking:
            task.cancel()
        self._write_down(self._inspector.hang_up())

    def _perform(self, actions: _core.SftpActions) -> None:
        if self._is_over:
            return
        self._write_down(actions)
        if actions.upstream:
            self._command.to_target(actions.upstream)
        if actions.downstream:
            self._command.replies.files(actions.downstream)
        for asked in actions.asks:
            self._start(self._settle(asked))
        if actions.close:
            self.hang_up()
            self._command.fail(f"Narrows: {actions.close}")
            return
        self._command.take_turns()

    def _write_down(self, actions: _core.SftpActions) -> None:
        for record in actions.records:
            if record["event"] != "transfer-decided":  # it is, as every operation's verdict is
                self._downstream.recorder.note(json.dumps(record))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._asking.add(task)
        task.add_done_callback(self._settled)

    def _settled(self, task: asyncio.Task[None]) -> None:
        self._asking.discard(task)
        if not task.cancelled() and (error := task.exception()) and not self._is_over:
            self.hang_up()
            self._command.fail("Narrows: the operation could not be decided or written down")
            if not isinstance(error, OSError):
                raise error
        self._end_input_if_idle()

    async def _settle(self, asked: _core.TransferAsked) -> None:
        paths = (asked.path,) if asked.other is None else (asked.path, asked.other)
        transfer = Transfer(asked.action, paths, self._downstream.login, asked.directory)
        epoch = self._policy_epoch
        verdict = await self._downstream.ask(transfer, self._command.replies.say)
        if epoch != self._policy_epoch and verdict.allowed:
            self._start(self._settle(asked))  # policy has moved meanwhile, and what it said means nothing
            return
        with self._downstream.ending_without_journal():
            self._downstream.recorder.start(self._number, transfer)
            self._downstream.recorder.verdict(self._number, verdict)
        if verdict.allowed:
            self._perform(self._inspector.allow(asked.ask, rule=verdict.rule))
            return
        self._command.replies.say(f"Narrows: {transfer.text}: {verdict.denial}")
        self._perform(
            self._inspector.deny(asked.ask, rule=verdict.rule, reason=verdict.reason, hint=verdict.hint)
        )

    def _end_input_if_idle(self) -> None:
        if self._agent_has_ended and not self._asking and not self._is_over:
            self._command.end_input()
