"""Classes of calls that a wildcard never lets through, so that a rule can also name them in one word.

A class errs towards danger: what could be in it is in it. An allow or an approval of a call that is in a
class writes the resource out, or names the class where people are asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.policy.kubernetes.placeholders import strings
from narrows.policy.patterns import words

if TYPE_CHECKING:
    from narrows.model import ApiCall
    from narrows.policy.kubernetes.resources import Resource

DESTRUCTIVE = "destructive"
"""It takes away much at once: collections, namespaces, nodes, volumes, kinds, evictions, scaling to none."""
CONTROL_PLANE = "control-plane"
"""It changes who may do what, or what the API server itself does."""
CREDENTIALS = "credentials"
"""It makes a credential: tokens of service accounts, certificates."""

CLASSES = {
    DESTRUCTIVE: "takes away much at once",
    CONTROL_PLANE: "changes who may do what, or what the API server does",
    CREDENTIALS: "makes a credential",
}
"""Every class that `classes` may hold."""

WRITES = words("create update patch delete deletecollection")

DELETED_WITH_MUCH = {
    ("", "namespaces"),
    ("", "nodes"),
    ("", "persistentvolumes"),
    ("", "persistentvolumeclaims"),
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("storage.k8s.io", "storageclasses"),
    ("apps", "statefulsets"),
}
"""What goes, or cannot come back, with the object that is deleted."""

CONTROL_GROUPS = words(
    """rbac.authorization.k8s.io admissionregistration.k8s.io apiregistration.k8s.io certificates.k8s.io
    authentication.k8s.io authorization.k8s.io flowcontrol.apiserver.k8s.io apiextensions.k8s.io"""
)
"""Groups all of whose objects are the control plane's."""

CONTROL_WRITES = {
    ("", "nodes", ""),
    ("", "nodes", "status"),
    ("", "namespaces", "finalize"),
    ("", "pods", "binding"),
    ("", "bindings", ""),
    ("", "serviceaccounts", ""),
    ("node.k8s.io", "runtimeclasses", ""),
    ("scheduling.k8s.io", "priorityclasses", ""),
    ("storage.k8s.io", "csidrivers", ""),
}
TOKEN_SECRETS = words("kubernetes.io/service-account-token bootstrap.kubernetes.io/token")
"""Types of Secrets that a controller fills with a token, or that are one."""
ADMISSION_LABEL = "pod-security.kubernetes.io/"
"""Labels of a namespace that say what pods it admits."""


def classes_of(call: ApiCall, resource: Resource, document: Any) -> frozenset[str]:
    """The classes that a call is in.

    Args:
        call: The call.
        resource: Its resource.
        document: Its body, as read.
    """
    if call.verb not in WRITES:
        return frozenset()
    found = {
        DESTRUCTIVE: _is_destructive(call, resource, document),
        CONTROL_PLANE: _is_control_plane(resource, document),
        CREDENTIALS: _makes_credential(resource, document),
    }
    return frozenset(name for name, holds in found.items() if holds)


def _is_destructive(call: ApiCall, resource: Resource, document: Any) -> bool:
    if call.verb == "deletecollection":
        return True
    if call.verb == "delete":
        return (resource.group, resource.name) in DELETED_WITH_MUCH
    if resource.subresource in {"eviction", "finalize"}:
        return True
    return _scales_to_none(document, said=call.verb != "update" or resource.subresource != "scale")


def _scales_to_none(document: Any, *, said: bool) -> bool:
    """Whether a body, or an operation of a patch, sets `spec.replicas` to 0.

    Args:
        document: The body, as read.
        said: Whether what it does not say stays as it is; otherwise it becomes 0.
    """
    if isinstance(document, list):
        return any(
            operation.get("path") == "/spec/replicas" and not operation.get("value") for operation in document
        )
    spec = document.get("spec") if isinstance(document, dict) else None
    if not isinstance(spec, dict) or "replicas" not in spec:
        return not said
    return spec["replicas"] in (0, None)


def _is_control_plane(resource: Resource, document: Any) -> bool:
    if resource.group in CONTROL_GROUPS:
        return True
    if (resource.group, resource.name, resource.subresource) in CONTROL_WRITES:
        return True
    return resource.name == "namespaces" and any(
        ADMISSION_LABEL in text.replace("~1", "/") for text in strings(document)
    )


def _makes_credential(resource: Resource, document: Any) -> bool:
    if (resource.group, resource.name) == ("certificates.k8s.io", "certificatesigningrequests"):
        return True
    if (resource.group, resource.name, resource.subresource) == ("", "serviceaccounts", "token"):
        return True
    return (resource.group, resource.name) == ("", "secrets") and bool(TOKEN_SECRETS & set(strings(document)))
