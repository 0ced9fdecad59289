"""What policy masks does not come back, on either stream, however it was cut."""

from __future__ import annotations

import pytest
import trio

from tests.ssh.world import AGENT, RULES, judge, world

MASK = """
[[mask]]
id = "cards"
targets = ["web"]
detectors = ["pan", "email"]
transform = "last4"
"""
CARD = "4111 1111 1111 1111"


@pytest.fixture
async def masked(tmp_path, sshd):
    async with world(tmp_path, sshd, judge=judge, rules=RULES + MASK) as here:
        yield here


async def test_output_and_errors_are_masked_and_so_is_the_recording(masked):
    ran = await masked.run(f"echo card {CARD} end; echo card {CARD} >&2; exit 4")
    assert ran.status == 4
    for text in (ran.out, ran.err):
        assert CARD.encode() not in text
        assert b"1111" in text
    assert ran.out.endswith(b" end\n")
    replies = b"".join(frame.payload for frame in await masked.frames() if frame.kind == "reply")
    assert CARD.encode() not in replies
    (row,) = await masked.sessions(1)
    assert row.masked_values == 2


async def test_a_value_that_comes_in_pieces_is_masked_whole(masked):
    ran = await masked.run("printf '4111 1111 '; sleep 0.2; printf '1111 11'; sleep 0.2; echo 11")
    assert CARD.encode() not in ran.out
    assert ran.out.endswith(b"1111\n")


async def test_what_is_nothing_to_mask_arrives_as_it_is(masked):
    data = bytes(range(256)) * 4_000
    assert (await masked.run("cat", stdin=data)).out == data


async def test_the_gateways_own_key_is_masked_wherever_it_turns_up(masked, sshd):
    ran = await masked.run(f"cat {sshd.private_key}")
    assert ran.status == 0
    lines = sshd.private_key.read_bytes().splitlines()[1:-1]
    assert not [line for line in lines if line in ran.out]


async def test_a_change_of_masks_ends_the_session(masked):
    async def run(connection):
        assert (await connection.run("true")).exit_status == 0
        (masked.place / "policies" / "rules.toml").write_text(RULES)
        trio.from_thread.run_sync(masked.gateway._policies.reload)
        await connection.wait_closed()

    await masked.with_asyncssh(run)
    (row,) = await masked.sessions(1)
    assert (row.close_reason, row.principal) == (
        "Narrows: other masks apply to this principal now",
        AGENT.key,
    )
