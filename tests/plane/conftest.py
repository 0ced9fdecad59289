"""A real data plane between real clients and real servers."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
import trio
import trustme

from narrows import _core
from tests.plane.control import Control
from tests.plane.servers import PASSWORD, PLAIN, SECURE, Server, give_to_server, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


@dataclass
class Gateway:
    """A listener with its control plane."""

    plane: _core.Plane
    control: Control
    address: str
    journal: str
    ca: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def journal_bytes(self) -> int:
        """Size of the journal's largest segment."""
        return max(path.stat().st_size for path in Path(self.journal).glob("*.journal"))

    def conninfo(self, **more: str) -> dict[str, str]:
        base = {
            "host": "localhost",
            "hostaddr": "127.0.0.1",
            "port": str(self.port),
            "user": "agent",
            "dbname": "orders-db",
            "password": "token",
            "sslmode": "verify-full",
            "sslrootcert": str(self.ca),
        }
        return base | more

    async def psql(self, *arguments: str, **more: str) -> tuple[int, str, str]:
        """Runs the real psql; returns its status, output and errors."""
        names = {"dbname": "PGDATABASE"}
        environment = {
            names.get(name, f"PG{name.upper()}"): value for name, value in self.conninfo(**more).items()
        }
        done = await trio.run_process(
            [SECURE / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *arguments],
            env=os.environ | environment,
            capture_stdout=True,
            capture_stderr=True,
            check=False,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    async def connect(self, **more: str) -> psycopg.Connection:
        return await in_thread(lambda: psycopg.connect(**self.conninfo(**more), autocommit=True))


async def in_thread(work: Callable[[], object]) -> object:
    """Runs blocking client code while the control plane goes on."""
    return await trio.to_thread.run_sync(work, abandon_on_cancel=True)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A short path, since a Unix socket's is bounded, that an unprivileged user can enter."""
    with tempfile.TemporaryDirectory(prefix="nw") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, folder: Path) -> Path:
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return folder / "ca.pem"


@pytest.fixture(scope="session")
def plain_server(folder: Path) -> Iterator[Server]:
    directory = folder / "plain"
    directory.mkdir()
    hba = "local all gateway trust\nhost all gateway 127.0.0.1/32 scram-sha-256\n"
    with serve(PLAIN, directory, hba=hba) as server:
        yield server


@pytest.fixture(scope="session")
def secure_server(folder: Path, authority: trustme.CA) -> Iterator[Server]:
    """Speaks TLS alone, and SCRAM alone."""
    directory = folder / "secure"
    directory.mkdir()
    identity = authority.issue_cert("localhost", "127.0.0.1")
    identity.cert_chain_pems[0].write_to_path(folder / "server.pem")
    identity.private_key_pem.write_to_path(folder / "server.key")
    (folder / "server.key").chmod(0o600)
    give_to_server(folder / "server.key")
    settings = f"ssl = on\nssl_cert_file = '{folder}/server.pem'\nssl_key_file = '{folder}/server.key'\n"
    hba = "hostssl all gateway 127.0.0.1/32 scram-sha-256\n"
    with serve(SECURE, directory, hba=hba, settings=settings) as server:
        yield server


@pytest.fixture
def upstream(plain_server: Server) -> _core.Upstream:
    """The default: PostgreSQL 18 over loopback with a password. Modules choose another."""
    return _core.Upstream(
        address=plain_server.address, database="postgres", user="gateway", secret=PASSWORD.encode(), tls="off"
    )


@pytest.fixture
def plane_options() -> dict[str, int]:
    return {}


@pytest.fixture
async def gateway(
    upstream: _core.Upstream,
    authority: trustme.CA,
    ca_file: Path,
    tmp_path: Path,
    plane_options: dict[str, int],
) -> AsyncIterator[Gateway]:
    identity = authority.issue_cert("localhost", "127.0.0.1")
    journal = str(tmp_path / "journal")
    plane = _core.Plane(journal, **plane_options)
    address = plane.listen_postgres(
        "127.0.0.1:0",
        certificate_pem=b"".join(pem.bytes() for pem in identity.cert_chain_pems),
        key_pem=identity.private_key_pem.bytes(),
        handshake_deadline_ms=2_000,
    )
    control = Control(plane, upstream)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(control.run)
            yield Gateway(plane, control, address, journal, ca_file)
            nursery.cancel_scope.cancel()
    finally:
        plane.shutdown(1_000)
