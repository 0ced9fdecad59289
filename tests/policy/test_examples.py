"""The policies that ship, as their authors count on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from narrows.policy.expectations import check_expectations
from narrows.policy.language import load

POLICIES = Path(__file__).parents[2] / "policies"
EXAMPLES = sorted(path for path in POLICIES.iterdir() if path.is_dir())


@pytest.mark.parametrize("directory", EXAMPLES, ids=lambda path: path.name)
def test_expectations_are_met(directory: Path) -> None:
    outcomes = check_expectations(load(directory))
    assert outcomes
    assert [outcome.difference for outcome in outcomes if not outcome.met] == []


@pytest.mark.parametrize("directory", EXAMPLES, ids=lambda path: path.name)
def test_a_copy_of_the_base_is_the_base(directory: Path) -> None:
    copy = directory / "base.toml"
    if copy.exists():
        assert copy.read_text() == (POLICIES / "base" / "base.toml").read_text()
