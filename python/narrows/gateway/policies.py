"""The policy in force: read at start, on SIGHUP and when a file changes; kept when the new one is wrong."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import structlog
import trio

from narrows.errors import PolicyError
from narrows.policy import language

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from narrows.policy.rules import Policy

POLL_S = 1.0
"""How often the policy files' times and sizes are looked at."""

log = structlog.get_logger("narrows.policy")

Fingerprint = dict[str, tuple[int, int]]


class Policies:
    """Holds the policy in force.

    Args:
        directory: Where the policy files are.
        moved: Called when another policy has come into force.

    Raises:
        PolicyError: The first policy is wrong: there is none to keep.
    """

    def __init__(self, directory: Path, *, moved: Callable[[Policy], None]) -> None:
        self._directory = directory
        self._moved = moved
        self._seen = _fingerprint(directory)
        self.current = language.load(directory)

    def reload(self) -> bool:
        """Reads the files again; returns whether another policy is in force now."""
        self._seen = _fingerprint(self._directory)
        try:
            policy = language.load(self._directory)
        except PolicyError as error:
            for problem in error.problems:
                log.error("policy not loaded, the old one stays in force", problem=str(problem))
            return False
        if policy.version == self.current.version:
            return False
        self.current = policy
        self._moved(policy)
        log.info("policy in force", version=policy.version)
        return True

    async def watch(self) -> None:
        """Reloads when a file changes, until cancelled."""
        while True:
            await trio.sleep(POLL_S)
            if _fingerprint(self._directory) != self._seen:
                self.reload()

    async def heed_signals(self) -> None:
        """Reloads on SIGHUP, until cancelled."""
        with trio.open_signal_receiver(signal.SIGHUP) as signals:
            async for _ in signals:
                self.reload()


def _fingerprint(directory: Path) -> Fingerprint:
    seen = {}
    for path in sorted(directory.rglob("*.toml")):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue  # an editor is just replacing it
        seen[str(path)] = (status.st_mtime_ns, status.st_size)
    return seen
