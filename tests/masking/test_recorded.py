"""What the whole run left behind: no canary in the journal, in the gateway's log, or in its store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows import _core
from tests.masking.stack import HERE_TARGET
from tests.masking.world import found_in
from tests.raw_client import query

if TYPE_CHECKING:
    from tests.masking.stack import MaskingStack

MARK = b"recorded proof"


def test_nothing_masked_is_recorded(stack: MaskingStack) -> None:
    with stack.agent(HERE_TARGET) as agent:
        agent.ask(query(f"SELECT ssn, card, salary, born, '{MARK.decode()}' FROM customers"))
    frames = _core.read_journal(str(stack.state / "journal"))
    recorded = b"\n".join(frame.payload for frame in frames)
    assert MARK in recorded, "the journal holds what was sent"
    assert recorded.count(b"[redacted]") >= 6, "and what came back, as it was masked"
    leaked = found_in(recorded)
    assert not leaked
    leaked = found_in(stack.log.read_bytes())
    assert not leaked


def test_nothing_masked_is_stored(stack: MaskingStack) -> None:
    files = [path for path in stack.state.rglob("*") if path.is_file()]
    assert any(path.suffix == ".sqlite" or "narrows" in path.name for path in files), files
    for path in files:
        leaked = found_in(path.read_bytes())
        assert not leaked, path.name


def test_the_journal_is_whole(stack: MaskingStack) -> None:
    _, frames, problems = _core.verify_journal(str(stack.state / "journal"))
    assert frames
    assert problems == []
