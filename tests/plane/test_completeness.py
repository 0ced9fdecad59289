"""What a recording holds is what was exchanged: every byte, in both directions, and no other."""

from __future__ import annotations

import hashlib
import json
import ssl
from typing import TYPE_CHECKING

import pytest

from narrows import _core
from tests.plane.conftest import Gateway, in_thread
from tests.raw_client import SYNC, TERMINATE, RawClient, bind, execute, message, parse, query

if TYPE_CHECKING:
    from pathlib import Path


def conversation(gateway: Gateway, last: bytes) -> tuple[bytes, bytes]:
    """What a client sent and received after its login, byte for byte."""
    sent = [
        query("SELECT id, item FROM orders WHERE id < 500"),
        parse("SELECT item FROM orders WHERE id = $1", "s") + bind("", "s", (b"7",)) + execute() + SYNC,
        query("SELECT syntax error"),
        query("SELECT 1; SELECT repeat('x', 200000)"),
    ]
    received = b""
    with RawClient(gateway.address) as client:
        context = ssl.create_default_context(cafile=str(gateway.ca))
        client.log_in(context, user="agent", database="orders-db", password="token")
        for each in sent:
            received += b"".join(message(got.type, got.body) for got in client.ask(each))
        client.send(last)
        received += b"".join(message(got.type, got.body) for got in client.until(""))
    return b"".join(sent) + last, received


def account(data: bytes) -> dict[str, object]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@pytest.fixture(params=["plain", "encrypted", "synced"])
def plane_options(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, object]:
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    options: dict[str, dict[str, object]] = {
        "plain": {},
        "encrypted": {"encryption_keys": [str(key)]},
        "synced": {"durability": "fsync"},
    }
    return options[request.param]


@pytest.mark.parametrize("last", [TERMINATE, query("SELECT wholly_unknown()") + TERMINATE, message("?")])
async def test_recorded_is_what_the_client_sent_and_received(
    gateway: Gateway, tmp_path: Path, last: bytes
) -> None:
    sent, received = await in_thread(lambda: conversation(gateway, last))
    closed = await gateway.control.until(_core.SessionClosed)
    frames = _core.read_journal(gateway.journal, closed.session, keys=[str(tmp_path / "key")])
    recorded = {
        kind: b"".join(frame.payload for frame in frames if frame.kind == kind)
        for kind in ("request", "reply")
    }
    end = json.loads(frames[-1].payload)
    assert recorded["reply"] == received
    assert end["to_agent"] == account(received)
    assert end["from_agent"] == account(sent)
    assert recorded["request"] == sent
