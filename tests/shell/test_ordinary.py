"""Ordinary commands go through, and what is released in their place does what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows._core import parse_command
from narrows.model import Effect

from .corpus import decide, ordinary
from .sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

ORDINARY = ordinary()
MOVING = (
    "ps ",
    "free",
    "uptime",
    "date",
    "TZ=",
    "env LANG",
    "df",
    "docker",
    "kubectl",
    "du ",
    "nice ",
    "ss ",
    "id",
    "time ",
)
"""What they print changes from one moment to the next, or depends on the host."""
BASH_ONLY = ("&>", "<<<")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox()
    yield made
    made.close()


def test_there_are_enough() -> None:
    assert len(set(ORDINARY)) >= 60


@pytest.mark.parametrize("command", ORDINARY)
def test_it_is_allowed(command: str) -> None:
    decision = decide(command)
    assert decision.effect is Effect.ALLOW, decision.reason


@pytest.mark.parametrize("shell", ["bash", "dash"])
@pytest.mark.parametrize("command", [text for text in ORDINARY if not text.startswith(MOVING)])
def test_what_is_released_does_the_same(command: str, shell: str, sandbox: Sandbox) -> None:
    if shell == "dash" and any(word in command for word in BASH_ONLY):
        pytest.skip("only bash reads the original like this")
    original = sandbox.run(command, shell)
    files = sandbox.files()
    released = sandbox.run(parse_command(command).released, shell)
    assert released.stdout == original.stdout
    assert _names(sandbox.files()) == _names(files)


def _names(files: dict[str, bytes]) -> dict[str, bytes]:
    """Archives hold the time, so they count by name only."""
    return {name: b"" if name.endswith(".tgz") else content for name, content in files.items()}
