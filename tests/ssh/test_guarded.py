"""The guarded shell by itself and in front of real shells."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from functools import partial
from typing import TYPE_CHECKING

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from narrows.ssh.guarded import ON_INTERRUPT, Ask, GuardedShell, Leave, Prompt, Send, Show, script

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.ssh.guarded import Action

SHELLS = [shell for shell in ("dash", "bash", "zsh", "busybox") if shutil.which(shell)]
DEADLINE_S = 10


def shell() -> GuardedShell:
    made = GuardedShell("deploy@web", lambda: "nonce")
    assert made.begin() == [Send(ON_INTERRUPT), Prompt("deploy@web:~$ ")]
    return made


def ended(status: int, directory: str) -> bytes:
    return f"\x1enonce {status} {directory}\x1enonce\x1e".encode()


def test_a_line_is_judged_before_anything_of_it_runs() -> None:
    guarded = shell()
    assert guarded.line("ls") == [Ask("ls")]
    assert not guarded.wants_line
    assert guarded.allowed("'ls'") == [Send(script("'ls'", "nonce"))]
    assert guarded.upstream("output", b"a\n") == [Show("output", b"a\n")]
    assert guarded.upstream("errors", ended(0, "")) == []
    assert guarded.upstream("output", ended(2, "/srv")) == [Prompt("deploy@web:/srv$ ")]
    assert (guarded.status, guarded.directory) == (2, "/srv")


def test_a_denied_line_changes_nothing() -> None:
    guarded = shell()
    guarded.line("reboot")
    assert guarded.denied("no") == [Show("errors", b"no\n"), Prompt("deploy@web:~$ ")]
    assert guarded.line("ls") == [Ask("ls")]


@pytest.mark.parametrize(
    "lines",
    [
        ["echo 'a", "b'"],
        ["cat <<E", "a", "E"],
        ["a \\", "b"],
        ["a &&", "b"],
        ["( a", ")"],
        ["{ a;", "}"],
        ['"', "", '"'],
    ],
)
def test_lines_that_belong_together_are_judged_together(lines: list[str]) -> None:
    guarded = shell()
    for line in lines[:-1]:
        assert guarded.line(line) == [Prompt("> ")]
    assert guarded.line(lines[-1]) == [Ask("\n".join(lines))]


def test_what_is_typed_can_be_given_up() -> None:
    guarded = shell()
    guarded.line("echo 'a")
    assert guarded.interrupt() == [Prompt("deploy@web:~$ ")]
    assert guarded.line("ls") == [Ask("ls")]
    assert guarded.interrupt() == []


def test_empty_lines_and_leaving() -> None:
    guarded = shell()
    assert guarded.line("  # nothing") == [Prompt("deploy@web:~$ ")]
    assert guarded.line(" exit ") == [Leave(0)]
    assert guarded.end_of_input() == [Leave(0)]


def test_collected_lines_have_a_bound() -> None:
    guarded = shell()
    guarded.line("'" + "a" * 60_000)
    (shown, prompt) = guarded.line("a" * 6_000)
    assert isinstance(shown, Show)
    assert b"at most 65536 bytes" in shown.data
    assert prompt == Prompt("deploy@web:~$ ")


def test_a_shell_that_ends_gives_what_was_kept() -> None:
    guarded = shell()
    guarded.line("kill 0")
    guarded.allowed("'kill' '0'")
    assert guarded.upstream("output", b"a\x1enon") == [Show("output", b"a")]
    assert guarded.upstream_closed() == [Show("output", b"\x1enon")]


@given(
    before=st.binary(max_size=20),
    near=st.sampled_from([b"", b"\x1e", b"\x1enon", b"\x1enonce "]),
    data=st.data(),
)
def test_output_is_the_same_however_it_is_cut(before: bytes, near: bytes, data: st.DataObject) -> None:
    whole = before + near + b"x" + ended(0, "/a b")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    guarded = shell()
    guarded.line("a")
    guarded.allowed("'a'")
    guarded.upstream("errors", ended(0, ""))
    actions: list[Action] = []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        actions += guarded.upstream("output", whole[start:end])
    shown = b"".join(action.data for action in actions if isinstance(action, Show))
    assert actions[-1] == Prompt("deploy@web:/a b$ ")
    assert shown == whole[: whole.rindex(b"\x1enonce 0")]


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("cd /srv", True),
        ("export A=1", True),
        ("ls() { :; }", False),
        ("alias ls=rm", False),
        (". ./file", False),
        ("x=$(id)", False),
    ],
)
def test_only_what_was_understood_may_change_the_shell(line: str, stays: bool) -> None:
    guarded = shell()
    guarded.line(line)
    (send,) = guarded.allowed(line)
    assert isinstance(send, Send)
    assert (b"do command eval " if stays else b"do ( eval ") in send.data


def test_what_is_no_text_is_refused() -> None:
    (shown, _) = shell().line("echo \udcff")
    assert isinstance(shown, Show)
    assert b"not UTF-8" in shown.data


class Upstream:
    """A real shell without a terminal, with the guarded one in front of it."""

    def __init__(self, process: trio.Process) -> None:
        self._process = process
        self.guarded = GuardedShell("x")
        self._begin = ON_INTERRUPT
        self.guarded.begin()

    async def run(self, text: str) -> tuple[int, bytes, bytes]:
        """What a line that is let through as it is gives."""
        assert self.guarded.line(text) == [Ask(text)]
        (send,) = self.guarded.allowed(text)
        assert isinstance(send, Send)
        assert self._process.stdin
        await self._process.stdin.send_all(self._begin + send.data)
        self._begin = b""
        shown = {"output": b"", "errors": b""}

        async def read(stream: str, pipe: trio.abc.ReceiveStream) -> None:
            while not self.guarded.wants_line:
                data = await pipe.receive_some()
                assert data, "the shell has ended"
                for action in self.guarded.upstream(stream, data):  # type: ignore[arg-type]
                    if isinstance(action, Show):
                        shown[action.stream] += action.data
                    if isinstance(action, Prompt):
                        nursery.cancel_scope.cancel()

        with trio.fail_after(DEADLINE_S):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(read, "output", self._process.stdout)
                nursery.start_soon(read, "errors", self._process.stderr)
        return self.guarded.status, shown["output"], shown["errors"]


async def _interrupt_once_it_is_read(process_group: int, pipe: Path) -> None:
    """What OpenSSH's server does with an agent's INT."""
    async with await trio.open_file(pipe, "wb"):
        os.killpg(process_group, signal.SIGINT)


@pytest.mark.parametrize("name", SHELLS)
async def test_a_real_shell_keeps_its_place(name: str, tmp_path: Path) -> None:
    command = {"busybox": ["busybox", "sh"], "zsh": ["zsh", "--emulate", "sh"]}.get(name, [name])
    async with trio.open_nursery() as nursery:
        process = await nursery.start(
            partial(
                trio.run_process,
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                check=False,
                cwd=tmp_path,
                start_new_session=True,
            )
        )
        upstream = Upstream(process)
        assert await upstream.run("mkdir 'a b' && cd 'a b'") == (0, b"", b"")
        assert upstream.guarded.directory == str(tmp_path / "a b")
        assert await upstream.run("export X=1; Y=2") == (0, b"", b"")
        assert await upstream.run("echo $X$Y; echo e >&2; (exit 3)") == (3, b"12\n", b"e\n")
        assert await upstream.run("printf 'no end of line'") == (0, b"no end of line", b"")
        assert await upstream.run('cat; read x; echo "[$x]"') == (0, b"[]\n", b"")
        assert await upstream.run("cat <<'E'\n$a 'b'\nE\n") == (0, b"$a 'b'\n", b"")
        assert (await upstream.run("for x in a; do"))[0] != 0
        assert (await upstream.run("nothing-of-that-name"))[0] == 127
        assert await upstream.run("echo still here") == (0, b"still here\n", b"")
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        for line in (
            "export X=3; cd /usr; cat PIPE; echo never",
            "cd /; while cat PIPE; do :; done; echo never",  # opaque: in a subshell
        ):
            nursery.start_soon(_interrupt_once_it_is_read, process.pid, pipe)
            assert await upstream.run(line.replace("PIPE", str(pipe))) == (130, b"", b"")
            assert upstream.guarded.directory == "/usr"
        os.killpg(process.pid, signal.SIGINT)  # when nothing runs, it is nothing's
        assert await upstream.run("(exit $X)") == (3, b"", b"")
        nursery.cancel_scope.cancel()
