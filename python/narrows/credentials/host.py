"""From a configured host to what the SSH engine needs to reach it and log in there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.credentials.references import resolve

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.config import TargetSection
    from narrows.credentials.secret import Secret


@dataclass(frozen=True, slots=True)
class HostTerms:
    """How a host is reached and what is presented there."""

    target: str
    host: str
    port: int
    host_name: str
    """The name that a host certificate must bear."""
    host_keys: tuple[str, ...]
    """As in a known_hosts file without the names; `@cert-authority` before a key that signs others."""
    private_key: Secret | None = None
    password: Secret | None = None


def present_host(target: TargetSection, base: Path) -> HostTerms:
    """Gathers how to reach a host and what to present there. Reads secrets anew, so that rotating works.

    Args:
        target: The configured target.
        base: Where its relative paths start.

    Raises:
        CredentialError: The credential cannot be had.
    """
    host, _, port = target.address.rpartition(":")
    host = host.strip("[]")
    secret = resolve(target.credential.secret, base)
    is_key = target.credential.kind == "key"
    return HostTerms(
        target=target.name,
        host=host,
        port=int(port),
        host_name=target.server_name or host,
        host_keys=tuple(target.host_keys),
        private_key=secret if is_key else None,
        password=None if is_key else secret,
    )
