"""Finds what matters of a pod wherever it stands in a document: a Pod, a template, a fragment of a patch.

Kinds are many, and an operator may have its own that holds a template under any name. So no path is followed:
every key of the document that a pod's field is called by counts as that field, in whatever case, for servers
have differed there. Too much is found rather than too little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from narrows.policy.kubernetes.bodies import pointer
from narrows.policy.kubernetes.contents import DEFAULT_ACCOUNTS, NOTHING, UNKNOWN, Contents, SecretRef
from narrows.policy.patterns import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from narrows.policy.kubernetes.resources import Resource

HOST_NAMESPACES = words("hostnetwork hostpid hostipc hostport")
ACCOUNTS = words("serviceaccountname serviceaccount")
SECRET_NAMES = words("secretname")
SECRET_OBJECTS = words("secret secretref secretkeyref")
SECRET_LISTS = words("imagepullsecrets")
FREE_KEYS = words("annotations labels matchlabels nodeselector")
"""Maps whose keys their author chooses."""
STATUS = "status"
"""What the cluster says of an object; nothing there makes anything run."""

WITHOUT_PODS = {
    ("", name)
    for name in words("configmaps secrets events endpoints namespaces nodes limitranges resourcequotas")
} | {
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("coordination.k8s.io", "leases"),
    ("discovery.k8s.io", "endpointslices"),
    *(
        ("rbac.authorization.k8s.io", name)
        for name in words("roles rolebindings clusterroles clusterrolebindings")
    ),
}
"""Resources whose keys are data or schemas, and that make no pods."""


def contents_of(document: Any, resource: Resource, namespace: str) -> Contents:
    """What a body could set.

    Args:
        document: The body, as read; of a JSON patch, its list of operations.
        resource: What is written.
        namespace: Where; Secrets are referred to within it.
    """
    if document is None or (resource.group, resource.name) in WITHOUT_PODS:
        return NOTHING
    finder = _Finder(namespace)
    for part in fragments(document):
        wanted = (
            {key: value for key, value in part.items() if key != STATUS} if isinstance(part, dict) else part
        )
        finder.walk(wanted)
    return finder.contents()


def fragments(document: Any) -> Iterator[Any]:
    """The document; of a JSON patch, what each operation sets, as an object that has nothing else."""
    if not isinstance(document, list):
        yield document
        return
    for operation in document:
        if operation["op"] in {"add", "replace"}:
            value = operation.get("value")
            for key in reversed(pointer(operation["path"])):
                value = {key: value}
            yield value


class _Finder:
    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._images: set[str] = set()
        self._privileged: set[str] = set()
        self._host_paths: set[str] = set()
        self._host_namespaces: set[str] = set()
        self._capabilities: set[str] = set()
        self._accounts: set[str] = set()
        self._secrets: set[SecretRef] = set()

    def contents(self) -> Contents:
        return Contents(
            images=tuple(sorted(self._images)),
            privileged=tuple(sorted(self._privileged)),
            host_paths=tuple(sorted(self._host_paths)),
            host_namespaces=tuple(sorted(self._host_namespaces)),
            capabilities=tuple(sorted(self._capabilities)),
            service_accounts=tuple(sorted(self._accounts)),
            secrets=tuple(sorted(self._secrets)),
        )

    def walk(self, document: Any) -> None:
        waiting = [document]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                for key, inner in value.items():
                    folded = key.lower()
                    self._look(key, folded, inner)
                    if folded not in FREE_KEYS:
                        waiting.append(inner)
            elif isinstance(value, list):
                waiting += value

    def _look(self, key: str, folded: str, value: Any) -> None:
        if folded in HOST_NAMESPACES and value not in (None, False, 0):
            self._host_namespaces.add(key)
        elif _is_privileged(folded, value):
            self._privileged.add(key)
        elif folded == "hostpath" or (folded == "local" and isinstance(value, dict) and "path" in value):
            self._host_paths |= _paths(value)
        elif folded == "image":
            self._images |= _images(value)
        elif folded == "capabilities" and isinstance(value, dict):
            self._look_at_capabilities(value)
        elif folded in ACCOUNTS:
            self._accounts |= {text for text in _leaves(value) if text not in DEFAULT_ACCOUNTS}
        else:
            self._look_for_secrets(folded, value)

    def _look_at_capabilities(self, value: dict[str, Any]) -> None:
        for key, added in value.items():
            if key.lower() == "add":
                self._capabilities |= {text.upper().removeprefix("CAP_") for text in _leaves(added)}

    def _look_for_secrets(self, folded: str, value: Any) -> None:
        if folded in SECRET_NAMES and isinstance(value, str):
            self._add_secret(value)
        elif folded in SECRET_LISTS or folded == "secrets":
            for one in _elements(value):
                self._refer(one)
        elif folded in SECRET_OBJECTS or folded.endswith("secretref"):
            self._refer(value)

    def _refer(self, value: Any) -> None:
        """One reference: `{name: …}`, `{secretName: …}`, or a part of one that says no name."""
        if isinstance(value, str):
            self._add_secret(value)
        elif isinstance(value, dict) and value:
            found = {key.lower(): inner for key, inner in value.items()}
            name = found.get("secretname") or found.get("name")
            namespace = found.get("namespace")
            self._add_secret(name if isinstance(name, str) else UNKNOWN, namespace)

    def _add_secret(self, name: str, namespace: Any = None) -> None:
        where = namespace if isinstance(namespace, str) and namespace else self._namespace
        self._secrets.add(SecretRef(where, name))


def _is_privileged(folded: str, value: Any) -> bool:
    """Whether a field takes a wall away between a container and its node."""
    match folded:
        case "privileged" | "hostprocess":
            return value not in (None, False)
        case "hostusers":
            return value not in (None, True)
        case "procmount":
            return value not in (None, "Default")
        case "seccompprofile" | "apparmorprofile":
            return "Unconfined" in _leaves(value)
        case _:
            return False


def _images(value: Any) -> set[str]:
    """A container's image; that of an image volume is under `reference`."""
    if isinstance(value, dict):
        return {
            inner
            for key, inner in value.items()
            if key.lower() in {"reference", "name", "repository"} and isinstance(inner, str)
        }
    return {value} if isinstance(value, str) else set()


def _paths(value: Any) -> set[str]:
    """Paths of the node; a fragment that says none could be of any."""
    if not isinstance(value, dict):
        return {value} if isinstance(value, str) else set()
    found = {inner for key, inner in value.items() if key.lower() == "path" and isinstance(inner, str)}
    return found or ({"?"} if value else set())


def _elements(value: Any) -> list[Any]:
    """The elements of a list, or of what a patch makes of one: keys are places in it."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in _elements(value):
        yield from _leaves(inner)
