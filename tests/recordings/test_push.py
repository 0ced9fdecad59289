"""A push loses nothing, whatever its sink does, and goes on where it was."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import trio

from narrows.recordings.export import push as module
from narrows.recordings.export.push import Push
from narrows.recordings.export.sink import SinkError
from narrows.store import exports, open_store
from tests.recordings.indexes import add_session


@dataclass
class Sink:
    """Takes what it is told to take."""

    taken: list = field(default_factory=list)
    refusing: int = 0
    hanging: int = 0
    attempts: int = 0
    closed: bool = False

    async def send(self, batch):
        self.attempts += 1
        if self.hanging:
            self.hanging -= 1
            await trio.sleep_forever()
        if self.refusing:
            self.refusing -= 1
            raise SinkError("it answered 503")
        self.taken += [one.event.key for one in batch]

    async def close(self):
        self.closed = True

    async def wait_for(self, count):
        """Waits until it has taken so many; the clock is a virtual one."""
        await until(lambda: len(self.taken) >= count)


async def until(holds):
    while not holds():  # noqa: ASYNC110, what is waited for is not ours to ring
        await trio.sleep(0.1)


@pytest.fixture
def index(tmp_path):
    add_session(tmp_path / "recordings.db", 7, 10)
    return tmp_path / "recordings.db"


@asynccontextmanager
async def pushing(index, *sinks):
    store = open_store(index.parent / "narrows.db")
    try:
        async with trio.open_nursery() as nursery:
            for number, sink in enumerate(sinks):
                nursery.start_soon(Push(f"siem{number}", "ocsf", sink, index=index, store=store).run)
            yield store
            nursery.cancel_scope.cancel()
    finally:
        store.close()


async def test_everything_comes_in_order_and_once(index, monkeypatch, autojump_clock):
    monkeypatch.setattr(module, "BATCH_MAX", 5)
    sink = Sink()
    async with pushing(index, sink) as store:
        await sink.wait_for(12)
        add_session(index, 8, 3)
        await until(lambda: store.run_here(exports.find, "", "siem0").sent == 17)
    assert sink.taken == sorted(set(sink.taken))
    assert len(sink.taken) == 17
    assert sink.closed


async def test_a_restart_goes_on_where_it_was(index, autojump_clock):
    first, second = Sink(), Sink()
    async with pushing(index, first):
        await first.wait_for(12)
    add_session(index, 8, 3)
    async with pushing(index, second):
        await second.wait_for(5)
        await trio.sleep(60)
    assert second.taken == sorted(set(second.taken))
    assert not set(first.taken) & set(second.taken)


async def test_what_a_sink_refuses_or_hangs_on_comes_again(index, autojump_clock):
    sink = Sink(refusing=3, hanging=2)
    async with pushing(index, sink) as store:
        await until(lambda: sink.attempts >= 3)
        state = store.run_here(exports.find, "", "siem0")
        assert state.error
        assert state.failing_since_us
        await until(lambda: not store.run_here(exports.find, "", "siem0").error)
        state = store.run_here(exports.find, "", "siem0")
    assert (state.failing_since_us, len(sink.taken)) == (0, 12)
    assert sink.attempts == 6


async def test_a_dead_sink_keeps_no_other_waiting(index, autojump_clock):
    dead, alive = Sink(hanging=10**9), Sink()
    async with pushing(index, dead, alive):
        await alive.wait_for(12)
    assert dead.taken == []


async def test_a_cursor_that_cannot_be_written_sends_again(index, monkeypatch, autojump_clock):
    from narrows.errors import StoreError

    broken = iter([True, True])

    def reach(*arguments, **named):
        if next(broken, False):
            raise StoreError("disk full")
        return real(*arguments, **named)

    real = exports.reach
    monkeypatch.setattr(exports, "reach", reach)
    sink = Sink()
    async with pushing(index, sink):
        await sink.wait_for(36)
        await trio.sleep(10)
    assert len(sink.taken) == 36
    assert len(set(sink.taken)) == 12
