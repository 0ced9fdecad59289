"""`[[target]]`: what is protected, how it is reached and what the gateway presents there."""

from __future__ import annotations

from typing import Literal

import msgspec

from narrows.config.section import Section


class CredentialSection(Section, frozen=True, kw_only=True):
    """`credential` of a target: what the gateway presents upstream. The agent never sees it."""

    kind: Literal["password", "certificate", "key", "token", "exec", "service-account"]
    user: str = ""
    """postgres: the role."""
    secret: str = ""
    """A reference, never a value: `env:NAME` or `file:PATH`. key: to a private key in OpenSSH's format."""
    certificate: str = ""
    key: str = ""
    command: list[str] = msgspec.field(default_factory=list)
    """exec: the program and its arguments; it prints an ExecCredential."""
    environment: list[str] = msgspec.field(default_factory=list)
    """exec: the variables of the gateway's that the program may see, besides PATH, HOME and LANG."""
    directory: str = "/var/run/secrets/kubernetes.io/serviceaccount"
    """service-account: where Kubernetes projects `token` and `ca.crt`."""


class TargetSection(Section, frozen=True, kw_only=True):
    """`[[target]]`: a protected database, host or cluster."""

    name: str
    kind: Literal["postgres", "ssh", "kubernetes"]
    address: str
    """`host:port`, or `unix:/path/to/.s.PGSQL.5432` for a local socket."""
    database: str = ""
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    credential: CredentialSection
    tls: Literal["verify-full", "off"] = "verify-full"
    """`off` is accepted for loopback and unix addresses only."""
    ca: str = ""
    """PEM file of the CA for the target's certificate; empty: the system's."""
    server_name: str = ""
    """The name that the target's certificate must bear; empty: the host of `address`."""
    logins: list[str] = msgspec.field(default_factory=list)
    """ssh: the accounts on it that the credential is for."""
    host_keys: list[str] = msgspec.field(default_factory=list)
    """ssh: its keys, as in a known_hosts file without the names; `@cert-authority` before a CA's."""
    impersonate: bool = False
    """kubernetes: whether the cluster is to see each call as the agent's, and not as the gateway's."""
