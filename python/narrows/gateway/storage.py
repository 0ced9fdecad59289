"""The object store as the configuration names it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from narrows.credentials.references import resolve
from narrows.recordings.offload import NUMBER_MAX, restore
from narrows.recordings.storage import RemoteCheckpoints, RemoteSegments
from narrows.store import segments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from narrows.config import Located
    from narrows.store import Store


def remote_segments(where: Located) -> RemoteSegments | None:
    """The configured object store; None where segments stay on this node.

    Raises:
        CredentialError: A secret of it cannot be had.
        RecordingError: It cannot be used so.
    """
    section = where.config.storage
    if section is None:
        return None
    return RemoteSegments(section.url, section.options | _revealed(where, section.secrets))


def checkpoint_store(where: Located) -> RemoteCheckpoints | None:
    """The object store that checkpoints are published to; None where there is none. Raises as
    `remote_segments`."""
    journal = where.config.journal
    if not journal.checkpoint_store:
        return None
    options = journal.checkpoint_store_options | _revealed(where, journal.checkpoint_store_secrets)
    return RemoteCheckpoints(journal.checkpoint_store, options)


def _revealed(where: Located, secrets: Mapping[str, str]) -> dict[str, str]:
    return {name: resolve(reference, where.base).reveal().decode() for name, reference in secrets.items()}


def restorer(where: Located, store: Store) -> Callable[[int, int], int] | None:
    """Brings segments back for whoever reads; None where they stay here. Raises as `remote_segments`."""
    remote = remote_segments(where)
    return None if remote is None else partial(restore, where.journal, remote, store, node=where.node)


def restore_all(where: Located, store: Store) -> int:
    """Brings every segment back that is in the object store only; returns how many. Raises as `restorer`."""
    bring = restorer(where, store)
    if bring is None:
        return 0
    stored = [one.number for one in store.run_here(segments.between, where.node, 0, NUMBER_MAX)]
    return sum(bring(number, number) for number in stored)
