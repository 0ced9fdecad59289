"""A call, read once: what it does one by one, or why nobody may let it through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.policy.kubernetes.bodies import BodyRefused, is_json_patch, pointer, read_body
from narrows.policy.kubernetes.classes import WRITES, classes_of
from narrows.policy.kubernetes.commands import started
from narrows.policy.kubernetes.objects import Name, check_identity, name_of
from narrows.policy.kubernetes.placeholders import holds_placeholder, strings
from narrows.policy.kubernetes.pod_fields import contents_of
from narrows.policy.kubernetes.resources import Resource
from narrows.policy.kubernetes.section import COLLECTION_VERBS, STARTS, VERBS
from narrows.policy.kubernetes.uses import Path, Reach, Shown, Stdin, Use
from narrows.policy.kubernetes.written_back import restorable_places
from narrows.policy.rules import BUILT_IN, MASKED_DATA, NOT_UNDERSTOOD
from narrows.policy.ssh.accesses import Access as CommandAccess

if TYPE_CHECKING:
    from narrows.model import ApiCall
    from narrows.policy.kubernetes.masks import ObjectMask
    from narrows.policy.kubernetes.written_back import Keys

Access = Use | Shown | Reach | Path | Stdin | CommandAccess

SHOWS = WRITES - {"create"}
"""Writes whose answer shows an object that was there before."""

CLEAR_SELECTOR = re.compile(r"metadata\.(?:name|namespace)(?:==|=|!=)[^,=!\\]*")
COPIES = frozenset({"test", "copy", "move"})
"""Operations of a JSON patch that look at what is there."""
CLEAR_PLACES = ("labels", "annotations")

HINT_PLACEHOLDER = "leave masked fields out: change the others with a merge patch or a server-side apply"
HINT_OWN_PLACE = "write a masked value back as it was shown, where it was shown, or leave it out"
HINT_READ_AGAIN = "read the object again, and change what you have read now"
HINT_BODY = "send one object as JSON or plain YAML, of the kind, name and namespace of the path"
HINT_SELECTOR = "select by labels, or by metadata.name and metadata.namespace"
HINT_PATCH = "use a merge patch or a server-side apply"
HINT_KUBELET = "use the pod's own exec, log or port-forward"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no rule could let a call through."""

    rule: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A call, read once."""

    accesses: tuple[Access, ...] = ()
    use: Use | None = None
    """The one of them that is the use of its resource."""
    refusal: Refusal | None = None
    restores: bool = False
    """Its body holds placeholders, which are good only for what the object holds now."""


def read_call(call: ApiCall, masks: tuple[ObjectMask, ...]) -> CallFacts:
    """The facts of a call.

    Args:
        call: As the data plane read it.
        masks: What the principal sees masked there.
    """
    if not call.resource:
        return CallFacts((Path(call.route, call.method),))
    resource = Resource.of(call)
    if refusal := _refused_at_once(call, resource):
        return CallFacts(refusal=refusal)
    hidden = any(mask.covers(resource) for mask in masks)
    try:
        document = _body(call)
        check_identity(call, document)
        name = name_of(call, document)
        _check_operations(call, document)
    except BodyRefused as refused:
        return CallFacts(refusal=Refusal(NOT_UNDERSTOOD, str(refused), HINT_BODY))
    places = restorable_places(call, document)
    if refusal := _written_back(call, document, places, any(mask.restores(resource) for mask in masks)):
        return CallFacts(refusal=refusal, restores=bool(places))
    if refusal := _looks_at_hidden(call, document) if hidden else None:
        return CallFacts(refusal=refusal)
    use = Use(
        verb=call.verb,
        resource=resource,
        namespace=_namespace(call, name),
        name=name.text,
        name_is_prefix=name.is_prefix,
        classes=classes_of(call, resource, document),
        contents=contents_of(document, resource, call.namespace),
        proxied=_proxied(call),
        ports=_ports(call),
    )
    starts = started(call) if call.verb in STARTS else ()
    return CallFacts((*starts, use, *_shown(use), *_reached(use)), use, restores=bool(places))


def _refused_at_once(call: ApiCall, resource: Resource) -> Refusal | None:
    if call.verb not in VERBS:
        return Refusal(NOT_UNDERSTOOD, f"`{call.verb}` is no verb of the API", HINT_BODY)
    if (resource.group, resource.name) == ("", "nodes") and "proxy" in {call.verb, call.subresource}:
        reason = "through nodes/proxy the kubelet runs commands in every pod, which no rule sees"
        return Refusal(BUILT_IN, reason, HINT_KUBELET)
    return None


def _body(call: ApiCall) -> Any:
    if call.verb not in WRITES:
        if call.body and call.verb != "proxy":
            raise BodyRefused("a call that only reads has no body")
        return None
    document = read_body(call.content_type, call.body)
    if call.verb == "patch" and not call.content_type:
        raise BodyRefused("a patch says in its Content-Type which kind of patch it is")
    if is_json_patch(call.content_type) and call.verb != "patch":
        raise BodyRefused("a list of operations belongs to a patch")
    if document is None and call.verb in {"create", "update", "patch"}:
        raise BodyRefused("the body is empty")
    return document


def _check_operations(call: ApiCall, document: Any) -> None:
    """What is copied within an object cannot be judged, unless it goes where it does nothing."""
    if not isinstance(document, list):
        return
    for operation in document:
        if operation["op"] not in {"copy", "move"}:
            continue
        keys = pointer(operation["path"])
        if keys[:1] != ("metadata",) or keys[1:2] == () or keys[1] not in CLEAR_PLACES:
            raise BodyRefused(f"what `{operation['op']}` puts at {operation['path'][:80]} cannot be known")


def _written_back(
    call: ApiCall, document: Any, places: tuple[Keys, ...] | None, restores: bool
) -> Refusal | None:
    """What keeps placeholders in a body from going on; `restores`: whether a mask has them restored."""
    if document is None or not holds_placeholder(document):
        return None
    if not restores:
        reason = "the body holds what stands for a masked value, and would put it in the value's place"
        return Refusal(MASKED_DATA, reason, HINT_PLACEHOLDER)
    if places is None:
        reason = "the body holds what stands for a masked value where no value can be restored"
        return Refusal(MASKED_DATA, reason, HINT_OWN_PLACE)
    if call.restored == b"":
        reason = "the body holds what stands for a masked value, and not for the one that is there now"
        return Refusal(MASKED_DATA, reason, HINT_READ_AGAIN)
    return None


def _looks_at_hidden(call: ApiCall, document: Any) -> Refusal | None:
    """Ways to learn of a masked value without seeing it."""
    terms = [term for value in call.values("fieldSelector") for term in value.split(",") if term]
    if not all(CLEAR_SELECTOR.fullmatch(term) for term in terms):
        return Refusal(MASKED_DATA, "a selector by fields tells of what is masked", HINT_SELECTOR)
    if isinstance(document, list) and any(operation["op"] in COPIES for operation in document):
        return Refusal(MASKED_DATA, "test, copy and move in a patch tell of what is masked", HINT_PATCH)
    if call.verb == "patch" and any(
        text.startswith("$deleteFromPrimitiveList") for text in strings(document)
    ):
        return Refusal(MASKED_DATA, "a patch that removes by value tells of what is masked", HINT_PATCH)
    return None


def _shown(use: Use) -> tuple[Shown, ...]:
    """The read that the answer of a write comes to."""
    if use.verb not in SHOWS:
        return ()
    several = use.verb in COLLECTION_VERBS
    return (Shown(Use("list" if several else "get", use.resource, use.namespace, use.name)),)


def _reached(use: Use) -> tuple[Reach, ...]:
    secrets = Resource("", "secrets")
    return tuple(Reach(Use("get", secrets, ref.namespace, ref.name)) for ref in use.contents.secrets)


def _namespace(call: ApiCall, name: Name) -> str:
    """The namespace that a call is in; one that is made is in itself, as one that is there."""
    return name.text if call.resource == "namespaces" and not name.is_prefix else call.namespace


def _proxied(call: ApiCall) -> str:
    return call.route.partition(f"/{call.name}/proxy")[2] or "/" if call.verb == "proxy" else ""


def _ports(call: ApiCall) -> tuple[int, ...]:
    """The ports that a port-forward names at once; one over SPDY names them later."""
    if call.verb != "portforward":
        return ()
    texts = [text for value in call.values("ports") for text in value.split(",")]
    return tuple(int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 0 for text in texts)
