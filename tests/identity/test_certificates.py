"""SSH certificates: what they stand for, and what they must not let in."""

from __future__ import annotations

import base64
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    SSHCertificateBuilder,
    SSHCertificateType,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.errors import CredentialError, IdentityError
from narrows.identity.certificates import USER_LIFETIME_S, SshAuthorities
from narrows.model import Principal

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

NOW = 1_800_000_000.0
AGENT = Principal(
    "entra",
    "t1",
    "agent-1",
    "app",
    app="app-1",
    groups=frozenset({"sg-deploy"}),
    token="u1",
    expires_at=NOW + 3600,
)
PEER = "192.0.2.7"


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


def blob_of(line: str | bytes) -> bytes:
    """What a client presents of a `-cert.pub` file."""
    return base64.b64decode(line.split()[1])


def line_of(key: Any) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


LINE = line_of(Ed25519PrivateKey.generate())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authorities(tmp_path: Path, clock: Clock) -> SshAuthorities:
    return SshAuthorities(tmp_path, clock)


def test_a_certificate_stands_for_its_principal(authorities: SshAuthorities) -> None:
    minted = authorities.mint(AGENT, LINE)
    recognised = authorities.recognise(blob_of(minted.line), PEER)
    assert recognised == replace(AGENT, certificate=str(minted.serial))
    assert minted.expires_at == NOW + USER_LIFETIME_S


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)]
)
def test_other_kinds_of_keys_are_taken(authorities: SshAuthorities, key: Any) -> None:
    minted = authorities.mint(AGENT, line_of(key))
    assert authorities.recognise(blob_of(minted.line), PEER).key == AGENT.key


def test_it_ends_in_minutes_and_with_the_token(authorities: SshAuthorities, clock: Clock) -> None:
    minted = authorities.mint(AGENT, LINE)
    short = authorities.mint(replace(AGENT, expires_at=NOW + 20), LINE)
    clock.now = NOW + 21
    authorities.recognise(blob_of(minted.line), PEER)
    with pytest.raises(IdentityError, match="expired"):
        authorities.recognise(blob_of(short.line), PEER)
    clock.now = NOW + USER_LIFETIME_S
    with pytest.raises(IdentityError, match="expired"):
        authorities.recognise(blob_of(minted.line), PEER)
    clock.now = NOW + 3600
    with pytest.raises(IdentityError, match="token has expired"):
        authorities.mint(AGENT, LINE)


def test_it_is_for_the_address_that_was_asked_for(authorities: SshAuthorities) -> None:
    bound = blob_of(authorities.mint(AGENT, LINE, source="192.0.2.0/28").line)
    authorities.recognise(bound, PEER)
    with pytest.raises(IdentityError, match="address"):
        authorities.recognise(bound, "192.0.2.99")
    with pytest.raises(IdentityError, match="address"):
        authorities.mint(AGENT, LINE, source="everywhere")


def signed_by(key: Ed25519PrivateKey, kind: SSHCertificateType, option: bytes = b"") -> bytes:
    builder = (
        SSHCertificateBuilder()
        .public_key(Ed25519PrivateKey.generate().public_key())
        .type(kind)
        .key_id(AGENT.key.encode())
        .valid_for_all_principals()
        .valid_after(0)
        .valid_before(int(NOW) + 100)
    )
    if option:
        builder = builder.add_critical_option(option, b"x")
    return blob_of(builder.sign(key).public_bytes())


def test_only_what_this_gateway_signed_for_agents_is_good(authorities: SshAuthorities) -> None:
    ours = authorities._users
    for forged, message in [
        (signed_by(Ed25519PrivateKey.generate(), SSHCertificateType.USER), "did not sign"),
        (signed_by(authorities._hosts, SSHCertificateType.USER), "did not sign"),
        (signed_by(ours, SSHCertificateType.HOST), "not one for agents"),
        (signed_by(ours, SSHCertificateType.USER, b"force-command"), "not one for agents"),
        (signed_by(ours, SSHCertificateType.USER), "no principal"),
        (blob_of(LINE), "cannot be read"),
        (b"", "cannot be read"),
    ]:
        with pytest.raises(IdentityError, match=message):
            authorities.recognise(forged, PEER)


@settings(deadline=None)
@given(st.data())
def test_a_changed_certificate_is_good_for_nothing(tmp_path_factory: Any, data: st.DataObject) -> None:
    authorities = SshAuthorities(tmp_path_factory.mktemp("ca"), Clock())
    blob = blob_of(authorities.mint(AGENT, LINE).line)
    place = data.draw(st.integers(0, len(blob) - 1))
    change = data.draw(st.integers(1, 255))
    changed = blob[:place] + bytes([blob[place] ^ change]) + blob[place + 1 :]
    with pytest.raises(IdentityError):
        authorities.recognise(changed, PEER)


@pytest.mark.parametrize(
    "line", ["", "ssh-ed25519", "ssh-dss AAAA", "x" * 10_000, LINE[:40], "ssh-ed25519 \xff"]
)
def test_a_key_that_cannot_be_read_is_refused(authorities: SshAuthorities, line: str) -> None:
    with pytest.raises(IdentityError, match="public key cannot be read"):
        authorities.mint(AGENT, line)


def test_a_short_rsa_key_is_refused(authorities: SshAuthorities) -> None:
    with pytest.raises(IdentityError, match="2048 bits"):
        authorities.mint(AGENT, line_of(rsa.generate_private_key(65537, 1024)))


def test_the_authorities_stay_and_are_nobody_elses(tmp_path: Path) -> None:
    first = SshAuthorities(tmp_path)
    assert SshAuthorities(tmp_path).user_key == first.user_key
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("ssh_*_ca")} == {0o600}
    (tmp_path / "ssh_user_ca").chmod(0o644)
    with pytest.raises(CredentialError, match="open to others"):
        SshAuthorities(tmp_path)


def test_a_host_certificate_is_for_the_gateways_own_key(authorities: SshAuthorities, tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    assert authorities.known_hosts_line.startswith("@cert-authority * ssh-ed25519 ")
    for name, principals in (("", "Principals: (none)"), ("Web", "Principals: \n                web\n")):
        if not shutil.which("ssh-keygen"):
            continue
        (tmp_path / "host-cert.pub").write_bytes(authorities.host_certificate(pem, name))
        told = subprocess.run(
            ["ssh-keygen", "-L", "-f", str(tmp_path / "host-cert.pub")],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "host certificate" in told.stdout
        assert principals in told.stdout


def test_openssh_reads_what_is_minted(authorities: SshAuthorities, tmp_path: Path) -> None:
    if not shutil.which("ssh-keygen"):
        pytest.skip("OpenSSH's ssh-keygen is not here")
    (tmp_path / "cert.pub").write_text(authorities.mint(AGENT, LINE, source=PEER).line)
    told = subprocess.run(
        ["ssh-keygen", "-L", "-f", str(tmp_path / "cert.pub")], capture_output=True, text=True, check=True
    ).stdout
    assert f'Key ID: "{AGENT.key}"' in told
    assert "source-address" in told
    assert "forwarding" not in told
