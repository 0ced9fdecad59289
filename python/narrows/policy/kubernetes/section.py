"""`kubernetes = { ... }` of a rule, compiled: which calls it speaks of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from narrows.policy.kubernetes import discovery
from narrows.policy.kubernetes.contents import Conditions
from narrows.policy.kubernetes.names import Names
from narrows.policy.kubernetes.resources import CONNECTS
from narrows.policy.kubernetes.uses import Path, Stdin
from narrows.policy.patterns import glob, words
from narrows.policy.ssh.section import Ssh

if TYPE_CHECKING:
    from narrows.policy.kubernetes.contents import SecretRef
    from narrows.policy.kubernetes.resources import ResourcePattern
    from narrows.policy.kubernetes.uses import Use
    from narrows.policy.ssh.accesses import Access

READS = words("get list watch")
OBJECT_VERBS = READS | words("create update patch delete")
"""What `*` means in an allow or an approval; what is rarer, it names."""
VERBS = OBJECT_VERBS | CONNECTS | {"deletecollection"}
STARTS = words("exec attach")
"""Verbs that start something in a container, or join it."""
COLLECTION_VERBS = words("list watch deletecollection")
"""Verbs that may be of many objects at once."""

IMPLIED = {
    "get": READS,
    "list": words("list watch"),
    "exec": words("exec attach"),
    "delete": words("delete deletecollection"),
}
"""What a denial of a verb denies too, for it comes to the same."""

Ports = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ObjectPaths:
    """What a mask says of clusters: parts of the objects of some resources."""

    resources: tuple[ResourcePattern, ...]
    paths: tuple[str, ...]
    except_names: tuple[str, ...] = ()
    """Objects that are left as they are, by patterns of their names."""


@dataclass(frozen=True, slots=True)
class Kubernetes:
    """What a rule says of clusters."""

    verbs: frozenset[str] = frozenset()
    resources: tuple[ResourcePattern, ...] = ()
    namespaces: Names = Names.ANY
    names: Names = Names.ANY
    classes: frozenset[str] = frozenset()
    """Kinds of calls that it speaks of, whatever their verbs and resources: see `classes`."""
    paths: tuple[str, ...] = ()
    """Paths that are of no resource; behind a proxy, the paths there."""
    conditions: Conditions = field(default_factory=Conditions)
    command: Ssh = field(default_factory=Ssh)
    """What may run by an exec."""
    stdin: bool = False
    """What runs may be fed by the agent."""
    ports: Ports = ()
    """First and last of each range of ports that may be forwarded."""

    def covers(self, use: Use, readable: frozenset[SecretRef], *, selects: bool) -> bool:
        """Whether an allow or an approval certainly speaks of this use.

        Args:
            use: What would be done.
            readable: The Secrets that the principal may read unmasked.
            selects: It asks people, and so is for those writes that have what it grants, and no others.
        """
        if not self.is_of(use) or self.shortfalls(use, readable):
            return False
        wants = selects and self.conditions.grants
        return not wants or self.conditions.holds_granted(use.contents, use.namespace)

    def is_of(self, use: Use) -> bool:
        """Whether it certainly speaks of this verb, resource, namespace and name, whatever is written."""
        return (
            self._is_of_kind(use)
            and self.namespaces.cover(use.namespace)
            and self.names.cover(use.name, is_prefix=use.name_is_prefix)
            and (use.verb != "proxy" or self._is_of_proxied(use))
            and (use.verb != "portforward" or self._forwards(use.ports))
        )

    def shortfalls(self, use: Use, readable: frozenset[SecretRef]) -> list[str]:
        """What of a use of which it speaks it does not let through, in words."""
        return self.conditions.shortfalls(use.contents, readable, use.namespace)

    def may_match(self, use: Use) -> bool:
        """Whether a denial could speak of this use."""
        if not self._may_be_at(use):
            return False
        if use.verb == "proxy" and self.paths and not self._is_of_proxied(use):
            return False
        if self.conditions.says_something and not self.conditions.may_match(use.contents):
            return False
        return self._is_of_all_runs(use.verb) and self._is_of_ports(use)

    def may_match_in(self, use: Use, access: Access | Stdin) -> bool:
        """Whether a denial could speak of something that runs in a container."""
        if not self._may_be_at(use):
            return False
        return self.stdin if isinstance(access, Stdin) else self.command.may_match(access)

    def covers_in(self, use: Use, access: Access | Stdin) -> bool:
        """Whether an allow or an approval certainly speaks of something that runs in a container."""
        if not self.is_of(use):
            return False
        return self.stdin if isinstance(access, Stdin) else self.command.covers(access)

    def may_forward(self, use: Use) -> bool:
        """Whether a denial of ports is for this forward."""
        return self._may_be_at(use)

    def covers_path(self, access: Path) -> bool:
        """Whether an allow or an approval certainly speaks of reading a path that is of no resource."""
        if self.verbs or access.method not in discovery.READING:
            return False
        return any(
            glob(text).fullmatch(access.path) and discovery.covers(text, access.path) for text in self.paths
        )

    def may_match_path(self, access: Path) -> bool:
        """Whether a denial speaks of a path that is of no resource."""
        return not self.verbs and any(glob(text).fullmatch(access.path) for text in self.paths)

    def _is_of_all_runs(self, verb: str) -> bool:
        return verb not in STARTS or not (self.command.commands or self.command.paths)

    def _is_of_ports(self, use: Use) -> bool:
        """A denial of some ports is not one of a forward that has yet to name its own."""
        if use.verb != "portforward" or not self.ports:
            return True
        return any(first <= port <= last for port in use.ports for first, last in self.ports)

    def _is_of_proxied(self, use: Use) -> bool:
        return any(glob(text).fullmatch(use.proxied) for text in self.paths)

    def _forwards(self, ports: tuple[int, ...]) -> bool:
        return bool(self.ports) and all(
            any(first <= port <= last for first, last in self.ports) for port in ports
        )

    def _may_be_at(self, use: Use) -> bool:
        return (
            self._may_be_of_kind(use)
            and self._may_be_in_namespace(use)
            and any(self.names.may_match(name, is_prefix=use.name_is_prefix) for name in use.spellings)
        )

    def _is_of_kind(self, use: Use) -> bool:
        if self.classes & use.classes:
            return True
        patterns = [pattern for pattern in self.resources if pattern.covers(use.resource)]
        if use.classes:
            patterns = [pattern for pattern in patterns if pattern.is_spelled]
        return use.verb in self.verbs and bool(patterns)

    def _may_be_of_kind(self, use: Use) -> bool:
        if self.classes & use.classes:
            return True
        verbs = self.verbs.union(*(IMPLIED.get(verb, frozenset()) for verb in self.verbs))
        return use.verb in verbs and any(pattern.may_match(use.resource) for pattern in self.resources)

    def _may_be_in_namespace(self, use: Use) -> bool:
        if use.namespace or self.namespaces.means_all:
            return self.namespaces.may_match(use.namespace)
        return use.verb in COLLECTION_VERBS and not use.resource.is_cluster_scoped
