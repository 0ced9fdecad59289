"""What agents attempt: a statement, a command, a transfer, a forward, an API call.

An operation says itself what the one path from question to verdict needs of it: the text that people read
and that the audit log keeps, and the document that an approval of it is bound to. So no protocol has a path
of its own, and none can be forgotten on it.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

PARAMETER_BYTES_SHOWN_MAX = 1_024
"""A longer parameter stands in the document as its length and SHA-256."""

BODY_BYTES_SHOWN_MAX = 16_384
"""A longer body of an API call stands in the document as its length and SHA-256."""

SEALED_RESOURCES = frozenset({("", "secrets"), ("authentication.k8s.io", "tokenreviews")})
"""Group and resource of bodies that are secrets, however short."""

KINDS = ("statement", "command", "transfer", "forward", "call")

LOGIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,62}\$?")
"""What an account on a host may be called: what useradd takes, and never shell text."""


class Operation(Protocol):
    """What every operation says of itself."""

    @property
    def kind(self) -> str:
        """One of KINDS; in the operation's document, the name of its text."""
        ...

    @property
    def text(self) -> str:
        """What is attempted, as people read it."""
        ...

    @property
    def size(self) -> int:
        """How much there is to read of it when it is judged, in characters or bytes."""
        ...

    @property
    def prepares(self) -> bool:
        """It runs nothing: what it prepares is asked about again, and only then needs people."""
        ...

    @property
    def holds_locks(self) -> bool:
        """While it is held, others may wait for locks that it holds, so it is held for less long."""
        ...

    def document(self) -> dict[str, Any]:
        """All that an approval of it is bound to, as JSON values."""
        ...


def kind_in(document: Mapping[str, Any]) -> str:
    """The kind of the operation whose document this is; `operation` where it is none of KINDS."""
    return next((kind for kind in KINDS if kind in document), "operation")


def text_in(document: Mapping[str, Any]) -> str:
    """The text of the operation whose document this is; empty where it has none."""
    return str(document.get(kind_in(document), ""))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One bound parameter as the agent sent it."""

    format: int
    """0 text, 1 binary."""
    value: bytes | None

    def document(self) -> dict[str, Any]:
        """The value as text where it is text, in hex where not, as length and digest where it is long."""
        if self.value is None:
            return {"format": self.format, "value": None}
        if len(self.value) > PARAMETER_BYTES_SHOWN_MAX:
            digest = hashlib.sha256(self.value).hexdigest()
            return {"format": self.format, "bytes": len(self.value), "sha256": digest}
        try:
            text = self.value.decode() if self.format == 0 else None
        except UnicodeDecodeError:  # the server will refuse it; approvers see hex
            text = None
        if text is None:
            return {"format": self.format, "hex": self.value.hex()}
        return {"format": self.format, "value": text}


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL that an agent wants to run: an operation of the Postgres protocol."""

    text: str
    phase: str = "query"
    """The message that asks: `query`, `parse`, `bind` or `execute`."""
    parameter_types: tuple[int, ...] = ()
    parameters: tuple[Parameter, ...] | None = None
    transaction: str = "idle"
    """`idle`, `open` or `failed`."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What its session has set that may change what a text means, as JSON values; empty: nothing."""

    @property
    def kind(self) -> str:
        """See `Operation.kind`."""
        return "statement"

    @property
    def size(self) -> int:
        """See `Operation.size`."""
        return len(self.text)

    @property
    def prepares(self) -> bool:
        """A Parse only prepares: its Binds ask again."""
        return self.phase == "parse"

    @property
    def holds_locks(self) -> bool:
        """An open transaction keeps what it has locked."""
        return self.transaction == "open"

    def document(self) -> dict[str, Any]:
        """See `Operation.document`."""
        return {
            "statement": self.text,
            "parameter_types": list(self.parameter_types),
            "parameters": [parameter.document() for parameter in self.parameters or ()],
            "transaction": self.transaction,
            **({"settings": dict(self.settings)} if self.settings else {}),
        }


@dataclass(frozen=True, slots=True)
class _Immediate:
    """What runs as soon as it is allowed, and locks nothing that a gateway could know of."""

    @property
    def prepares(self) -> bool:
        """See `Operation.prepares`."""
        return False

    @property
    def holds_locks(self) -> bool:
        """See `Operation.holds_locks`."""
        return False


@dataclass(frozen=True, slots=True)
class Command(_Immediate):
    """What an agent wants to start on a host: an operation of SSH (RFC 4254, section 6.5)."""

    text: str
    """An exec request's command as it was sent, a subsystem's name; empty for a shell."""
    login: str
    """The account on the host."""
    start: Literal["exec", "shell", "subsystem"] = "exec"
    """Which request starts it."""
    terminal: bool = False
    """Whether a pseudo-terminal was asked for."""
    environment: tuple[tuple[str, str], ...] = ()
    """The variables asked for that may be passed on, by name."""
    directory: str = ""
    """Where a line of a guarded shell runs, as the shell said last; empty: where commands start."""

    @property
    def kind(self) -> str:
        """See `Operation.kind`."""
        return "command"

    @property
    def size(self) -> int:
        """See `Operation.size`."""
        return len(self.text)

    def document(self) -> dict[str, Any]:
        """See `Operation.document`."""
        return {
            "command": self.text,
            "login": self.login,
            "start": self.start,
            "terminal": self.terminal,
            "environment": dict(self.environment),
            **({"directory": self.directory} if self.directory else {}),
        }


TRANSFER_ACTIONS = (
    "read", "write", "read-write", "list", "look", "set-attributes", "make-directory", "remove",
    "remove-directory", "rename", "symlink", "hardlink",
)  # fmt: skip
"""What can be done to files: `_core.TransferAsked.action`."""


@dataclass(frozen=True, slots=True)
class Transfer(_Immediate):
    """What an agent wants to do to files over SFTP (draft-ietf-secsh-filexfer-02)."""

    action: str
    """One of `TRANSFER_ACTIONS`."""
    paths: tuple[str, ...]
    """Where, and for a rename, a symlink or a hardlink the other path. Absolute and resolved."""
    login: str
    tree: bool = False
    """A directory moves, and everything below it."""

    @property
    def kind(self) -> str:
        """See `Operation.kind`."""
        return "transfer"

    @property
    def text(self) -> str:
        """The action and its paths."""
        return " ".join((self.action, *self.paths))

    @property
    def size(self) -> int:
        """See `Operation.size`."""
        return len(self.text)

    def document(self) -> dict[str, Any]:
        """See `Operation.document`."""
        return {
            "transfer": self.text,
            "action": self.action,
            "paths": list(self.paths),
            "login": self.login,
            "tree": self.tree,
        }


@dataclass(frozen=True, slots=True)
class Forward(_Immediate):
    """A connection that an agent wants made from a host to somewhere else (RFC 4254, section 7)."""

    host: str
    port: int
    login: str = ""

    @property
    def kind(self) -> str:
        """See `Operation.kind`."""
        return "forward"

    @property
    def text(self) -> str:
        """`host:port`."""
        return f"{self.host}:{self.port}"

    @property
    def size(self) -> int:
        """See `Operation.size`."""
        return len(self.text)

    def document(self) -> dict[str, Any]:
        """See `Operation.document`."""
        return {"forward": self.text, "host": self.host, "port": self.port, "login": self.login}


@dataclass(frozen=True, slots=True)
class ApiCall(_Immediate):
    """A request that an agent sends to a Kubernetes API server."""

    method: str
    verb: str
    """The API server's own, or `exec`, `attach`, `portforward`, `proxy`; elsewhere the method."""
    path: str
    """As it goes upstream: decoded once, written anew, with its query."""
    group: str = ""
    version: str = ""
    resource: str = ""
    """Empty: the path is of no resource."""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    query: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)
    upgrade: str = ""
    """`websocket` or `spdy`; empty where the connection stays what it is."""
    preconditions: tuple[tuple[str, str], ...] = ()
    """What must still hold of the object when an approval is used: its `uid`, its `resourceVersion`."""
    restored: bytes | None = field(default=None, repr=False, compare=False)
    """The body with the values that its placeholders stand for, for the API server alone; empty: they stand
    for none; None: it has none that could be restored, or nobody has looked."""

    @property
    def kind(self) -> str:
        """See `Operation.kind`."""
        return "call"

    @property
    def size(self) -> int:
        """See `Operation.size`."""
        return len(self.path) + len(self.body)

    @property
    def argv(self) -> tuple[str, ...]:
        """The command that an exec starts, word by word."""
        return self.values("command") if self.verb == "exec" else ()

    @property
    def route(self) -> str:
        """The path without its query."""
        return self.path.partition("?")[0]

    @property
    def text(self) -> str:
        """Method and path; a command as a shell would write it, and not as a query does."""
        if not self.argv:
            return f"{self.method} {self.path}"
        others = urlencode([(name, value) for name, value in self.query if name != "command"])
        return f"{self.method} {self.route}{'?' if others else ''}{others}: {shlex.join(self.argv)}"

    def values(self, parameter: str) -> tuple[str, ...]:
        """The values of a parameter of the query, in their order."""
        return tuple(value for name, value in self.query if name == parameter)

    def document(self) -> dict[str, Any]:
        """See `Operation.document`. What a Secret holds is in none: its body is there as a digest."""
        return {
            "call": self.text,
            "method": self.method,
            "path": self.path,
            "content_type": self.content_type,
            **self._body_document(),
            **({"preconditions": dict(self.preconditions)} if self.preconditions else {}),
        }

    def _body_document(self) -> dict[str, Any]:
        if not self.body:
            return {}
        sealed = {"body_bytes": len(self.body), "body_sha256": hashlib.sha256(self.body).hexdigest()}
        if len(self.body) > BODY_BYTES_SHOWN_MAX or (self.group, self.resource) in SEALED_RESOURCES:
            return sealed
        try:
            return {"body": self.body.decode(), **sealed}
        except UnicodeDecodeError:  # no such body is let through
            return sealed
