"""Runs the process that follows the journal, beside the gateway and started again when it ends."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import structlog
import trio

if TYPE_CHECKING:
    from pathlib import Path

PAUSE_MIN_S = 1.0
PAUSE_MAX_S = 60.0
"""Before it is started again; doubled every time, so that what is broken does not keep a processor busy."""
STOP_DEADLINE_S = 3.0
"""To finish in what it is doing when the gateway stops."""

log = structlog.get_logger("narrows.recordings")


async def keep_following(config: Path) -> None:
    """Keeps `narrows recordings follow` running until cancelled.

    It ends by itself when its standard input does, so that it outlives no gateway, however that ends.

    Args:
        config: The configuration's file.
    """
    command = [
        sys.executable, "-m", "narrows", "recordings", "follow", "--until-eof", "--config", str(config),
    ]  # fmt: skip
    pause = PAUSE_MIN_S
    while True:
        started = trio.current_time()
        code = await _run(command)
        if trio.current_time() - started > PAUSE_MAX_S:
            pause = PAUSE_MIN_S
        log.error("recordings are not followed", code=code, again_in_s=pause)
        await trio.sleep(pause)
        pause = min(pause * 2, PAUSE_MAX_S)


async def _run(command: list[str]) -> int:
    process = await trio.lowlevel.open_process(command, stdin=subprocess.PIPE)
    try:
        return await process.wait()
    finally:
        with trio.move_on_after(STOP_DEADLINE_S, shield=True):
            if process.stdin is not None:
                await process.stdin.aclose()
            await process.wait()
        if process.returncode is None:
            process.kill()
