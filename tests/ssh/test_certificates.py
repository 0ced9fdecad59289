"""Certificates instead of passwords: who gets in, with OpenSSH's client and its agent protocol."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest
import trio

from narrows.gateway import hosts
from narrows.identity.certificates import SshAuthorities
from narrows.identity.revocation import Revocation
from tests.ssh.world import AGENT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ssh.world import Ran, World


pytestmark = pytest.mark.timeout(60)


def keep(
    place: Path, here: World, *, principal: Any = AGENT, source: str = "", authority: Any = None
) -> Path:
    """A key with its certificate, in files as OpenSSH wants them."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    path = place / "id"
    path.write_bytes(key.export_private_key())
    path.chmod(0o600)
    mint = (authority or here.gateway._authorities).mint
    line = mint(principal, key.export_public_key().decode(), source=source).line
    path.with_name("id-cert.pub").write_text(line + "\n")
    return path


async def run(here: World, key: Path, *command: str) -> Ran:
    options = ["-i", str(key), "-o", "PreferredAuthentications=publickey"]
    return await here.run(*command, options=options, password="not asked for")


async def test_a_certificate_opens_a_session(here: World, tmp_path: Path) -> None:
    ran = await run(here, keep(tmp_path, here), "echo in")
    assert (ran.status, ran.out) == (0, b"in\n"), ran.err
    frames = await here.frames()
    opened = json.loads(frames[0].payload)
    assert opened["principal"]["key"] == AGENT.key
    assert int(opened["certificate"]) > 0


async def test_the_gateway_is_believed_by_its_authority(here: World, tmp_path: Path) -> None:
    known_hosts = tmp_path / "known_hosts"
    plain = here.ssh()
    first = [part for part in plain if "KnownHosts" not in part and "HostKey" not in part]
    first = [
        part for part, behind in zip(first, [*first[1:], ""], strict=True) if (part, behind) != ("-o", "-o")
    ]
    strict = ["-o", "StrictHostKeyChecking=yes", "-o", f"UserKnownHostsFile={known_hosts}"]
    pinned = f"* {(here.place / 'state' / 'ssh_host_ed25519_key.pub').read_text()}"
    for line, status in ((here.gateway._authorities.known_hosts_line, 0), (pinned, 0), ("", 255)):
        known_hosts.write_text(line + "\n")
        ran = await trio.run_process(
            [*first[:1], *strict, *first[1:], "127.0.0.1", "true"],
            capture_stderr=True, check=False, env=here.environment(),
        )  # fmt: skip
        assert ran.returncode == status, ran.stderr


async def test_a_key_alone_opens_nothing(here: World, tmp_path: Path) -> None:
    key = keep(tmp_path, here)
    key.with_name("id-cert.pub").unlink()
    assert (await run(here, key, "true")).status == 255


async def test_a_certificate_without_its_key_opens_nothing(here: World, tmp_path: Path) -> None:
    key = keep(tmp_path, here)
    other = asyncssh.generate_private_key("ssh-ed25519")
    key.write_bytes(other.export_private_key())
    assert (await run(here, key, "true")).status == 255
    certificate = key.with_name("id-cert.pub").read_text()
    assert (await here.run("true", password=certificate[:1000])).status == 255


async def test_another_gateways_certificate_opens_nothing(here: World, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert (
        await run(here, keep(tmp_path, here, authority=SshAuthorities(tmp_path / "other")), "true")
    ).status == 255


async def test_a_certificate_for_elsewhere_opens_nothing(here: World, tmp_path: Path) -> None:
    assert (await run(here, keep(tmp_path, here, source="192.0.2.7"), "true")).status == 255
    assert (await run(here, keep(tmp_path, here, source="127.0.0.0/8"), "true")).status == 0


async def test_a_revoked_principals_certificate_opens_nothing(here: World, tmp_path: Path) -> None:
    key = keep(tmp_path, here)
    here.gateway._revocations.add(Revocation("principal", AGENT.key, "gone rogue"))
    assert (await run(here, key, "true")).status == 255


async def test_evidence_is_looked_at_again_on_a_connection_that_lives_on(here: World, tmp_path: Path) -> None:
    """OpenSSH's ControlMaster keeps a connection for days; revocation is for the next command on it."""
    key = keep(tmp_path, here)
    control = ["-o", f"ControlPath={tmp_path}/mux", "-o", "ControlMaster=auto", "-o", "ControlPersist=20"]
    options = ["-i", str(key), "-o", "PreferredAuthentications=publickey", *control]
    first = await here.run("echo first", options=options)
    assert first.out == b"first\n", first.err
    here.gateway._revocations.add(Revocation("token", "u-1", "leaked"))
    again = await here.run("echo again", options=options)
    assert again.out == b"again\n"
    here.gateway._revocations.add(Revocation("principal", AGENT.key, "gone rogue"))
    refused = await here.run("echo refused", options=options)
    assert (refused.status, refused.out) == (126, b"")
    await trio.run_process(here.ssh("-O", "exit", *control, "127.0.0.1"), check=False, capture_stderr=True)


@pytest.mark.parametrize("evidence", ["certificate", "ticket"])
async def test_a_master_carries_nothing_on_evidence_that_has_expired(
    here: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evidence: str
) -> None:
    """The gateway's clock is turned and not the connection's, which otherwise ends when its evidence does."""
    options = ["-i", str(keep(tmp_path, here)), "-o", "PreferredAuthentications=publickey"]
    if evidence == "ticket":
        options = ["-o", "PreferredAuthentications=password"]
    control = ["-o", f"ControlPath={tmp_path}/mux"]
    master = [*options, *control, "-o", "ControlMaster=auto", "-o", "ControlPersist=20"]
    first = await here.run("echo first", options=master)
    assert first.out == b"first\n", first.err
    monkeypatch.setattr(hosts, "time", SimpleNamespace(time=lambda: AGENT.expires_at))
    refused = await here.run("echo refused", options=control)
    assert (refused.status, refused.out) == (126, b"")
    assert b"the evidence for this session has expired" in refused.err
    await trio.run_process(here.ssh("-O", "exit", *control, "127.0.0.1"), check=False, capture_stderr=True)


async def test_a_certificate_is_revoked_by_its_serial_and_others_are_not(here: World, tmp_path: Path) -> None:
    """Its connection ends at once; the same principal with another certificate goes on."""
    operations = here.gateway._operations()
    (tmp_path / "other").mkdir()
    keys = keep(tmp_path, here), keep(tmp_path / "other", here)
    control = ["-o", f"ControlPath={tmp_path}/mux", "-o", "ControlMaster=auto", "-o", "ControlPersist=20"]
    options = ["-i", str(keys[0]), "-o", "PreferredAuthentications=publickey", *control]
    assert (await here.run("echo first", options=options)).out == b"first\n"
    (live,) = here.gateway._sessions
    serial = live.decided.principal.certificate
    assert await operations.revoke("certificate", serial, AGENT, "laptop lost") == 1
    refused = await run(here, keys[0], "echo refused")
    assert (refused.status, refused.out) == (255, b"")
    assert (await run(here, keys[1], "echo other")).out == b"other\n"
    gone = await trio.run_process(
        here.ssh("-O", "check", *control, "127.0.0.1"), check=False, capture_stderr=True
    )
    assert gone.returncode == 255, gone.stderr


async def test_a_session_ends_with_the_token_behind_its_certificate(here: World, tmp_path: Path) -> None:
    key = keep(tmp_path, here, principal=replace(AGENT, expires_at=time.time() + 3))
    ran = await run(here, key, "echo in; sleep 30")
    assert ran.status == 255
    assert ran.out == b"in\n"
    assert b"time is over" in ran.err
