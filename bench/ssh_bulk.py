"""SSH: streams and files with OpenSSH's own clients, direct and through the gateway in turn.

What comes down is text like a log's, with something in it to be masked now and then: zeros would cost a
detector nothing.
"""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench import processes
from bench.figures import median_ratio
from narrows.demo.sshd import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from narrows.demo.sshd import Sshd

CIPHER = "aes128-gcm@openssh.com"
MEBIBYTE = 1 << 20
LOG_MEBIBYTES = 10
"""Of text, which is sent as often as it takes."""
SMALL_FILES = 300
SMALL_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Bulk:
    """What is moved, and between whom."""

    sshd: Sshd
    through: dict[str, Any]
    pid: int
    """The gateway's."""
    place: Path
    rounds: int
    mebibytes: int

    def streams(self) -> dict[str, Any]:
        """Megabytes a second of a command's output and input, and processor time of the gateway's."""
        log = self.place / "log"
        log.write_bytes(text(LOG_MEBIBYTES * MEBIBYTE))
        log.chmod(0o644)
        times = self.mebibytes // LOG_MEBIBYTES
        size = times * LOG_MEBIBYTES * MEBIBYTE
        command = "cat " + " ".join([str(log)] * times)
        return {
            "down": self._compare(size, lambda ssh: self._run([*ssh, command])),
            "up": self._compare(size, lambda ssh: self._feed([*ssh, "cat"], log, times)),
        }

    def files(self) -> dict[str, Any]:
        """The same of files by SFTP: one large one each way, and many small ones each way."""
        large, small = self.place / "large", self.place / "small"
        size = self.mebibytes * MEBIBYTE
        with large.open("wb") as file:
            for _ in range(self.mebibytes):
                file.write(os.urandom(MEBIBYTE))
        small.mkdir()
        for number in range(SMALL_FILES):
            (small / str(number)).write_bytes(os.urandom(SMALL_BYTES))
        back = self.place / "back"
        back.mkdir()
        return {
            "get": self._compare(size, lambda sftp: self._batch(sftp, f"get {large} {back}/large"), "sftp"),
            "put": self._compare(size, lambda sftp: self._batch(sftp, f"put {large} {back}/large"), "sftp"),
            "get_small": self._compare(
                SMALL_FILES * SMALL_BYTES, lambda sftp: self._batch(sftp, f"get -r {small} {back}"), "sftp"
            ),
            "put_small": self._compare(
                SMALL_FILES * SMALL_BYTES, lambda sftp: self._batch(sftp, f"put -r {small} {back}"), "sftp"
            ),
        }

    def _compare(self, size: int, move: Callable[[list[str]], None], program: str = "ssh") -> dict[str, Any]:
        rates: dict[str, list[float]] = {"direct": [], "narrows": []}
        cpu_s = []
        for _ in range(self.rounds):
            for name, taken in rates.items():
                before, started = processes.cpu_s(self.pid), time.perf_counter()
                move(self._client(program, name))
                taken.append(size / 1e6 / (time.perf_counter() - started))
                if name == "narrows":
                    cpu_s.append(processes.cpu_s(self.pid) - before)
        ratio = median_ratio(rates["narrows"], rates["direct"])
        return {"mb_per_second": rates, "ratio": ratio, "cpu_s": cpu_s}

    def _client(self, program: str, name: str) -> list[str]:
        if name == "direct":
            to = ["-i", str(self.sshd.private_key), "-o", f"Port={self.sshd.port}", *PLAIN]
            user = self.sshd.login
        else:
            to = ["-o", f"Port={self.through['port']}", *PLAIN]
            user = self.through["user"]
        batch = ["-b", "-"] if program == "sftp" else []
        return [program, "-c", CIPHER, *to, *batch, "-o", f"User={user}", "127.0.0.1"]

    def _run(self, command: list[str], **streams: Any) -> None:
        helper = self.place / "askpass"
        helper.write_text(f"#!/bin/sh\necho {self.through['ticket']}\n")
        helper.chmod(0o700)
        environment = {**os.environ, "SSH_ASKPASS": str(helper), "SSH_ASKPASS_REQUIRE": "force"}
        streams = {"stdin": subprocess.DEVNULL} | streams
        subprocess.run(
            command, stdout=subprocess.DEVNULL, env=environment | {"DISPLAY": "x"}, check=True, **streams
        )

    def _feed(self, command: list[str], file: Path, times: int) -> None:
        with subprocess.Popen(["cat", *[str(file)] * times], stdout=subprocess.PIPE) as sent:
            self._run([*command[:-1], f"{command[-1]} >/dev/null"], stdin=sent.stdout)

    def _batch(self, command: list[str], line: str) -> None:
        self._run(command, stdin=None, input=line.encode())


def text(size: int) -> bytes:
    """So many bytes of lines as a server logs them; one in fifty names somebody."""
    lines = []
    count = 0
    number = 0
    while count < size:
        number += 1
        who = f"user{number}@example.com" if number % 50 == 0 else f"10.0.{number % 256}.{number % 251}"
        line = (
            f"2026-11-24T10:{number % 60:02}:{number % 53:02}Z web app[{number}]: "
            f'GET /orders/{number * 7919} 200 {number % 900} "{who}" trace={number * 2654435761:016x}\n'
        )
        lines.append(line)
        count += len(line)
    return "".join(lines).encode()[:size]
