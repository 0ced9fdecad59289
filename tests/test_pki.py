"""The local CA: made once, believed by real TLS, renewed in time, closed to others."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trio
from cryptography import x509

from narrows.errors import CredentialError
from narrows.pki import RENEW_BEFORE, SERVER_LIFETIME, LocalCa

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["localhost", "127.0.0.1", "::1", "gateway.example"]


async def handshake(ca: LocalCa, folder: Path, name: str) -> str | None:
    """Speaks TLS to a server that presents the CA's certificate; returns the version agreed on."""
    ca.server_certificate(NAMES)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(folder / "server.pem", folder / "server.key")
    asking = ssl.create_default_context(cadata=ca.ca_pem.decode())
    here, there = trio.testing.memory_stream_pair()
    server = trio.SSLStream(here, serving, server_side=True)
    client = trio.SSLStream(there, asking, server_hostname=name)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.do_handshake)
        await client.do_handshake()
    version: str | None = client.version()
    return version


@pytest.mark.parametrize("name", NAMES)
async def test_real_tls_believes_it(tmp_path: Path, name: str) -> None:
    assert await handshake(LocalCa(tmp_path), tmp_path, name) == "TLSv1.3"


async def test_another_name_is_not_believed(tmp_path: Path) -> None:
    with pytest.raises(BaseExceptionGroup) as refused:
        await handshake(LocalCa(tmp_path), tmp_path, "evil.example")
    assert refused.group_contains(trio.BrokenResourceError)


def test_the_authority_is_made_once(tmp_path: Path) -> None:
    first = LocalCa(tmp_path)
    certificate = first.server_certificate(NAMES)
    again = LocalCa(tmp_path)
    assert again.ca_pem == first.ca_pem
    assert again.server_certificate(NAMES) == certificate


def test_other_names_get_another_certificate(tmp_path: Path) -> None:
    ca = LocalCa(tmp_path)
    before = ca.server_certificate(["localhost"])
    after = ca.server_certificate(NAMES)
    assert before.certificate_pem != after.certificate_pem
    assert before.key_pem != after.key_pem


def test_a_certificate_is_renewed_before_its_end(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    clock = [now]
    ca = LocalCa(tmp_path, lambda: clock[0])
    first = ca.server_certificate(NAMES)
    clock[0] = now + SERVER_LIFETIME - RENEW_BEFORE - timedelta(minutes=1)
    assert ca.server_certificate(NAMES) == first
    clock[0] = now + SERVER_LIFETIME - RENEW_BEFORE + timedelta(minutes=1)
    assert ca.server_certificate(NAMES).not_after > first.not_after


def test_an_expired_authority_says_what_to_do(tmp_path: Path) -> None:
    LocalCa(tmp_path)
    with pytest.raises(CredentialError, match="has expired; move it away"):
        LocalCa(tmp_path, lambda: datetime.now(UTC) + timedelta(days=4000))


def test_a_damaged_server_certificate_is_replaced(tmp_path: Path) -> None:
    ca = LocalCa(tmp_path)
    ca.server_certificate(NAMES)
    (tmp_path / "server.pem").write_text("not a certificate")
    x509.load_pem_x509_certificate(ca.server_certificate(NAMES).certificate_pem)


def test_a_server_certificate_of_another_authority_is_replaced(tmp_path: Path) -> None:
    LocalCa(tmp_path).server_certificate(NAMES)
    for file in ("ca.pem", "ca.key"):
        (tmp_path / file).unlink()
    ca = LocalCa(tmp_path)
    issued = x509.load_pem_x509_certificate(ca.server_certificate(NAMES).certificate_pem)
    issued.verify_directly_issued_by(x509.load_pem_x509_certificate(ca.ca_pem))


def test_keys_are_closed_to_others_and_certificates_open(tmp_path: Path) -> None:
    LocalCa(tmp_path).server_certificate(NAMES)
    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes == {"ca.pem": 0o644, "ca.key": 0o600, "server.pem": 0o644, "server.key": 0o600}


def test_an_open_key_is_refused(tmp_path: Path) -> None:
    LocalCa(tmp_path)
    (tmp_path / "ca.key").chmod(0o644)
    with pytest.raises(CredentialError, match="is open to others; do: chmod 600"):
        LocalCa(tmp_path)


def test_a_key_of_another_authority_is_refused(tmp_path: Path) -> None:
    LocalCa(tmp_path / "one")
    LocalCa(tmp_path / "two")
    (tmp_path / "one" / "ca.key").write_bytes((tmp_path / "two" / "ca.key").read_bytes())
    with pytest.raises(CredentialError, match="is not the key of"):
        LocalCa(tmp_path / "one")


def test_the_repr_shows_no_key(tmp_path: Path) -> None:
    assert "PRIVATE KEY" not in repr(LocalCa(tmp_path).server_certificate(NAMES))
