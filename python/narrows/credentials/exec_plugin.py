"""Credential plugins as kubectl knows them: programs of the operator's that print a token or a certificate.

Source: kubernetes.io, "Authentication", "client-go credential plugins"; ExecCredential of
client.authentication.k8s.io/v1.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import trio

from narrows.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

API_VERSION = "client.authentication.k8s.io/v1"
DEADLINE_S = 10.0
"""For one run."""
OUTPUT_BYTES_MAX = 1 << 20
ALWAYS_SEEN = ("PATH", "HOME", "LANG")
"""The variables of the gateway's that every plugin may see."""


@dataclass(frozen=True, slots=True)
class ExecCredential:
    """What a plugin gave; its repr shows no secret."""

    token: bytes | None = field(default=None, repr=False)
    certificate_pem: bytes | None = field(default=None, repr=False)
    key_pem: bytes | None = field(default=None, repr=False)
    expires_at: float | None = None
    """Seconds since 1970; None: the plugin does not say."""


async def run_plugin(
    command: Sequence[str], *, environment: Sequence[str], cluster: Mapping[str, str], base: Path
) -> ExecCredential:
    """Runs a plugin, which sees nothing of the gateway's but a few variables, and no terminal.

    Args:
        command: The program and its arguments; found through PATH, or from `base` if it has a slash.
        environment: The variables that it may see besides ALWAYS_SEEN.
        cluster: What it is told of the cluster, by the names of ExecCredential's `spec.cluster`.
        base: Where it runs.

    Raises:
        CredentialError: It does not end well, or prints no credential. What it printed is in no message.
    """
    spec = {"interactive": False, "cluster": dict(cluster)}
    told = json.dumps({"kind": "ExecCredential", "apiVersion": API_VERSION, "spec": spec})
    seen = {name: os.environ[name] for name in (*ALWAYS_SEEN, *environment) if name in os.environ}
    name = command[0]
    try:
        # Not cut short when one session no longer waits: others may, and the next will ask again.
        with trio.CancelScope(shield=True), trio.fail_after(DEADLINE_S):
            printed = await _output(command, seen | {"KUBERNETES_EXEC_INFO": told}, base)
    except trio.TooSlowError:
        raise CredentialError(f"the plugin {name} did not end within {DEADLINE_S:.0f} s") from None
    except OSError as error:
        raise CredentialError(f"the plugin {name} cannot be run: {error.strerror}") from None
    return _credential(name, printed)


async def _output(command: Sequence[str], environment: Mapping[str, str], base: Path) -> bytes:
    process = await trio.lowlevel.open_process(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it may hold anything, and we would log it
        env=environment,
        cwd=base,
    )
    printed = bytearray()
    try:
        assert process.stdout is not None
        async for part in process.stdout:
            printed += part
            if len(printed) > OUTPUT_BYTES_MAX:
                raise CredentialError(f"the plugin {command[0]} prints more than {OUTPUT_BYTES_MAX} bytes")
        if status := await process.wait():
            raise CredentialError(f"the plugin {command[0]} ended with {status}; run it by hand to see why")
    finally:
        if process.returncode is None:
            process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()
            if process.stdout is not None:
                await process.stdout.aclose()
    return bytes(printed)


def _credential(name: str, printed: bytes) -> ExecCredential:
    """What an ExecCredential says. Raises CredentialError."""
    try:
        document: Any = json.loads(printed)
        if (document["kind"], document["apiVersion"]) != ("ExecCredential", API_VERSION):
            raise ValueError
        status = document["status"]
        token, certificate, key = (
            _text(status.get(one)) for one in ("token", "clientCertificateData", "clientKeyData")
        )
        expiry = status.get("expirationTimestamp")
        expires_at = None if expiry is None else datetime.fromisoformat(expiry).timestamp()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CredentialError(f"the plugin {name} prints no ExecCredential of {API_VERSION}") from None
    if not token and not (certificate and key):
        raise CredentialError(f"the plugin {name} gives neither a token nor a certificate with its key")
    return ExecCredential(token, certificate, key, expires_at)


def _text(value: Any) -> bytes | None:
    """A member's text; raises AttributeError where it is none."""
    return None if value is None else value.encode("ascii")
