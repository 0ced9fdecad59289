"""One question, one decision. Pure: the same question put to the same policy always gets the same answer.

A text is every access in every statement of it. An access that no rule speaks of is denied; one that several
speak of gets the strongest effect among them; and the text gets the strongest effect among its accesses.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from narrows.model import Decision, Effect
from narrows.policy.findings import HINT_NO_RULE, Finding, allowed, denial, denied, held, strongest
from narrows.policy.masking.masks import mask_set
from narrows.policy.postgres.facts import Access, SqlDoesNotParse, SqlNotUnderstood, StatementFacts
from narrows.policy.postgres.functions import is_harmless_call, schemas_of, with_row_calls
from narrows.policy.postgres.row_limits import HINT_COUNTABLE, limiting_rule, why_not_countable
from narrows.policy.postgres.settings import is_harmless
from narrows.policy.postgres.sight import Sight, see_statements
from narrows.policy.postgres.sql import statement_facts
from narrows.policy.postgres.structural import DESCRIBES
from narrows.policy.postgres.verbs import CALL_FUNCTION, SET_PARAMETER
from narrows.policy.rules import DEFAULT_DENY, MASKED_DATA, NOT_UNDERSTOOD, UNSEEN_STATEMENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.model import Principal, Statement, Target
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.rules import Applicable, Policy, Rule

SYNTAX_ERROR = "42601"
"""The SQLSTATE with which the target itself would have refused the text."""

HINT_QUALIFY = "write the name with its schema: it could mean more than one relation"
HINT_SPLIT = "run the statements one at a time"
HINT_NOT_UNDERSTOOD = (
    "check the statement against the documentation of PostgreSQL 18, or write it in a plainer way"
)
HINT_UNSEEN = "run the statement itself, or prepare it in the protocol, as every driver does"


@dataclass(frozen=True, slots=True)
class Question:
    """What is put to policy: may this principal do this operation on this target?"""

    principal: Principal
    target: Target
    operation: Statement
    catalogue: Catalogue
    """What the target's database holds now; it tells what an unqualified name may mean."""
    pseudonym_key: bytes = field(default=b"", repr=False)
    """The key that pseudonyms are made with, to know those that come back; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class StatementFinding(Finding):
    """What policy says of one access of a statement."""

    access: Access
    names: tuple[str, ...]
    """The schema-qualified names that it may mean."""

    @property
    def sentence(self) -> str:
        """The access in words."""
        return self.access.sentence(self.names)

    @property
    def hint(self) -> str:
        """What to do where no rule speaks of it."""
        ambiguous = len(self.names) > 1 or (self.access.schema is None and not self.names)
        named = self.access.name is not None and self.access.verb != SET_PARAMETER
        return HINT_QUALIFY if named and ambiguous else HINT_NO_RULE

    def document(self) -> dict[str, Any]:
        """The finding as JSON values, with what it is about."""
        return {
            **Finding.document(self),
            "verb": self.access.verb,
            "names": list(self.names),
            "unbounded": self.access.unbounded,
        }


def may_open(policy: Policy, principal: Principal, target: Target) -> bool:
    """Whether a principal may have a session at all: some rule lets it do something there."""
    return policy.applicable(principal, target).admitted


def evaluate(policy: Policy, question: Question) -> Decision:
    """Decides a question.

    Args:
        policy: The policy in force.
        question: Who wants to do what, where.

    Returns:
        The decision. It never fails: what cannot be judged is denied.
    """
    applicable = policy.applicable(question.principal, question.target)
    if not applicable.admitted:
        reason = f"no rule admits this principal to {question.target.name}"
        return denial(policy, DEFAULT_DENY, reason, HINT_NO_RULE)
    try:
        statements = read_statements(question)
        seen = see(policy, question, statements)
    except SqlNotUnderstood as error:
        refusal = denial(policy, NOT_UNDERSTOOD, str(error), HINT_NOT_UNDERSTOOD)
        return replace(refusal, sqlstate=SYNTAX_ERROR) if isinstance(error, SqlDoesNotParse) else refusal
    found = [
        judge(access, applicable, question.catalogue)
        for statement in statements
        for access in statement.accesses
    ]
    decision = _decide(policy, applicable, statements, found, seen)
    if decision.effect is not Effect.DENY and (limiting := limiting_rule(found)):
        if why := why_not_countable(statements, found, question.catalogue):
            return denial(policy, limiting.id, why, HINT_COUNTABLE)
        decision = replace(decision, rows_max=limiting.rows_max)
    return _described(decision, statements, found, seen)


def read_statements(question: Question) -> tuple[StatementFacts, ...]:
    """The facts of a question's statements, as the target's catalogue lets them be read.

    Raises:
        SqlNotUnderstood: They cannot be judged.
    """
    read = statement_facts(question.operation.text)
    return tuple(with_row_calls(statement, question.catalogue) for statement in read)


def see(policy: Policy, question: Question, statements: tuple[StatementFacts, ...]) -> Sight:
    """What the masks for a principal leave to be seen of a text.

    Raises:
        SqlNotUnderstood: Its values cannot be followed.
    """
    masks = mask_set(policy, question.principal, question.target, question.catalogue)
    return see_statements(statements, question.operation, masks, question.catalogue, question.pseudonym_key)


def judge(access: Access, applicable: Applicable, catalogue: Catalogue) -> StatementFinding:
    """What the rules for a principal on a target say of one access."""
    schemas = _schemas(access, catalogue)
    matched = tuple(rule for rule in applicable.rules if _speaks_of(rule, access, schemas))
    names = tuple(sorted(f"{schema}.{access.name}" for schema in schemas if schema and access.name))
    rule = strongest(matched)
    if rule:
        return StatementFinding(access, names, effect=rule.effect, rule=rule, matched=matched)
    if _needs_no_rule(access, schemas, catalogue):
        return StatementFinding(access, names, effect=Effect.ALLOW, built_in=True)
    return StatementFinding(access, names, effect=Effect.DENY)


def _schemas(access: Access, catalogue: Catalogue) -> frozenset[str | None]:
    """The schemas that the name may be in; None among them where it could be anywhere."""
    if access.name is None or access.verb == SET_PARAMETER:
        return frozenset()
    if access.schema is not None:
        return frozenset({access.schema})
    if access.verb == CALL_FUNCTION:
        return schemas_of(access.name, catalogue) or frozenset({None})
    return frozenset(relation.schema for relation in catalogue.by_name.get(access.name, ())) or frozenset(
        {None}
    )


def _speaks_of(rule: Rule, access: Access, schemas: frozenset[str | None]) -> bool:
    if rule.postgres is None:
        return rule.is_total
    if rule.effect is Effect.DENY:
        return rule.postgres.may_match(access, schemas)
    return rule.postgres.covers(access, schemas)


def _needs_no_rule(access: Access, schemas: frozenset[str | None], catalogue: Catalogue) -> bool:
    if access.verb == CALL_FUNCTION:
        return is_harmless_call(access, catalogue)
    if access.verb == SET_PARAMETER:
        return is_harmless(access.name or "", access.value)
    return access.verb == "select" and all((schema, access.name) in DESCRIBES for schema in schemas)


def _decide(
    policy: Policy,
    applicable: Applicable,
    statements: tuple[StatementFacts, ...],
    found: list[StatementFinding],
    seen: Sight,
) -> Decision:
    if refused := denied(policy, found):
        return refused
    if applicable.judges_each and any(statement.runs_prepared for statement in statements):
        reason = "EXECUTE in SQL could run a statement that needs an approval or has a limit"
        return denial(policy, UNSEEN_STATEMENT, reason, HINT_UNSEEN)
    if seen.refusal:
        return denial(policy, MASKED_DATA, seen.refusal.reason, seen.refusal.hint)
    return held(policy, found, hint_split=HINT_SPLIT) or allowed(policy, found)


def _described(
    decision: Decision,
    statements: tuple[StatementFacts, ...],
    found: Iterable[StatementFinding],
    seen: Sight,
) -> Decision:
    """The decision with what the data plane and the recordings need to know of the text."""
    relations = (f for f in found if f.access.verb not in {CALL_FUNCTION, SET_PARAMETER} and f.access.name)
    return replace(
        decision,
        exposure=seen.exposure,
        columns=seen.columns,
        copy=statements[0].copy if len(statements) == 1 else None,
        ask_at_bind=seen.ask_at_bind,
        effects=frozenset[str]().union(*(statement.effects for statement in statements)),
        gives=tuple(name for statement in statements for name in statement.gives),
        reads=tuple(name for statement in statements for name in statement.reads),
        verbs=frozenset[str]().union(*(statement.verbs for statement in statements)),
        relations=frozenset(name for f in relations for name in f.names or (f.access.written,)),
    )
