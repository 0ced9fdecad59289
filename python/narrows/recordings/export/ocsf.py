"""Events in the Open Cybersecurity Schema Framework, each in the class of what was attempted.

Source: OCSF schema 1.8.0 (schema.ocsf.io), the classes below, profile security_control; with SSH Activity
also host, for otherwise it names nobody who acts. What the schema has no place for is in `unmapped.narrows`.
"""

from __future__ import annotations

import ipaddress
import json
import posixpath
from typing import TYPE_CHECKING, Any

from narrows import __version__
from narrows.recordings.index.subjects import subjects
from narrows.recordings.journal import session_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.recordings.index.outbox import Event
    from narrows.recordings.index.search import Hit
    from narrows.recordings.index.sessions import RecordedSession

SCHEMA = "1.8.0"
TEXT_CHARACTERS_MAX = 4_096
"""Of a statement; syslog receivers take some 8 KiB of a message (RFC 5425, 4.3.1). The recording has all."""

DATASTORE_ACTIVITY, API_ACTIVITY, AUTHENTICATION = 6005, 6003, 3002
SSH_ACTIVITY, PROCESS_ACTIVITY, FILE_ACTIVITY = 4007, 1007, 1001
LOGON, LOGOFF = 1, 2
OPEN, CLOSE, REFUSE = 1, 2, 5
LAUNCH = 1
ACTIVITIES = {
    "Read": 1, "Update": 2, "Connect": 3, "Query": 4, "Write": 5, "Create": 6, "Delete": 7, "Other": 99,
}  # fmt: skip
VERB_ACTIVITIES = (
    ("delete", "Delete"), ("truncate", "Delete"), ("drop", "Delete"), ("update", "Update"),
    ("alter", "Update"), ("insert", "Write"), ("copy-from", "Write"), ("create", "Create"),
    ("select", "Read"), ("copy-to", "Read"),
)  # fmt: skip
"""Of several verbs, the one that changes most counts; a statement without any is a Query."""
CALL_ACTIVITIES = {
    "create": (1, "Create"), "get": (2, "Read"), "list": (2, "Read"), "watch": (2, "Read"),
    "update": (3, "Update"), "patch": (3, "Update"), "delete": (4, "Delete"),
    "deletecollection": (4, "Delete"),
}  # fmt: skip
TRANSFER_ACTIVITIES = {
    "read": (2, "Read"), "list": (2, "Read"), "look": (8, "Get Attributes"),
    "write": (3, "Update"), "read-write": (3, "Update"), "set-attributes": (6, "Set Attributes"),
    "make-directory": (1, "Create"), "symlink": (1, "Create"), "hardlink": (1, "Create"),
    "remove": (4, "Delete"), "remove-directory": (4, "Delete"), "rename": (5, "Rename"),
}  # fmt: skip
FILE_TYPES = {
    "read": 1, "write": 1, "read-write": 1, "list": 2, "make-directory": 2, "remove-directory": 2,
    "symlink": 7,
}  # fmt: skip
"""A regular file, a folder, a symbolic link; of others nothing says."""
FILE_TYPE_UNKNOWN = 0
SERVER = 1
INFORMATIONAL, LOW, MEDIUM = 1, 2, 3
SUCCESS, FAILURE, OTHER = 1, 2, 99
ALLOWED, DENIED, OTHER_ACTION = 1, 2, 99
RELATIONAL = 1
SERVICE_ACCOUNT, USER_ACCOUNT = 4, 1


def ocsf(event: Event) -> dict[str, Any]:
    """An event as OCSF has it."""
    if event.operation is not None:
        return CLASSES[event.operation.kind](event, event.operation)
    if event.session.document.get("protocol") == "ssh":
        return _ssh_session(event)
    return _authentication(event)


def _datastore(event: Event, operation: Hit) -> dict[str, Any]:
    known = subjects(operation.text)
    verbs = {name.removeprefix("verb:") for name in known if name.startswith("verb:")}
    tables = [name.removeprefix("table:") for name in known if name.startswith("table:")]
    activity = next((activity for verb, activity in VERB_ACTIVITIES if verb in verbs), "Query")
    document = _operation(event, operation, DATASTORE_ACTIVITY, ACTIVITIES[activity], activity) | {
        "src_endpoint": _endpoint(event.session.peer),
        "type_id": RELATIONAL,
        "database": _database(event.session),
        "query_info": {
            "uid": f"{operation.number}",
            "query_string": operation.text[:TEXT_CHARACTERS_MAX],
            "query_time": operation.time_us // 1_000,
        },
    }
    if tables:
        document["table"] = {"name": tables[0]}
    return document


def _api(event: Event, operation: Hit) -> dict[str, Any]:
    known = dict(name.partition(":")[::2] for name in subjects(operation.text))
    verb = known.get("verb", "")
    activity, activity_name = CALL_ACTIVITIES.get(verb, (OTHER, "Other"))
    method, _, path = operation.text.partition(" ")
    resource = {
        "name": path.partition("?")[0],
        "type": known.get("resource", "path"),
        **({"namespace": known["namespace"]} if "namespace" in known else {}),
    }
    return _operation(event, operation, API_ACTIVITY, activity, activity_name) | {
        "src_endpoint": _endpoint(event.session.peer),
        "api": {
            "operation": verb or method,
            "request": {"uid": f"{operation.number}"},
            "service": {"name": event.session.target},
        },
        "http_request": {"http_method": method, "url": {"path": path[:TEXT_CHARACTERS_MAX]}},
        "resources": [resource],
    }


def _process(event: Event, operation: Hit) -> dict[str, Any]:
    """A command, whatever it starts on the host: a shell's has no text."""
    process = {
        "uid": f"{operation.number}",
        "cmd_line": operation.text[:TEXT_CHARACTERS_MAX],
        **({"user": {"name": login}} if (login := event.session.document.get("login")) else {}),
    }
    document = _operation(event, operation, PROCESS_ACTIVITY, LAUNCH, "Launch")
    return _on_host(event, document) | {"process": process}


def _file(event: Event, operation: Hit) -> dict[str, Any]:
    action, _, rest = operation.text.partition(" ")
    paths = _parameters(operation.parameters)
    path, *others = paths if isinstance(paths, list) and paths else [rest]
    kind = FILE_TYPES.get(action, FILE_TYPE_UNKNOWN)
    activity, name = TRANSFER_ACTIVITIES.get(action, (OTHER, "Other"))
    document = _operation(event, operation, FILE_ACTIVITY, activity, name)
    document = _on_host(event, document) | {"file": _file_at(path, kind)}
    if others:
        document["file_result"] = _file_at(others[0], kind)
    return document


def _file_at(path: str, kind: int) -> dict[str, Any]:
    return {"name": posixpath.basename(path) or path, "path": path, "type_id": kind}


def _on_host(event: Event, document: dict[str, Any]) -> dict[str, Any]:
    """What happened on a host; these classes know the host, but not where the agent called from."""
    document["unmapped"]["narrows"]["peer"] = event.session.peer
    return document | {"device": _device(event.session)}


def _forward(event: Event, operation: Hit) -> dict[str, Any]:
    activity, name = (REFUSE, "Refuse") if operation.effect == "deny" else (OPEN, "Open")
    document = _operation(event, operation, SSH_ACTIVITY, activity, name)
    return _over_ssh(event, document) | {"dst_endpoint": _endpoint(operation.text)}


def _ssh_session(event: Event) -> dict[str, Any]:
    activity, name = (OPEN, "Open") if event.kind == "open" else (CLOSE, "Close")
    document = _session_event(event, SSH_ACTIVITY, activity, name)
    return _over_ssh(event, document) | {
        "actor": {"user": _user(event.session), "session": _session(event.session)},
        "dst_endpoint": {"name": event.session.target or "unknown"},
    }


def _over_ssh(event: Event, document: dict[str, Any]) -> dict[str, Any]:
    document["metadata"]["profiles"].append("host")
    return document | {"src_endpoint": _endpoint(event.session.peer), "device": _device(event.session)}


CLASSES: dict[str, Callable[[Event, Hit], dict[str, Any]]] = {
    "statement": _datastore,
    "call": _api,
    "command": _process,
    "transfer": _file,
    "forward": _forward,
}


def _operation(event: Event, operation: Hit, class_uid: int, activity: int, name: str) -> dict[str, Any]:
    """What all operations have."""
    is_denied = operation.effect == "deny"
    document = _base(event, class_uid, activity) | {
        "activity_name": name,
        "severity_id": MEDIUM if is_denied else LOW if operation.error else INFORMATIONAL,
        "time": operation.time_us // 1_000,
        "duration": operation.took_us // 1_000,
        "status_id": _status(operation),
        "action_id": {"allow": ALLOWED, "deny": DENIED}.get(operation.effect, OTHER_ACTION),
        "action": operation.effect,
        "actor": {"user": _user(event.session), "session": _session(event.session)},
        "policy": {
            "name": operation.rule or "none",
            "uid": operation.rule or "none",
            "version": str(event.session.document.get("policy_version", "")),
            "is_applied": True,
        },
        "unmapped": {"narrows": _ours(operation)},
    }
    if operation.reason:
        document["status_detail"] = operation.reason
    return document


def _authentication(event: Event) -> dict[str, Any]:
    activity, name = (LOGON, "Logon") if event.kind == "open" else (LOGOFF, "Logoff")
    return _session_event(event, AUTHENTICATION, activity, name) | {
        "src_endpoint": _endpoint(event.session.peer),
        "user": _user(event.session),
        "actor": {"user": _user(event.session)},
        "session": _session(event.session),
        "service": {"name": event.session.target},
        "is_remote": True,
    }


def _session_event(event: Event, class_uid: int, activity: int, name: str) -> dict[str, Any]:
    """What the two ends of all sessions have."""
    document = _base(event, class_uid, activity) | {
        "activity_name": name,
        "severity_id": INFORMATIONAL,
        "status_id": SUCCESS,
        "unmapped": {"narrows": {"masks": list(event.session.masks)}},
    }
    if event.session.close_reason and event.kind != "open":
        document["status_detail"] = event.session.close_reason
    return document


def _base(event: Event, class_uid: int, activity: int) -> dict[str, Any]:
    segment, offset, count = event.key
    return {
        "class_uid": class_uid,
        "category_uid": class_uid // 1_000,
        "activity_id": activity,
        "type_uid": class_uid * 100 + activity,
        "time": event.time_us // 1_000,
        "metadata": {
            "version": SCHEMA,
            "product": {"name": "Narrows", "vendor_name": "Narrows", "version": __version__},
            "profiles": ["security_control"],
            "uid": f"{segment}.{offset}.{count}",
        },
    }


def _device(session: RecordedSession) -> dict[str, Any]:
    return {"name": session.target or "unknown", "type_id": SERVER}


def _endpoint(peer: str) -> dict[str, Any]:
    host, _, port = peer.rpartition(":")
    if not host or not port.isdigit():
        return {"name": peer or "unknown"}
    host = host.strip("[]")
    return {"ip" if _is_address(host) else "hostname": host, "port": int(port)}


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _user(session: RecordedSession) -> dict[str, Any]:
    principal = session.document.get("principal", {})
    user = {
        "uid": session.principal,
        "type_id": USER_ACCOUNT if principal.get("kind") == "user" else SERVICE_ACCOUNT,
    }
    return user | ({"name": session.name} if session.name else {})


def _session(session: RecordedSession) -> dict[str, Any]:
    principal = session.document.get("principal", {})
    described = {
        "uid": session_name(session.id),
        "created_time": session.opened_us // 1_000,
        "issuer": session.principal.partition("/")[0],
        "is_remote": True,
    }
    return described | ({"credential_uid": principal["token"]} if principal.get("token") else {})


def _database(session: RecordedSession) -> dict[str, Any]:
    name = str(session.document.get("database", "")) or session.target
    return {"name": name, "uid": session.target, "type_id": RELATIONAL}


def _status(operation: Hit) -> int:
    if operation.effect == "allow":
        return FAILURE if operation.error else SUCCESS
    return FAILURE if operation.effect == "deny" else OTHER


def _ours(operation: Hit) -> dict[str, Any]:
    """What a reader of the recording needs to find the moment, and what OCSF has no field for."""
    ours: dict[str, Any] = {
        "session": session_name(operation.session),
        "moment": operation.moment,
        "effect": operation.effect,
        "rows": operation.rows,
        "masked": operation.masked,
    }
    for name in ("approval", "error", "left_out_bytes"):
        if value := getattr(operation, name):
            ours[name] = value
    if operation.parameters:
        ours["parameters"] = _parameters(operation.parameters)
    if len(operation.text) > TEXT_CHARACTERS_MAX:
        ours["text_cut"] = True
    return ours


def _parameters(document: str) -> Any:
    """As a list where it is whole; the text where it was cut."""
    if len(document) > TEXT_CHARACTERS_MAX:
        return document[:TEXT_CHARACTERS_MAX]
    try:
        return json.loads(document)
    except ValueError:
        return document
