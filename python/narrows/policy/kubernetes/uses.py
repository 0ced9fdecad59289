"""What a call does, one by one: the use of a resource, and what it brings with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.policy.kubernetes.contents import NOTHING

if TYPE_CHECKING:
    from narrows.policy.kubernetes.contents import Contents
    from narrows.policy.kubernetes.resources import Resource


@dataclass(frozen=True, slots=True)
class Use:
    """A verb at a resource."""

    verb: str
    resource: Resource
    namespace: str = ""
    """Empty: of all namespaces, or in none."""
    name: str = ""
    """Empty: it could be any, or several."""
    name_is_prefix: bool = False
    """The server adds to the name (generateName)."""
    classes: frozenset[str] = frozenset()
    contents: Contents = NOTHING
    proxied: str = ""
    """Behind a proxy: the path there."""
    ports: tuple[int, ...] = ()
    """The ports that a port-forward names at once; 0 for what is none."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names by which a denial may know it: behind a proxy, `https:web:8443` is `web`."""
        if self.verb != "proxy" or ":" not in self.name:
            return (self.name,)
        parts = self.name.split(":")
        return (self.name, parts[1] if len(parts) > 2 else parts[0])

    @property
    def sentence(self) -> str:
        """The use in words."""
        name = f"{self.name}…" if self.name_is_prefix else self.name
        what = f"{self.resource} {name}".strip()
        where = f" in {self.namespace}" if self.namespace and self.resource.name != "namespaces" else ""
        behind = f" at {self.proxied}" if self.proxied else ""
        everywhere = "" if self.namespace or name or self.resource.is_cluster_scoped else " in all namespaces"
        return f"`{self.verb}` of {what}{where}{everywhere}{behind}"


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer to a write shows the object: whoever is denied reading it is denied this."""

    use: Use
    """The read that it comes to."""

    @property
    def sentence(self) -> str:
        """The access in words."""
        return f"an answer that shows {self.use.sentence.removeprefix('`get` of ')}"


@dataclass(frozen=True, slots=True)
class Reach:
    """A Secret that a pod or the like would read: whoever is denied reading it is denied this."""

    use: Use
    """The read that it comes to."""

    @property
    def sentence(self) -> str:
        """The access in words."""
        return f"use of {self.use.sentence.removeprefix('`get` of ')}"


@dataclass(frozen=True, slots=True)
class Path:
    """A path that is of no resource."""

    path: str
    method: str

    @property
    def sentence(self) -> str:
        """The access in words."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Stdin:
    """What runs is fed by the agent."""

    @property
    def sentence(self) -> str:
        """The access in words."""
        return "standard input for what runs"
