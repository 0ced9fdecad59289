"""No statement of the corpus makes a masked value come out, in whichever way it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.masking.agents import Agents, Answer
from tests.masking.corpus import Case, cases
from tests.masking.world import found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.masking.stack import MaskingStack

EVASIONS = cases("evasions")
AGAINST_THE_TRUSTED = tuple(case for case in EVASIONS if not case.untrusted)
WAYS = ("simple", "text", "binary", "driver")
"""For agents that may infer: what they send reaches the masks. Others are refused most of it."""


@pytest.fixture(scope="module")
def agents(stack: MaskingStack) -> Iterator[Agents]:
    with Agents(stack) as agents:
        yield agents


@pytest.fixture(scope="module")
def trusted(stack: MaskingStack) -> Iterator[Agents]:
    """Agents who may infer, and whose rules name every function there is."""
    with Agents(stack, trusted=True) as agents:
        yield agents


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    assert len(EVASIONS) >= 250
    assert len({case.name for case in EVASIONS}) == len(EVASIONS)


@pytest.mark.parametrize("case", AGAINST_THE_TRUSTED, ids=lambda case: case.name)
@pytest.mark.parametrize("way", WAYS)
def test_shows_nothing_to_those_who_may_infer(trusted: Agents, way: str, case: Case) -> None:
    check(trusted, way, case)


@pytest.mark.parametrize("case", EVASIONS, ids=lambda case: case.name)
def test_shows_nothing(agents: Agents, case: Case) -> None:
    check(agents, "simple", case)


def check(agents: Agents, way: str, case: Case) -> None:
    """Runs a case in both worlds and holds what came back against what must hold."""
    if case.only and way != case.only:
        pytest.skip(f"only as {case.only}")
    here = agents.run(way, case)
    leaked = found_in(here.data)
    assert not leaked, here.shown
    assert here.in_sync
    if case.untrusted:
        assert b"Narrows: no rule allows" in here.data, here.shown
    if case.target or way == "driver":
        return
    elsewhere = agents.run(way, case, elsewhere=True)
    leaked = found_in(elsewhere.data)
    assert not leaked, elsewhere.shown
    if not (case.infers or case.volatile):
        _same(here, elsewhere)


def _same(here: Answer, elsewhere: Answer) -> None:
    assert here.shown == elsewhere.shown, "what is masked decides what is told"
