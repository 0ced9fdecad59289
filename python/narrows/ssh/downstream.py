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

from narrows.printable import printable
from narrows.ssh import limits
from narrows.ssh.channel import AgentChannel
from narrows.ssh.control import Admitted, Ended, NotAdmittedError, Offer
from narrows.ssh.exec import Exec
from narrows.ssh.names import destination_of
from narrows.ssh.recorder import Recorder
from narrows.ssh.upstreams import Whose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from narrows.model import Operation
    from narrows.ssh.control import Masker, Verdict
    from narrows.ssh.engine import Engine
    from narrows.ssh.names import Destination

OPENSSH_PASSWORD_BYTES = 1_023
"""OpenSSH's client cuts a longer password to this, silently (its readpass.c has a buffer of 1,024 bytes)."""

log = structlog.get_logger("narrows.ssh")


class Downstream(asyncssh.SSHServer):
    """The agent's connection.

    Args:
        engine: Whose listener accepted it.
    """

    recorder: Recorder

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._connection: asyncssh.SSHServerConnection
        self._user = ""
        self._destination: Destination | None = None
        self._admitted: Admitted | None = None
        self._attempts = 0
        self._channels: set[Exec] = set()
        self._numbers = 0
        self._ends: asyncio.TimerHandle | None = None
        self._reason = ""
        self._is_lost = False

    # What asyncssh tells of the connection.

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Someone connected."""
        self._connection = conn
        self._engine.take(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._is_lost = True
        self._engine.forget(self)
        if self._ends is not None:
            self._ends.cancel()
        if self._admitted is not None:
            self._note_end(self._reason or ("the agent disconnected" if exc is None else str(exc)))

    def begin_auth(self, username: str) -> bool:
        """Someone says who they are; nobody is let in on that."""
        self._user = username
        self._destination = destination_of(username)
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
            self._admitted = await self._admit(evidence, proves_key=proves_key)
        except NotAdmittedError as error:
            log.warning("session refused", peer=self._peer(), user=printable(self._user), reason=str(error))
            hint = f"\r\n  {error.hint}" if error.hint else ""
            self._connection.send_auth_banner(f"Narrows: {error}{hint}\r\n")
            if self._attempts >= limits.AUTHENTICATION_ATTEMPTS_MAX:
                bound = f"authentication-attempts-max = {limits.AUTHENTICATION_ATTEMPTS_MAX}"
                self.end(f"Narrows: too many attempts ({bound})", code=DISC_NO_MORE_AUTH_METHODS_AVAILABLE)
            return False
        self.recorder = Recorder(self._admitted.recording)
        if self._is_lost:
            self._note_end("the agent disconnected before the session was open")
            return False
        self._engine.opened(self)
        self._ends = self._loop.call_later(
            max(self._admitted.ends_at - time.time(), 0), self.end, "Narrows: the session's time is over"
        )
        return True

    def session_requested(self) -> Any:
        """Someone opens a channel."""
        if len(self._channels) >= limits.CHANNELS_MAX:
            bound = f"channels-max = {limits.CHANNELS_MAX}"
            raise asyncssh.ChannelOpenError(OPEN_RESOURCE_SHORTAGE, f"Narrows: too many channels ({bound})")
        self._numbers += 1
        command = Exec(self, self._numbers)
        self._channels.add(command)
        return AgentChannel(self._connection), command

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> Any:
        """Someone wants a connection forwarded."""
        raise asyncssh.ChannelOpenError(
            OPEN_ADMINISTRATIVELY_PROHIBITED, "Narrows: denied: no rule allows forwards here"
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
        """Asks whether an operation may be done."""
        return await self._engine.ask(self.session, operation, say)

    async def start(self, output: Callable[[], Any], **start: Any) -> asyncssh.SSHClientChannel[bytes]:
        """Starts something on the target. Raises UnreachableError."""
        if self._admitted is None:
            raise AssertionError("nothing is started before a session is admitted")
        terms = self._admitted.upstream
        whose = Whose(self._admitted.principal, terms.target, self.login)
        return await self._engine.upstreams.open(whose, terms, output, **start)

    def policy_moved(self) -> None:
        """What is open on its channels is judged again."""
        for command in list(self._channels):
            command.policy_moved()

    def channel_closed(self, command: Exec) -> None:
        """A channel is gone."""
        self._channels.discard(command)

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

    async def _admit(self, evidence: bytes, *, proves_key: bool) -> Admitted:
        if self._destination is None:
            raise NotAdmittedError(
                "the user name names no target", "Connect as login+target, for example deploy+web."
            )
        if self._admitted is not None:
            raise NotAdmittedError("a session is open already")
        if len(evidence) == OPENSSH_PASSWORD_BYTES and evidence.startswith(b"eyJ"):
            raise NotAdmittedError(
                f"OpenSSH cut the token to {OPENSSH_PASSWORD_BYTES} bytes",
                "Send a ticket instead: narrows token --target "
                f"{printable(self._destination.target)} prints one.",
            )
        return await self._engine.admit(
            Offer(self._destination.login, self._destination.target, evidence, self._peer(), proves_key)
        )

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
