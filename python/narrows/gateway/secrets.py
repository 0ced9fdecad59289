"""The gateway's own secrets: the listeners' certificate and the key of pseudonyms."""

from __future__ import annotations

import os
import secrets as random
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from narrows.credentials.references import read_private
from narrows.errors import CredentialError
from narrows.pki import LocalCa, ServerCertificate

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.config import Located

PSEUDONYM_KEY_BYTES = 32


def listener_files(located: Located) -> tuple[Path, Path]:
    """The PEM files of what the listeners present, and of its key.

    Raises:
        CredentialError: There is no configured certificate, and the local CA cannot make one.
    """
    if tls := located.config.tls:
        return located.base / tls.certificate, located.base / tls.key
    LocalCa(located.state).server_certificate(_names(located))
    return located.state / "server.pem", located.state / "server.key"


def listener_certificate(located: Located) -> ServerCertificate:
    """What the listeners present: the configured certificate, or one of the local CA.

    Raises:
        CredentialError: It cannot be read or made, or has expired.
    """
    certificate, key = listener_files(located)
    try:
        pem = certificate.read_bytes()
        not_after = x509.load_pem_x509_certificate(pem).not_valid_after_utc
    except (OSError, ValueError) as error:
        raise CredentialError(f"{certificate} cannot be used: {error}") from None
    if not_after <= datetime.now(UTC):
        raise CredentialError(f"{certificate} expired at {not_after:%Y-%m-%d %H:%M} UTC")
    return ServerCertificate(pem, read_private(key), not_after)


def pseudonym_key(state: Path) -> bytes:
    """The key that makes pseudonyms, kept so that the same value has the same pseudonym next year.

    Raises:
        CredentialError: It cannot be read or made.
    """
    path = state / "pseudonym.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = bytes.fromhex(read_private(path).decode("ascii").strip())
        if len(key) != PSEUDONYM_KEY_BYTES:
            raise CredentialError(f"{path} holds no key of {PSEUDONYM_KEY_BYTES} bytes") from None
        return key
    except OSError as error:
        raise CredentialError(f"{path} cannot be made: {error.strerror}") from None
    key = random.token_bytes(PSEUDONYM_KEY_BYTES)
    with os.fdopen(descriptor, "w") as file:
        file.write(key.hex() + "\n")
    return key


def host_key(state: Path) -> bytes:
    """The private key that the SSH listener proves, in OpenSSH's format; made once and kept.

    Raises:
        CredentialError: It cannot be read or made.
    """
    path = state / "ssh_host_ed25519_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_private(path)
    except OSError as error:
        raise CredentialError(f"{path} cannot be made: {error.strerror}") from None
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    path.with_suffix(".pub").write_bytes(public + b" narrows\n")
    return pem


def _names(located: Located) -> list[str]:
    """Every name that a client on this machine or by the configuration may dial."""
    names = ["localhost", "127.0.0.1", "::1", socket.gethostname()]
    listen = located.config.listen
    for address in (listen.postgres, listen.kubernetes, listen.console):
        host = (address or "").rpartition(":")[0].strip("[]")
        if host not in ("", "0.0.0.0", "::"):  # noqa: S104, an address to leave out
            names.append(host)
    if public := urlsplit(located.config.gateway.public_url).hostname:
        names.append(public)
    names += [f"{target.name}.localhost" for target in located.config.target]
    return list(dict.fromkeys(names))
