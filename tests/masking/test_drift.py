"""What an owner changes past the gateway: masked while it is not known, and known by the next statement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from narrows import _core
from narrows.demo.stack import DATABASE_USER
from tests.masking.stack import HERE_TARGET
from tests.masking.world import found_in
from tests.raw_client import query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.masking.stack import MaskingStack
    from tests.raw_client import Message, RawClient

SHOWN = "SELECT name, card FROM drifted ORDER BY id"


@pytest.fixture
def agent(stack: MaskingStack) -> Iterator[RawClient]:
    """Logged in before a view was made that the gateway has not seen."""
    create = "CREATE VIEW drifted AS SELECT id, name, card FROM customers"
    with stack.agent(HERE_TARGET) as client:
        stack.postgres.run(f"SET ROLE {DATABASE_USER}; {create}", database="orders")
        yield client
    stack.postgres.run("DROP VIEW drifted", database="orders")


def rows(agent: RawClient) -> list[list[bytes | None]]:
    seen: list[Message] = agent.ask(query(SHOWN))
    assert not found_in(b"".join(each.body for each in seen))
    return [each.values for each in seen if each.type == "D"]


def test_what_is_not_known_is_masked_and_makes_the_catalogue_be_read_again(agent: RawClient) -> None:
    assert rows(agent)[0] == [b"[redacted]", b"[redacted]"]
    assert rows(agent)[0] == [b"Ada", b"***********0001"]


def test_a_recording_says_what_each_column_was(stack: MaskingStack) -> None:
    with stack.agent(HERE_TARGET) as agent:
        agent.ask(query("SELECT city, card, upper(ssn), 'said so' FROM customers"))
    verdicts = [
        json.loads(frame.payload)
        for frame in _core.read_journal(str(stack.state / "journal"))
        if frame.kind == "verdict"
    ]
    assert [verdict["columns"] for verdict in verdicts if len(verdict.get("columns") or ()) == 4][-1] == [
        {"exposure": "clear"},
        {"exposure": "masked", "transform": "last4"},
        {"exposure": "whole"},
        {"exposure": "clear"},
    ]
