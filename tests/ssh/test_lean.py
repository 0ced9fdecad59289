"""What of asyncssh's insides is replaced: that it does the same, and that it is still there to replace."""

from __future__ import annotations

import inspect
import os
import re

import asyncssh
import pytest
from asyncssh import auth, channel, connection, encryption, kex
from asyncssh.constants import MSG_CHANNEL_DATA, MSG_IGNORE
from hypothesis import given
from hypothesis import strategies as st

from narrows.ssh import lean
from narrows.ssh.channel import AgentChannel

PINNED = "2.24.1"


def test_it_is_the_version_that_these_lines_know():
    assert asyncssh.__version__ == PINNED


def test_what_is_replaced_is_there_and_says_what_it_said():
    """Whoever changes the pin reads these functions again."""
    source = inspect.getsource(connection.SSHConnection)
    assert source.count("self._inpbuf[") == 7
    assert "self._inpbuf = self._inpbuf[rem:]" in source
    assert source.count("self.send_packet(MSG_IGNORE, String(b''))") == 1
    assert source.count("self._transport.write(data)") == 1
    assert source.count("self._send(") == 2
    assert "while self._inpbuf and self._recv_handler():" in source
    for name in ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com"):
        assert encryption._enc_params[name.encode()][0] is lean.LeanGcm


def test_nothing_that_asyncssh_says_of_a_connection_is_more_than_its_debugging():
    """What is silenced is silent at the level that the engine sets, too: no warning or error gets lost."""
    said = set()
    for module in (connection, channel, kex, auth):
        said |= set(re.findall(r"logger\.(\w+)\(", inspect.getsource(module)))
    assert said == {"info", "debug1", "debug2", "get_child"}
    for name in said:
        assert isinstance(getattr(lean.SILENT, name)("%s", "rm -rf /"), lean.Silent | None)


async def test_no_line_is_put_together_for_a_packet_and_answers_go_in_one_write(here, monkeypatch):
    lines, writes = [], []
    monkeypatch.setattr(lean.SILENT, "process", lambda *said: lines.append(said))
    monkeypatch.setattr(asyncssh.packet.SSHPacketLogger, "_log_packet", lambda *said: lines.append(said))
    flush = lean._Lean._flush

    def counted(self):
        if self.is_server() and self._outgoing:
            writes.append(len(self._outgoing))
        flush(self)

    monkeypatch.setattr(lean._Lean, "_flush", counted)
    assert (await here.run("true")).status == 0
    assert sum(writes) > len(writes), "several packets go in one write"
    assert not [said for said in lines if isinstance(said[0], lean.Unlogged)]
    assert lean.Unlogged in AgentChannel.__mro__


@given(st.lists(st.binary(min_size=16, max_size=400), min_size=1, max_size=5), st.integers(0, 2**64 - 1))
def test_the_cipher_is_asyncsshs(packets, counter):
    key = os.urandom(16)
    iv = os.urandom(4) + counter.to_bytes(8, "big")
    ours = lean.LeanGcm.new("aes128-gcm", key, iv)
    back = lean.LeanGcm.new("aes128-gcm", key, iv)
    theirs = encryption.GCMEncryption.new("aes128-gcm", key, iv)
    for number, packet in enumerate(packets):
        header = len(packet).to_bytes(4, "big")
        sealed, mac = ours.encrypt_packet(number, header, packet)
        assert sealed + mac == b"".join(theirs.encrypt_packet(number, header, packet))
        first, rest, mac = sealed[:16], sealed[16:-16], sealed[-16:]
        assert back.decrypt_packet(number, first, rest, 4, mac) == packet


def test_what_was_changed_on_the_way_is_not_taken():
    sealed, _ = lean.LeanGcm(bytes(16), bytes(12)).encrypt_packet(0, bytes(4), bytes(32))
    for index in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[index] ^= 1
        cipher = lean.LeanGcm(bytes(16), bytes(12))
        assert cipher.decrypt_packet(0, damaged[:16], damaged[16:-16], 4, damaged[-16:]) is None


@given(st.data())
def test_the_input_buffer_is_bytes_to_whoever_takes_from_it(data):
    ours, model = lean.InputBuffer(), b""
    for _ in range(data.draw(st.integers(1, 20))):
        added = data.draw(st.binary(max_size=50))
        ours += added
        model += added
        assert len(ours) == len(model)
        assert bool(ours) is bool(model)
        start, stop = sorted(data.draw(st.integers(0, 60)) for _ in range(2))
        assert ours[start:stop] == model[start:stop]
        assert ours[:stop] == model[:stop]
        assert ours.find(b"\n", 0, 40) == model.find(b"\n", 0, 40)
        taken = data.draw(st.integers(0, len(model)))
        ours, model = ours[taken:], model[taken:]


@pytest.mark.parametrize("part", [slice(-4, None), slice(None, -4), slice(8, 4)])
def test_an_impossible_length_ends_the_connection(part):
    buffer = lean.InputBuffer()
    buffer += b"x" * 20
    with pytest.raises(asyncssh.ProtocolError):
        buffer[part]


async def test_no_packet_of_nothing_is_sent(here, monkeypatch):
    sent = []
    real = connection.SSHConnection.send_packet

    def counting(self, pkttype, *args, handler=None):
        if isinstance(self, lean.LeanServerConnection):
            sent.append(pkttype)
        real(self, pkttype, *args, handler=handler)

    monkeypatch.setattr(connection.SSHConnection, "send_packet", counting)
    assert (await here.run("echo out")).out == b"out\n"
    assert MSG_CHANNEL_DATA in sent
    assert MSG_IGNORE not in sent


async def test_a_turn_of_the_loop_is_one_write(here, monkeypatch):
    writes = []
    real = lean.LeanServerConnection._flush

    def counting(self):
        writes.append(len(self._outgoing))
        real(self)

    monkeypatch.setattr(lean.LeanServerConnection, "_flush", counting)
    assert (await here.run("head -c 4000000 /dev/zero | wc -c; head -c 4000000 /dev/zero")).status == 0
    assert max(writes) > 1
