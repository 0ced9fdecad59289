"""The SSH engine: asyncssh on a uvloop loop in a thread of its own, which lives and dies with a Trio task.

A crash of the thread is the task's exception, and so the gateway's; cancelling the task ends all connections.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncssh
import structlog
import trio
import uvloop
from asyncssh.constants import OPEN_RESOURCE_SHORTAGE

from narrows.ssh import algorithms, lean, limits
from narrows.ssh.asks import Asks
from narrows.ssh.bridge import Bridge
from narrows.ssh.downstream import Downstream
from narrows.ssh.upstreams import Upstreams

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from narrows.model import Operation
    from narrows.ssh.asks import AskAnswers
    from narrows.ssh.control import Admitted, Control, Ended, Offer, Verdict
    from narrows.ssh.jump import JumpTarget

log = structlog.get_logger("narrows.ssh")

logging.getLogger("asyncssh").setLevel(logging.ERROR)  # at lower levels it logs commands and environments


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the configuration says of the engine."""

    listener: socket.socket
    """Bound and listening."""
    host_key: bytes
    """The gateway's own private key, in OpenSSH's format."""
    host_certificate: bytes
    """What makes it believed by who trusts the gateway's authority, as in a `-cert.pub` file."""
    jump_targets: tuple[JumpTarget, ...]
    """What agents may jump to by name."""
    user_authority: bytes
    """The public key that signs agents' certificates, as in a `.pub` file."""
    connections_max: int
    handshake_deadline_s: float
    ask_deadline_s: float
    drain_deadline_s: float


class Engine:
    """Serves agents.

    Args:
        settings: What the configuration says.
        control: Who is asked.
        answers: Where the control plane's answers come from.
    """

    def __init__(self, settings: Settings, control: Control, answers: AskAnswers) -> None:
        self.settings = settings
        self.user_authority = asyncssh.import_public_key(settings.user_authority)
        self.upstreams = Upstreams()
        self._control = control
        self._answers = answers
        self._connections: set[Downstream] = set()
        self._sessions: dict[int, Downstream] = {}
        self._bridge: Bridge
        self._asks: Asks
        self._jumps: dict[JumpTarget, asyncssh.SSHServerConnectionOptions] = {}
        self._stopping: asyncio.Event
        self._all_gone: asyncio.Event

    # From Trio's thread.

    async def serve(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serves until cancelled; started once it listens."""
        loop = uvloop.new_event_loop()
        self._stopping, self._all_gone = asyncio.Event(), asyncio.Event()
        async with trio.open_nursery() as nursery:
            self._bridge = Bridge(trio.lowlevel.current_trio_token(), nursery, loop)
            self._asks = Asks(self._bridge, self._control, self.settings.ask_deadline_s)
            self._answers.connect(self)
            nursery.start_soon(self._stop_when_cancelled)
            with trio.CancelScope(shield=True):
                await trio.to_thread.run_sync(self._run, loop, task_status, limiter=trio.CapacityLimiter(1))
            nursery.cancel_scope.cancel()

    def settle(self, ask: int, verdict: Verdict) -> bool:
        """The answer to an ask. For Trio's thread."""
        return self._bridge.to_asyncio(self._asks.settle, ask, verdict)

    def hold(self, ask: int, until_ms: int, text: str) -> bool:
        """People are asked about an ask. For Trio's thread."""
        return self._bridge.to_asyncio(self._asks.hold, ask, until_ms, text)

    def end(self, session: int, reason: str, hint: str) -> bool:
        """Ends a session; False when the engine has ended. For Trio's thread."""
        return self._bridge.to_asyncio(self._end, session, reason, hint)

    def record(self, session: int, document: str) -> bool:
        """Adds an event to a session's recording, in order with its other frames. For Trio's thread."""
        return self._bridge.to_asyncio(self._record, session, document)

    def policy_moved(self) -> None:
        """Has what is open judged again. For Trio's thread."""
        self._bridge.to_asyncio(self._policy_moved)

    async def _stop_when_cancelled(self) -> None:
        try:
            await trio.sleep_forever()
        finally:
            self._bridge.to_asyncio(self._stopping.set)

    # In asyncio's thread.

    def _run(self, loop: asyncio.AbstractEventLoop, task_status: trio.TaskStatus[None]) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._serve(task_status))

    async def _serve(self, task_status: trio.TaskStatus[None]) -> None:
        for target in self.settings.jump_targets:
            self._jumps[target] = await self._options(target.host_certificate, target.name)
        options = await self._options(self.settings.host_certificate)
        server = await lean.listen(self.settings.listener, options, self._why_full)
        trio.from_thread.run_sync(task_status.started)
        try:
            await self._stopping.wait()
        finally:
            server.close()
            await self._end_all()

    async def _options(
        self, host_certificate: bytes, jump_target: str = ""
    ) -> asyncssh.SSHServerConnectionOptions:
        key = asyncssh.import_private_key(self.settings.host_key)
        certificate = asyncssh.import_certificate(host_certificate)
        options: asyncssh.SSHServerConnectionOptions = await asyncssh.SSHServerConnectionOptions.construct(
            None,
            server_factory=lambda: Downstream(self, jump_target),
            server_host_keys=[(key, certificate)],
            server_version="Narrows",
            gss_host=None,
            x509_trusted_certs=None,
            kex_algs=algorithms.KEY_EXCHANGES,
            encryption_algs=algorithms.CIPHERS,
            mac_algs=algorithms.MACS,
            compression_algs=None,
            signature_algs=algorithms.SIGNATURES,
            login_timeout=self.settings.handshake_deadline_s,
            keepalive_interval=limits.KEEPALIVE_S,
            keepalive_count_max=limits.KEEPALIVE_COUNT_MAX,
            line_editor=False,
            agent_forwarding=False,
            x11_forwarding=False,
            encoding=None,
        )
        return options

    async def _end_all(self) -> None:
        for connection in list(self._connections):
            connection.end("Narrows: the gateway is stopping", "Connect again.")
        if self._connections:
            try:
                async with asyncio.timeout(self.settings.drain_deadline_s):
                    await self._all_gone.wait()
            except TimeoutError:
                log.warning("connections left behind", connections=len(self._connections))
        self.upstreams.close()

    def _why_full(self) -> str:
        if len(self._connections) < self.settings.connections_max:
            return ""
        log.warning("connection turned away", connections=len(self._connections))
        return f"Narrows: too many connections (connections-max = {self.settings.connections_max})"

    def _end(self, session: int, reason: str, hint: str) -> None:
        if connection := self._sessions.get(session):
            connection.end(reason, hint)

    def _record(self, session: int, document: str) -> None:
        if connection := self._sessions.get(session):
            with connection.ending_without_journal():
                connection.recorder.note(document)

    def _policy_moved(self) -> None:
        for connection in list(self._connections):
            connection.policy_moved()

    # For its connections, in asyncio's thread too.

    def take(self, connection: Downstream) -> None:
        """Another connection."""
        self._connections.add(connection)

    def forget(self, connection: Downstream) -> None:
        """A connection is gone."""
        self._connections.discard(connection)
        if not self._connections:
            self._all_gone.set()

    async def admit(self, offer: Offer) -> Admitted:
        """Asks whether a session may be opened. Raises NotAdmittedError."""
        return await self._bridge.await_in_trio(self._control.admit, offer)

    async def admit_jump(self, offer: Offer) -> float:
        """Asks until when there may be jumps. Raises NotAdmittedError."""
        return await self._bridge.await_in_trio(self._control.admit_jump, offer)

    def jump(self, host: str, port: int) -> lean.LeanServerConnection | None:
        """A connection to a target within another; None when no target is meant.

        Raises:
            asyncssh.ChannelOpenError: There are too many connections.
        """
        options = next((self._jumps[one] for one in self._jumps if one.is_meant_by(host, port)), None)
        if options and (why := self._why_full()):
            raise asyncssh.ChannelOpenError(OPEN_RESOURCE_SHORTAGE, why)
        return lean.LeanServerConnection(asyncio.get_running_loop(), options) if options else None

    def opened(self, connection: Downstream) -> None:
        """A session is open."""
        self._sessions[connection.session] = connection

    def ended(self, connection: Downstream, end: Ended) -> None:
        """A session is over."""
        self._sessions.pop(connection.session, None)
        self._bridge.to_trio(self._control.ended, end)

    @property
    def epoch(self) -> object:
        """See `Control.epoch`."""
        return self._control.epoch

    async def ask(self, session: int, operation: Operation, say: Callable[[str], None]) -> Verdict:
        """Asks whether an operation may be done."""
        return await self._asks.ask(session, operation, say)
