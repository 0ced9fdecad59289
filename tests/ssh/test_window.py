"""A peer can have one window kept here and no more, however often reading stops and goes on."""

from __future__ import annotations

import inspect
from typing import Any

from asyncssh import channel
from asyncssh.constants import MSG_CHANNEL_WINDOW_ADJUST
from asyncssh.packet import UInt32
from hypothesis import given
from hypothesis import strategies as st

from narrows.ssh.ahead import TargetChannel
from narrows.ssh.channel import AgentChannel
from narrows.ssh.jump import JumpChannel
from narrows.ssh.window import TcpChannel, Windowed

WINDOW = 1_000


class Narrow(Windowed):
    """A channel without a connection, that counts what it offers."""

    def __init__(self) -> None:
        self._init_recv_window = self._recv_window = WINDOW
        self._recv_buf = []
        self._recv_paused = False
        self._recv_state = self._send_state = "open"
        self._encoding = None
        self._session = self
        self.may_come = WINDOW
        self.taken = 0

    def data_received(self, data: bytes, datatype: Any) -> None:
        self.taken += len(data)
        self._recv_paused = True

    def send_packet(self, pkttype: int, *args: bytes) -> None:
        assert pkttype == MSG_CHANNEL_WINDOW_ADJUST
        (opened,) = args
        self.may_come += int.from_bytes(opened, "big")
        assert opened == UInt32(int.from_bytes(opened, "big"))

    @property
    def waiting(self) -> int:
        return sum(len(data) for data, _ in self._recv_buf)

    def take_one(self) -> None:
        """Reading goes on for one piece."""
        self._recv_paused = False
        self._flush_recv_buf()


@given(st.lists(st.tuples(st.integers(1, WINDOW), st.booleans()), max_size=60))
def test_what_waits_and_what_may_come_are_one_window(steps: list[tuple[int, bool]]) -> None:
    narrow = Narrow()
    for size, takes in steps:
        if sent := min(size, narrow.may_come):
            narrow.may_come -= sent
            narrow._accept_data(bytes(sent))
        if takes:
            narrow.take_one()
        assert narrow.waiting + narrow.may_come <= WINDOW
    while narrow.waiting:
        narrow.take_one()
    assert narrow.may_come > WINDOW // 2


def test_every_channel_keeps_to_it_and_it_replaces_what_asyncssh_does() -> None:
    """Whoever changes the pin reads these functions again."""
    for kind in (AgentChannel, TargetChannel, TcpChannel, JumpChannel):
        assert kind._deliver_data is Windowed._deliver_data
    source = inspect.getsource(channel.SSHChannel._deliver_data)
    assert "adjust = self._init_recv_window - self._recv_window" in source
    assert inspect.getsource(channel).count("MSG_CHANNEL_WINDOW_ADJUST, UInt32") == 1
