"""From a configured cluster to what reaches its API server and what is presented there."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import trio
from cryptography import x509

from narrows.credentials.bearer import expiry_in
from narrows.credentials.exec_plugin import run_plugin
from narrows.credentials.references import read_private, read_public, resolve
from narrows.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from narrows.config import TargetSection
    from narrows.credentials.exec_plugin import ExecCredential
    from narrows.credentials.impersonation import Impersonation

RENEW_BEFORE_S = 60.0
"""A plugin runs again when what it gave has less left than this."""
UNDATED_S = 600.0
"""How long what a plugin gave is used when it does not say how long it is good for."""


@dataclass(frozen=True, slots=True)
class ClusterTerms:
    """The arguments of the data plane's `ClusterUpstream`, by the same names; its repr shows no secret."""

    address: str
    server_name: str | None = None
    ca_pem: bytes | None = field(default=None, repr=False)
    token: bytes | None = field(default=None, repr=False)
    certificate_pem: bytes | None = field(default=None, repr=False)
    key_pem: bytes | None = field(default=None, repr=False)
    impersonate: Impersonation | None = None
    expires_at: float | None = None
    """Seconds since 1970 when what is presented runs out, where that is known. No session outlives it."""

    @property
    def way(self) -> tuple[str, ...]:
        """What stays the same when what is presented is rotated."""
        return (self.address, self.impersonate["user"] if self.impersonate else "")


class ClusterCredentials:
    """Gathers how clusters are reached. Files and variables are read anew, so that rotating works.

    Args:
        base: Where the configuration's relative paths start.
        clock: Returns seconds since 1970.
    """

    def __init__(self, base: Path, clock: Callable[[], float] = time.time) -> None:
        self._base = base
        self._clock = clock
        self._given: dict[str, ExecCredential] = {}
        """What plugins gave, by target."""
        self._running: dict[str, trio.Lock] = {}

    async def present(self, target: TargetSection, impersonate: Impersonation | None = None) -> ClusterTerms:
        """What is presented to a cluster now.

        Args:
            target: The configured cluster.
            impersonate: Who the cluster is told is calling.

        Raises:
            CredentialError: The credential cannot be had, or has run out.
        """
        terms = await self._presented(target)
        if terms.expires_at is not None and terms.expires_at <= self._clock():
            raise CredentialError(f"target {target.name}: the credential has expired")
        return replace(terms, impersonate=impersonate)

    async def _presented(self, target: TargetSection) -> ClusterTerms:
        credential = target.credential
        terms = ClusterTerms(target.address, target.server_name or None, self._ca(target))
        if credential.kind == "certificate":
            certificate = read_public(self._base / credential.certificate)
            key = read_private(self._base / credential.key)
            until = _end_of(certificate, target.name)
            return replace(terms, certificate_pem=certificate, key_pem=key, expires_at=until)
        if credential.kind == "exec":
            given = await self._from_plugin(target, terms)
            return replace(
                terms,
                token=given.token,
                certificate_pem=given.certificate_pem,
                key_pem=given.key_pem,
                expires_at=given.expires_at,
            )
        if credential.kind == "service-account":
            token = _projected(self._base / credential.directory / "token")
        else:
            token = resolve(credential.secret, self._base).reveal()
        token = token.strip()
        return replace(terms, token=token, expires_at=expiry_in(token))

    def _ca(self, target: TargetSection) -> bytes | None:
        if target.ca:
            return read_public(self._base / target.ca)
        if target.credential.kind == "service-account":
            return read_public(self._base / target.credential.directory / "ca.crt")
        return None

    async def _from_plugin(self, target: TargetSection, terms: ClusterTerms) -> ExecCredential:
        """What the plugin gave last, while that is good; one run serves all who wait for it."""
        async with self._running.setdefault(target.name, trio.Lock()):
            given = self._given.get(target.name)
            if given is None or (given.expires_at or 0.0) - self._clock() < RENEW_BEFORE_S:
                given = await run_plugin(
                    target.credential.command,
                    environment=target.credential.environment,
                    cluster=_described(terms),
                    base=self._base,
                )
                if given.expires_at is None:
                    given = replace(given, expires_at=self._clock() + UNDATED_S)
                self._given[target.name] = given
            return given


def _described(terms: ClusterTerms) -> dict[str, str]:
    """A cluster as ExecCredential's `spec.cluster` has it."""
    described = {"server": f"https://{terms.address}"}
    if terms.server_name:
        described["tls-server-name"] = terms.server_name
    if terms.ca_pem:
        described["certificate-authority-data"] = base64.b64encode(terms.ca_pem).decode()
    return described


def _projected(path: Path) -> bytes:
    """A token that the kubelet keeps fresh, in a volume of the gateway's own whose mode we do not choose."""
    try:
        token = path.read_bytes()
    except OSError as error:
        raise CredentialError(f"{path} cannot be read: {error.strerror}") from None
    if not token.strip():
        raise CredentialError(f"{path} is empty")
    return token


def _end_of(certificate_pem: bytes, target: str) -> float:
    try:
        return x509.load_pem_x509_certificate(certificate_pem).not_valid_after_utc.timestamp()
    except ValueError:
        raise CredentialError(f"target {target}: the client certificate cannot be read") from None
