"""Commands through the gateway are what they are without it."""

from __future__ import annotations


async def test_a_command_runs_and_its_status_comes_back(here):
    ran = await here.run("echo out; echo err >&2; exit 42")
    assert (ran.status, ran.out, ran.err) == (42, b"out\n", b"err\n")
