"""Publishes the journal's checkpoints where the gateway cannot take them back.

Whoever has a checkpoint can tell whether anything recorded before it was changed later, by the gateway's own
operators too. So each goes to every configured place; one that is out of reach gets the next ones when it is
back, which vouch for all that the missed ones did.
"""

from __future__ import annotations

import json
import os
import time
from functools import partial
from typing import TYPE_CHECKING

import structlog
import trio

from narrows.approvals.notify.channel import DeliveryFailed
from narrows.approvals.notify.webhook import signed
from narrows.errors import CredentialError, RecordingError
from narrows.gateway.channels import post_of, revealed
from narrows.gateway.storage import checkpoint_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from narrows.config import Located, NotifierSection
    from narrows.recordings.storage import RemoteCheckpoints

log = structlog.get_logger()

LOOK_EVERY_S = 1.0
RETRY_AFTER_S = 30.0


class Checkpoints:
    """Publishes each new checkpoint.

    Args:
        located: The configuration, which names the places.

    Raises:
        CredentialError: A secret of the object store cannot be had.
        RecordingError: The object store cannot be used so.
    """

    def __init__(self, located: Located) -> None:
        self._file = located.journal / "checkpoint"
        self.failures = 0
        """How often one could not be published."""
        journal = located.config.journal
        self._places: dict[str, Callable[[str], Awaitable[None]]] = {
            directory: partial(_store, located.base / directory)
            for directory in journal.checkpoint_directories
        }
        if (store := checkpoint_store(located)) is not None:
            self._places[journal.checkpoint_store] = partial(_put, store)
        for section in located.config.notifier:
            if section.name in journal.checkpoint_notifiers:
                self._places[section.name] = partial(_post, section, located.base)

    async def run(self) -> None:
        """Publishes until cancelled."""
        async with trio.open_nursery() as nursery:
            for name, publish in self._places.items():
                nursery.start_soon(self._keep_publishing, name, publish)

    async def _keep_publishing(self, name: str, publish: Callable[[str], Awaitable[None]]) -> None:
        published = ""
        while True:
            checkpoint = await trio.to_thread.run_sync(_read, self._file)
            wait_s = LOOK_EVERY_S
            if checkpoint != published:
                try:
                    await publish(checkpoint)
                    published = checkpoint
                except (OSError, DeliveryFailed, CredentialError, RecordingError) as error:
                    self.failures += 1
                    log.warning("checkpoint not published", place=name, error=str(error))
                    wait_s = RETRY_AFTER_S
            await trio.sleep(wait_s)


def _read(file: Path) -> str:
    """The newest checkpoint; empty if there is none yet."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


async def _store(directory: Path, checkpoint: str) -> None:
    """Makes a file of it that is named for the log's size. One that is there is never replaced."""
    await trio.to_thread.run_sync(_store_now, directory, checkpoint)


async def _put(store: RemoteCheckpoints, checkpoint: str) -> None:
    """Makes an object of it, of the same name as a file has."""
    await trio.to_thread.run_sync(store.put, _name(checkpoint), checkpoint)


def _name(checkpoint: str) -> str:
    _origin, size, *_rest = checkpoint.splitlines()
    return f"{int(size):010}.checkpoint"


def _store_now(directory: Path, checkpoint: str) -> None:
    file = directory / _name(checkpoint)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        if file.read_text(encoding="utf-8") != checkpoint:
            raise FileExistsError(f"{file} is another checkpoint of the same size") from None
        return
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(checkpoint)
        stream.flush()
        os.fsync(stream.fileno())


async def _post(section: NotifierSection, base: Path, checkpoint: str) -> None:
    """Posts a signed `journal.checkpoint` event."""
    origin, size, *_rest = checkpoint.splitlines()
    data = {"origin": origin, "size": int(size), "checkpoint": checkpoint}
    body = json.dumps({"type": "journal.checkpoint", "data": data}).encode()
    headers = signed(revealed(section.secret, base), f"msg_checkpoint_{size}", int(time.time()), body)
    await post_of(section, base)(revealed(section.url, base).decode(), body, headers)
