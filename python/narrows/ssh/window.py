"""A channel's window opens by what was delivered, so that a peer can have no more than one window kept here.

asyncssh opens it by all that has arrived: whenever reading goes on for one packet, it offers a whole window
again although the last one still waits. Where a sender is faster than the other side, that adds up.
"""

from __future__ import annotations

from typing import Any

import asyncssh
from asyncssh.channel import SSHChannel
from asyncssh.constants import MSG_CHANNEL_WINDOW_ADJUST
from asyncssh.packet import UInt32


class Windowed(SSHChannel[bytes]):
    """A channel of bytes: what arrived and waits, and what may still arrive, are one window together."""

    _delivered = 0
    """Bytes by which the window has not been opened yet."""

    def _deliver_data(self, data: bytes, datatype: Any) -> None:
        self._delivered += len(data)
        if self._delivered >= self._init_recv_window // 2:
            self.send_packet(MSG_CHANNEL_WINDOW_ADJUST, UInt32(self._delivered))
            self._recv_window += self._delivered
            self._delivered = 0
        if self._session is not None:
            self._session.data_received(data, datatype)


class TcpChannel(Windowed, asyncssh.SSHTCPChannel[bytes]):
    """A channel that carries a connection."""
