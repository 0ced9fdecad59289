"""From a configured target to what the data plane needs to reach it and log in there."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from narrows.credentials.references import read_private, read_public, resolve
from narrows.errors import CredentialError

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.config import TargetSection

UNIX_PREFIX = "unix:"


@dataclass(frozen=True, slots=True)
class UpstreamTerms:
    """The arguments of the data plane's `Upstream`, by the same names; its repr shows no secret."""

    address: str
    database: str
    user: str
    tls: Literal["verify-full", "off"]
    server_name: str | None
    secret: bytes | None = field(default=None, repr=False)
    ca_pem: bytes | None = field(default=None, repr=False)
    certificate_pem: bytes | None = field(default=None, repr=False)
    key_pem: bytes | None = field(default=None, repr=False)

    @property
    def way(self) -> tuple[str, ...]:
        """What stays the same when what is presented is rotated."""
        return (self.address, self.database, self.user)


def present(target: TargetSection, base: Path, *, database: str = "") -> UpstreamTerms:
    """Gathers how to reach a target and what to present there. Reads secrets anew, so that rotating works.

    Args:
        target: The configured target.
        base: Where its relative paths start.
        database: Another database than the configured one; empty: the configured one.

    Returns:
        What the data plane needs.

    Raises:
        CredentialError: The credential cannot be had, or would be sent in the clear over a network.
    """
    _check_transport(target)
    credential = target.credential
    secret = certificate = key = None
    if credential.kind == "certificate":
        if not credential.certificate or not credential.key:
            raise CredentialError(f"target {target.name}: a certificate credential needs certificate and key")
        certificate = read_public(base / credential.certificate)
        key = read_private(base / credential.key)
    else:
        if not credential.secret:
            raise CredentialError(f"target {target.name}: a password credential needs secret")
        secret = resolve(credential.secret, base).reveal()
    return UpstreamTerms(
        address=target.address,
        database=database or target.database,
        user=credential.user,
        tls=target.tls,
        server_name=target.server_name or None,
        secret=secret,
        ca_pem=read_public(base / target.ca) if target.ca else None,
        certificate_pem=certificate,
        key_pem=key,
    )


def is_local(address: str) -> bool:
    """Whether an address stays on this machine: a unix socket, or a loopback address (not a name, but for
    `localhost`, since a name may come to mean another host)."""
    if address.startswith(UNIX_PREFIX):
        return True
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_transport(target: TargetSection) -> None:
    if target.tls == "off" and not is_local(target.address):
        raise CredentialError(
            f'target {target.name}: tls = "off" is accepted for loopback and unix addresses only, '
            f"and {target.address} is neither"
        )
    if target.credential.kind == "certificate" and target.tls == "off":
        raise CredentialError(f"target {target.name}: a certificate can only be presented over TLS")
