"""Calls as data: the ways round that are known, ordinary work beside them, and what policy says of each."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from narrows.model import Principal, Target
from narrows.policy import Policy, explain, judge, load
from narrows.policy.kubernetes.reading import CallNotUnderstood, read_call_text

HERE = Path(__file__).parent
CALLS = tomllib.loads((HERE / "calls.toml").read_text())["call"]
TARGET = Target("prod", "kubernetes")


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    directory = tmp_path_factory.mktemp("policy")
    shutil.copy(HERE / "policy.toml", directory)
    return load(directory)


def principal(group: str) -> Principal:
    return Principal("entra", "tenant", group, "app", groups=frozenset({group}))


@pytest.mark.parametrize("case", CALLS, ids=[case["is"] for case in CALLS])
def test_a_call_is_judged_as_expected(policy: Policy, case: dict[str, Any]) -> None:
    who, body = principal(case["by"]), case.get("body", "").encode()
    try:
        call = read_call_text(case["call"], body, case.get("content-type", ""))
    except CallNotUnderstood:
        assert case["effect"] == "refused"
        return
    decision = judge(policy, who, TARGET, call)
    assert (decision.effect.value, decision.rule) == (case["effect"], case["rule"]), decision.reason
    assert decision.reason
    assert decision == explain(policy, who, TARGET, call).decision


def test_no_two_calls_are_the_same() -> None:
    assert len({case["is"] for case in CALLS}) == len(CALLS)


def test_every_allowed_call_is_denied_to_a_stranger(policy: Policy) -> None:
    for case in CALLS:
        if case["effect"] == "allow":
            call = read_call_text(case["call"], case.get("body", "").encode(), case.get("content-type", ""))
            assert judge(policy, principal("nobody"), TARGET, call).effect.value == "deny"
