"""What may be written in a policy directory, as types; what they do not know, they refuse.

`directory` reads files into them; `language` checks them against each other and makes the `Policy` that is
evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from narrows.model import Principal

if TYPE_CHECKING:
    from collections.abc import Iterable

Names = str | list[str]
"""One name, or several of which any will do."""


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="kebab"):
    """A table of the language; an unknown key in it is an error."""


class ClauseTable(Table, frozen=True, kw_only=True):
    """One element of `any` or `all`: conditions on verified claims."""

    groups: str = ""
    roles: str = ""
    app: str = ""
    object: str = ""
    tenant: str = ""
    kind: Literal["", "app", "user"] = ""


class PrincipalTable(Table, frozen=True, kw_only=True):
    """`[principals.NAME]`: a named set of principals."""

    issuer: str
    any: list[ClauseTable] = []
    all: list[ClauseTable] = []


class PostgresTable(Table, frozen=True, kw_only=True):
    """`postgres` of a rule."""

    verbs: list[str] = []
    tables: list[str] | None = None
    functions: list[str] = []
    unbounded: list[str] = []
    settings: list[str] = []


class SshTable(Table, frozen=True, kw_only=True):
    """`ssh` of a rule."""

    logins: list[str] | None = None
    commands: list[str] = []
    destructive: list[str] = []
    programs: list[str] = []
    environment: list[str] = []
    opaque: bool = False
    ansible: bool = False
    terminal: bool = False
    shell: bool | Literal["guarded"] = False
    read: list[str] = []
    write: list[str] = []
    delete: list[str] = []
    links: list[str] = []
    forwards: list[str] = []


class KubernetesTable(Table, frozen=True, kw_only=True):
    """`kubernetes` of a rule."""

    verbs: list[str] = []
    resources: list[str] = []
    namespaces: list[str] | None = None
    names: list[str] | None = None
    classes: list[str] = []
    paths: list[str] = []
    argv: list[str] = []
    read: list[str] = []
    write: list[str] = []
    stdin: bool = False
    terminal: bool = False
    opaque: bool = False
    ports: list[str] = []
    images: list[str] | None = None
    privileged: bool = False
    host_paths: list[str] = []
    host_namespaces: bool = False
    capabilities: list[str] = []
    service_accounts: list[str] = []
    secrets: list[str] = []


class ObjectsTable(Table, frozen=True, kw_only=True):
    """`kubernetes` of a mask."""

    resources: list[str] = []
    paths: list[str] = []


class ApproversTable(Table, frozen=True, kw_only=True):
    """`approvers` and `break-glass`: people with any of these."""

    groups: Names = []
    roles: Names = []
    objects: Names = []


class ApprovalTable(Table, frozen=True, kw_only=True):
    """`approval` of a rule that requires one."""

    approvers: ApproversTable
    quorum: int = 1
    expires: str = "15m"
    scope: Literal["once", "statement", "shape", "session"] = "once"
    mode: Literal["hold", "return"] = "hold"
    lasts: str = msgspec.field(name="for", default="")
    uses: int = 0
    break_glass: ApproversTable | None = None
    chat: bool = False
    fresh_sign_in: bool = False
    owners_approve: bool = False
    notify: list[str] = []


class LimitTable(Table, frozen=True, kw_only=True):
    """`limit` of a rule: how far what it lets through may go."""

    rows: int


class RuleTable(Table, frozen=True, kw_only=True):
    """`[[rule]]`."""

    id: str
    principals: list[str] | None = None
    targets: list[str] = []
    labels: dict[str, str] = {}
    effect: Literal["allow", "require-approval", "deny"]
    reason: str = ""
    hint: str = ""
    postgres: PostgresTable | None = None
    ssh: SshTable | None = None
    kubernetes: KubernetesTable | None = None
    approval: ApprovalTable | None = None
    limit: LimitTable | None = None
    record: Literal["full", "none-of-the-rows", "statements"] = "full"


class MaskTable(Table, frozen=True, kw_only=True):
    """`[[mask]]`."""

    id: str
    targets: list[str] = []
    labels: dict[str, str] = {}
    columns: list[str] = []
    detectors: list[str] = []
    types: list[str] = []
    except_columns: list[str] = []
    kubernetes: ObjectsTable | None = None
    transform: str | None = None
    written_back: Literal["refuse", "restore"] = "refuse"
    inference: Literal["deny", "equality", "allow"] = "equality"
    exempt: list[str] = msgspec.field(name="except", default_factory=list)


class ClaimsTable(Table, frozen=True, kw_only=True):
    """`principal` of an expectation: the claims of a principal that need not exist."""

    issuer: str = ""
    tenant: str = ""
    object: str = ""
    kind: Literal["app", "user"] = "app"
    app: str = ""
    groups: Names = []
    roles: Names = []

    def principal(self, issuers: Iterable[str]) -> Principal:
        """The principal that they make.

        Args:
            issuers: The names of those that the policy speaks of; the only one is meant where none is named.
        """
        return Principal(
            issuer=self.issuer or min(issuers, default=""),
            tenant=self.tenant,
            object_id=self.object,
            kind=self.kind,
            app=self.app,
            groups=frozenset(names_of(self.groups)),
            roles=frozenset(names_of(self.roles)),
        )


class ImaginedTable(Table, frozen=True, kw_only=True):
    """An operation that nobody has attempted: one of the five kinds, with what belongs to it."""

    statement: str = ""
    command: str = ""
    login: str = ""
    transfer: str = ""
    forward: str = ""
    call: str = ""
    body: str = ""
    content_type: str = ""


class ExpectTable(ImaginedTable, frozen=True, kw_only=True):
    """`[[expect]]`: a decision that the author counts on; `narrows policy test` checks it."""

    principal: ClaimsTable
    target: str
    labels: dict[str, str] = {}
    effect: Literal["allow", "require-approval", "deny"]
    rule: str = ""


def names_of(names: Names) -> list[str]:
    """The names, however many were written."""
    return [names] if isinstance(names, str) else names
