"""Segments go to an object store, are believed when read back, and come back for whoever looks."""

from __future__ import annotations

import shutil
import socket
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.server import ThreadedMotoServer

from narrows import _core
from narrows.errors import RecordingError
from narrows.recordings import proof
from narrows.recordings.frames import Journal
from narrows.recordings.index import IndexWriter, Wanted, open_index, read_index, search
from narrows.recordings.index.schema import dump
from narrows.recordings.offload import Offload, restore
from narrows.recordings.reading import Recording
from narrows.recordings.storage import RemoteCheckpoints, RemoteSegments, local_segments, segment_path
from narrows.store import open_store, segments
from tests.plane.conftest import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from narrows.store import Store
    from tests.plane.conftest import Gateway

SESSIONS = 6
NOISE = "string_agg(md5(random()::text), '') from generate_series(1, 20)"
"""Which compresses badly, so that segments fill up."""
STATEMENTS = "; ".join(f"select {number} as offloaded, {NOISE}" for number in range(10))


@pytest.fixture
def plane_options() -> dict[str, int]:
    return {"segment_bytes_max": 10_000}


@pytest.fixture
async def journal(gateway: Gateway, tmp_path: Path) -> Path:
    """A journal of several segments, indexed to its end, of a gateway that is gone."""
    for number in range(SESSIONS):
        code, _, errors = await gateway.psql("-c", STATEMENTS, "-c", f"select {number} as last")
        assert code == 0, errors
    gateway.plane.shutdown(1_000)
    journal = Path(gateway.journal)
    index(journal, tmp_path / "recordings.db")
    assert len(local_segments(journal)) > 3
    return journal


def index(journal: Path, path: Path) -> None:
    with closing(IndexWriter(path, Journal(journal))) as writer:
        while writer.step():
            pass


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = open_store(tmp_path / "narrows.db")
    yield store
    store.close()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "remote").mkdir()
    return tmp_path / "remote"


@pytest.fixture(scope="module")
def s3() -> Iterator[ThreadedMotoServer]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server
    server.stop()


def s3_options(server: ThreadedMotoServer, bucket: str) -> dict[str, str]:
    """How a new bucket is reached."""
    host, port = server.get_host_and_port()
    options = {"endpoint": f"http://{host}:{port}", "region": "us-east-1"}
    keys = {"access_key_id": "key", "secret_access_key": "secret"}
    client = boto3.client(
        "s3",
        endpoint_url=options["endpoint"],
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket=bucket)
    client.close()
    return options | keys


def s3_segments(server: ThreadedMotoServer, bucket: str) -> RemoteSegments:
    return RemoteSegments(f"s3://{bucket}/node-1", s3_options(server, bucket))


async def test_a_checkpoint_in_s3_is_put_once_and_never_replaced(s3: ThreadedMotoServer) -> None:
    options = s3_options(s3, "checkpoints")
    checkpoints = RemoteCheckpoints("s3://checkpoints/node-1", options)
    for _ in range(2):  # an attempt that could not note that it got through is made again
        await in_thread(lambda: checkpoints.put("0000000003.checkpoint", "three"))
    with pytest.raises(RecordingError, match="another checkpoint of the same size"):
        await in_thread(lambda: checkpoints.put("0000000003.checkpoint", "another"))
    nowhere = RemoteCheckpoints("s3://nowhere/node-1", options)
    with pytest.raises(RecordingError, match="cannot be stored"):
        await in_thread(lambda: nowhere.put("0000000003.checkpoint", "three"))


def offload(journal: Path, remote: RemoteSegments, store: Store, *, keep_local_s: float = 0) -> Offload:
    return Offload(journal, journal.parent / "recordings.db", remote, store, keep_local_s=keep_local_s)


def sessions_in(journal: Path) -> list[int]:
    with closing(read_index(journal.parent / "recordings.db")) as connection:
        return sorted({hit.session for hit in search(connection, Wanted(text="offloaded"))})


def contents(journal: Path) -> dict[int, bytes]:
    return {number: segment_path(journal, number).read_bytes() for number in local_segments(journal)}


def no_parts(journal: Path) -> bool:
    return not list(journal.glob(".*.part"))


async def there_and_back(journal: Path, remote: RemoteSegments, store: Store) -> None:
    before = contents(journal)
    told = {
        one: list(Recording(Journal(journal), Path("none"), one).moments()) for one in sessions_in(journal)
    }
    assert len(told) == SESSIONS
    await offload(journal, remote, store).step()
    assert contents(journal) == before  # nothing goes at once
    await offload(journal, remote, store).step()
    assert len(local_segments(journal)) == 1
    bring = partial(restore, journal, remote, store)
    for session, moments in told.items():
        recording = Recording(Journal(journal), journal.parent / "recordings.db", session, bring)
        assert list(recording.moments()) == moments
    assert contents(journal) == before
    assert not proof.verify(journal).problems
    assert oct(segment_path(journal, 1).stat().st_mode)[-3:] == "600"


async def test_to_a_directory_and_back(journal: Path, store: Store, directory: Path) -> None:
    await there_and_back(journal, RemoteSegments(f"file://{directory}", {}), store)


async def test_to_s3_and_back(journal: Path, store: Store, s3: ThreadedMotoServer) -> None:
    await there_and_back(journal, s3_segments(s3, "recordings"), store)


async def test_a_store_that_is_away_loses_nothing(
    journal: Path, store: Store, s3: ThreadedMotoServer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    keys = {"access_key_id": "key", "secret_access_key": "secret", "region": "us-east-1"}
    away = RemoteSegments("s3://away/node-1", keys | {"endpoint": f"http://127.0.0.1:{port}"})
    here = local_segments(journal)
    with pytest.raises(RecordingError, match="cannot be stored"):
        await offload(journal, away, store).step()
    assert local_segments(journal) == here
    assert store.run_here(segments.between, "", 0, 99) == []
    await there_and_back(journal, s3_segments(s3, "back"), store)


async def test_what_was_stored_before_a_crash_is_taken_for_stored(
    journal: Path, store: Store, directory: Path
) -> None:
    shutil.copy(segment_path(journal, 1), directory)
    await there_and_back(journal, RemoteSegments(f"file://{directory}", {}), store)


async def test_another_nodes_segment_is_told(journal: Path, store: Store, directory: Path) -> None:
    (directory / "0000000001.journal").write_bytes(b"another node's")
    remote = RemoteSegments(f"file://{directory}", {})
    for _ in range(2):
        with pytest.raises(RecordingError, match="used by another node"):
            await offload(journal, remote, store).step()
    assert segment_path(journal, 1).exists()


async def test_what_is_gone_over_there_stays_here(journal: Path, store: Store, directory: Path) -> None:
    remote = RemoteSegments(f"file://{directory}", {})
    await offload(journal, remote, store).step()
    (directory / "0000000001.journal").write_bytes(b"cut")
    with pytest.raises(RecordingError, match="stays here"):
        await offload(journal, remote, store).step()
    (directory / "0000000001.journal").unlink()
    with pytest.raises(RecordingError, match="stays here"):
        await offload(journal, remote, store).step()
    assert segment_path(journal, 1).exists()


async def test_what_was_changed_over_there_is_not_taken_back(
    journal: Path, store: Store, directory: Path
) -> None:
    remote = RemoteSegments(f"file://{directory}", {})
    for _ in range(2):
        await offload(journal, remote, store).step()
    changed = directory / "0000000001.journal"
    content = bytearray(changed.read_bytes())
    content[100] ^= 1
    changed.write_bytes(content)
    recording = Recording(
        Journal(journal),
        journal.parent / "recordings.db",
        sessions_in(journal)[0],
        partial(restore, journal, remote, store),
    )
    with pytest.raises(RecordingError, match="not what was put there"):
        list(recording.moments())
    assert not segment_path(journal, 1).exists()
    assert no_parts(journal)


async def test_what_is_still_needed_stays(journal: Path, store: Store, directory: Path) -> None:
    """By age, and by an index that has not read it yet."""
    remote = RemoteSegments(f"file://{directory}", {})
    here = local_segments(journal)
    for _ in range(3):
        await offload(journal, remote, store, keep_local_s=3_600).step()
    assert local_segments(journal) == here
    (journal.parent / "recordings.db").unlink()
    with closing(open_index(journal.parent / "recordings.db")):
        pass
    await offload(journal, remote, store).step()
    assert local_segments(journal) == here


async def test_the_index_can_be_made_again_from_the_store(
    journal: Path, store: Store, directory: Path, tmp_path: Path
) -> None:
    remote = RemoteSegments(f"file://{directory}", {})
    for _ in range(2):
        await offload(journal, remote, store).step()
    assert restore(journal, remote, store, 1, 1) == 1
    assert restore(journal, remote, store, 0, 99) == len(local_segments(directory)) - 1
    index(journal, tmp_path / "again.db")
    assert dump(tmp_path / "again.db") == dump(journal.parent / "recordings.db")


def test_a_store_that_cannot_be_is_refused() -> None:
    with pytest.raises(RecordingError, match="object store cannot be used"):
        RemoteSegments("file://relative/path", {"nonsense": "1"})


async def test_what_the_node_does_is_in_its_own_recording(gateway: Gateway) -> None:
    gateway.plane.note('{"event": "deleted", "session": "x"}')
    (frame,) = _core.read_journal(gateway.journal, 0)
    assert (frame.kind, frame.payload) == ("event", b'{"event": "deleted", "session": "x"}')
    assert not proof.verify(Path(gateway.journal)).problems
