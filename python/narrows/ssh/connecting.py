"""How a target is reached: what it must prove, what is presented to it, and what its refusals are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncssh
import structlog

from narrows.errors import NarrowsError
from narrows.ssh import algorithms, lean, limits

if TYPE_CHECKING:
    from narrows.credentials.host import HostTerms

log = structlog.get_logger("narrows.ssh")


class UnreachableError(NarrowsError):
    """The target cannot be had. The message is shown to the agent and names no secret."""


async def connected(login: str, terms: HostTerms) -> lean.LeanClientConnection:
    """A connection on which the target has proved its key and taken our credential.

    Args:
        login: The account on the target.
        terms: How the target is reached, what it must prove, and what is presented to it.

    Raises:
        UnreachableError: There is none to be had.
    """
    try:
        options = await asyncssh.SSHClientConnectionOptions.construct(
            None,
            config=None,
            username=login,
            host=terms.host,
            port=terms.port,
            host_key_alias=terms.host_name,
            known_hosts=known_hosts_of(terms),
            client_keys=_keys(terms),
            password=terms.password.reveal().decode() if terms.password else None,
            agent_path=None,
            gss_host=None,
            x509_trusted_certs=None,
            client_version="Narrows",
            kex_algs=algorithms.KEY_EXCHANGES,
            encryption_algs=algorithms.CIPHERS,
            mac_algs=algorithms.MACS,
            compression_algs=None,
            signature_algs=algorithms.SIGNATURES,
            keepalive_interval=limits.KEEPALIVE_S,
            keepalive_count_max=limits.KEEPALIVE_COUNT_MAX,
        )
        return await lean.connect(terms.host, terms.port, options)
    except asyncssh.HostKeyNotVerifiable:
        log.error("host key refused", target=terms.target)
        raise UnreachableError(
            f"{terms.target} does not have the host key that is configured for it"
        ) from None
    except asyncssh.PermissionDenied:
        log.error("credential refused", target=terms.target, login=login)
        raise UnreachableError(f"{terms.target} does not take the gateway's credential for {login}") from None
    except (OSError, asyncssh.Error) as error:
        log.error("target not reached", target=terms.target, error=str(error))
        raise UnreachableError(f"{terms.target} cannot be reached") from None


def known_hosts_of(terms: HostTerms) -> tuple[list[asyncssh.SSHKey], list[asyncssh.SSHKey], list[Any]]:
    """The configured host keys as asyncssh takes them: keys, keys of authorities, revoked keys.

    Raises:
        UnreachableError: One of them is none.
    """
    keys, authorities = [], []
    for line in terms.host_keys:
        marker, _, rest = line.partition(" ")
        try:
            if marker == "@cert-authority":
                authorities.append(asyncssh.import_public_key(rest))
            else:
                keys.append(asyncssh.import_public_key(line))
        except asyncssh.KeyImportError as error:
            raise UnreachableError(f"a host key of {terms.target} cannot be read: {error}") from None
    return keys, authorities, []


def _keys(terms: HostTerms) -> list[asyncssh.SSHKey]:
    """The gateway's own key, and never one that happens to lie about."""
    if terms.private_key is None:
        return []
    try:
        return [asyncssh.import_private_key(terms.private_key.reveal())]
    except asyncssh.KeyImportError:
        raise UnreachableError(f"the gateway's key for {terms.target} cannot be read") from None
