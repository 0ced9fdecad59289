"""SSH certificates: the gateway's own authorities, and the principal that a user certificate stands for.

A verified token is exchanged for a certificate over a key that the agent holds (OpenSSH's PROTOCOL.certkeys).
Unlike the token it proves nothing without that key, and unlike a ticket it can be shown by every SSH client
there is. What is known of the principal is in the certificate, signed, so that any node with the same
authority can read it; it opens nothing but this gateway, for no host knows of the authority.
"""

from __future__ import annotations

import base64
import ipaddress
import os
import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    SSHCertificate,
    SSHCertificateBuilder,
    SSHCertificateType,
    load_ssh_private_key,
    load_ssh_public_identity,
    load_ssh_public_key,
)

from narrows.errors import CredentialError, IdentityError
from narrows.model import Principal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

USER_LIFETIME_S = 300
"""A user certificate is for logging in; the session that it opens lasts as long as the token does."""
HOST_LIFETIME_S = 10 * 365 * 86_400
"""The authority signs for its own gateway alone, whose key lies beside it: an earlier end adds nothing."""
CLOCK_SLACK_S = 60
"""Certificates are valid this long before they are made, for nodes and clients whose clocks are slow."""
PUBLIC_KEY_CHARACTERS_MAX = 8_192
RSA_BITS_MIN = 2_048

PRINCIPAL = b"principal@narrows"
"""The extension that holds what is known of the principal. Other servers ignore what they do not know."""
SOURCE_ADDRESS = b"source-address"
PERMIT_PTY = b"permit-pty"
"""A terminal may be asked for; policy says who gets one."""

HINT_AGAIN = "Get a new certificate: narrows ssh-agent does so by itself."


@dataclass(frozen=True, slots=True)
class UserCertificate:
    """A certificate as it was minted."""

    line: str
    """As in a `-cert.pub` file."""
    serial: int
    expires_at: float
    """Seconds since 1970."""


class SshAuthorities:
    """A gateway's two authorities: for users, whom it lets in, and for hosts, as which it speaks.

    Args:
        directory: Holds `ssh_user_ca` and `ssh_host_ca` with their `.pub`; they are made there when absent.
        clock: Returns the time in seconds since 1970.

    Raises:
        CredentialError: They cannot be read or made.
    """

    def __init__(self, directory: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._users = _authority(directory / "ssh_user_ca")
        self._hosts = _authority(directory / "ssh_host_ca")

    @property
    def user_key(self) -> bytes:
        """The public key that signs user certificates, as in a `.pub` file."""
        return _public_line(self._users)

    @property
    def known_hosts_line(self) -> str:
        """What makes a client believe the gateway under every name: one line for its known_hosts file."""
        return f"@cert-authority * {_public_line(self._hosts).decode()}"

    def mint(self, principal: Principal, public_key: str, *, source: str = "") -> UserCertificate:
        """A certificate for a principal over a key.

        Args:
            principal: Whose token was verified.
            public_key: The agent's, as in a `.pub` file: Ed25519, ECDSA, or RSA of 2,048 bits or more.
            source: The address or network that it may be used from; empty: any.

        Raises:
            IdentityError: The key or the source cannot be used; the message may be shown.
        """
        key = _agent_key(public_key)
        now = self._clock()
        expires_at = min(now + USER_LIFETIME_S, principal.expires_at)
        if expires_at <= now:
            raise IdentityError("the token has expired", hint="Get a new token.")
        serial = secrets.randbits(63)
        builder = (
            SSHCertificateBuilder()
            .public_key(key)
            .serial(serial)
            .type(SSHCertificateType.USER)
            .key_id(principal.key.encode())
            .valid_for_all_principals()  # type: ignore[no-untyped-call]  # any login; policy says which
            .valid_after(int(now) - CLOCK_SLACK_S)
            .valid_before(int(expires_at))
            .add_extension(PRINCIPAL, msgspec.json.encode(principal))
            .add_extension(PERMIT_PTY, b"")
        )
        if source:
            builder = builder.add_critical_option(SOURCE_ADDRESS, _network(source).encode())
        return UserCertificate(builder.sign(self._users).public_bytes().decode(), serial, expires_at)

    def recognise(self, certificate: bytes, peer: str) -> Principal:
        """Whom a certificate stands for. That its key was proved is for the caller to have seen.

        Args:
            certificate: As a client presents it (RFC 4253, section 6.6).
            peer: The address that it is presented from, without its port.

        Returns:
            The principal, with the certificate's serial.

        Raises:
            IdentityError: It is not good here; the message may be shown.
        """
        parsed = _parsed(certificate)
        signer = parsed.signature_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        if signer != self._users.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw):
            raise IdentityError("this gateway did not sign the certificate", hint=HINT_AGAIN)
        if parsed.type is not SSHCertificateType.USER or set(parsed.critical_options) - {SOURCE_ADDRESS}:
            raise IdentityError("the certificate is not one for agents")
        if not parsed.valid_after <= self._clock() < parsed.valid_before:
            raise IdentityError("the certificate has expired", hint=HINT_AGAIN)
        source = parsed.critical_options.get(SOURCE_ADDRESS)
        if source and ipaddress.ip_address(peer) not in ipaddress.ip_network(source.decode()):
            raise IdentityError("the certificate is not for use from this address")
        try:
            principal = msgspec.json.decode(parsed.extensions[PRINCIPAL], type=Principal)
        except (KeyError, msgspec.DecodeError):
            raise IdentityError("the certificate names no principal", hint=HINT_AGAIN) from None
        return replace(principal, certificate=str(parsed.serial))

    def host_certificate(self, host_key: bytes, name: str = "") -> bytes:
        """A certificate for the gateway's own host key.

        Args:
            host_key: The private key, in OpenSSH's format.
            name: The one name to believe it under, as clients write it; empty: whatever they know it by.

        Returns:
            A line as in a `-cert.pub` file.
        """
        key = load_ssh_private_key(host_key, None)
        now = int(self._clock())
        builder = (
            SSHCertificateBuilder()
            .public_key(key.public_key())  # type: ignore[arg-type]
            .serial(secrets.randbits(63))
            .type(SSHCertificateType.HOST)
            .key_id(b"narrows")
            .valid_after(now - CLOCK_SLACK_S)
            .valid_before(now + HOST_LIFETIME_S)
        )
        if name:
            builder = builder.valid_principals([name.lower().encode()])
        else:
            builder = builder.valid_for_all_principals()  # type: ignore[no-untyped-call]
        signed: SSHCertificate = builder.sign(self._hosts)
        return signed.public_bytes()


def _authority(path: Path) -> Ed25519PrivateKey:
    """The key in a file, made there once and never open to others."""
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise CredentialError(f"{path} is open to others; do: chmod 600 {path}")
        key = load_ssh_private_key(path.read_bytes(), None)
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise CredentialError(f"the SSH authority in {path} cannot be used: {error}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise CredentialError(f"the SSH authority in {path} is no Ed25519 key")
    return key


def _make(path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(draft, path)  # whoever made one first made the one
    except FileExistsError:
        return
    finally:
        draft.unlink()
    path.with_suffix(".pub").write_bytes(_public_line(key) + b"\n")


def _public_line(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)


def _agent_key(line: str) -> Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey:
    try:
        if len(line) > PUBLIC_KEY_CHARACTERS_MAX:
            raise ValueError
        key = load_ssh_public_key(line.encode("ascii"))
    except (ValueError, UnsupportedAlgorithm):
        raise IdentityError("the public key cannot be read", hint="Send the line of a .pub file.") from None
    if isinstance(key, RSAPublicKey) and key.key_size < RSA_BITS_MIN:
        raise IdentityError(f"an RSA key needs {RSA_BITS_MIN} bits", hint="Make an Ed25519 key.")
    if not isinstance(key, Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey):
        raise IdentityError("keys of this kind are not taken", hint="Make an Ed25519 key.")
    return key


def _network(source: str) -> str:
    try:
        return str(ipaddress.ip_network(source))
    except ValueError:
        raise IdentityError(f"`{source}` is no address or network") from None


def _parsed(certificate: bytes) -> SSHCertificate:
    algorithm = certificate[4 : 4 + int.from_bytes(certificate[:4], "big")]
    try:
        parsed = load_ssh_public_identity(algorithm + b" " + base64.b64encode(certificate))
        if not isinstance(parsed, SSHCertificate):
            raise ValueError
        parsed.verify_cert_signature()
        key = parsed.signature_key()
    except (ValueError, UnsupportedAlgorithm, InvalidSignature):
        raise IdentityError("the certificate cannot be read", hint=HINT_AGAIN) from None
    if not isinstance(key, Ed25519PublicKey):
        raise IdentityError("this gateway did not sign the certificate", hint=HINT_AGAIN)
    return parsed
