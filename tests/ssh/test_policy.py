"""Commands as policy files judge them: what was judged is what runs."""

from __future__ import annotations

import json

import pytest

from tests.ssh.world import world

RULES = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-deploy" }]

[[rule]]
id = "look-around"
principals = ["agents"]
targets = ["web"]
effect = "allow"
ssh = { commands = ["echo *", "env", "wc *", "cat *"], logins = ["LOGIN"] }

[[rule]]
id = "restarts"
principals = ["agents"]
targets = ["web"]
effect = "require-approval"
ssh = { commands = ["systemctl restart *"], logins = ["LOGIN"] }
approval = { approvers = { groups = "sg-dba" }, expires = "15m" }
"""


@pytest.fixture
async def here(tmp_path, sshd):
    async with world(tmp_path, sshd, judge=None, rules=RULES.replace("LOGIN", sshd.login)) as here:
        yield here


@pytest.mark.parametrize(
    ("command", "status", "out"),
    [
        ("echo one two", 0, b"one two\n"),
        ("echo one | wc -l", 0, b"1\n"),
        ("echo 'a  b' \"c\"", 0, b"a  b c\n"),
        ("rm -rf /nowhere", 126, b""),
        ("echo hi; rm -rf /nowhere", 126, b""),
        ("echo hi | sh", 126, b""),
        ("echo 'unclosed", 126, b""),
    ],
)
async def test_what_the_rules_say_is_what_happens(here, command, status, out):
    ran = await here.run(command)
    assert (ran.status, ran.out) == (status, out)
    assert (b"denied by rule" in ran.err) is (status == 126)


async def test_what_was_judged_is_what_runs(here):
    """An alias, a function or another reading of the same text has no say in it."""
    await here.run("'ec'ho   one")
    (decision,) = [frame.payload for frame in await here.frames() if frame.kind == "verdict"]
    assert json.loads(decision)["released"] == "'echo' 'one'"


async def test_a_login_that_no_rule_names_gets_nowhere(tmp_path, sshd):
    async with world(tmp_path, sshd, judge=None, rules=RULES.replace("LOGIN", "somebody")) as here:
        ran = await here.run("echo one")
    assert ran.status in {126, 255}
    assert ran.out == b""
