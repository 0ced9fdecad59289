"""Ansible itself, as it comes from PyPI, against a host behind the gateway."""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trio

from tests.ssh.test_agent import agent
from tests.ssh.ways import Jumper
from tests.ssh.world import Ran, world

if TYPE_CHECKING:
    from tests.ssh.world import World

ANSIBLE = Path(sys.executable).with_name("ansible")
RULES = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-deploy" }]

[[rule]]
id = "ansible-configures"
principals = ["agents"]
targets = ["web"]
effect = "allow"
ssh = { ansible = true, logins = ["LOGIN"], write = ["REMOTE/**"] }
"""
NO_CODE = """
[[rule]]
id = "never-hidden-code"
targets = ["*"]
effect = "deny"
ssh = { opaque = true }
"""

pytestmark = pytest.mark.timeout(180)


def rules(place: Path, login: str) -> str:
    return RULES.replace("LOGIN", login).replace("REMOTE", str(place / "remote"))


async def play(
    here: World,
    place: Path,
    *module: str,
    pipelining: bool,
    python: str = sys.executable,
    way: str = "plus",
) -> Ran:
    """Runs one module; the host is known by an inventory, the agent by certificates."""
    named = {
        "plus": f"ansible_host=127.0.0.1 ansible_port={here.port} ansible_user={here.user}",
        "jump": "",  # `web` is a host of the client's own configuration
    }
    inventory = place / "inventory"
    inventory.write_text(
        f"web {named[way]} ansible_remote_tmp={place}/remote ansible_python_interpreter={python}\n"
    )
    async with agent(here, place) as socket:
        options = {
            "plus": f"-F none -o IdentityAgent={socket} -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
            "jump": " ".join(Jumper(here, place).options),
        }
        settings = {
            "ANSIBLE_HOME": str(place / "ansible"),
            "ANSIBLE_HOST_KEY_CHECKING": str(way == "jump"),
            "ANSIBLE_PIPELINING": str(pipelining),
            "ANSIBLE_SSH_ARGS": f"{options[way]} -o ControlMaster=no",
        }
        done = await trio.run_process(
            [str(ANSIBLE), "-i", str(inventory), "web", *module],
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            env=os.environ | settings,
        )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("way", "pipelining"),
    [("plus", False), ("plus", True), ("jump", True), pytest.param("jump", False, marks=pytest.mark.long)],
)
async def test_ping_copy_and_command(tmp_path, sshd, way, pipelining):
    place = tmp_path / "gateway"
    place.mkdir()
    run = partial(play, pipelining=pipelining, way=way)
    (tmp_path / "from").write_text("a line\n")
    copy = f"src={tmp_path}/from dest={tmp_path}/to mode=0640"
    async with world(place, sshd, judge=None, rules=rules(tmp_path, sshd.login)) as here:
        pinged = await run(here, tmp_path, "-m", "ping")
        assert (pinged.status, b'"ping": "pong"' in pinged.out) == (0, True), pinged
        copied = await run(here, tmp_path, "-m", "copy", "-a", copy)
        assert (copied.status, b"CHANGED" in copied.out) == (0, True), copied
        again = await run(here, tmp_path, "-m", "copy", "-a", copy)
        assert (again.status, b"SUCCESS" in again.out) == (0, True), again
        ran = await run(here, tmp_path, "-m", "command", "-a", "echo it runs")
        assert (ran.status, ran.out.splitlines()[-1]) == (0, b"it runs"), ran
    assert (tmp_path / "to").read_text() == "a line\n"
    assert (tmp_path / "to").stat().st_mode & 0o777 == 0o640
    assert list((tmp_path / "remote").glob("*")) == []


async def test_a_module_on_standard_input_is_recorded(tmp_path, sshd):
    place = tmp_path / "gateway"
    place.mkdir()
    async with world(place, sshd, judge=None, rules=rules(tmp_path, sshd.login)) as here:
        assert (await play(here, tmp_path, "-m", "ping", pipelining=True)).status == 0
        frames = await here.frames()
    sent = b"".join(frame.payload for frame in frames if frame.kind == "request")
    assert b"def _ansiballz_main" in sent


async def test_python_is_found(tmp_path, sshd):
    place = tmp_path / "gateway"
    place.mkdir()
    async with world(place, sshd, judge=None, rules=rules(tmp_path, sshd.login)) as here:
        ran = await play(here, tmp_path, "-m", "ping", pipelining=True, python="auto_silent")
    assert (ran.status, b'"ping": "pong"' in ran.out) == (0, True), ran


async def test_what_a_denial_says_reaches_whoever_plays(tmp_path, sshd):
    place = tmp_path / "gateway"
    place.mkdir()
    async with world(place, sshd, judge=None, rules=rules(tmp_path, sshd.login) + NO_CODE) as here:
        ran = await play(here, tmp_path, "-m", "ping", pipelining=True)
    assert ran.status != 0
    assert re.search(rb"denied by rule never-hidden-code", ran.out + ran.err), ran


@pytest.mark.parametrize("pipelining", [False, True], ids=["files", "pipelining"])
async def test_becoming_somebody_else_is_denied_in_words(tmp_path, sshd, pipelining):
    place = tmp_path / "gateway"
    place.mkdir()
    async with world(place, sshd, judge=None, rules=rules(tmp_path, sshd.login)) as here:
        ran = await play(here, tmp_path, "-b", "-m", "ping", pipelining=pipelining)
    assert (ran.status, b"FAILED" in ran.out) == (2, True), ran
    assert b"denied by rule default-deny: no rule allows Ansible's become" in ran.out, ran
    assert b"log in as the account" in ran.out, ran
