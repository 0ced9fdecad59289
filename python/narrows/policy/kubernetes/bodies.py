"""The body of a call as a document that can mean one thing only.

The API server and this module must not read one text in two ways. JSON with a key twice is refused, since
the server takes the last of them in silence. Of YAML, which readers differ on, the plain part is taken: no
anchors, tags, merge keys or several documents, and no scalar that YAML 1.1 and 1.2 read differently.
"""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from narrows.policy.patterns import words

DEPTH_MAX = 100
"""How deep a body may be nested; the API server's own objects are far below it."""
YAML_BYTES_MAX = 65_536
"""How long YAML may be; clients that apply send JSON, which YAML contains and which may be longer."""
VALUES_MAX = 200_000
"""How many keys, elements and scalars a body may have."""

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCHES = frozenset({"application/merge-patch+json", "application/strategic-merge-patch+json"})
APPLY_PATCH = "application/apply-patch+yaml"
YAML = "application/yaml"

PATCH_OPERATIONS = words("add replace remove test copy move")

PLAIN_TRUTH = {"true": True, "false": False, "null": None}
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
AMBIGUOUS = re.compile(
    r"~|y|n|yes|no|on|off|true|false|null|[-+]?\.(?:inf|nan)|[-+]?[0-9][0-9a-fox_:.eE+-]*|[-+]?\.[0-9].*|=|<<",
    re.IGNORECASE,
)
"""Plain scalars that readers of YAML take for different things: truth, numbers, times, the merge key."""


class BodyRefused(ValueError):
    """A body cannot be judged; the message says why."""


def read_body(content_type: str, body: bytes) -> Any:
    """Reads the body of a write.

    Args:
        content_type: With or without parameters; empty means JSON, as it does to the API server.
        body: All of it.

    Returns:
        The document; None where there is none.

    Raises:
        BodyRefused: It is of another type, malformed, too large, or could be read in two ways.
    """
    if not body.strip():
        return None
    kind = content_type.partition(";")[0].strip().lower() or JSON
    if kind in {APPLY_PATCH, YAML}:
        return _read_json_or_yaml(body)
    if kind not in {JSON, JSON_PATCH, *MERGE_PATCHES}:
        raise BodyRefused(f"a body of type {kind[:80]} is not read here; send JSON")
    try:
        document = _read_json(body)
    except json.JSONDecodeError as error:
        raise BodyRefused(f"the body is not JSON: {error.msg} at {error.pos}") from None
    if kind == JSON_PATCH:
        _check_patch(document)
    elif not isinstance(document, dict):
        raise BodyRefused("the body is no object")
    return document


def is_json_patch(content_type: str) -> bool:
    """Whether a body of this type is a list of operations (RFC 6902)."""
    return content_type.partition(";")[0].strip().lower() == JSON_PATCH


def pointer(path: str) -> tuple[str, ...]:
    """The keys of a JSON pointer (RFC 6901).

    Raises:
        BodyRefused: It is none.
    """
    if path and not path.startswith("/"):
        raise BodyRefused(f"`{path[:80]}` is no JSON pointer")
    if re.search(r"~(?![01])", path):
        raise BodyRefused(f"`{path[:80]}` is no JSON pointer")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:])


def _read_json(body: bytes) -> Any:
    try:
        document = json.loads(body.decode(), object_pairs_hook=_object, parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise BodyRefused("the body is not UTF-8") from None
    except RecursionError:
        raise BodyRefused("the body is nested too deep") from None
    except (BodyRefused, json.JSONDecodeError):
        raise
    except ValueError:  # a number with more digits than Python reads
        raise BodyRefused("the body has a number that is too long") from None
    _check_size(document)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for at, (key, _) in enumerate(pairs) if key in {one for one, _ in pairs[:at]})
        raise BodyRefused(f"the key `{twice[:80]}` stands twice in one object")
    return found


def _refuse_constant(name: str) -> Any:
    raise BodyRefused(f"`{name}` is not JSON")


def _check_size(document: Any) -> None:
    left = VALUES_MAX
    level = [document]
    for _ in range(DEPTH_MAX):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += value.values()
            elif isinstance(value, list):
                below += value
        left -= len(below)
        if left < 0:
            raise BodyRefused(f"the body has more than {VALUES_MAX} values")
        if not below:
            return
        level = below
    raise BodyRefused(f"the body is nested deeper than {DEPTH_MAX}")


def _check_patch(document: Any) -> None:
    if not isinstance(document, list):
        raise BodyRefused("a JSON patch is a list of operations")
    for operation in document:
        if not isinstance(operation, dict) or operation.get("op") not in PATCH_OPERATIONS:
            raise BodyRefused("a JSON patch has operations add, replace, remove, test, copy and move only")
        for field in ("path", "from") if operation["op"] in {"copy", "move"} else ("path",):
            if not isinstance(operation.get(field), str):
                raise BodyRefused(f"an operation of a JSON patch lacks its `{field}`")
            pointer(operation[field])


def _read_json_or_yaml(body: bytes) -> Any:
    try:
        document = _read_json(body)
    except json.JSONDecodeError:
        return _read_yaml(body)
    if not isinstance(document, dict):
        raise BodyRefused("the body is no object")
    return document


def _read_yaml(body: bytes) -> Any:
    if len(body) > YAML_BYTES_MAX:
        raise BodyRefused(f"YAML longer than {YAML_BYTES_MAX >> 10} KiB is not read here; send JSON")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BodyRefused("the body is not UTF-8") from None
    try:
        document = _Reader(text).document()
    except yaml.YAMLError as error:
        raise BodyRefused(f"the body is not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(document, dict):
        raise BodyRefused("the body is no object")
    return document


class _Reader:
    """One pass over the events of a YAML text; there is nothing in them that could grow."""

    def __init__(self, text: str) -> None:
        self._events = yaml.parse(text, Loader=yaml.SafeLoader)
        self._left = VALUES_MAX

    def document(self) -> Any:
        self._expect(yaml.StreamStartEvent)
        if isinstance(first := next(self._events), yaml.StreamEndEvent):
            return None
        if not isinstance(first, yaml.DocumentStartEvent) or first.version or first.tags:
            raise BodyRefused("YAML directives are not read here")
        value = self._value(next(self._events), 0)
        self._expect(yaml.DocumentEndEvent)
        if not isinstance(next(self._events), yaml.StreamEndEvent):
            raise BodyRefused("the body has several YAML documents")
        return value

    def _expect(self, kind: type[yaml.Event]) -> None:
        if not isinstance(next(self._events), kind):
            raise BodyRefused("the body is not YAML")

    def _value(self, event: yaml.Event, depth: int) -> Any:
        self._left -= 1
        if depth > DEPTH_MAX or self._left < 0:
            raise BodyRefused("the body is nested too deep, or has too many values")
        if (
            isinstance(event, yaml.AliasEvent)
            or getattr(event, "anchor", None)
            or getattr(event, "tag", None)
        ):
            raise BodyRefused("anchors, aliases and tags of YAML are not read here; write the values out")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(depth)
        raise BodyRefused("the body is not YAML")

    def _sequence(self, depth: int) -> list[Any]:
        found = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, depth + 1))
        return found

    def _mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event, depth + 1)
            if not isinstance(key, str):
                raise BodyRefused("a key in YAML is no string; put it in quotes")
            if key in found:
                raise BodyRefused(f"the key `{key[:80]}` stands twice in one object")
            found[key] = self._value(next(self._events), depth + 1)
        return found


def _scalar(event: yaml.ScalarEvent) -> Any:
    text = event.value
    if event.style is not None:
        return text
    if text == "":
        return None
    if text in PLAIN_TRUTH:
        return PLAIN_TRUTH[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text):
        return float(text)
    if AMBIGUOUS.fullmatch(text):
        raise BodyRefused(f"`{text[:40]}` means different things to readers of YAML; put it in quotes")
    return text
