"""One connection of an agent's: its evidence, the session that came of it, the channels on it."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import asyncssh
import structlog
from asyncssh.constants import (
    DISC_BY_APPLICATION,
    DISC_NO_MORE_AUTH_METHODS_AVAILABLE,
    OPEN_ADMINISTRATIVELY_PROHIBITED,
    OPEN_RESOURCE_SHORTAGE,
)

from narrows.model import Forward
from narrows.printable import printable
from narrows.ssh import limits
from narrows.ssh.channel import AgentChannel
from narrows.ssh.control import Admitted, Ended, NotAdmittedError, Offer
from narrows.ssh.exec import Exec
from narrows.ssh.forwarding import Forwarding
from narrows.ssh.jump import JumpChannel
from narrows.ssh.names import destination_of, names_a_target
from narrows.ssh.recorder import Recorder
from narrows.ssh.upstreams import Whose
from narrows.ssh.verdicts import KeptVerdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from narrows.credentials.host import HostTerms
    from narrows.model import Operation
    from narrows.ssh.ahead import Start, TargetChannel
    from narrows.ssh.control import Masker, Verdict
    from narrows.ssh.engine import Engine
    from narrows.ssh.lean import LeanServerConnection
    from narrows.ssh.names import Destination

OPENSSH_PASSWORD_BYTES = 1_023
"""OpenSSH's client cuts a longer password to this, silently (its readpass.c has a buffer of 1,024 bytes)."""

NAMES_NO_TARGET = "the user name names no target"
HINT_NAME = "Connect as login+target, for example deploy+web; or jump: ssh -J gateway deploy@web."
HINT_LOGIN = "Within a jump the user name is the login alone, for example deploy."

log = structlog.get_logger("narrows.ssh")


class Downstream(asyncssh.SSHServer):
    """The agent's connection.

    Args:
        engine: Whose listener accepted it.
        jump_target: The target that it leads to from within another connection; empty: it is within none.
    """

    recorder: Recorder

    def __init__(self, engine: Engine, jump_target: str = "") -> None:
        self._engine = engine
        self._jump_target = jump_target
        self._loop = asyncio.get_running_loop()
        self._connection: asyncssh.SSHServerConnection
        self._user = ""
        self._destination: Destination | None = None
        self._admitted: Admitted | None = None
        self._attempts = 0
        self._channels: set[Exec | Forwarding] = set()
        self._opening: set[asyncio.Task[Forwarding]] = set()
        self._jumps: list[LeanServerConnection] = []
        self._numbers = 0
        self._kept = KeptVerdicts()
        self._ends_at = 0.0
        self._ends: asyncio.TimerHandle | None = None
        self._reason = ""
        self.is_lost = False
        """The agent is gone."""

    # What asyncssh tells of the connection.

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Someone connected."""
        self._connection = conn
        self._engine.take(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.is_lost = True
        self._engine.forget(self)
        if self._ends is not None:
            self._ends.cancel()
        for opening in self._opening:
            opening.cancel()
        if self._admitted is not None:
            self._note_end(self._reason or ("the agent disconnected" if exc is None else str(exc)))

    def begin_auth(self, username: str) -> bool:
        """Someone says who they are; nobody is let in on that."""
        self._user = username
        self._destination = destination_of(username, self._jump_target)
        return True

    def public_key_auth_supported(self) -> bool:
        """Certificates are presented as public keys; a key alone says nothing here."""
        return True

    def validate_ca_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether certificates of this authority are looked at."""
        return bool(key == self._engine.user_authority)

    async def certificate_proved(self, certificate: bytes) -> bool:
        """Someone presents a certificate, and has proved to hold its key."""
        return await self._present(certificate, proves_key=True)

    def password_auth_supported(self) -> bool:
        """Tickets and tokens are presented as passwords."""
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        """Someone presents a ticket or a token."""
        return await self._present(password.encode(), proves_key=False)

    async def _present(self, evidence: bytes, *, proves_key: bool) -> bool:
        self._attempts += 1
        try:
            self._ends_at = await self._admit(evidence, proves_key=proves_key)
        except NotAdmittedError as error:
            log.warning("session refused", peer=self._peer(), user=printable(self._user), reason=str(error))
            hint = f"\r\n  {error.hint}" if error.hint else ""
            self._connection.send_auth_banner(f"Narrows: {error}{hint}\r\n")
            if self._attempts >= limits.AUTHENTICATION_ATTEMPTS_MAX:
                bound = f"authentication-attempts-max = {limits.AUTHENTICATION_ATTEMPTS_MAX}"
                self.end(f"Narrows: too many attempts ({bound})", code=DISC_NO_MORE_AUTH_METHODS_AVAILABLE)
            return False
        if self.is_lost:
            if self._admitted is not None:
                self._note_end("the agent disconnected before the session was open")
            return False
        if self._admitted is not None:
            self._engine.opened(self)
        self._ends = self._loop.call_later(
            max(self._ends_at - time.time(), 0), self.end, "Narrows: the session's time is over"
        )
        return True

    def session_requested(self) -> Any:
        """Someone opens a channel."""
        self._check_room()
        self._check_session()
        self._numbers += 1
        command = Exec(self, self._numbers)
        self._channels.add(command)
        return AgentChannel(self._connection), command

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> Any:
        """Someone wants a connection to a target, which is another session, or to somewhere else."""
        self._check_room()
        if not self._jump_target and (inner := self._engine.jump(dest_host, dest_port)):
            self._jumps.append(inner)
            return JumpChannel(self._connection), inner
        self._check_session()
        self._numbers += 1
        forwarding = Forwarding(self, self._numbers, Forward(dest_host, dest_port, self.login))
        self._channels.add(forwarding)
        opening = self._loop.create_task(forwarding.open())
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)
        return self._connection.create_tcp_channel(), opening

    def _check_room(self) -> None:
        self._jumps = [inner for inner in self._jumps if not inner.is_closed()]
        if len(self._channels) + len(self._jumps) >= limits.CHANNELS_MAX:
            bound = f"channels-max = {limits.CHANNELS_MAX}"
            raise asyncssh.ChannelOpenError(OPEN_RESOURCE_SHORTAGE, f"Narrows: too many channels ({bound})")

    def _check_session(self) -> None:
        if self._admitted is None:
            raise asyncssh.ChannelOpenError(
                OPEN_ADMINISTRATIVELY_PROHIBITED, f"Narrows: {NAMES_NO_TARGET}. {HINT_NAME}"
            )

    # What its channels need.

    @property
    def session(self) -> int:
        """The session's id."""
        return self.recorder.session

    @property
    def login(self) -> str:
        """The account on the target."""
        return self._destination.login if self._destination else ""

    @property
    def target(self) -> str:
        """The target's name."""
        return self._destination.target if self._destination else ""

    def masker(self, *, terminal: bool = False) -> Masker | None:
        """What masks one stream; None: nothing is masked."""
        return self._admitted.masker(terminal) if self._admitted else None

    async def ask(self, operation: Operation, say: Callable[[str], None]) -> Verdict:
        """Whether an operation may be done: as policy said of the same before, else as it says now."""
        epoch = self._engine.epoch
        if (kept := self._kept.find(operation, epoch)) and time.time() < self._ends_at:
            return kept
        verdict = await self._engine.ask(self.session, operation, say)
        self._kept.keep(operation, verdict, epoch)
        return verdict

    async def start(self, output: Callable[[], Any], start: Start) -> TargetChannel:
        """Starts something on the target. Raises UnreachableError."""
        whose, terms = self._upstream()
        return await self._engine.upstreams.open(whose, terms, output, start)

    async def connect(self, far: Callable[[], Any], host: str, port: int) -> asyncssh.SSHTCPChannel[bytes]:
        """Has the target connect to somewhere. Raises UnreachableError."""
        whose, terms = self._upstream()
        return await self._engine.upstreams.connect(whose, terms, far, host, port)

    def tell(self, text: str) -> None:
        """Tells the agent what no channel of its own can be told on (RFC 4253, section 11.3)."""
        self._connection.send_debug(f"Narrows: {text}", always_display=True)

    def policy_moved(self) -> None:
        """What is open on its channels is judged again."""
        for channel in list(self._channels):
            channel.policy_moved()

    def channel_closed(self, channel: Exec | Forwarding) -> None:
        """A channel is gone."""
        self._channels.discard(channel)

    @contextmanager
    def ending_without_journal(self) -> Iterator[None]:
        """What cannot be written down is not done: the session ends."""
        try:
            yield
        except OSError:
            self.journal_failed()
            raise

    def journal_failed(self) -> None:
        """The journal cannot be written."""
        self.end("Narrows: the journal cannot be written, so nothing may be done")

    def end(self, reason: str, hint: str = "", *, code: int = DISC_BY_APPLICATION) -> None:
        """Ends the connection, and says why."""
        self._reason = self._reason or reason
        text = f"{reason}. {hint}" if hint else reason
        self._connection.disconnect(code, text[: limits.REASON_BYTES_MAX])

    # Evidence.

    async def _admit(self, evidence: bytes, *, proves_key: bool) -> float:
        """Opens what the evidence is for, and returns when it must end. Raises NotAdmittedError."""
        if self._destination is None and (self._jump_target or names_a_target(self._user)):
            raise NotAdmittedError(NAMES_NO_TARGET, HINT_LOGIN if self._jump_target else HINT_NAME)
        if self._admitted is not None:
            raise NotAdmittedError("a session is open already")
        target = self._destination.target if self._destination else ""
        if len(evidence) == OPENSSH_PASSWORD_BYTES and evidence.startswith(b"eyJ"):
            raise NotAdmittedError(
                f"OpenSSH cut the token to {OPENSSH_PASSWORD_BYTES} bytes",
                f"Send a ticket instead: narrows token --target {printable(target) or 'NAME'} prints one.",
            )
        offer = Offer(self.login, target, evidence, self._peer(), proves_key)
        if not target:
            return await self._engine.admit_jump(offer)
        self._admitted = await self._engine.admit(offer)
        self.recorder = Recorder(self._admitted.recording)
        return self._admitted.ends_at

    def _upstream(self) -> tuple[Whose, HostTerms]:
        if self._admitted is None:
            raise AssertionError("nothing is started before a session is admitted")
        terms = self._admitted.upstream
        return Whose(self._admitted.principal, terms.target, self.login), terms

    def _peer(self) -> str:
        host, port = self._connection.get_extra_info("peername", ("", 0))[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def _note_end(self, reason: str) -> None:
        try:
            frames, head = self.recorder.close(reason)
        except OSError:
            frames, head = self._admitted.recording.frames, self._admitted.recording.head  # type: ignore[union-attr]
        self._engine.ended(
            self,
            Ended(
                session=self.session,
                reason=reason,
                operations=self.recorder.operations,
                denials=self.recorder.denials,
                masked_values=self.recorder.masked_values,
                bytes_to_agent=self.recorder.bytes_to_agent,
                frames=frames,
                head=head,
            ),
        )
