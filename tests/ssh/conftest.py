"""One sshd for all; a gateway for each test."""

from __future__ import annotations

import contextlib
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import narrows.demo.sshd
from narrows.demo.sshd import MISSING, is_installed, running
from tests.conftest import folder
from tests.ssh.world import world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from narrows.demo.sshd import Sshd
    from tests.ssh.world import World


@pytest.fixture(scope="session")
def sshd() -> Iterator[Sshd]:
    if not is_installed():
        pytest.skip(MISSING)
    with folder("sshd") as place, running(place) as sshd:
        yield sshd


@pytest.fixture(scope="session")
def ordinary_sshd(sshd: Sshd) -> Iterator[Sshd]:
    """One whose account is not root: OpenSSH's server passes signals on to no process of root's.

    As root, the account is one that exists for this server alone, in a mount namespace of its own.
    """
    if os.getuid() != 0:
        yield sshd
        return
    if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no mount namespace is to be had, in which another account could be made up")
    with folder("sshd") as place, pytest.MonkeyPatch.context() as patch:
        (place / "passwd").write_text(Path("/etc/passwd").read_text() + "ordinary:x:65432:65534::/:/bin/sh\n")
        inside = f'mount --bind {place}/passwd /etc/passwd && exec {narrows.demo.sshd.SSHD} "$@"'
        (place / "sshd").write_text(f"#!/bin/sh\nexec unshare --mount sh -c '{inside}' sh \"$@\"\n")
        (place / "sshd").chmod(0o755)
        patch.setattr(narrows.demo.sshd, "SSHD", str(place / "sshd"))
        with running(place) as started:
            yield replace(started, login="ordinary")


@pytest.fixture
async def here(tmp_path, sshd) -> AsyncIterator[World]:
    async with contextlib.AsyncExitStack() as stack:
        yield await stack.enter_async_context(world(tmp_path, sshd))
