"""The guarded shell from OpenSSH's own client, with a terminal and without, on a real sshd."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
import trio

from tests.conftest import folder
from tests.ssh.world import DBA, eventually, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import asyncssh

    from tests.ssh.world import World

RULES = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-deploy" }]

[[rule]]
id = "look-around"
principals = ["agents"]
targets = ["web"]
effect = "allow"
ssh = { shell = "guarded", logins = ["LOGIN"], environment = ["APP_*"], commands = [
    "echo *", "printf *", "printenv *", "pwd", "cd **", "cat *", "wc *", "false", "tty", "sleep *", "ls *",
] }

[[rule]]
id = "hidden-code-needs-a-person"
principals = ["agents"]
targets = ["web"]
effect = "require-approval"
ssh = { opaque = true, logins = ["LOGIN"] }
approval = { approvers = { groups = "sg-dba" }, expires = "15m" }
"""
CARDS = """
[[mask]]
id = "cards"
targets = ["web"]
detectors = ["pan"]
transform = "last4"
"""

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
async def here(tmp_path, sshd) -> AsyncIterator[World]:
    async with world(tmp_path, sshd, judge=None, rules=RULES.replace("LOGIN", sshd.login)) as here:
        yield here


class Typist:
    """Someone at an `ssh -tt`, who waits for what they see."""

    def __init__(self, process: trio.Process) -> None:
        self.process = process
        self.seen = b""

    async def sees(self, text: bytes) -> bytes:
        """What was seen up to and with a text."""
        with trio.fail_after(15):
            while text not in self.seen:
                data = await self.process.stdout.receive_some()
                assert data, f"the end, after {self.seen!r}"
                self.seen += data
        before, _, self.seen = self.seen.partition(text)
        return before + text

    async def types(self, keys: bytes) -> None:
        await self.process.stdin.send_all(keys)


@contextlib.asynccontextmanager
async def terminal(here: World) -> AsyncIterator[Typist]:
    process = await trio.lowlevel.open_process(
        here.ssh("-tt", "127.0.0.1"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=here.environment() | {"TERM": "xterm"},
    )
    try:
        yield Typist(process)
    finally:
        process.kill()
        await process.wait()
        await process.stdin.aclose()
        await process.stdout.aclose()


async def test_a_script_keeps_its_place(here, tmp_path):
    (tmp_path / "a b").mkdir()
    script = f"cd '{tmp_path}/a b'\npwd\nexport APP_X=1\nprintenv APP_X\necho 'one\ntwo' | wc -l\ntty\n"
    ran = await here.run(stdin=script.encode())
    assert ran.out == f"{tmp_path}/a b\n1\n2\nnot a tty\n".encode()
    assert (ran.status, ran.err) == (1, b"")


async def test_a_denied_line_leaves_the_shell_as_it_was(here):
    ran = await here.run(stdin=b"echo a; id\nrm -rf /nowhere\ncd /usr\necho 'b\n'\nls 'x\n")
    assert ran.out == b"b\n\n"
    assert ran.err.count(b"Narrows: denied by rule default-deny: no rule allows") == 2
    ran = await here.run(stdin=b"echo forbidden; uptime")
    assert (ran.status, ran.out) == (126, b"")


async def test_a_last_line_needs_no_end(here):
    ran = await here.run(stdin=b"echo first\necho last; false")
    assert (ran.status, ran.out) == (1, b"first\nlast\n")


async def test_what_is_no_text_is_no_line(here):
    ran = await here.run(stdin=b"echo \xff\necho fine\n")
    assert (ran.status, ran.out) == (0, b"fine\n")
    assert b"not UTF-8" in ran.err


async def test_a_line_has_a_bound(here):
    ran = await here.run(stdin=b"echo " + b"x" * 70_000)
    assert ran.status == 255
    assert b"at most 65536 characters" in ran.err


async def test_an_approved_line_changes_no_later_one(here):
    """Were the function to stay, what was judged as `echo` would not be what runs."""
    ran = []

    async def run():
        ran.append(await here.run(stdin=b"echo() { printf wrong; }; cd /usr; echo x\necho right\npwd\n"))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        await here.gateway._approvals.approve(await here.pending(), DBA)
    (done,) = ran
    assert done.out.startswith(b"wrongright\n")
    assert not done.out.endswith(b"/usr\n")


async def test_lines_are_recorded_as_commands(here):
    await here.run(stdin=b"cd /usr\nid\n")
    frames = await here.frames()
    asked = [
        tuple(json.loads(frame.payload[5:]).get(key) for key in ("command", "start", "directory"))
        for frame in frames
        if frame.kind == "request" and frame.payload[4] == 255
    ]
    decided = [json.loads(frame.payload)["effect"] for frame in frames if frame.kind == "verdict"]
    assert asked == [("", "shell", None), ("cd /usr", "exec", "~"), ("id", "exec", "/usr")]
    assert decided == ["allow", "allow", "deny"]


async def test_output_is_masked_before_the_prompt(tmp_path, sshd):
    rules = RULES.replace("LOGIN", sshd.login) + CARDS
    async with world(tmp_path, sshd, judge=None, rules=rules) as here:
        ran = await here.run(stdin=b"printf 4111'1111'1111'1111'\necho next\n")
        assert b"4111111111111111" not in ran.out
        assert ran.out.endswith(b"1111next\n")
        async with terminal(here) as agent:
            await agent.sees(b":~$ ")
            await agent.types(b"printf 4111'1111'1111'1111'\r")
            await agent.sees(b"\r\n")
            shown = await agent.sees(b"$ ")
            assert b"4111111111111111" not in shown
            assert b"1111\r\n" in shown


async def test_a_terminal_has_the_gateways_line_editor(here):
    name = f"{here.login}@web:".encode()
    async with terminal(here) as agent:
        await agent.sees(name + b"~$ ")
        await agent.types(b"echo rihgt\x7f\x7f\x7fght\r")
        await agent.sees(b"\r\nright\r\n")
        await agent.types(b"cd /usr\r")
        await agent.sees(name + b"/usr$ ")
        await agent.types(b"tty\r")
        await agent.sees(b"not a tty\r\n")
        await agent.types(b"\x1b[A\x1b[A\x1b[A\r")
        await agent.sees(b"\r\nright\r\n")
        await agent.types(b"uptime\r")
        await agent.sees(b"denied by rule default-deny")
        await agent.sees(b"$ ")
        await agent.types(b"echo a\recho b\r")
        await agent.sees(b"\r\na\r\n")
        await agent.sees(b"\r\nb\r\n")
        await agent.sees(b"$ ")
        await agent.types(b"\x04")
        with trio.fail_after(10):
            assert await agent.process.wait() == 0


async def test_ctrl_c_gives_up_a_line(here):
    async with terminal(here) as agent:
        await agent.sees(b"$ ")
        await agent.types(b"echo 'begun\r")
        await agent.sees(b"> ")
        await agent.types(b"more\x03")
        await agent.sees(b"^C")
        await agent.sees(b"$ ")
        await agent.types(b"echo still here\r")
        await agent.sees(b"\r\nstill here\r\n")


async def test_ctrl_c_ends_the_line_that_runs_and_leaves_the_shell(tmp_path, ordinary_sshd):
    rules = RULES.replace("LOGIN", ordinary_sshd.login)
    with folder("interrupted") as place:
        pipe = place / "pipe"
        os.mkfifo(pipe)
        pipe.chmod(0o666)
        async with world(tmp_path, ordinary_sshd, judge=None, rules=rules) as here, terminal(here) as agent:
            await agent.sees(b"$ ")
            await agent.types(b"cd /usr\r")
            await agent.sees(b"/usr$ ")
            await agent.types(f"cat {pipe}; echo never\r".encode())
            async with await trio.open_file(pipe, "wb", buffering=0) as writer:
                await writer.write(b"runs\n")
                await agent.sees(b"\r\nruns\r\n")
                await agent.types(b"echo typed ahead\x03")
                shown = await agent.sees(b"/usr$ ")
            await agent.types(b"pwd\r")
            await agent.sees(b"\r\n/usr\r\n")
            await agent.types(b"exit\r")
            with trio.fail_after(10):
                assert await agent.process.wait() == 0
    assert (b"typed ahead" in shown, b"never\r" in shown) == (False, False)


async def test_ctrl_c_withdraws_what_is_held(here):
    async with terminal(here) as agent:
        await agent.sees(b"$ ")
        await agent.types(b"echo $HOME\r")
        await agent.sees(b"waiting for approval")
        approval = await here.pending()
        await agent.types(b"\x03")
        await agent.sees(b"the agent gave it up")
        await agent.types(b"echo on\r")
        await agent.sees(b"\r\non\r\n")

        async def withdrawn():
            return await here.state(approval) == "withdrawn"

        await eventually(withdrawn)


async def test_a_terminal_may_change_its_size(here):
    async def talk(connection: asyncssh.SSHClientConnection) -> str:
        process = await connection.create_process(term_type="xterm", term_size=(40, 10))
        await process.stdout.readuntil("$ ")
        process.change_terminal_size(100, 20)
        process.stdin.write("echo " + "x" * 60 + "\r")
        return await process.stdout.readuntil("\r\n" + "x" * 60 + "\r\n")

    assert await here.with_asyncssh(talk)


async def test_a_shell_that_ends_itself_has_its_own_status(here):
    async with terminal(here) as agent:
        await agent.sees(b"$ ")
        await agent.types(b"exit\r")
        with trio.fail_after(10):
            assert await agent.process.wait() == 0


async def test_without_a_rule_there_is_no_shell(tmp_path, sshd):
    rules = RULES.replace("LOGIN", sshd.login).replace('shell = "guarded", ', "")
    async with world(tmp_path, sshd, judge=None, rules=rules) as here:
        ran = await here.run(stdin=b"echo a\n")
        assert (ran.status, ran.out) == (126, b"")
        assert b"an interactive shell" in ran.err
        assert (await here.run(options=["-tt"])).status == 126
