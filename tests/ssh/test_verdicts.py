"""Verdicts that hold for the same operation again: when they do, and what ends that."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from narrows.identity.revocation import Revocation
from narrows.model import Command, Forward
from narrows.ssh import limits
from narrows.ssh.control import Verdict
from narrows.ssh.verdicts import KeptVerdicts
from tests.ssh.world import AGENT, RULES, World, world

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.demo.sshd import Sshd

pytestmark = pytest.mark.timeout(60)

UPTIME = Command("uptime", "deploy")
ALLOW = Verdict(allowed=True, rule="r", reusable=True)


def kept_by(verdict: Verdict, operation: Command = UPTIME) -> KeptVerdicts:
    """What has been asked about one operation in epoch 1."""
    kept = KeptVerdicts()
    assert kept.find(operation, 1) is None
    kept.keep(operation, verdict, 1)
    return kept


def test_a_verdict_holds_until_the_epoch_is_another():
    kept = kept_by(ALLOW)
    assert kept.find(UPTIME, 1) == ALLOW
    assert kept.find(UPTIME, 2) is None
    assert kept.find(UPTIME, 1) is None, "what is void does not come back"


def test_what_was_asked_before_the_epoch_moved_is_not_kept():
    kept = KeptVerdicts()
    kept.find(UPTIME, 1)
    kept.find(Command("other", "deploy"), 2)
    kept.keep(UPTIME, ALLOW, 1)
    assert kept.find(UPTIME, 2) is None


@pytest.mark.parametrize(
    "other",
    [
        replace(UPTIME, text="uptime "),
        replace(UPTIME, login="root"),
        replace(UPTIME, start="subsystem"),
        replace(UPTIME, terminal=True),
        replace(UPTIME, environment=(("LANG", "C"),)),
        replace(UPTIME, directory="/srv"),
        Forward("uptime", 22, "deploy"),
    ],
)
def test_any_other_operation_is_asked_about(other):
    assert kept_by(ALLOW).find(other, 1) is None


@pytest.mark.parametrize(
    ("verdict", "operation"),
    [
        (replace(ALLOW, reusable=False), UPTIME),
        (ALLOW, Command("x" * (limits.KEPT_TEXT_CHARACTERS_MAX + 1), "deploy")),
    ],
)
def test_what_is_for_once_or_too_long_is_not_kept(verdict, operation):
    assert kept_by(verdict, operation).find(operation, 1) is None


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 2)), max_size=400))
def test_few_are_kept_and_all_of_them_are_of_this_epoch(steps):
    kept, told = KeptVerdicts(), {}
    for number, epoch in steps:
        operation = Command(str(number), "deploy")
        if found := kept.find(operation, epoch):
            assert told[number] == (found.rule, epoch)
        told[number] = (f"{number} in {epoch}", epoch)
        kept.keep(operation, replace(ALLOW, rule=told[number][0]), epoch)
        assert len(kept._kept) <= limits.VERDICTS_KEPT_MAX


async def repeatedly(here: World, between: Any, *, command: str = "true") -> tuple[int, int, str]:
    """The statuses of one command on one connection before and after something, and what was said after."""

    async def talk(connection: Any) -> tuple[int, int, str]:
        first = await connection.run(command)
        assert (await connection.run(command)).exit_status == first.exit_status
        await between()
        again = await connection.run(command)
        return first.exit_status, again.exit_status, again.stderr

    return await here.with_asyncssh(talk)


async def test_the_same_command_is_decided_once_and_recorded_each_time(here: World) -> None:
    async def nothing() -> None:
        pass

    assert (await repeatedly(here, nothing))[:2] == (0, 0)
    assert [operation.text for operation in here.decisions] == ["true"]
    frames = await here.frames()
    assert [frame.kind for frame in frames].count("verdict") == 3


@pytest.mark.parametrize("command", ["echo forbidden", "defect"])
async def test_a_denial_is_decided_each_time(here: World, command: str) -> None:
    async def nothing() -> None:
        pass

    assert (await repeatedly(here, nothing, command=command))[:2] == (126, 126)
    assert len(here.decisions) == 3


async def test_a_revocation_holds_for_the_very_next_operation(here: World) -> None:
    async def revoke() -> None:
        here.gateway._revocations.add(Revocation("principal", AGENT.key, "gone rogue"))

    assert (await repeatedly(here, revoke))[:2] == (0, 126)


async def test_another_policy_holds_for_the_very_next_operation(tmp_path: Path, sshd: Sshd) -> None:
    async with world(tmp_path, sshd, judge=None) as here:

        async def forbid() -> None:
            (here.place / "policies" / "rules.toml").write_text(RULES.replace('["true"]', '["false"]'))
            trio.from_thread.run_sync(here.gateway._policies.reload)

        first, again, said = await repeatedly(here, forbid)
        assert (first, again) == (0, 126)
        assert "default-deny" in said


async def test_nothing_holds_longer_than_the_evidence(tmp_path: Path, sshd: Sshd) -> None:
    agent = replace(AGENT, expires_at=time.time() + 60)
    async with world(tmp_path, sshd, agent=agent) as here:

        async def expire() -> None:
            (connection,) = here.gateway._hosts.answers._engine._connections
            connection._ends_at = time.time()

        assert (await repeatedly(here, expire))[:2] == (0, 0)
        assert len(here.decisions) == 2
