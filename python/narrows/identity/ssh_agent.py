"""The SSH agent protocol (draft-miller-ssh-agent), as far as one key with a short certificate needs it.

The key lives in this process alone and never on disk. A client asks for identities before it logs in, and
that is when a certificate is fetched that will be good for the login.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from collections.abc import Callable

FAILURE = 5
REQUEST_IDENTITIES = 11
IDENTITIES_ANSWER = 12
SIGN_REQUEST = 13
SIGN_RESPONSE = 14

MESSAGE_BYTES_MAX = 256 << 10
"""OpenSSH's own bound on a message to an agent."""
RENEW_BEFORE_S = 60.0
"""A certificate with less than this left is replaced before it is shown."""
CERTIFICATES_MAX = 8
"""Certificates shown lately, one of which a client may still ask to sign with."""
COMMENT = b"narrows"


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate as it is shown to clients."""

    line: str
    """As in a `-cert.pub` file."""
    expires_at: float
    """Seconds since 1970."""

    @property
    def blob(self) -> bytes:
        """The certificate itself."""
        return base64.b64decode(self.line.split()[1])


@dataclass(slots=True)
class Keyring:
    """One key, made when this is, and the certificates over it.

    Args:
        fetch: Gets a certificate for a public key as in a `.pub` file; may raise.
        clock: Returns the time in seconds since 1970.
    """

    fetch: Callable[[str], Shown]
    clock: Callable[[], float]
    _key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate, repr=False)
    _shown: list[Shown] = field(default_factory=list)

    @property
    def public_key(self) -> str:
        """The key as in a `.pub` file."""
        return self._key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()

    def current(self) -> Shown:
        """The certificate to show, fetched anew when the last is about to end."""
        if not self._shown or self._shown[-1].expires_at - self.clock() < RENEW_BEFORE_S:
            self._shown = [*self._shown[-CERTIFICATES_MAX + 1 :], self.fetch(self.public_key)]
        return self._shown[-1]

    def sign(self, blob: bytes, data: bytes) -> bytes | None:
        """Signs for one of the certificates that were shown; None for anything else."""
        if all(shown.blob != blob for shown in self._shown):
            return None
        return _string(b"ssh-ed25519") + _string(self._key.sign(data))


def answer(message: bytes, keyring: Keyring) -> bytes:
    """The answer to one message, both without their length.

    What this agent does not do (adding keys, locking, extensions) is answered with a failure, as the protocol
    wants it.
    """
    kind, body = message[:1], message[1:]
    if kind == bytes([REQUEST_IDENTITIES]) and not body:
        return _byte(IDENTITIES_ANSWER) + _number(1) + _string(keyring.current().blob) + _string(COMMENT)
    if kind == bytes([SIGN_REQUEST]):
        blob, rest = _take(body)
        data, flags = _take(rest)
        if len(flags) == 4 and (signature := keyring.sign(blob, data)) is not None:
            return _byte(SIGN_RESPONSE) + _string(signature)
    return failure()


def failure() -> bytes:
    """The answer to what cannot be done."""
    return _byte(FAILURE)


def _take(body: bytes) -> tuple[bytes, bytes]:
    """The string at the front and what follows; both empty where it is cut short."""
    length = int.from_bytes(body[:4], "big")
    if len(body) < 4 + length:
        return b"", b""
    return body[4 : 4 + length], body[4 + length :]


def _byte(value: int) -> bytes:
    return bytes([value])


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def _string(value: bytes) -> bytes:
    return _number(len(value)) + value
