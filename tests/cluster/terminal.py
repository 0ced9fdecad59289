"""A client on a terminal of its own, as a person has it: its size, its keys, and what it shows."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DEADLINE_S = 30.0
INTERRUPT = "\x03"
"""What a terminal sends for Ctrl-C."""


class Terminal:
    """A process on a terminal, driven from its other end."""

    def __init__(self, ours: int, process: subprocess.Popen[bytes]) -> None:
        self._ours = ours
        self._process = process
        self.shown = ""
        """All that the terminal has shown so far."""

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def resize(self, rows: int, columns: int) -> None:
        """Makes the window another size, of which the kernel tells what runs in it."""
        _size(self._ours, rows, columns)
        self._process.send_signal(signal.SIGWINCH)

    def until(self, pattern: str) -> None:
        """Waits until what is shown has a match.

        Raises:
            AssertionError: The deadline passed, or the terminal was closed; holds all that it showed.
        """
        deadline = time.monotonic() + DEADLINE_S
        while not re.search(pattern, self.shown):
            assert self._read(deadline), f"no {pattern!r} in {self.shown!r}"

    def end(self) -> int:
        """Reads on until the process ends; its exit code."""
        deadline = time.monotonic() + DEADLINE_S
        while self._read(deadline):
            pass
        return self._process.wait(DEADLINE_S)

    def _read(self, deadline: float) -> bool:
        """Reads what comes; whether more can come in time."""
        readable, _, _ = select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))
        piece = b""
        if readable:
            with contextlib.suppress(OSError):  # EIO once its last user has gone
                piece = os.read(self._ours, 4096)
        self.shown += piece.decode(errors="replace")
        return bool(piece)


@contextlib.contextmanager
def on_terminal(
    command: Sequence[str], environment: Mapping[str, str], *, rows: int = 24, columns: int = 80
) -> Iterator[Terminal]:
    """Runs a command on a terminal for as long as the block lasts."""
    ours, its = pty.openpty()
    _size(its, rows, columns)
    with subprocess.Popen(command, env=environment, stdin=its, stdout=its, stderr=its) as process:
        os.close(its)
        try:
            yield Terminal(ours, process)
        finally:
            process.kill()
            os.close(ours)


def _size(terminal: int, rows: int, columns: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
