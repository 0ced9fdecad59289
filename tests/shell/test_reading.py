"""The reader beside real shells: the same words come out of a text, and out of what is released for it."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from narrows._core import parse_command

if TYPE_CHECKING:
    from pathlib import Path

SHELLS = ("bash", "dash")
ARGV = """#!/bin/sh
printf '%s\\0' "$#" "$@"
"""

PLAIN = st.text("abzAZ019é_-./:=,@%+^~{}!#", min_size=1, max_size=6)
QUOTED = st.text('ab $`"\\*?[]{}~#&|;<>()!\n\té\u00a0', max_size=6).map(lambda text: f"'{text}'")
DOUBLE = st.text("ab '*?[]{}~#&|;<>()\n\té\u00a0", max_size=6).map(lambda text: f'"{text}"')
ESCAPED = st.sampled_from(list(" $`\"'\\*?[]{}~#&|;<>()!é")).map(lambda character: f"\\{character}")
WORD = st.lists(st.one_of(PLAIN, QUOTED, DOUBLE, ESCAPED), min_size=1, max_size=4).map("".join)
COMMAND = st.lists(WORD, max_size=5).map(lambda words: " ".join(["argv", *words]))
LINE = st.recursive(
    COMMAND,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" && ", "; ", " || ", " | ", "\n", " #x\n"]), inner).map("".join),
        inner.map(lambda text: f"( {text} )"),
        inner.map(lambda text: f"{{ {text}; }}"),
    ),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with `argv`, which prints its words, and nothing else."""
    directory = tmp_path_factory.mktemp("programs")
    (directory / "argv").write_text(ARGV)
    (directory / "argv").chmod(0o755)
    return directory


def _run(shell: str, text: str, programs: Path) -> tuple[int, bytes]:
    environment = {"PATH": str(programs), "HOME": "/home/agent", "LANG": "C.UTF-8"}
    done = subprocess.run(
        [f"/usr/bin/{shell}", "-c", text], env=environment, capture_output=True, check=False, cwd=programs
    )
    return done.returncode, done.stdout


@settings(deadline=None, max_examples=150)
@given(text=LINE)
def test_a_shell_gives_programs_the_words_that_were_read(programs: Path, text: str) -> None:
    parsed = parse_command(text)
    assume(parsed.outcome == "understood")
    for shell in SHELLS:
        assert _run(shell, parsed.released, programs) == _run(shell, text, programs), (shell, parsed.released)


@settings(deadline=None, max_examples=100)
@given(text=COMMAND)
def test_the_words_that_were_read_are_those_that_the_program_gets(programs: Path, text: str) -> None:
    parsed = parse_command(text)
    assume(parsed.outcome == "understood" and "~" not in text)
    (command,) = parsed.commands
    words = [str(len(command.argv) - 1), *command.argv[1:]]
    for shell in SHELLS:
        assert _run(shell, text, programs)[1].decode().split("\0")[:-1] == words


@settings(max_examples=500)
@given(text=st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    parsed = parse_command(text.encode("utf-8", "replace").decode())
    assert (parsed.outcome == "understood") is (not parsed.reason)
    assert parsed.released == "" or parsed.outcome == "understood"


@pytest.mark.parametrize(
    "text",
    [
        "( " * 30_000,
        "a " * 32_000,
        "eval " * 12_000,
        "'\\''" * 16_000,
        "a <<E\n" * 10_000,
        "{ " * 30_000,
        "<<E$[\t\t",
        "a|" * 30_000,
    ],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    start = time.process_time()
    parse_command(text)
    assert time.process_time() - start < 0.5
