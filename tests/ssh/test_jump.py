"""`ssh -J`: OpenSSH's client goes through the gateway to a target's name, and finds the gateway there too."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest
import trio

from narrows.identity.revocation import Revocation
from narrows.recordings.journal import read
from narrows.ssh.jump import JumpTarget
from narrows.ssh.names import Destination, destination_of
from tests.ssh.test_certificates import keep
from tests.ssh.ways import Jumper
from tests.ssh.world import AGENT, World, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from narrows.demo.sshd import Sshd

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
async def jumper(here: World, tmp_path: Path) -> Jumper:
    return Jumper(here, tmp_path)


async def test_a_command_runs_on_the_target_that_was_named(jumper: Jumper) -> None:
    ran = await jumper.run("ssh", "web", "cat; echo err >&2; exit 7", stdin=b"typed\n")
    assert (ran.status, ran.out, ran.err) == (7, b"typed\n", b"err\n")


async def test_what_is_denied_is_denied_on_the_way_too(jumper: Jumper) -> None:
    ran = await jumper.run("ssh", "web", "echo forbidden")
    assert (ran.status, ran.out) == (126, b"")
    assert b"denied by rule never-forbidden" in ran.err


async def test_a_jump_is_one_session_of_its_own(jumper: Jumper) -> None:
    assert (await jumper.run("ssh", "web", "echo in")).status == 0
    (row,) = await jumper.here.sessions(1)
    frames = read(jumper.here.place / "state" / "journal", row.id)
    opened = json.loads(frames[0].payload)
    assert (opened["target"], opened["login"]) == ("web", jumper.here.login)
    assert opened["peer"].startswith("127.0.0.1:")
    assert opened["principal"]["key"] == AGENT.key
    assert frames[-1].kind == "close"


async def test_a_tickets_one_use_is_for_the_target(tmp_path: Path, sshd: Sshd) -> None:
    async with _alone(tmp_path, sshd, uses_max="1") as jumper:
        jumper.configure("PreferredAuthentications password\n")
        ticket = await jumper.here.gateway._tickets.mint(AGENT, "web", user=sshd.login)
        first = await jumper.run("ssh", "web", "echo in", password=ticket.text)
        assert (first.status, first.out) == (0, b"in\n"), first.err
        again = await jumper.run("ssh", "web", "echo in", password=ticket.text)
        assert (again.status, again.out) == (255, b"")
        assert b"already used" in again.err


async def test_a_name_that_is_no_target_gets_nowhere(jumper: Jumper) -> None:
    ran = await jumper.run("ssh", "elsewhere", "true")
    assert ran.status == 255
    assert b"names no target" in ran.err
    assert await jumper.here.sessions(0) == []


async def test_a_port_that_is_not_the_targets_gets_nowhere(jumper: Jumper, sshd: Sshd) -> None:
    assert (await jumper.run("ssh", "-p", "23", "web", "true")).status == 255
    assert (await jumper.run("ssh", "-p", str(sshd.port), "web", "true")).status == 0


async def test_the_target_is_the_one_named_whatever_the_user_says(jumper: Jumper) -> None:
    ran = await jumper.run("ssh", f"{jumper.here.login}+web@web", "true")
    assert ran.status == 255
    assert b"the user name is the login alone" in ran.err
    assert (await jumper.run("ssh", "nobody@web", "true")).status == 255


async def test_the_targets_certificate_is_for_its_name_alone(jumper: Jumper) -> None:
    """`-W` to web, believed under another name: the authority vouches for web and nothing else there."""
    options = ["-o", "HostKeyAlias=db"]
    ran = await jumper.run("ssh", *options, "web", "true")
    assert ran.status == 255
    assert b"db" in ran.err
    jumper.known_hosts.write_text("")
    assert (await jumper.run("ssh", "web", "true")).status == 255


async def test_nobody_jumps_without_evidence(jumper: Jumper, tmp_path: Path) -> None:
    jumper.configure("PreferredAuthentications password\n")
    assert (await jumper.run("ssh", "web", "true", password="nonsense")).status == 255
    jumper.configure(f"IdentityFile {_plain_key(tmp_path)}\nPreferredAuthentications publickey\n")
    assert (await jumper.run("ssh", "web", "true")).status == 255
    assert await jumper.here.sessions(0) == []


async def test_an_expired_certificate_opens_neither_way(jumper: Jumper, tmp_path: Path) -> None:
    key = keep(tmp_path, jumper.here, principal=replace(AGENT, expires_at=time.time() + 2))
    jumper.configure(f"IdentityFile {key}\nPreferredAuthentications publickey\n")
    assert (await jumper.run("ssh", "web", "echo in")).out == b"in\n"
    await trio.sleep(2)  # certificates are dated by the machine's clock
    ran = await jumper.run("ssh", "web", "echo in")
    assert (ran.status, ran.out) == (255, b"")


async def test_a_session_within_a_jump_ends_with_its_evidence(jumper: Jumper, tmp_path: Path) -> None:
    key = keep(tmp_path, jumper.here, principal=replace(AGENT, expires_at=time.time() + 3))
    jumper.configure(f"IdentityFile {key}\nPreferredAuthentications publickey\n")
    ran = await jumper.run("ssh", "web", "echo in; sleep 30")
    assert (ran.status, ran.out) == (255, b"in\n")


async def test_a_certificate_for_elsewhere_is_for_elsewhere_within_a_jump(
    jumper: Jumper, tmp_path: Path
) -> None:
    for source, status in (("127.0.0.0/8", 0), ("192.0.2.7", 255)):
        key = keep(tmp_path, jumper.here, source=source)
        jumper.configure(f"IdentityFile {key}\nPreferredAuthentications publickey\n")
        assert (await jumper.run("ssh", "web", "true")).status == status


async def test_a_master_over_a_jump_carries_commands_until_evidence_is_revoked(
    jumper: Jumper, tmp_path: Path
) -> None:
    control = ["-o", f"ControlPath={tmp_path}/c-%h", "-o", "ControlPersist=20"]
    options = [*control, "-o", "ControlMaster=auto"]
    for number in range(3):
        ran = await jumper.run("ssh", *options, "web", f"echo {number}")
        assert ran.out == f"{number}\n".encode(), ran.err
    assert len(await jumper.here.sessions(0)) == 1
    jumper.here.gateway._revocations.add(Revocation("principal", AGENT.key, "gone rogue"))
    refused = await jumper.run("ssh", *options, "web", "echo refused")
    assert (refused.status, refused.out) in {(126, b""), (255, b"")}
    await jumper.run("ssh", *control, "-O", "exit", "web")


async def test_there_is_no_jump_within_a_jump(here: World) -> None:
    async def nested(outer: Any) -> str:
        within = {"username": here.login, "password": here.ticket, "known_hosts": None, "config": None}
        options = {**within, "client_keys": None, "agent_path": None}
        async with asyncssh.connect("web", 22, tunnel=outer, **options) as inner:
            assert (await inner.run("echo in")).stdout == "in\n"
            with pytest.raises(asyncssh.ChannelOpenError) as caught:
                await inner.open_connection("web", 22)
            return caught.value.reason

    assert "denied by rule" in await here.with_asyncssh(nested, username="agent")


async def test_who_jumps_starts_nothing_at_the_gateway_itself(here: World) -> None:
    async def start(outer: Any) -> str:
        with pytest.raises(asyncssh.ChannelOpenError) as caught:
            await outer.run("true")
        return caught.value.reason

    told = await here.with_asyncssh(start, username="agent")
    assert "names no target" in told


async def test_connections_within_connections_count(tmp_path: Path, sshd: Sshd) -> None:
    async with _alone(tmp_path, sshd, bounds="connections-max = 1") as jumper:
        ran = await jumper.run("ssh", "web", "true")
        assert ran.status == 255
        assert b"connections-max = 1" in ran.err


@pytest.mark.parametrize(
    ("host", "port", "is_meant"),
    [
        ("web", 22, True), ("WEB", 22, True), ("web", 2222, True), ("web", 23, False), ("web.", 22, False),
        ("web2", 22, False), ("", 22, False), ("10.0.0.7", 2222, False),
    ],
)  # fmt: skip
def test_a_target_is_meant_by_its_name_and_port(host: str, port: int, is_meant: bool) -> None:
    assert JumpTarget("web", 2222, b"").is_meant_by(host, port) is is_meant


def test_a_user_name_within_a_jump_is_a_login() -> None:
    assert destination_of("deploy", "web") == Destination("deploy", "web")
    for user in ("deploy+db", "deploy%db", "", "-x", "$(id)"):
        assert destination_of(user, "web") is None


@contextlib.asynccontextmanager
async def _alone(place: Path, sshd: Sshd, **terms: Any) -> AsyncIterator[Jumper]:
    (place / "gateway").mkdir()
    (place / "client").mkdir()
    async with world(place / "gateway", sshd, **terms) as here:
        yield Jumper(here, place / "client")


def _plain_key(place: Path) -> Path:
    key = asyncssh.generate_private_key("ssh-ed25519")
    path = place / "plain"
    path.write_bytes(key.export_private_key())
    path.chmod(0o600)
    return path
