"""Hundreds of megabytes and more through the gateway: whole, masked where they must be, and never kept."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trio

from tests.ssh.test_masks import MASK
from tests.ssh.world import RULES, judge, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from narrows.demo.sshd import Sshd
    from tests.ssh.world import World

MEBIBYTE = 1 << 20
GROWTH_MAX_BYTES = 96 * MEBIBYTE
"""Windows, frames that wait for the disk and the allocator's own; a tenth of what passes."""

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture
async def masked(tmp_path: Path, sshd: Sshd) -> AsyncIterator[World]:
    async with world(tmp_path, sshd, judge=judge, rules=RULES + MASK) as here:
        yield here


class Passing:
    """What goes through `cat` on the target and comes back: how much, its hash, and what it took here."""

    def __init__(self) -> None:
        self.sent, self.received = hashlib.sha256(), hashlib.sha256()
        self.received_bytes = 0
        self.memory: list[int] = []

    async def run(self, here: World, command: str, megabytes: int, block: bytes) -> int:
        process = await trio.lowlevel.open_process(
            here.ssh("127.0.0.1", command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=here.environment(),
        )
        assert process.stdin
        assert process.stdout
        async with trio.open_nursery() as nursery, process.stdout:
            nursery.start_soon(self._send, process.stdin, megabytes, block)
            async for data in process.stdout:
                await trio.to_thread.run_sync(self._take, data)
        return await process.wait()

    async def _send(self, stream: trio.abc.SendStream, megabytes: int, block: bytes) -> None:
        async with stream:
            for number in range(megabytes):
                numbered = b"%015d\n" % number + block
                self.sent.update(numbered)
                await stream.send_all(numbered)
                if number % 16 == 0:
                    self.memory.append(resident_bytes())

    def _take(self, data: bytes) -> None:
        self.received.update(data)
        self.received_bytes += len(data)


def resident_bytes() -> int:
    """What of this process, in which the gateway runs, is in memory."""
    with Path("/proc/self/statm").open() as statm:
        return int(statm.read().split()[1]) * 4096


async def test_five_hundred_megabytes_both_ways_past_masks(masked: World) -> None:
    block = bytes(range(256)) * 4096
    passing = Passing()
    assert await passing.run(masked, "cat", 500, block) == 0
    assert passing.received_bytes == 500 * (len(block) + 16)
    assert passing.received.digest() == passing.sent.digest()
    (row,) = await masked.sessions(1)
    assert row.masked_values == 0


async def test_a_gigabyte_both_ways_leaves_memory_flat(here: World) -> None:
    passing = Passing()
    assert await passing.run(here, "cat # quietly", 1024, bytes(range(256)) * 4096) == 0
    assert passing.received.digest() == passing.sent.digest()
    settled = passing.memory[4:]
    assert max(settled) - settled[0] < GROWTH_MAX_BYTES, [size >> 20 for size in settled]
