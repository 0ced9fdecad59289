"""The policy language, whole: a directory of TOML in, the policy that is evaluated out.

What was written is checked against itself here. Every problem is found, not only the first, and each has its
file and line: a policy is edited by people who are in a hurry when it is wrong.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

import msgspec

from narrows.errors import PolicyError
from narrows.model import Effect, Target
from narrows.policy.approval_terms import approval_terms
from narrows.policy.directory import did_you_mean, read_directory
from narrows.policy.imagined import imagined_operation
from narrows.policy.kubernetes.language import kubernetes_section, object_paths
from narrows.policy.masking.language import mask_problems, transform_of
from narrows.policy.patterns import ColumnPattern, NamePattern, glob
from narrows.policy.postgres.row_limits import ROWS_MAX
from narrows.policy.postgres.verbs import BOUNDED_VERBS, OTHER_VERBS, VERBS
from narrows.policy.record_levels import record_problems
from narrows.policy.rules import (
    RESERVED_RULES,
    Clause,
    Expectation,
    Mask,
    Policy,
    Postgres,
    PrincipalSet,
    Rule,
    Targets,
)
from narrows.policy.ssh.language import ssh_section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from narrows.model import ApprovalTerms, Principal
    from narrows.policy.directory import Tables, Written
    from narrows.policy.kubernetes.section import Kubernetes, ObjectPaths
    from narrows.policy.ssh.section import Ssh
    from narrows.policy.tables import (
        ClaimsTable,
        ExpectTable,
        KubernetesTable,
        MaskTable,
        PostgresTable,
        PrincipalTable,
        RuleTable,
        SshTable,
    )

P = TypeVar("P", NamePattern, ColumnPattern)

VERSION_DIGITS = 12
EVERYONE = "*"
EVERY_VERB = "*"


def load(directory: Path) -> Policy:
    """Reads, checks and compiles a policy directory.

    Args:
        directory: Every `*.toml` directly in it is part of the policy.

    Returns:
        The policy, ready to be evaluated.

    Raises:
        PolicyError: It cannot be used; holds every problem found, with file and line.
    """
    tables = read_directory(directory)
    return _Compiler(tables).policy()


class _Compiler:
    """One compilation: the tables that refer to each other, and what is wrong with them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._problems = tables.problems
        self._sets: dict[str, PrincipalSet] = {}

    def policy(self) -> Policy:
        tables = self._tables
        self._sets = {name: self._principal_set(name, written) for name, written in tables.principals.items()}
        self._refuse_duplicates([*tables.rules], "rule")
        self._refuse_duplicates([*tables.masks], "mask")
        rules = tuple(self._rule(written) for written in tables.rules)
        masks = tuple(self._mask(written) for written in tables.masks)
        expectations = tuple(self._expectation(written) for written in tables.expects)
        if self._problems:
            raise PolicyError(sorted(self._problems, key=lambda problem: (problem.file, problem.line)))
        return Policy(self._sets, rules, masks, expectations, _version(tables))

    def _principal_set(self, name: str, written: Written[PrincipalTable]) -> PrincipalSet:
        table = written.table
        if not table.any and not table.all:
            self._problems.append(
                written.problem(f"`{name}` has neither `any` nor `all`, so it is nobody in particular")
            )
        for field, clauses in (("any", table.any), ("all", table.all)):
            for index, clause in enumerate(clauses):
                if not any(msgspec.structs.astuple(clause)):
                    self._problems.append(
                        written.problem("an empty condition holds for everyone", field, index)
                    )
        return PrincipalSet(
            name=name,
            issuer=table.issuer,
            any=tuple(Clause(**msgspec.structs.asdict(clause)) for clause in table.any),
            all=tuple(Clause(**msgspec.structs.asdict(clause)) for clause in table.all),
        )

    def _refuse_duplicates(
        self, tables: list[Written[RuleTable]] | list[Written[MaskTable]], kind: str
    ) -> None:
        seen: dict[str, str] = {}
        for written in tables:
            name = written.table.id
            if name in seen:
                self._problems.append(
                    written.problem(f"{kind} `{name}` is already defined at {seen[name]}", "id")
                )
            elif not name or name in RESERVED_RULES:
                self._problems.append(written.problem(f"`{name}` cannot be the id of a {kind}", "id"))
            seen[name] = f"{written.place.file}:{written.place.line}"

    def _rule(self, written: Written[RuleTable]) -> Rule:
        table = written.table
        effect = Effect(table.effect)
        if effect is not Effect.DENY and table.principals is None:
            message = f'a rule that does not deny names its principals (everyone is `["{EVERYONE}"]`)'
            self._problems.append(written.problem(message))
        if effect is not Effect.DENY and not (table.postgres or table.ssh or table.kubernetes):
            message = "only a rule that denies may leave out `postgres`, `ssh` and `kubernetes`"
            self._problems.append(written.problem(message))
        self._problems += [written.problem(message, "record") for message in record_problems(table)]
        return Rule(
            id=table.id,
            principals=self._named_sets(written, table.principals, "principals"),
            targets=self._targets(written),
            effect=effect,
            reason=table.reason,
            hint=table.hint,
            postgres=self._postgres(written, table.postgres) if table.postgres else None,
            ssh=self._ssh(written, table.ssh, effect) if table.ssh else None,
            kubernetes=self._kubernetes(written, table.kubernetes, effect) if table.kubernetes else None,
            approval=self._approval(written, effect),
            place=written.place,
            rows_max=self._rows_max(written, effect),
            record=table.record,
        )

    def _named_sets(
        self, written: Written[RuleTable] | Written[MaskTable], names: list[str] | None, field: str
    ) -> tuple[PrincipalSet, ...] | None:
        if names is None or names == [EVERYONE]:
            return None
        if not names:
            self._problems.append(written.problem(f"`{field}` is empty, so it is nobody", field))
        for name in names:
            if name not in self._sets:
                message = f"unknown principal set `{name}`{did_you_mean(name, self._sets)}"
                self._problems.append(written.problem(message, field))
        return tuple(self._sets[name] for name in names if name in self._sets)

    def _targets(self, written: Written[RuleTable] | Written[MaskTable]) -> Targets:
        table = written.table
        if bool(table.targets) == bool(table.labels):
            self._problems.append(written.problem("needs `targets` or `labels`, and not both"))
        return Targets(tuple(glob(name) for name in table.targets), tuple(sorted(table.labels.items())))

    def _postgres(self, written: Written[RuleTable], table: PostgresTable) -> Postgres:
        verbs = VERBS if table.verbs == [EVERY_VERB] else frozenset(table.verbs)
        self._refuse_unknown(written, sorted(verbs), VERBS, "verb", "verbs")
        self._refuse_unknown(written, table.unbounded, BOUNDED_VERBS, "verb", "unbounded")
        if not (table.verbs or table.unbounded or table.functions or table.settings):
            self._problems.append(
                written.problem("a rule without verbs, functions or settings matches nothing", "postgres")
            )
        if table.tables is not None:
            for verb in sorted(OTHER_VERBS.intersection(table.verbs)):
                message = f"`{verb}` is never done to a table; put it in a rule without `tables`"
                self._problems.append(written.problem(message, "postgres", "verbs"))
        return Postgres(
            verbs=verbs,
            unbounded=frozenset(table.unbounded),
            tables=None if table.tables is None else self._names(written, table.tables, "tables"),
            functions=self._names(written, table.functions, "functions"),
            settings=tuple(glob(name.lower()) for name in table.settings),
        )

    def _ssh(self, written: Written[RuleTable], table: SshTable, effect: Effect) -> Ssh:
        section, problems = ssh_section(table, effect)
        self._problems += [written.problem(message, "ssh", *path) for path, message in problems]
        return section

    def _kubernetes(self, written: Written[RuleTable], table: KubernetesTable, effect: Effect) -> Kubernetes:
        section, problems = kubernetes_section(table, effect)
        self._problems += [written.problem(message, "kubernetes", *path) for path, message in problems]
        return section

    def _names(self, written: Written[RuleTable], texts: list[str], field: str) -> tuple[NamePattern, ...]:
        return self._parsed(written, texts, NamePattern.parse, "postgres", field)

    def _refuse_unknown(
        self, written: Written[RuleTable], words: list[str], known: Iterable[str], kind: str, field: str
    ) -> None:
        for word in words:
            if word not in known:
                message = f"unknown {kind} `{word}`{did_you_mean(word, known)}"
                self._problems.append(written.problem(message, "postgres", field))

    def _parsed(
        self,
        written: Written[RuleTable] | Written[MaskTable],
        texts: list[str],
        parse: Callable[[str], P],
        *path: str,
    ) -> tuple[P, ...]:
        patterns = []
        for text in texts:
            try:
                patterns.append(parse(text))
            except ValueError as error:
                self._problems.append(written.problem(str(error), *path))
        return tuple(patterns)

    def _approval(self, written: Written[RuleTable], effect: Effect) -> ApprovalTerms | None:
        table = written.table.approval
        if (table is not None) is not (effect is Effect.REQUIRE_APPROVAL):
            message = "`approval` belongs to a rule with effect `require-approval`, and to no other"
            self._problems.append(written.problem(message, "approval"))
        if table is None:
            return None
        terms, problems = approval_terms(table)
        self._problems += [written.problem(message, "approval", *path) for path, message in problems]
        return terms

    def _rows_max(self, written: Written[RuleTable], effect: Effect) -> int | None:
        limit = written.table.limit
        if limit is None:
            return None
        if effect is Effect.DENY:
            self._problems.append(written.problem("a rule that denies has nothing to limit", "limit"))
        if written.table.postgres is None:
            self._problems.append(written.problem("`limit` is of the rows of statements", "limit"))
        if not 0 <= limit.rows <= ROWS_MAX:
            self._problems.append(written.problem(f"`rows` is from 0 to {ROWS_MAX}", "limit", "rows"))
        return limit.rows

    def _mask(self, written: Written[MaskTable]) -> Mask:
        table = written.table
        self._problems += [written.problem(message, *path) for path, message in mask_problems(table)]
        if EVERYONE in table.exempt:
            self._problems.append(written.problem("a mask that excepts everyone masks nothing", "except"))
        exempt = self._named_sets(written, table.exempt, "except") if table.exempt else ()
        return Mask(
            id=table.id,
            targets=self._targets(written),
            columns=self._parsed(written, table.columns, ColumnPattern.parse, "columns"),
            detectors=tuple(table.detectors),
            transform=transform_of(table),
            exempt=exempt or (),
            place=written.place,
            inference=table.inference,
            types=tuple(table.types),
            except_columns=self._parsed(written, table.except_columns, ColumnPattern.parse, "except-columns"),
            kubernetes=self._object_paths(written),
            written_back=table.written_back,
        )

    def _object_paths(self, written: Written[MaskTable]) -> ObjectPaths | None:
        """The parts of objects that a mask is of, if it is of any."""
        table = written.table
        if table.kubernetes is None:
            return None
        found, problems = object_paths(table.kubernetes)
        self._problems += [written.problem(message, "kubernetes", *path) for path, message in problems]
        return found

    def _expectation(self, written: Written[ExpectTable]) -> Expectation:
        table = written.table
        effect = Effect(table.effect)
        self._refuse_unreachable(written, effect)
        operation, kind, problems = imagined_operation(table)
        self._problems += [written.problem(message, *path) for path, message in problems]
        return Expectation(
            principal=self._imagined(written, table.principal),
            target=Target(table.target, kind, table.labels),
            operation=operation,
            effect=effect,
            rule=table.rule,
            place=written.place,
        )

    def _refuse_unreachable(self, written: Written[ExpectTable], effect: Effect) -> None:
        """An expectation that no change of the statement could meet is a mistake in itself."""
        name = written.table.rule
        if not name or name in RESERVED_RULES:
            return
        effects = {rule.table.id: rule.table.effect for rule in self._tables.rules}
        if name not in effects:
            message = f"unknown rule `{name}`{did_you_mean(name, [*effects, *RESERVED_RULES])}"
            self._problems.append(written.problem(message, "rule"))
        elif effects[name] != effect.value:
            message = f"rule `{name}` has effect {effects[name]}, so it never answers {effect.value}"
            self._problems.append(written.problem(message, "effect"))

    def _imagined(self, written: Written[ExpectTable], claims: ClaimsTable) -> Principal:
        """The principal of an expectation; the issuer may be left out where the policy speaks of only one."""
        issuers = {principals.issuer for principals in self._sets.values()}
        if not claims.issuer and len(issuers) > 1:
            self._problems.append(written.problem("name the `issuer`: this policy has several", "principal"))
        return claims.principal(issuers)


def _version(tables: Tables) -> str:
    """A digest of what was written, whatever the layout, the comments and the directory."""
    content = {
        "principals": {name: written.table for name, written in sorted(tables.principals.items())},
        "rules": [written.table for written in tables.rules],
        "masks": [written.table for written in tables.masks],
    }
    encoded = msgspec.json.encode(content, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()[:VERSION_DIGITS]
