"""What a write could set that matters to more than the object itself, and what a rule lets it set.

A right to write a Deployment is a right to run anything as anyone on any node, unless someone looks at what
is written. So a rule that lets writes through lets through plain ones alone; the rest it names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.policy.ssh.section import is_resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.policy.ssh.paths import PathPattern

DEFAULT_ACCOUNTS = frozenset({"", "default"})
"""Service accounts that a pod has without asking for one."""
UNKNOWN = ""
"""A name that the write does not say, since the object has it already."""


@dataclass(frozen=True, slots=True, order=True)
class SecretRef:
    """A Secret that what is written would read."""

    namespace: str
    name: str
    """UNKNOWN: another key of one that the object names already."""

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name or '?'}"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a body could set, at whatever depth."""

    images: tuple[str, ...] = ()
    privileged: tuple[str, ...] = ()
    """The fields that take a container's walls away."""
    host_paths: tuple[str, ...] = ()
    host_namespaces: tuple[str, ...] = ()
    """The fields that put a pod into the node's network, processes or IPC."""
    capabilities: tuple[str, ...] = ()
    service_accounts: tuple[str, ...] = ()
    secrets: tuple[SecretRef, ...] = ()


NOTHING = Contents()


@dataclass(frozen=True, slots=True)
class ImagePattern:
    """A pattern over images: `*` within a part, a last `/*` for everything below, `**` for any run."""

    expression: re.Pattern[str]
    text: str

    @classmethod
    def parse(cls, text: str) -> ImagePattern:
        """Compiles a pattern.

        Raises:
            ValueError: It is empty or has blanks.
        """
        if not text or re.search(r"\s", text):
            raise ValueError(f"`{text}` is not an image")
        below = text.endswith("/*") or text == "*"
        parts = re.split(r"(\*\*|\*)", text[:-1] if below else text)
        compiled = "".join({"**": ".*", "*": "[^/]*"}.get(part) or re.escape(part) for part in parts)
        return cls(re.compile(compiled + (".*" if below else "")), text)

    def covers(self, image: str) -> bool:
        """Whether it certainly means an image, as it is written."""
        return self.expression.fullmatch(image) is not None

    def may_match(self, image: str) -> bool:
        """Whether a denial means an image, also by the full name that a short one usually has."""
        return self.covers(image) or self.covers(full_name(image))


def full_name(image: str) -> str:
    """An image with the registry and the path that are meant where none is written."""
    host, slash, _ = image.partition("/")
    if not slash:
        return f"docker.io/library/{image}"
    return image if re.search(r"[.:]|^localhost$", host) else f"docker.io/{image}"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a rule says of the contents of writes."""

    images: tuple[ImagePattern, ...] | None = None
    """None: any image."""
    privileged: bool = False
    host_paths: tuple[PathPattern, ...] = ()
    host_namespaces: bool = False
    capabilities: frozenset[str] = frozenset()
    """Without `CAP_`; `*` for all."""
    service_accounts: tuple[re.Pattern[str], ...] = ()
    secrets: tuple[re.Pattern[str], ...] = ()

    @property
    def grants(self) -> bool:
        """Whether it names something that a plain write does not have."""
        return bool(
            self.privileged
            or self.host_paths
            or self.host_namespaces
            or self.capabilities
            or self.service_accounts
            or self.secrets
        )

    def shortfalls(self, contents: Contents, readable: frozenset[SecretRef], namespace: str) -> list[str]:
        """What of the contents it does not let through, in words; empty where it lets all of it through.

        Args:
            contents: What would be written.
            readable: The Secrets that the principal may read, unmasked.
            namespace: Where it would be written: a rule names Secrets of that namespace alone.
        """
        return list(self._shortfalls(contents, readable, namespace))

    def _shortfalls(
        self, contents: Contents, readable: frozenset[SecretRef], namespace: str
    ) -> Iterator[str]:
        for image in contents.images:
            if self.images is not None and not any(pattern.covers(image) for pattern in self.images):
                yield f"the image {image}"
        if not self.privileged:
            yield from contents.privileged
        for path in contents.host_paths:
            if not (is_resolved(path) and any(pattern.covers_tree(path) for pattern in self.host_paths)):
                yield f"the node's path {path}"
        if not self.host_namespaces:
            yield from contents.host_namespaces
        for capability in contents.capabilities:
            if not self._has_capability(capability):
                yield f"the capability {capability}"
        for account in contents.service_accounts:
            if not _any(self.service_accounts, account):
                yield f"the service account {account}"
        for secret in contents.secrets:
            named = secret.namespace == namespace and _any(self.secrets, secret.name)
            if secret not in readable and not named:
                yield f"the Secret {secret}"

    def holds_granted(self, contents: Contents, namespace: str) -> bool:
        """Whether the contents have any of what it grants."""
        return bool(
            (self.privileged and contents.privileged)
            or (self.host_namespaces and contents.host_namespaces)
            or any(p.covers_tree(path) for p in self.host_paths for path in contents.host_paths)
            or any(self._has_capability(capability) for capability in contents.capabilities)
            or any(_any(self.service_accounts, account) for account in contents.service_accounts)
            or any(s.namespace == namespace and _any(self.secrets, s.name) for s in contents.secrets)
        )

    def may_match(self, contents: Contents) -> bool:
        """Whether a denial that names any of these finds one of them in the contents."""
        return bool(
            any(pattern.may_match(image) for pattern in self.images or () for image in contents.images)
            or (self.privileged and contents.privileged)
            or (self.host_namespaces and contents.host_namespaces)
            or any(_may_reach(p, path) for p in self.host_paths for path in contents.host_paths)
            or any(self._has_capability(capability) for capability in contents.capabilities)
            or any(_any(self.service_accounts, account) for account in contents.service_accounts)
            or any(s.name == UNKNOWN or _any(self.secrets, s.name) for s in contents.secrets if self.secrets)
        )

    @property
    def says_something(self) -> bool:
        """Whether it names anything at all."""
        return self.grants or self.images is not None

    def _has_capability(self, capability: str) -> bool:
        return "*" in self.capabilities or capability in self.capabilities


def _any(patterns: tuple[re.Pattern[str], ...], name: str) -> bool:
    return any(pattern.fullmatch(name) for pattern in patterns)


def _may_reach(pattern: PathPattern, path: str) -> bool:
    return not is_resolved(path) or pattern.matches(path) or pattern.leads_through(path)
