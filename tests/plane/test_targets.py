"""The leg to a target that speaks TLS and SCRAM-SHA-256-PLUS alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import trustme

from narrows import _core
from tests.plane.servers import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.plane.conftest import Gateway
    from tests.plane.servers import Server


def target(server: Server, ca: Path, **more: Any) -> _core.Upstream:
    options: dict[str, Any] = {"secret": PASSWORD.encode(), "ca_pem": ca.read_bytes()}
    return _core.Upstream(address=server.address, database="postgres", user="gateway", **(options | more))


@pytest.fixture
def upstream(secure_server: Server, ca_file: Path) -> _core.Upstream:
    return target(secure_server, ca_file)


async def test_both_legs_are_tls(gateway: Gateway) -> None:
    sql = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    assert await gateway.psql("-c", sql) == (0, "TLSv1.3\n", "")


async def test_the_login_is_scram(gateway: Gateway, secure_server: Server) -> None:
    secure_server.run("ALTER SYSTEM SET log_connections = on")
    secure_server.run("SELECT pg_reload_conf()")
    assert (await gateway.psql("-c", "SELECT 1"))[0] == 0
    assert "method=scram-sha-256" in (secure_server.directory / "log").read_text()


async def test_a_wrong_password_is_the_operators_business(
    gateway: Gateway, secure_server: Server, ca_file: Path
) -> None:
    gateway.control.upstream = target(secure_server, ca_file, secret=b"wrong battery")
    status, _, errors = await gateway.psql("-c", "SELECT 1")
    assert status == 2
    assert "Narrows could not log in at the target" in errors
    assert "wrong battery" not in errors
    closed = await gateway.control.until(_core.SessionClosed)
    assert "28P01" in closed.reason


async def test_a_certificate_of_another_authority_is_refused(
    gateway: Gateway, secure_server: Server, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    gateway.control.upstream = target(secure_server, other)
    await refused_for_trust(gateway)


async def test_a_certificate_of_another_name_is_refused(
    gateway: Gateway, secure_server: Server, ca_file: Path
) -> None:
    gateway.control.upstream = target(secure_server, ca_file, server_name="other.example")
    await refused_for_trust(gateway)


async def test_a_target_without_tls_is_refused(gateway: Gateway, plain_server: Server, ca_file: Path) -> None:
    gateway.control.upstream = target(plain_server, ca_file)
    await refused_for_trust(gateway)


async def refused_for_trust(gateway: Gateway) -> None:
    status, _, errors = await gateway.psql("-c", "SELECT 1")
    assert status == 2
    assert "Narrows does not trust the target" in errors
    assert "not to be trusted" in (await gateway.control.until(_core.SessionClosed)).reason


async def test_a_unix_socket(gateway: Gateway, plain_server: Server) -> None:
    gateway.control.upstream = _core.Upstream(
        address=plain_server.socket, database="postgres", user="gateway", tls="off"
    )
    assert await gateway.psql("-c", "SELECT inet_client_addr() IS NULL") == (0, "t\n", "")


def test_plaintext_to_another_machine_is_refused() -> None:
    with pytest.raises(ValueError, match="tls"):
        _core.Upstream(address="10.0.0.5:5432", database="d", user="u", tls="off")


def test_the_repr_shows_no_secret() -> None:
    upstream = _core.Upstream(address="127.0.0.1:5432", database="d", user="u", secret=b"hunter2", tls="off")
    assert "hunter2" not in repr(upstream)
