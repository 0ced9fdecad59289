"""Policy as it is evaluated: frozen, with every pattern compiled, so that a decision only compares."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.policy.postgres.verbs import CALL_FUNCTION, SET_PARAMETER

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping
    from pathlib import Path

    from narrows.model import ApprovalTerms, Effect, Operation, Principal, Target
    from narrows.policy.kubernetes.section import Kubernetes, ObjectPaths
    from narrows.policy.patterns import ColumnPattern, NamePattern
    from narrows.policy.postgres.facts import Access
    from narrows.policy.ssh.section import Ssh

BUILT_IN = "built-in"
"""The rule id of what needs no rule: transaction control, harmless settings, system catalogues."""
DEFAULT_DENY = "default-deny"
NOT_UNDERSTOOD = "not-understood"
MASKED_DATA = "masked-data"
"""The rule id of denials that keep masked data from getting another name or another way out."""
UNSEEN_STATEMENT = "unseen-statement"
"""The rule id of SQL's EXECUTE being denied where it could run what needs an approval."""
RESERVED_RULES = frozenset({BUILT_IN, DEFAULT_DENY, NOT_UNDERSTOOD, MASKED_DATA, UNSEEN_STATEMENT})


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written, for explanations and errors."""

    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class Clause:
    """One set of conditions on a principal's claims; every one must hold."""

    groups: str = ""
    roles: str = ""
    app: str = ""
    object: str = ""
    tenant: str = ""
    kind: str = ""

    def admits(self, principal: Principal) -> bool:
        """Whether a principal has the group, the role, and is the app, object, tenant and kind named."""
        return (
            (not self.groups or self.groups in principal.groups)
            and (not self.roles or self.roles in principal.roles)
            and self.app in {"", principal.app}
            and self.object in {"", principal.object_id}
            and self.tenant in {"", principal.tenant}
            and self.kind in {"", principal.kind}
        )


@dataclass(frozen=True, slots=True)
class PrincipalSet:
    """A named set of principals of one issuer: any clause of `any` and every clause of `all` must hold."""

    name: str
    issuer: str
    any: tuple[Clause, ...]
    all: tuple[Clause, ...]

    def __contains__(self, principal: Principal) -> bool:
        if principal.issuer != self.issuer:
            return False
        if self.any and not any(clause.admits(principal) for clause in self.any):
            return False
        return all(clause.admits(principal) for clause in self.all)


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets that a rule or mask is for: by name or by labels."""

    names: tuple[re.Pattern[str], ...]
    labels: tuple[tuple[str, str], ...]

    def __contains__(self, target: Target) -> bool:
        if self.labels:
            return all(target.labels.get(name) == value for name, value in self.labels)
        return any(name.fullmatch(target.name) for name in self.names)


@dataclass(frozen=True, slots=True)
class Postgres:
    """What a rule says of SQL."""

    verbs: frozenset[str] = frozenset()
    unbounded: frozenset[str] = frozenset()
    tables: tuple[NamePattern, ...] | None = None
    """None: every relation, and verbs that are done to none."""
    functions: tuple[NamePattern, ...] = ()
    settings: tuple[re.Pattern[str], ...] = ()

    def covers(self, access: Access, schemas: frozenset[str | None]) -> bool:
        """Whether an allow or an approval speaks of this access, whichever relation it turns out to be."""
        patterns = self._patterns(access)
        if patterns is None:
            return True
        if not patterns or access.name is None:
            return False
        return all(any(pattern.covers(schema, access.name) for pattern in patterns) for schema in schemas)

    def may_match(self, access: Access, schemas: frozenset[str | None]) -> bool:
        """Whether a denial could speak of this access."""
        patterns = self._patterns(access)
        if patterns is None:
            return True
        if access.name is None:
            return access.verb in self.verbs
        return any(pattern.may_match(schema, access.name) for pattern in patterns for schema in schemas)

    def _patterns(self, access: Access) -> tuple[NamePattern, ...] | None:
        """The names that limit the rule here: None for no limit, empty where it does not speak of this."""
        if access.verb == CALL_FUNCTION:
            return self.functions
        if access.verb == SET_PARAMETER:
            return None if any(name.fullmatch(access.name or "") for name in self.settings) else ()
        if access.verb in self.verbs or (access.unbounded and access.verb in self.unbounded):
            return self.tables
        return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One `[[rule]]`."""

    id: str
    principals: tuple[PrincipalSet, ...] | None
    """None: everyone."""
    targets: Targets
    effect: Effect
    reason: str
    hint: str
    postgres: Postgres | None
    """None: it says nothing of SQL, unless it denies everything."""
    approval: ApprovalTerms | None
    place: Place
    ssh: Ssh | None = None
    """None: it says nothing of hosts, unless it denies everything."""
    kubernetes: Kubernetes | None = None
    """None: it says nothing of clusters, unless it denies everything."""
    rows_max: int | None = None
    """The most rows that a statement may touch."""
    record: str = "full"
    """How much of what comes back the recording keeps; one of RECORD_LEVELS."""

    @property
    def is_total(self) -> bool:
        """A denial that names nothing in particular, the session included."""
        return self.postgres is None and self.ssh is None and self.kubernetes is None

    def speaks_to(self, kind: str) -> bool:
        """Whether it says anything of targets of this kind."""
        sections = {"postgres": self.postgres, "ssh": self.ssh, "kubernetes": self.kubernetes}
        return self.is_total or sections.get(kind) is not None

    def is_for(self, principal: Principal, target: Target) -> bool:
        """Whether the rule speaks of this principal on this target at all."""
        return (
            self.speaks_to(target.kind)
            and target in self.targets
            and (self.principals is None or any(principal in s for s in self.principals))
        )


@dataclass(frozen=True, slots=True)
class Mask:
    """One `[[mask]]`."""

    id: str
    targets: Targets
    columns: tuple[ColumnPattern, ...]
    detectors: tuple[str, ...]
    """What is looked for: in the values of `columns`, or of every column where none is named."""
    transform: str
    exempt: tuple[PrincipalSet, ...]
    place: Place
    inference: str = "equality"
    """One of INFERENCES."""
    types: tuple[str, ...] = ()
    """For detectors: the types of columns that they look into; empty for all."""
    except_columns: tuple[ColumnPattern, ...] = ()
    """For detectors: the columns that they do not look into."""
    kubernetes: ObjectPaths | None = None
    """Of clusters, and of nothing else, where it is set."""
    written_back: str = "refuse"
    """Of clusters: what becomes of a placeholder that is written back, `refuse` or `restore`."""

    def is_for(self, principal: Principal, target: Target) -> bool:
        """Whether this principal sees these columns or objects masked on this target."""
        if self.kubernetes and target.kind != "kubernetes":
            return False
        return target in self.targets and not any(principal in exempt for exempt in self.exempt)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One `[[expect]]`: a decision that the policy's author counts on."""

    principal: Principal
    target: Target
    operation: Operation
    effect: Effect
    rule: str
    """Empty: any rule may decide."""
    place: Place


@dataclass(frozen=True, slots=True)
class Applicable:
    """The part of a policy that speaks of one principal on one target."""

    rules: tuple[Rule, ...]
    masks: tuple[Mask, ...]
    admitted: bool
    """Some rule lets the principal do something here, if after an approval, and none denies everything."""
    judges_each: bool
    """Some rule asks people or limits rows, which it can do only for what is seen when it runs."""


@dataclass(frozen=True, eq=False)
class Policy:
    """Everything in a policy directory. Two are never equal: what is worked out for one stays with it."""

    principals: Mapping[str, PrincipalSet]
    rules: tuple[Rule, ...]
    masks: tuple[Mask, ...]
    expectations: tuple[Expectation, ...]
    version: str
    """Names the content: equal for equal policy, wherever it lies."""

    def applicable(self, principal: Principal, target: Target) -> Applicable:
        """The rules and masks for one principal on one target, in the order they were written."""
        return _applicable(self, principal, _HashableTarget(target))


class _HashableTarget:
    """A target as a key: by its name and labels, which are a dict and so have no hash of their own."""

    __slots__ = ("_key", "target")

    def __init__(self, target: Target) -> None:
        self.target = target
        self._key = (target.name, target.kind, tuple(sorted(target.labels.items())))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _HashableTarget) and self._key == other._key


@functools.lru_cache(maxsize=1024)
def _applicable(policy: Policy, principal: Principal, key: _HashableTarget) -> Applicable:
    rules = tuple(rule for rule in policy.rules if rule.is_for(principal, key.target))
    return Applicable(
        rules=rules,
        masks=tuple(mask for mask in policy.masks if mask.is_for(principal, key.target)),
        admitted=any(rule.effect.value != "deny" for rule in rules)
        and not any(rule.is_total for rule in rules),
        judges_each=any(r.effect.value == "require-approval" or r.rows_max is not None for r in rules),
    )
