"""The SSH agent protocol: what is answered, and that nothing else is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from hypothesis import given
from hypothesis import strategies as st

from narrows.identity.certificates import SshAuthorities
from narrows.identity.ssh_agent import Keyring, Shown, answer
from narrows.model import Principal

if TYPE_CHECKING:
    from pathlib import Path

AGENT = Principal("entra", "t1", "agent-1", "app", expires_at=4e9)


class Clock:
    now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keyring(tmp_path: Path, clock: Clock) -> Keyring:
    authorities = SshAuthorities(tmp_path, clock)

    def fetch(public_key: str) -> Shown:
        minted = authorities.mint(AGENT, public_key)
        return Shown(minted.line, minted.expires_at)

    return Keyring(fetch, clock)


def string(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def shown_by(reply: bytes) -> bytes:
    assert reply[:5] == b"\x0c\0\0\0\x01"
    length = int.from_bytes(reply[5:9], "big")
    return reply[9 : 9 + length]


def sign(blob: bytes, data: bytes) -> bytes:
    return b"\x0d" + string(blob) + string(data) + bytes(4)


def test_it_shows_one_certificate_and_signs_for_it(keyring: Keyring) -> None:
    blob = shown_by(answer(b"\x0b", keyring))
    reply = answer(sign(blob, b"to be signed"), keyring)
    assert reply[:1] == b"\x0e"
    signature = reply[5:]
    assert signature[:15] == string(b"ssh-ed25519")
    key = load_ssh_public_key(keyring.public_key.encode())
    assert isinstance(key, Ed25519PublicKey)
    key.verify(signature[19:], b"to be signed")


def test_it_is_fetched_anew_when_it_is_about_to_end(keyring: Keyring, clock: Clock) -> None:
    first = shown_by(answer(b"\x0b", keyring))
    clock.now += 200
    assert shown_by(answer(b"\x0b", keyring)) == first
    clock.now += 50
    second = shown_by(answer(b"\x0b", keyring))
    assert second != first
    assert answer(sign(first, b"data"), keyring)[:1] == b"\x0e"  # a client may be between the two


def test_it_signs_for_nothing_else(keyring: Keyring) -> None:
    blob = shown_by(answer(b"\x0b", keyring))
    plain = blob[: len(blob) // 2]
    for message in [
        sign(plain, b"data"),
        sign(b"", b"data"),
        sign(blob, b"data")[:-1],
        sign(blob, b"data") + b"x",
        b"\x0d" + string(blob),
        b"\x0b\0",
        b"\x11" + string(blob),
        b"\x1b" + string(b"session-bind@openssh.com"),
        b"",
    ]:
        assert answer(message, keyring) == b"\x05", message[:1]


@given(st.binary(max_size=200))
def test_whatever_comes_is_answered(message: bytes) -> None:
    def never(public_key: str) -> Shown:
        return Shown("kind AAAA", 4e9)

    assert answer(message, Keyring(never, time.time))[0] in (5, 12)


def test_the_key_is_in_no_repr(keyring: Keyring) -> None:
    assert "PrivateKey" not in repr(keyring)
