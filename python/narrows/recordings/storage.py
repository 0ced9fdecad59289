"""Sealed segments in an object store: put there once, believed only when read back, fetched when looked at.
Checkpoints too, which are only ever put there.

Nothing here knows whose store it is: a directory, S3, Azure Blob or Google Cloud Storage behave alike. Every
call waits for the network, so all of them are for threads.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from narrows.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SUFFIX = ".journal"
NUMBER_DIGITS = 10
READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a segment is told by."""

    bytes: int
    sha256: str


def segment_path(journal: Path, number: int) -> Path:
    """The file of a segment."""
    return journal / f"{number:0{NUMBER_DIGITS}}{SUFFIX}"


def local_segments(journal: Path) -> list[int]:
    """Numbers of the segments on this node, in order; the last one is still written to."""
    names = (path.stem for path in journal.glob(f"*{SUFFIX}"))
    return sorted(int(name) for name in names if name.isdigit() and len(name) == NUMBER_DIGITS)


def fingerprint(path: Path) -> Fingerprint:
    """What a file is told by. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while data := file.read(READ_BYTES):
            digest.update(data)
            size += len(data)
    return Fingerprint(size, digest.hexdigest())


class RemoteSegments:
    """Segments in an object store.

    Args:
        url: `s3://bucket/prefix`, `az://container/prefix`, `gs://bucket/prefix` or `file:///directory`. The
            prefix is for this node alone.
        options: What obstore calls the store's configuration, secrets among it.

    Raises:
        RecordingError: The store cannot be used so.
    """

    def __init__(self, url: str, options: Mapping[str, str]) -> None:
        self._store = _open(url, options)

    def put(self, path: Path) -> Fingerprint:
        """Puts a sealed segment there, unless it is there already, and reads it back.

        Returns:
            What the store now holds, which is what the file holds.

        Raises:
            RecordingError: The store cannot be reached, or holds something else under that name.
            OSError: The file cannot be read.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError

        ours = fingerprint(path)
        with _store_errors(f"{path.name} cannot be stored"):
            with suppress(AlreadyExistsError):  # an earlier attempt got through and could not note it
                obstore.put(self._store, path.name, path, mode="create", use_multipart=False)
            theirs = self._read_back(path.name)
        if theirs != ours:
            raise RecordingError(
                f"the object store holds another {path.name}; is its prefix used by another node too?"
            )
        return ours

    def holds(self, name: str, expected: Fingerprint) -> bool:
        """Whether a segment is still there, by its size. Raises RecordingError."""
        import obstore

        with _store_errors(f"{name} cannot be looked at"):
            try:
                found = obstore.head(self._store, name)
            except FileNotFoundError:
                return False
        return bool(found["size"] == expected.bytes)

    def fetch(self, path: Path, expected: Fingerprint) -> None:
        """Brings a segment back to where it was; its name is there only when all of it is.

        Raises:
            RecordingError: It is not there, or is not what was put there.
            OSError: It cannot be written.
        """
        import obstore

        part = path.with_name(f".{path.name}.part")
        try:
            with _store_errors(f"{path.name} cannot be fetched"), _private(part) as file:
                for data in obstore.get(self._store, path.name).stream(min_chunk_size=READ_BYTES):
                    file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if fingerprint(part) != expected:
                raise RecordingError(f"{path.name} in the object store is not what was put there")
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)

    def _read_back(self, name: str) -> Fingerprint:
        import obstore

        digest, size = hashlib.sha256(), 0
        for data in obstore.get(self._store, name).stream(min_chunk_size=READ_BYTES):
            digest.update(data)
            size += len(data)
        return Fingerprint(size, digest.hexdigest())


class RemoteCheckpoints:
    """Checkpoints in an object store, one object each, never replaced.

    Args:
        url: As `RemoteSegments` has it.
        options: As `RemoteSegments` has them.

    Raises:
        RecordingError: The store cannot be used so.
    """

    def __init__(self, url: str, options: Mapping[str, str]) -> None:
        self._store = _open(url, options)

    def put(self, name: str, checkpoint: str) -> None:
        """Puts a checkpoint there, unless it is there already.

        Args:
            name: Of the object.
            checkpoint: Its text.

        Raises:
            RecordingError: The store cannot be reached, or holds another checkpoint under that name.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError

        content = checkpoint.encode()
        with _store_errors(f"{name} cannot be stored"):
            try:
                obstore.put(self._store, name, content, mode="create", use_multipart=False)
            except AlreadyExistsError:  # an earlier attempt got through, or somebody else's
                if bytes(obstore.get(self._store, name).bytes()) != content:
                    raise RecordingError(f"{name} is another checkpoint of the same size") from None


def _open(url: str, options: Mapping[str, str]) -> Any:
    from obstore.store import from_url

    make: Any = from_url  # its overloads tell the stores apart by their settings
    plain = options.get("endpoint", "").startswith("http:")
    with _store_errors("the object store cannot be used"):
        return make(url, config=dict(options) or None, client_options={"allow_http": True} if plain else None)


def _private(path: Path) -> BinaryIO:
    """A new file that only we may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


@contextmanager
def _store_errors(what: str) -> Iterator[None]:
    """The first line of an error of the store says enough; what follows can hold addresses with secrets."""
    from obstore.exceptions import BaseError

    try:
        yield
    except BaseError as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise RecordingError(f"{what}: {first}") from None
    except FileNotFoundError as error:
        if error.filename is not None:
            raise  # a file of ours
        raise RecordingError(f"{what}: it is not there") from None
