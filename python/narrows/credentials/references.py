"""References to secrets, as a configuration holds them: `env:NAME` and `file:PATH`, never a value."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from narrows.credentials.secret import Secret
from narrows.errors import CredentialError

if TYPE_CHECKING:
    from pathlib import Path

SECRET_BYTES_MAX = 64 * 1024
"""More than any password, key or certificate chain."""

_KINDS = "env:NAME or file:PATH"


def resolve(reference: str, base: Path) -> Secret:
    """Reads the secret that a reference names.

    Args:
        reference: `env:NAME`, or `file:PATH`, whose trailing newline does not count.
        base: Where a relative path starts.

    Returns:
        The secret, not empty.

    Raises:
        CredentialError: The reference is not understood, names nothing, or names a file that others may read.
            The message never quotes a reference that is not understood: it may be the secret itself.
    """
    kind, _, name = reference.partition(":")
    if kind == "env" and name:
        return _from_environment(name)
    if kind == "file" and name:
        return Secret(read_private(base / name).rstrip(b"\r\n"))
    raise CredentialError(f"a secret is given by reference, as {_KINDS}; what is configured is neither")


def read_private(path: Path) -> bytes:
    """Reads a file that only its owner, and at most its group, may read.

    Args:
        path: The file; symbolic links are followed, as mounted secrets are made of them.

    Raises:
        CredentialError: It cannot be read, is empty or too large, or others may read or change it.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise CredentialError(f"{path} is not a file")
            if status.st_mode & (stat.S_IRWXO | stat.S_IWGRP):
                raise CredentialError(f"{path} is open to others; do: chmod 600 {path}")
            content = file.read(SECRET_BYTES_MAX + 1)
    except OSError as error:
        raise CredentialError(f"{path} cannot be read: {error.strerror}") from None
    if not content.strip():
        raise CredentialError(f"{path} is empty")
    if len(content) > SECRET_BYTES_MAX:
        raise CredentialError(f"{path} holds more than {SECRET_BYTES_MAX} bytes")
    return content


def read_public(path: Path) -> bytes:
    """Reads a PEM file that anybody may read.

    Raises:
        CredentialError: It cannot be read, is no PEM file or too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(SECRET_BYTES_MAX + 1)
    except OSError as error:
        raise CredentialError(f"{path} cannot be read: {error.strerror}") from None
    if b"-----BEGIN" not in content or len(content) > SECRET_BYTES_MAX:
        raise CredentialError(f"{path} is not a PEM file of at most {SECRET_BYTES_MAX} bytes")
    return content


def _from_environment(name: str) -> Secret:
    value = os.environb.get(os.fsencode(name))
    if not value:
        raise CredentialError(f"the environment variable {name} is not set or is empty")
    return Secret(value)
