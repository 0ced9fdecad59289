"""No evasion gets by: it is stopped, or what runs in its place touches no canary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.model import Effect

from .corpus import Evasion, decide, evasions
from .sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

EVASIONS = evasions()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox()
    yield made
    made.close()


def test_there_are_enough() -> None:
    assert len({evasion.command for evasion in EVASIONS if not evasion.inert}) >= 311


@pytest.mark.parametrize("evasion", EVASIONS, ids=lambda evasion: evasion.name)
def test_an_evasion_does_not_get_by(evasion: Evasion, sandbox: Sandbox) -> None:
    decision = decide(evasion.command)
    if decision.effect is Effect.ALLOW:
        assert not evasion.inert, decision
        assert not sandbox.run(decision.released).touched, decision


@pytest.mark.parametrize(
    "evasion",
    [evasion for evasion in EVASIONS if evasion.group == "the manner of fish, csh and PowerShell"],
    ids=lambda evasion: evasion.name,
)
def test_what_other_shells_would_take_is_opaque_or_no_command(evasion: Evasion) -> None:
    """Words that mean something else there must not be judged as if they were a POSIX shell's."""
    decision = decide(evasion.command)
    assert decision.rule in {"hidden-things-need-a-person", "not-understood"}, decision


@pytest.mark.parametrize(
    "evasion", [evasion for evasion in EVASIONS if not evasion.inert], ids=lambda evasion: evasion.name
)
def test_it_would_touch_a_canary(evasion: Evasion, sandbox: Sandbox) -> None:
    assert sandbox.run(evasion.command).touched
