"""What a session has set is part of what an approval is bound to."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from narrows.gateway.settings import TEXTS_MAX, SettingsTrace


@dataclass
class Asked:
    text: str
    settings_epoch: int
    phase: str = "query"
    transaction: str = "idle"


def after(*texts: str, moves: int = 1, transaction: str = "idle") -> dict:
    """What is seen by a statement after these, each of which moved the settings."""
    trace = SettingsTrace()
    for number, text in enumerate(texts):
        trace.seen(Asked(text, number * moves, transaction=transaction))
    return trace.seen(Asked("update", len(texts) * moves))


def test_a_session_that_has_set_nothing_has_no_settings() -> None:
    assert after() == {}


def test_settings_are_named_in_order() -> None:
    seen = after("set search_path = a", "set role b")
    assert (seen["changes"], seen["statements"]) == (2, ["set search_path = a", "set role b"])
    assert seen["digest"] != after("set role b", "set search_path = a")["digest"]


def test_a_setting_that_was_taken_back_is_told_from_one_that_holds() -> None:
    """The data plane moves the epoch once more where an error or a rollback took a setting back."""
    assert after("set search_path = a", moves=2) != after("set search_path = a")


def test_what_set_nothing_is_not_named() -> None:
    trace = SettingsTrace()
    trace.seen(Asked("select 1", 0))
    trace.seen(Asked("set x = 1", 0))
    assert trace.seen(Asked("update", 1))["statements"] == ["set x = 1"]
    assert trace.seen(Asked("delete", 1))["statements"] == ["set x = 1"]


@pytest.mark.parametrize(
    "reset",
    [
        "DISCARD ALL",
        "reset all;",
        "SELECT pg_advisory_unlock_all();\nCLOSE ALL;\nUNLISTEN *;\nRESET ALL;",
    ],
)
def test_a_pools_reset_takes_everything_back(reset: str) -> None:
    assert after("set search_path = a", "SET SESSION x TO 'b'", reset) == {}
    assert after(reset, "set x = 1") == after("set x = 1")


@pytest.mark.parametrize(
    "set_before",
    ["set role admin", "set session authorization admin", "create temp table t (i int)", 'set "role" = a'],
)
def test_reset_all_takes_back_no_role_and_no_table(set_before: str) -> None:
    assert after(set_before, "reset all")["changes"] == 2
    assert after(set_before, "discard all") == {}


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("reset all", {"transaction": "open"}),
        ("reset all", {"moves": 2}),
        ("set role admin; reset all", {}),
        ("select 1/0; discard all", {}),
    ],
)
def test_a_reset_that_may_not_have_happened_counts_as_a_change(text: str, how: dict) -> None:
    assert after(text, **how) != {}


def test_many_settings_are_shown_in_part_and_bound_in_whole() -> None:
    many = [f"set x = {number}" for number in range(TEXTS_MAX + 5)]
    seen = after(*many)
    assert len(seen["statements"]) == TEXTS_MAX
    assert seen["digest"] != after("set y = 0", *many[1:])["digest"]
