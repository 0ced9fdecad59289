"""`narrows ssh-cert`: a key and its certificate in files, kept fresh, for OpenSSH's `Match exec`."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    SSHCertificate,
    load_ssh_private_key,
    load_ssh_public_identity,
)

from narrows.cli.certificates import add_options, fetch
from narrows.cli.errors import CommandError
from narrows.identity.ssh_agent import RENEW_BEFORE_S

if TYPE_CHECKING:
    import argparse

KEY_FILE = "id_ed25519"
CERTIFICATE_FILE = "id_ed25519-cert.pub"
"""Where OpenSSH looks for the certificate of that key by itself."""


def add_parser(commands: Any) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "ssh-cert",
        description=f"Writes {KEY_FILE} and {CERTIFICATE_FILE}; does nothing while the certificate is good "
        f"for {RENEW_BEFORE_S:.0f} more seconds. Prints nothing, so that it can stand in `Match exec`.",
    )
    parser.add_argument(
        "--directory",
        metavar="DIRECTORY",
        type=Path,
        default=Path.home() / ".narrows",
        help="where the files are (default: ~/.narrows)",
    )
    add_options(parser)
    parser.set_defaults(run=_keep_fresh)


def _keep_fresh(arguments: argparse.Namespace) -> int:
    directory: Path = arguments.directory
    key_file, certificate_file = directory / KEY_FILE, directory / CERTIFICATE_FILE
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = _key(key_file)
        if _left_s(certificate_file, key) < RENEW_BEFORE_S:
            public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
            _replace(certificate_file, fetch(arguments, public).line.encode() + b"\n")
    except OSError as error:
        raise CommandError(f"{directory} cannot be used: {error.strerror or error}") from None
    return 0


def _key(path: Path) -> Ed25519PrivateKey:
    """The key in a file; made there when there is none."""
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        _replace(path, key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    try:
        loaded = load_ssh_private_key(path.read_bytes(), None)
    except (ValueError, UnsupportedAlgorithm, TypeError):
        loaded = None
    if not isinstance(loaded, Ed25519PrivateKey):
        raise CommandError(f"{path} is no Ed25519 key", "Move it away to have a new one made.")
    return loaded


def _left_s(path: Path, key: Ed25519PrivateKey) -> float:
    """How long the certificate in a file is good for this key; 0 when it is not."""
    try:
        certificate = load_ssh_public_identity(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        return 0.0
    if not isinstance(certificate, SSHCertificate) or certificate.public_key() != key.public_key():
        return 0.0
    return certificate.valid_before - time.time()


def _replace(path: Path, content: bytes) -> None:
    """Replaces a file at one stroke; nobody else ever may read it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)
