"""Commands through the gateway are what they are without it."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess

import pytest
import trio

from narrows.ssh import limits
from tests.ssh.world import DBA, eventually

MEBIBYTE = 1 << 20


async def test_a_command_runs_and_its_status_comes_back(here):
    ran = await here.run("echo out; echo err >&2; exit 42")
    assert (ran.status, ran.out, ran.err) == (42, b"out\n", b"err\n")


@pytest.mark.parametrize(
    "command",
    [
        "true",
        "exit 255",
        "printf 'a\\0b\\377c'; printf '\\200' >&2",
        "cat",
        "cat; echo late; exit 3",
        "head -c 5",
        "kill -TERM $$",
        "kill -KILL $$",
        "cat >/dev/null & wait; echo done",
        "exec 1>&-; cat >&2",
        "nosuchcommand",
        "echo $SSH_ORIGINAL_COMMAND $LANG",
        "printf %s 'q\"\\`$(echo x)'",
        "echo h\u00e9llo \U0001f980",
        "for i in 1 2 3; do echo $i; echo $i >&2; done",
    ],
)
async def test_it_is_what_it_is_without_a_gateway(here, sshd, command):
    stdin = b"first\nsecond\n" * 100
    direct = await trio.run_process(
        sshd.direct(command), stdin=stdin, capture_stdout=True, capture_stderr=True, check=False
    )
    ran = await here.run(command, stdin=stdin)
    assert (ran.status, ran.out, ran.err) == (direct.returncode, direct.stdout, direct.stderr)


@pytest.mark.parametrize("direction", ["up", "down", "both"])
async def test_a_hundred_megabytes_arrive_as_they_were_sent(here, direction):
    size = 100 * MEBIBYTE
    data = os.urandom(MEBIBYTE) * 100 if direction != "down" else b""
    command = {
        "up": "sha256sum | cut -c1-64",
        "down": f"head -c {size} /dev/zero | tee /dev/stderr 2>/dev/null",
        "both": "cat",
    }[direction]
    ran = await here.run(command, stdin=data)
    assert (ran.status, ran.err) == (0, b"")
    if direction == "up":
        assert ran.out.decode().strip() == hashlib.sha256(data).hexdigest()
    else:
        sent = data if direction == "both" else bytes(size)
        assert hashlib.sha256(ran.out).digest() == hashlib.sha256(sent).digest()


async def test_rekeying_in_mid_transfer_loses_nothing(here):
    data = os.urandom(MEBIBYTE) * 16
    ran = await here.run("cat", stdin=data, options=["-o", "RekeyLimit=1M"])
    assert (ran.status, ran.out == data) == (0, True)


async def test_the_status_comes_after_the_data_for_a_slow_reader(here):
    """The client takes nothing for a while; then it takes all, and the status last."""
    process = await trio.lowlevel.open_process(
        here.ssh("127.0.0.1", f"head -c {8 * MEBIBYTE} /dev/zero; exit 7"),
        stdout=subprocess.PIPE,
        env=here.environment(),
    )
    async with process.stdout:
        with trio.move_on_after(1.0):
            await process.wait()
        assert process.returncode is None
        received = 0
        async for chunk in process.stdout:
            received += len(chunk)
    assert (received, await process.wait()) == (8 * MEBIBYTE, 7)


async def test_standard_input_may_end_before_the_output(here):
    ran = await here.run(
        "cat >/dev/null; sleep 0.2; echo after; echo later >&2; exit 5", stdin=b"x" * 100_000
    )
    assert (ran.status, ran.out, ran.err) == (5, b"after\n", b"later\n")


async def test_a_clients_end_ends_the_command(here, tmp_path):
    """An agent that goes away takes its command along, once it writes."""
    flag = tmp_path / "started"
    command = f"trap '' PIPE; touch {flag}; while echo x; do sleep 0.05; done; touch {tmp_path}/ended"
    process = await trio.lowlevel.open_process(
        here.ssh("127.0.0.1", command), stdout=subprocess.PIPE, env=here.environment()
    )
    await eventually(trio.Path(flag).exists)
    process.send_signal(signal.SIGTERM)
    await process.wait()
    await process.stdout.aclose()
    await eventually(trio.Path(tmp_path / "ended").exists)


async def test_a_denial_says_which_rule_and_what_next(here):
    ran = await here.run("echo forbidden")
    assert ran.status == 126
    assert ran.out == b""
    assert ran.err.decode().splitlines() == [
        "Narrows: denied by rule never-forbidden: that is forbidden",
        "  Ask nicely.",
    ]


async def test_a_defect_in_policy_denies_one_command(here):
    ran = await here.run("echo defect")
    assert (ran.status, b"internal-error" in ran.err) == (126, True)
    assert (await here.run("echo fine")).out == b"fine\n"


async def test_shells_and_forwards_are_denied(here):
    ran = await here.run(stdin=b"echo never\n", options=["-T"])
    assert (ran.status, ran.out, b"no-shells" in ran.err) == (126, b"", True)
    assert (await here.run(options=["-W", "127.0.0.1:22"])).status != 0
    for option in (["-A"], ["-X"]):
        ran = await here.run("echo ${SSH_AUTH_SOCK:-none} ${DISPLAY:-none}", options=option)
        assert ran.out == b"none none\n"


async def test_what_is_not_text_is_denied(here):
    process = await trio.run_process(
        [*map(os.fsencode, here.ssh("127.0.0.1")), b"echo \xff\xfe"],
        stdin=b"",
        capture_stdout=True,
        capture_stderr=True,
        check=False,
        env=here.environment(),
    )
    assert process.returncode == 126
    assert b"not UTF-8" in process.stderr
    assert [operation.text for operation in here.decisions] == []


async def test_a_command_that_is_too_long_is_denied(here):
    ran = await here.run("echo " + "x" * (limits.COMMAND_BYTES_MAX - 10))
    assert ran.status in {0, 255}  # the target's own bound on one argument

    async def run(connection):
        return await connection.run("echo " + "x" * limits.COMMAND_BYTES_MAX)

    done = await here.with_asyncssh(run)
    assert (done.exit_status, "command-bytes-max" in done.stderr) == (126, True)


async def test_a_held_command_waits_for_people(here):
    ran = []

    async def run():
        ran.append(await here.run("echo restarted; cat", stdin=b"typed ahead\n"))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        approval = await here.pending()
        assert ran == []
        await here.gateway._approvals.approve(approval, DBA)
    (done,) = ran
    assert (done.status, done.out) == (0, b"restarted\ntyped ahead\n")
    assert done.err.decode().splitlines()[0] == f"Narrows: waiting for approval {approval}"


async def test_a_person_may_deny(here):
    ran = []

    async def run():
        ran.append(await here.run("restart web"))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        await here.gateway._approvals.deny(await here.pending(), DBA, reason="not on a Friday")
    (done,) = ran
    assert done.status == 126
    assert b"was denied by Dana: not on a Friday" in done.err


async def test_an_agent_that_hangs_up_withdraws_its_request(here):
    process = await trio.lowlevel.open_process(
        here.ssh("127.0.0.1", "restart web"), stdin=subprocess.PIPE, env=here.environment()
    )
    approval = await here.pending()
    process.kill()
    await process.wait()
    await process.stdin.aclose()

    async def withdrawn():
        return await here.state(approval) == "withdrawn"

    await eventually(withdrawn)
    found = await here.gateway._approvals.find(approval)
    assert (found.state.value, found.close_reason) == ("withdrawn", "the agent hung up")
