"""Azurite, Microsoft's own emulator of Azure Blob Storage, in a process of its own; npm brings it once."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import os
import re
import secrets
import shutil
import subprocess
from email.utils import formatdate
from pathlib import Path

import httpx

VERSION = "3.35.0"
"""The newest that does with Node 20 or older, as Debian has it."""
API = "2021-12-02"
"""The version of the service's interface that containers are made with."""
ACCOUNT = "narrows"
STORAGE = "recordings"
"""The container."""


class Unobtainable(RuntimeError):
    """Azurite cannot be had here; the message says why, and what to do."""


class Azurite:
    """A blob service for a block, with one account and one empty container; both outlive a stop.

    Args:
        place: An empty folder for what it holds.

    Raises:
        Unobtainable: There is no npm, or it cannot fetch Azurite.
    """

    def __init__(self, place: Path) -> None:
        self._program = _program()
        self._place = place
        self._key = base64.b64encode(secrets.token_bytes(64)).decode()
        self._port = "0"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Azurite:
        self.start()
        try:
            self._make_container()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    @property
    def options(self) -> dict[str, str]:
        """How the container is reached, in obstore's names."""
        return {"account_name": ACCOUNT, "account_key": self._key, "endpoint": self._endpoint}

    def start(self) -> None:
        """Serves, from the second time on where it served before."""
        self._process = subprocess.Popen(
            [
                self._program, "--location", str(self._place), "--blobHost", "127.0.0.1",
                "--blobPort", self._port, "--silent", "--skipApiVersionCheck", "--disableTelemetry",
            ],
            env=os.environ | {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{self._key}"},
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if listening := re.search(r"listens on http://127\.0\.0\.1:(\d+)", line):
                self._port = listening[1]
                return
        raise AssertionError("Azurite ended")

    def stop(self) -> None:
        """Ends it; killed, it would forget what it holds, which the service that it stands for does not."""
        assert self._process is not None
        self._process.terminate()
        with self._process:
            pass

    @property
    def _endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}/{ACCOUNT}"

    def _make_container(self) -> None:
        """Signed as the service's reference has it under "Authorize with Shared Key"."""
        headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": API}
        named = "".join(f"{name}:{value}\n" for name, value in headers.items())
        plain_headers = "\n" * 11  # none of those that have a line of their own
        signed = f"PUT\n{plain_headers}{named}/{ACCOUNT}/{ACCOUNT}/{STORAGE}\nrestype:container"
        digest = hmac.digest(base64.b64decode(self._key), signed.encode(), hashlib.sha256)
        headers["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
        made = httpx.put(f"{self._endpoint}/{STORAGE}?restype=container", headers=headers)
        assert made.status_code == 201, made.text


def _program() -> str:
    """What serves blobs, fetched first where it is not there."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unobtainable("npm is missing: apt-get install npm")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "narrows"
    place = cache / f"azurite-{VERSION}"
    place.mkdir(parents=True, exist_ok=True)
    program = place / "node_modules" / ".bin" / "azurite-blob"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            fetched = subprocess.run(
                [npm, "install", "--prefix", place, "--no-audit", "--no-fund", f"azurite@{VERSION}"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if fetched.returncode != 0:
                raise Unobtainable(f"npm cannot fetch Azurite: {fetched.stderr[-500:]}")
    return str(program)
