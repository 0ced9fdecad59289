"""A real sshd that proves itself by a certificate: whose, for which name, and for how long is looked at."""

from __future__ import annotations

import contextlib
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import asyncssh
import pytest
import trio

from narrows.demo.sshd import running
from tests.conftest import folder
from tests.ssh.world import eventually, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from narrows.demo.sshd import Sshd

AUTHORITY, STRANGER = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))


@contextlib.asynccontextmanager
async def certified(authority: asyncssh.SSHKey, name: str, until: str) -> AsyncIterator[Sshd]:
    """An sshd whose host key an authority has signed, for a name and a time."""
    with folder("certified") as place, running(place) as sshd:
        host_key = asyncssh.import_public_key(sshd.host_key)
        certificate = authority.generate_host_certificate(
            host_key, "host", principals=[name], valid_after=1, valid_before=until
        )
        certificate.write_certificate(str(place / "host_key-cert.pub"))
        with (place / "sshd_config").open("a") as configuration:
            configuration.write(f"HostCertificate {place}/host_key-cert.pub\n")
        sshd.process.send_signal(signal.SIGHUP)
        await eventually(lambda: _shows_a_certificate(sshd))
        yield sshd


async def _shows_a_certificate(sshd: Sshd) -> bool:
    scan = ["ssh-keyscan", "-c", "-p", str(sshd.port), "127.0.0.1"]
    done = await trio.run_process(scan, capture_stdout=True, capture_stderr=True, check=False)
    return b"-cert-v01@openssh.com" in done.stdout


async def _told(place: Path, sshd: Sshd, configured: str) -> tuple[int, bytes, bytes]:
    async with world(place, replace(sshd, host_key=configured)) as here:
        ran = await here.run("echo in")
    return ran.status, ran.out, ran.err


def _trusting(authority: asyncssh.SSHKey) -> str:
    return f"@cert-authority {authority.export_public_key().decode().strip()}"


async def test_a_host_that_the_configured_authority_signed_is_taken(tmp_path: Path) -> None:
    async with certified(AUTHORITY, "127.0.0.1", "+1h") as sshd:
        assert await _told(tmp_path, sshd, _trusting(AUTHORITY)) == (0, b"in\n", b"")


@pytest.mark.parametrize(
    ("signed_by", "name", "until"),
    [
        (STRANGER, "127.0.0.1", "+1h"),
        (AUTHORITY, "other.example.com", "+1h"),
        (AUTHORITY, "127.0.0.1", "-1h"),
    ],
    ids=["by a stranger", "for another name", "until an hour ago"],
)
async def test_any_other_certificate_is_refused(
    tmp_path: Path, signed_by: asyncssh.SSHKey, name: str, until: str
) -> None:
    async with certified(signed_by, name, until) as sshd:
        status, out, err = await _told(tmp_path, sshd, _trusting(AUTHORITY))
    assert (status, out) == (255, b"")
    assert b"web does not have the host key that is configured for it" in err


async def test_an_authority_vouches_by_certificates_and_not_as_a_key(tmp_path: Path, sshd: Sshd) -> None:
    status, out, _ = await _told(tmp_path, sshd, f"@cert-authority {sshd.host_key}")
    assert (status, out) == (255, b"")
