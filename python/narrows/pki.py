"""A certificate authority of the gateway's own, for when no certificate is configured.

The authority is made once in the state directory; clients are given its `ca.pem`. It can sign for nothing but
servers below it, and the gateway's certificate is renewed well before it runs out.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from narrows.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

AUTHORITY_LIFETIME = timedelta(days=3650)
SERVER_LIFETIME = timedelta(days=90)
RENEW_BEFORE = timedelta(days=30)
"""A server certificate with less than this left is replaced when it is next asked for."""
CLOCK_SLACK = timedelta(minutes=5)
"""Certificates are valid this long before they are made, for clients whose clocks are slow."""


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """What a listener presents; its repr shows no key."""

    certificate_pem: bytes
    key_pem: bytes = field(repr=False)
    not_after: datetime


class LocalCa:
    """The authority in a directory; made there when it is absent.

    Args:
        directory: Holds `ca.pem`, `ca.key`, `server.pem` and `server.key`; made when absent.
        clock: Returns the time, in UTC.

    Raises:
        CredentialError: The directory cannot be used, or the authority in it is damaged or out of date.
    """

    def __init__(self, directory: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._directory = directory
        self._clock = clock
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.ca_file.exists():
                self._make()
            self._certificate, self._key = _load(self.ca_file, directory / "ca.key")
        except (OSError, ValueError, TypeError) as error:
            raise CredentialError(f"the local CA in {directory} cannot be used: {error}") from None
        if self._certificate.not_valid_after_utc <= clock():
            raise CredentialError(
                f"the local CA {self.ca_file} has expired; move it away to have a new one made"
            )

    @property
    def ca_file(self) -> Path:
        """The certificate that clients are to trust."""
        return self._directory / "ca.pem"

    @property
    def ca_pem(self) -> bytes:
        """What `ca_file` holds."""
        return self._certificate.public_bytes(Encoding.PEM)

    def server_certificate(self, names: Sequence[str]) -> ServerCertificate:
        """The gateway's certificate: the one at hand, or a new one when names changed or its end is near.

        Args:
            names: DNS names and IP addresses.

        Raises:
            CredentialError: The files cannot be read or written.
        """
        files = (self._directory / "server.pem", self._directory / "server.key")
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        try:
            if not self._is_good(files, alternatives):
                key, certificate = self._issue(alternatives)
                _replace(files[1], _key_pem(key), 0o600)
                _replace(files[0], certificate.public_bytes(Encoding.PEM), 0o644)
            certificate, key = _load(*files)
        except (OSError, ValueError, TypeError) as error:
            raise CredentialError(f"the certificate in {self._directory} cannot be made: {error}") from None
        return ServerCertificate(
            certificate.public_bytes(Encoding.PEM), _key_pem(key), certificate.not_valid_after_utc
        )

    def _is_good(self, files: tuple[Path, Path], alternatives: x509.SubjectAlternativeName) -> bool:
        if not all(file.exists() for file in files):
            return False
        try:
            certificate, _key = _load(*files)
            certificate.verify_directly_issued_by(self._certificate)
            present = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
            return False  # whatever is wrong with it, the cure is a new one
        return present == alternatives and certificate.not_valid_after_utc - self._clock() > RENEW_BEFORE

    def _make(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Narrows local CA " + secrets.token_hex(4))
        certificate = (
            self._builder(name, AUTHORITY_LIFETIME)
            .issuer_name(name)
            .public_key(key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, SHA256())
        )
        _replace(self._directory / "ca.key", _key_pem(key), 0o600)  # before the certificate that needs it
        _replace(self.ca_file, certificate.public_bytes(Encoding.PEM), 0o644)

    def _issue(
        self, alternatives: x509.SubjectAlternativeName
    ) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key = ec.generate_private_key(ec.SECP256R1())
        authority_key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            self._builder(_name("Narrows gateway"), SERVER_LIFETIME)
            .issuer_name(self._certificate.subject)
            .public_key(key.public_key())
            .add_extension(alternatives, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(authority_key_id, critical=False)
            .sign(self._key, SHA256())
        )
        return key, certificate

    def _builder(self, subject: x509.Name, lifetime: timedelta) -> x509.CertificateBuilder:
        now = self._clock()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - CLOCK_SLACK)
            .not_valid_after(now + lifetime)
        )


def _load(certificate_file: Path, key_file: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    if key_file.stat().st_mode & 0o077:
        raise ValueError(f"{key_file} is open to others; do: chmod 600 {key_file}")
    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    key = load_pem_private_key(key_file.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise ValueError(f"{key_file} is not the key of {certificate_file}")
    return certificate, key


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Replaces a file at one stroke; it never exists with wider permissions than `mode`."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    draft.replace(path)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
