"""The emulated tenant's signing keys, which can be rolled and withdrawn."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID


def base64url(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """An RSA key with the self-signed certificate that it is published as."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, bits: int = 2048) -> SigningCertificate:
        """Makes a fresh key of that size."""
        key = rsa.generate_private_key(65537, bits)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emulated.entra.invalid")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=365))
            .sign(key, SHA256())
        )
        return cls(key, certificate)

    @property
    def thumbprint(self) -> str:
        """SHA-1 of the certificate: Entra's `kid` and `x5t`."""
        return base64url(hashlib.sha1(self._der, usedforsecurity=False).digest())

    def jwk(self, issuer: str) -> dict[str, Any]:
        """How the key is published."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.thumbprint,
            "x5t": self.thumbprint,
            "n": public["n"],
            "e": public["e"],
            "x5c": [base64.b64encode(self._der).decode()],
            "issuer": issuer,
        }

    @property
    def _der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


class SigningKeys:
    """What the tenant signs with, and what it publishes."""

    def __init__(self) -> None:
        self._published = [SigningCertificate.make()]

    @property
    def current(self) -> SigningCertificate:
        """The key that new tokens are signed with."""
        return self._published[-1]

    def roll(self) -> None:
        """Signs with a new key from now on; the old ones stay published."""
        self._published.append(SigningCertificate.make())

    def withdraw_old(self) -> None:
        """Stops publishing every key but the current one, as after a compromise."""
        del self._published[:-1]

    def document(self, issuer: str) -> dict[str, Any]:
        """The JWK set."""
        return {"keys": [key.jwk(issuer) for key in self._published]}
