"""What a body says of itself, compared with the path that it is sent to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.policy.kubernetes.bodies import BodyRefused, pointer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from narrows.model import ApiCall

KINDS: Mapping[tuple[str, str], str] = {
    ("", "pods"): "Pod",
    ("", "services"): "Service",
    ("", "configmaps"): "ConfigMap",
    ("", "secrets"): "Secret",
    ("", "namespaces"): "Namespace",
    ("", "nodes"): "Node",
    ("", "serviceaccounts"): "ServiceAccount",
    ("", "persistentvolumes"): "PersistentVolume",
    ("", "persistentvolumeclaims"): "PersistentVolumeClaim",
    ("", "replicationcontrollers"): "ReplicationController",
    ("", "podtemplates"): "PodTemplate",
    ("apps", "deployments"): "Deployment",
    ("apps", "statefulsets"): "StatefulSet",
    ("apps", "daemonsets"): "DaemonSet",
    ("apps", "replicasets"): "ReplicaSet",
    ("batch", "jobs"): "Job",
    ("batch", "cronjobs"): "CronJob",
    ("rbac.authorization.k8s.io", "roles"): "Role",
    ("rbac.authorization.k8s.io", "rolebindings"): "RoleBinding",
    ("rbac.authorization.k8s.io", "clusterroles"): "ClusterRole",
    ("rbac.authorization.k8s.io", "clusterrolebindings"): "ClusterRoleBinding",
}
"""The kind of an object by group and resource; others have kinds that nobody here knows."""

SAME_OBJECT = frozenset({"", "status", "ephemeralcontainers", "resize", "finalize", "approval"})
"""Subresources whose body is the object itself; others have kinds and versions of their own."""

OBJECT_NAME = re.compile(r"[^/%\x00-\x1f\x7f]{1,253}")


@dataclass(frozen=True, slots=True)
class Name:
    """What an object will be called."""

    text: str = ""
    is_prefix: bool = False


def check_identity(call: ApiCall, document: Any) -> None:
    """Whether a body is of the object that the path names, as far as it says.

    Raises:
        BodyRefused: It is of another group, kind, namespace or name, or is several objects.
    """
    if isinstance(document, list):
        _check_patched_identity(document)
    elif document is not None and call.verb in {"create", "update", "patch"}:
        _check_type(call, document)
        _check_metadata(call, _metadata(document))


def name_of(call: ApiCall, document: Any) -> Name:
    """The name of what a call is of: the path's, or for something new the body's.

    Raises:
        BodyRefused: The body's is no name.
    """
    if call.name or call.verb != "create" or not isinstance(document, dict):
        return Name(call.name)
    metadata = _metadata(document)
    name, prefix = metadata.get("name") or "", metadata.get("generateName") or ""
    for text in (name, prefix):
        if not isinstance(text, str) or (text and not OBJECT_NAME.fullmatch(text)):
            raise BodyRefused("the body's name is no name of an object")
    return Name(name) if name else Name(prefix, is_prefix=bool(prefix))


def _metadata(document: dict[str, Any]) -> dict[str, Any]:
    metadata = document.get("metadata")
    if metadata is None:
        return {}
    if not isinstance(metadata, dict):
        raise BodyRefused("the body's metadata is no object")
    return metadata


def _check_type(call: ApiCall, document: dict[str, Any]) -> None:
    kind, api_version = document.get("kind"), document.get("apiVersion")
    if not isinstance(kind, str | None) or not isinstance(api_version, str | None):
        raise BodyRefused("the body's kind or apiVersion is no text")
    if kind and kind.endswith("List") and "items" in document:
        raise BodyRefused("the body is a list of objects; send them one by one")
    if call.subresource not in SAME_OBJECT:
        return
    expected = "/".join(part for part in (call.group, call.version) if part)
    if api_version and api_version != expected:
        raise BodyRefused(f"the body is of {api_version[:80]}, and the path of {expected}")
    known = KINDS.get((call.group, call.resource))
    if kind and known and kind != known:
        raise BodyRefused(f"the body is a {kind[:80]}, and the path is of {call.resource}")


def _check_metadata(call: ApiCall, metadata: dict[str, Any]) -> None:
    namespace = "" if call.resource == "namespaces" else call.namespace
    if metadata.get("namespace") not in (None, "", namespace):
        raise BodyRefused(f"the body's namespace is not the path's, {namespace or 'which has none'}")
    if call.name and metadata.get("name") not in (None, "", call.name):
        raise BodyRefused(f"the body's name is not the path's, {call.name}")


def _check_patched_identity(operations: list[Any]) -> None:
    for operation in operations:
        keys = pointer(operation["path"])
        if not keys or keys[0] in {"apiVersion", "kind"} or keys == ("metadata",):
            raise BodyRefused("a patch that replaces the whole object or its metadata; name what it changes")
        if keys[:1] == ("metadata",) and keys[1:2] and keys[1] in {"name", "namespace", "generateName"}:
            raise BodyRefused("a patch does not rename an object")
