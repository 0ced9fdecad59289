"""What a recording holds of a command is what its agent sent and received: every byte, and no other."""

from __future__ import annotations

import hashlib
import random

import pytest

from narrows.recordings.channels import HEAD, STREAMS
from narrows.recordings.proof import verify
from tests.ssh.test_masks import CARD, MASK
from tests.ssh.world import RULES, world

NOISE = bytes(random.Random(1).choices(range(0x80, 0x100), k=300_000))
"""Longer than a packet, and nothing that a detector could take for anything."""


def account(data):
    return len(data), hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(("masks", "masked"), [("", 0), (MASK, 3)])
async def test_recorded_is_what_the_client_sent_and_received(tmp_path, sshd, masks, masked):
    async with world(tmp_path, sshd, rules=RULES + masks) as there:
        await compare(there, masked)


async def compare(there, masked):
    sent = NOISE + f"\ncard {CARD} end\n".encode() + NOISE
    ran = await there.run(f"tee /dev/stderr; echo card {CARD} end; exit 3", stdin=sent)
    assert ran.status == 3
    recorded = dict.fromkeys(STREAMS.values(), b"")
    for frame in await there.frames():
        if frame.kind in ("request", "reply"):
            _, stream = HEAD.unpack_from(frame.payload)
            if stream in STREAMS:
                recorded[STREAMS[stream]] += frame.payload[HEAD.size :]
    seen = {"input": sent, "output": ran.out, "errors": ran.err}
    assert {name: account(data) for name, data in recorded.items()} == {
        name: account(data) for name, data in seen.items()
    }
    (row,) = await there.sessions(1)
    assert row.bytes_to_agent == len(ran.out) + len(ran.err)
    assert row.masked_values == masked
    assert (CARD.encode() in ran.out) == (masked == 0)
    assert verify(there.place / "state" / "journal").problems == ()
