"""Targets under their own names, for clients that jump through the gateway (`ssh -J`).

Such a client asks for a connection to the target's SSH port and speaks SSH on it. That connection ends at the
gateway too: with evidence, a session and a recording of its own, and with a host certificate for the target's
name. Nothing but the way there is different, so nothing else is judged differently.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.ssh import limits
from narrows.ssh.window import TcpChannel

if TYPE_CHECKING:
    from collections.abc import Iterable

    import asyncssh

SSH_PORT = 22
"""What a client dials that was told no port (RFC 4253, section 4.1)."""


@dataclass(frozen=True, slots=True)
class JumpTarget:
    """A target as clients dial it that jump."""

    name: str
    port: int
    """The port that the target itself listens on; `SSH_PORT` means it as well."""
    host_certificate: bytes
    """Makes the gateway's own key believed under the target's name, as in a `-cert.pub` file."""

    def is_meant_by(self, host: str, port: int) -> bool:
        """Whether a client that dials this means the target; OpenSSH's writes names in small letters."""
        return host.lower() == self.name.lower() and port in {self.port, SSH_PORT}


class JumpChannel(TcpChannel):
    """Carries a connection within a connection: to the inner one it is the transport."""

    def __init__(self, connection: asyncssh.SSHServerConnection) -> None:
        super().__init__(
            connection,
            asyncio.get_running_loop(),
            None,
            "strict",
            limits.WINDOW_BYTES,
            limits.PACKET_BYTES_MAX,
        )

    def set_inbound_peer_names(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> None:
        """The inner connection's peer is the outer's; where the client says that it is counts for nothing."""

    def writelines(self, list_of_data: Iterable[bytes], datatype: int | None = None) -> None:
        """See `SSHChannel.writelines`; as with any transport, what comes after the end is dropped."""
        if not self.is_closing():
            super().writelines(list_of_data, datatype)
