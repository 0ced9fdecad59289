"""The words of the system as types; every layer speaks them and none adds behaviour of its own.

A *question* is put to policy, which answers with a *decision*; what finally reaches the data plane is a
*verdict*. See docs/glossary.md. What agents attempt, the operations, are in `operation`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from narrows.operation import ApiCall, Command, Forward, Operation, Parameter, Statement, Transfer

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ApiCall",
    "ApprovalTerms",
    "Command",
    "CopyOptions",
    "Decision",
    "Effect",
    "Forward",
    "MaskedColumn",
    "Operation",
    "OutputColumn",
    "Parameter",
    "People",
    "Principal",
    "Statement",
    "Target",
    "Transfer",
]


class Effect(enum.Enum):
    """What a rule does to what it matches; a stronger effect wins."""

    ALLOW = "allow"
    REQUIRE_APPROVAL = "require-approval"
    DENY = "deny"

    @property
    def strength(self) -> int:
        """Orders effects: deny beats require-approval beats allow."""
        return list(Effect).index(self)


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated workload or human. Only verified claims are in it."""

    issuer: str
    """The configured issuer's name."""
    tenant: str
    """The Entra tenant id, or the `iss` of another issuer."""
    object_id: str
    """The immutable id within the tenant: Entra's `oid`, another issuer's subject."""
    kind: str
    """`app` for a workload, `user` for a person."""
    app: str = ""
    """The client application's id (`azp` or `appid`)."""
    name: str = ""
    """For display only; never decides anything."""
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    """Object ids of the people who own or sponsor this agent, where configured."""
    token: str = ""
    """The token's own id (`uti` or `jti`), for correlation with the issuer's logs."""
    certificate: str = ""
    """The serial of the SSH certificate that was shown; empty: it was something else."""
    expires_at: float = 0.0
    """Seconds since 1970 when the evidence runs out."""
    signed_in_at: float = 0.0
    """Seconds since 1970 when a person proved themselves to the issuer; 0: the evidence does not say."""
    methods: frozenset[str] = frozenset()
    """How they did, in the issuer's words (`amr`, `acr`, `acrs`)."""

    @property
    def key(self) -> str:
        """The immutable name of this principal: issuer, tenant and object id."""
        return f"{self.issuer}/{self.tenant}/{self.object_id}"


@dataclass(frozen=True, slots=True)
class Target:
    """A protected database, host or cluster as configured."""

    name: str
    kind: str
    """`postgres`, `ssh` or `kubernetes`."""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class People:
    """Whoever has any of these groups, roles or object ids."""

    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ApprovalTerms:
    """What a rule asks of an approval."""

    approver_groups: frozenset[str] = frozenset()
    approver_roles: frozenset[str] = frozenset()
    approver_objects: frozenset[str] = frozenset()
    quorum: int = 1
    expires_s: float = 900.0
    scope: str = "once"
    """What one approval lets through: `once`, this `statement`, this `shape` of statement, the `session`."""
    mode: str = "hold"
    """`hold` keeps the statement waiting; `return` denies it until it is sent again after the approval."""
    grant_s: float = 0.0
    """How long what was approved may be used; 0: only by the statements that wait for it."""
    grant_uses: int = 0
    """How often it may be used; 0: as often as its time allows."""
    break_glass: People = People()
    """Who may let it through alone in an emergency; it is reviewed afterwards."""
    chat: bool = False
    """Whether buttons in a chat may decide; otherwise they lead to the console."""
    fresh_sign_in: bool = False
    """Whether who approves must have just proven themselves to the issuer."""
    owners_approve: bool = False
    """Whether the people who own or sponsor the agent may approve for it."""
    notify: tuple[str, ...] = ()
    """The names of the notifiers that tell approvers."""


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """What lineage says of one column that a statement returns or copies out."""

    exposure: str
    """`clear`: derives from nothing masked; `masked`: is a masked column; `whole`: derives from one."""
    transform: str = ""
    """For `masked`: what the mask does to it."""
    type_oid: int = 0
    """Its type, where COPY data is masked or looked into; 0 when it is not known."""
    type_modifier: int = -1
    relation: int = 0
    """The relation that a `clear` column is an unchanged column of, where detectors look into it; else 0."""
    attribute: int = 0
    name: str = ""
    """The name that a `clear` column comes out under, where detectors look into it."""


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """How COPY TO STDOUT writes its data."""

    format: str = "text"
    """`text`, `csv` or `binary`."""
    delimiter: str = "\t"
    null: str = r"\N"
    quote: str = '"'
    """For `csv`."""
    escape: str = '"'
    """For `csv`: before a quote or itself inside quotes."""
    header: bool = False
    force_quote: bool = False
    """For `csv`: fields are quoted that need no quotes; which of them does not matter to any reader."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Policy's answer to a question."""

    effect: Effect
    rule: str
    """The id of the rule that decided; `default-deny` when none matched."""
    reason: str
    """One sentence that may be shown to the agent."""
    hint: str = ""
    """What the agent can do next."""
    sqlstate: str = "42501"
    """What a denial is answered with in the Postgres protocol."""
    code: int = 403
    """What a denial is answered with in HTTP."""
    policy_version: str = ""
    approval: ApprovalTerms | None = None
    """Set when the effect is to require approval."""
    exposure: str = "tainted"
    """`clear`, `tainted` or `inherit`: what masked data may come out."""
    columns: tuple[OutputColumn, ...] | None = None
    """The output columns in order, where lineage knows them; None: nothing is known of them."""
    copy: CopyOptions | None = None
    """How its COPY data is written; None: it has none, or it is not known how."""
    ask_at_bind: bool = False
    """Its parameters must be looked at too, so every Bind asks again and the answer is not kept."""
    rows_max: int | None = None
    """The most rows that it may touch; it is rolled back when there are more."""
    record: str = "full"
    """How much of what comes back the recording keeps: `full`, `none-of-the-rows` or `statements`."""
    effects: frozenset[str] = frozenset()
    """Of `copy-in`, `copy-out`, `settings`, `catalogue`, `names`: what running it changes."""
    gives: tuple[tuple[str, str], ...] = ()
    """What it names for later: `statements` (PREPARE) or `portals` (DECLARE), and the name."""
    reads: tuple[tuple[str, str], ...] = ()
    """What it shows by name (EXECUTE, FETCH), in the same form."""
    verbs: frozenset[str] = frozenset()
    """What the statement does, or which programs the command runs, for recordings and reports."""
    relations: frozenset[str] = frozenset()
    """What it touches, for recordings and reports: relations with their schema, files by path, resources."""
    released: str = ""
    """For a command: what is sent to the target in its place; empty where it is denied, or none was sent."""
    ports: tuple[tuple[int, int], ...] | None = None
    """For a port-forward: the first and last port of every range that may be connected to."""
    looks_first: bool = False
    """What it is about has to be looked at first, each time, so the answer is not kept."""
    restored: bytes | None = field(default=None, repr=False)
    """For an API call: what is sent to the target in the place of its body; None: that body."""


@dataclass(frozen=True, slots=True)
class MaskedColumn:
    """A column as a mask names it, with what is done to it."""

    mask: str
    transform: str
