"""A million asks under random withdrawal: none is lost, none is answered twice."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
import trio

from narrows import _core

if TYPE_CHECKING:
    from pathlib import Path

ASKS = 1_000_000
"""Takes some seconds: the flood is Rust's, and a batch of events costs one system call."""


async def answer(plane: _core.Plane, counts: Counter[str], done: trio.Event) -> None:
    while not done.is_set() or plane.stats()["events_queued"]:
        with trio.move_on_after(0.1):
            await trio.lowlevel.wait_readable(plane.fileno())
        for event in plane.drain(1024):
            if isinstance(event, _core.StatementAsked):
                counts["asked"] += 1
                counts["answered"] += plane.deny(event.ask, rule="r", reason="because")
            elif isinstance(event, _core.AskWithdrawn):
                counts["withdrawn"] += 1
        await trio.lowlevel.checkpoint()


@pytest.mark.parametrize("queue_max", [100, 65_536])
async def test_a_flood_loses_no_ask(tmp_path: Path, queue_max: int) -> None:
    asks = ASKS if queue_max > 1000 else ASKS // 10
    plane = _core.Plane(str(tmp_path / "journal"), queue_max=queue_max)
    counts: Counter[str] = Counter()
    done = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer, plane, counts, done)
        answered, withdrawn, stray = await trio.to_thread.run_sync(lambda: plane.flood(asks, threads=4))
        done.set()
    assert (counts["asked"], answered + withdrawn, stray) == (asks, asks, 0)
    assert (counts["answered"], counts["withdrawn"]) == (answered, withdrawn)
    assert min(answered, withdrawn) > asks // 10
    assert plane.stats()["asks"] == 0
    plane.shutdown(1_000)
