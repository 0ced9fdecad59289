"""Resources by name: `pods`, `pods/log`, `apps/deployments`, `apps/deployments/scale`, `*/*`.

A kind that is served under several groups is one resource here, and versions are not looked at, so that a
rule cannot be dodged by asking for the same object under another address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.policy.patterns import glob, words

if TYPE_CHECKING:
    import re

    from narrows.model import ApiCall

UNDOTTED_GROUPS = words("apps batch autoscaling policy extensions")
"""Groups without a dot; every other that is not the core has one, which tells it from a resource."""

CANONICAL = {
    ("extensions", "deployments"): "apps",
    ("extensions", "daemonsets"): "apps",
    ("extensions", "replicasets"): "apps",
    ("extensions", "ingresses"): "networking.k8s.io",
    ("extensions", "networkpolicies"): "networking.k8s.io",
    ("events.k8s.io", "events"): "",
    ("extensions", "podsecuritypolicies"): "policy",
}
"""The group of resources that have been served under another one too."""

CLUSTER_SCOPED = frozenset(
    {
        *(("", name) for name in words("nodes namespaces persistentvolumes componentstatuses")),
        *(("rbac.authorization.k8s.io", name) for name in words("clusterroles clusterrolebindings")),
        *(("storage.k8s.io", name) for name in words("storageclasses volumeattachments csidrivers csinodes")),
        ("apiextensions.k8s.io", "customresourcedefinitions"),
        ("apiregistration.k8s.io", "apiservices"),
        ("certificates.k8s.io", "certificatesigningrequests"),
        ("scheduling.k8s.io", "priorityclasses"),
        ("node.k8s.io", "runtimeclasses"),
        ("networking.k8s.io", "ingressclasses"),
    }
)
"""Resources that are in no namespace, as far as they are known; a custom one may be in any."""

CONNECTS = words("exec attach portforward proxy")
"""Subresources that are verbs of our own: what HTTP method opens them says nothing."""


def canonical_group(group: str, resource: str) -> str:
    """The group under which a resource is known here, whichever it was asked for under."""
    return CANONICAL.get((group, resource), group)


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource, or one of its subresources, as rules know it."""

    group: str
    name: str
    subresource: str = ""

    @classmethod
    def of(cls, call: ApiCall) -> Resource:
        """The resource of a call."""
        return cls(canonical_group(call.group, call.resource), call.resource, call.subresource)

    @property
    def is_cluster_scoped(self) -> bool:
        """Whether it is known to be in no namespace."""
        return (self.group, self.name) in CLUSTER_SCOPED

    def __str__(self) -> str:
        return "/".join(part for part in (self.group, self.name, self.subresource) if part)


@dataclass(frozen=True, slots=True)
class ResourcePattern:
    """A pattern over resources; `*` stands for any run of characters within a part."""

    group: re.Pattern[str]
    name: re.Pattern[str]
    subresource: re.Pattern[str]
    text: str

    @classmethod
    def parse(cls, text: str) -> ResourcePattern:
        """Compiles `resource`, `resource/subresource`, `group/resource` or `group/resource/subresource`.

        `*` alone is every resource of every group, and `*/*/*` every subresource too.

        Raises:
            ValueError: The text is none of them.
        """
        group, name, subresource = _parts(text)
        if not name or "/" in subresource or text != text.lower():
            raise ValueError(f"`{text}` is not a resource such as pods, pods/log, apps/deployments or */*/*")
        return cls(glob(canonical_group(group, name)), glob(name), glob(subresource), text)

    @property
    def is_spelled(self) -> bool:
        """Whether group and resource are written out."""
        return "*" not in "/".join(_parts(self.text)[:2])

    @property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """Group and resource, under every group that the resource is served under."""
        group, name, _ = _parts(self.text)
        others = [old for (old, known), new in CANONICAL.items() if (new, known) == (group, name)]
        return ((group, name), *((old, name) for old in others))

    @property
    def connects(self) -> str:
        """The own verb that its subresource is; empty where it is none."""
        return self.subresource.pattern if self.subresource.pattern in CONNECTS else ""

    def covers(self, resource: Resource) -> bool:
        """Whether it certainly means this resource, and this subresource of it.

        What is connected to is meant by the resource alone, for the rule's verb says the rest.
        """
        if not self._is_of(resource):
            return False
        if self.subresource.fullmatch(resource.subresource):
            return True
        return not self.subresource.pattern and resource.subresource in CONNECTS

    def may_match(self, resource: Resource) -> bool:
        """Whether a denial means it: that of a resource is one of its subresources, too."""
        return self._is_of(resource) and (
            not self.subresource.pattern or self.subresource.fullmatch(resource.subresource) is not None
        )

    def _is_of(self, resource: Resource) -> bool:
        return (
            self.group.fullmatch(resource.group) is not None
            and self.name.fullmatch(resource.name) is not None
        )


def _parts(text: str) -> tuple[str, str, str]:
    """Group, resource and subresource of a pattern."""
    first, slash, rest = text.partition("/")
    if text == "*":
        return "*", "*", ""
    if slash and ("." in first or first in UNDOTTED_GROUPS or first == "*"):
        name, _, subresource = rest.partition("/")
        return first, name, subresource
    return "", first, rest
