"""Why a statement is judged as it is: every access, every rule that speaks of it, and what is masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from narrows.policy.masking.masks import MaskSet, MaskWarning, mask_set
from narrows.policy.postgres.evaluate import judge, read_statements
from narrows.policy.postgres.facts import SqlNotUnderstood, StatementFacts
from narrows.policy.postgres.inference import output_column
from narrows.policy.postgres.lineage import ANYTHING, lineage_of

if TYPE_CHECKING:
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.postgres.evaluate import Question, StatementFinding
    from narrows.policy.postgres.lineage import Output
    from narrows.policy.rules import Policy


@dataclass(frozen=True, slots=True)
class ColumnReason:
    """What comes out in one column, and why."""

    name: str
    exposure: str
    """`clear`, `masked` or `whole`."""
    transform: str
    sources: tuple[str, ...]
    """The base columns that it derives from; `?` for what cannot be traced."""
    masks: tuple[str, ...]
    """The masks that hide any of them."""
    direct: bool
    """It is one of them itself."""

    @property
    def sentence(self) -> str:
        """The column in words: `card: masked (last4), is public.customers.card_number, by mask cards`."""
        shown = f"masked ({self.transform})" if self.exposure == "masked" else self.exposure
        if self.exposure == "whole":
            shown = "masked whole"
        origin = (
            ("is " if self.direct else "from ") + ", ".join(self.sources) if self.sources else "no column"
        )
        by = f", by {', '.join(self.masks)}" if self.masks else ""
        return f"{self.name}: {shown}; {origin}{by}"

    def document(self) -> dict[str, Any]:
        """The reason as JSON values."""
        return {
            "name": self.name,
            "exposure": self.exposure,
            "transform": self.transform,
            "sources": list(self.sources),
            "direct": self.direct,
            "masks": list(self.masks),
            "why": self.sentence,
        }


@dataclass(frozen=True, slots=True)
class ResultReasons:
    """What masks do to what a statement returns."""

    masked: tuple[tuple[str, str], ...] = ()
    """Columns of the relations touched that this principal sees masked, each with its transform."""
    detectors: tuple[tuple[str, str], ...] = ()
    """What is looked for in every other column's values, each with its transform."""
    warnings: tuple[MaskWarning, ...] = ()
    columns: tuple[ColumnReason, ...] | None = None
    """The output columns of a text of one statement, where lineage knows them."""

    def document(self) -> dict[str, Any]:
        """The reasons as JSON values."""
        return {
            "masked": dict(self.masked),
            "columns": None if self.columns is None else [column.document() for column in self.columns],
            "detectors": dict(self.detectors),
            "warnings": [str(warning) for warning in self.warnings],
        }

    def lines(self) -> list[str]:
        """The reasons as people read them."""
        lines = [f"  masked: {column} ({transform})" for column, transform in self.masked]
        if self.columns is None:
            lines.append("  columns: not known; what is no bare column of a table is masked whole")
        lines += [f"  column {column.sentence}" for column in self.columns or ()]
        lines += [f"  looked for: {name} ({transform})" for name, transform in self.detectors]
        return lines + [f"  warning: {warning}" for warning in self.warnings]


def explain_statement(
    policy: Policy, question: Question
) -> tuple[tuple[StatementFinding, ...], ResultReasons]:
    """What led to the decision that `evaluate` makes, and what becomes of the result.

    Args:
        policy: The policy in force.
        question: As for `evaluate`.
    """
    masks = mask_set(policy, question.principal, question.target, question.catalogue)
    statements = _statements(question)
    findings = _findings(policy, question, statements)
    touched = {name for finding in findings for name in finding.names}
    masked = tuple(
        (f"{relation.qualified}.{relation.columns[number]}", transform)
        for relation in question.catalogue.relations.values()
        if relation.qualified in touched
        for number, transform in masks.relations.get(relation.oid, {}).items()
    )
    columns = _columns(statements, masks, question.catalogue)
    return findings, ResultReasons(masked, tuple(masks.detectors.items()), masks.warnings, columns)


def _statements(question: Question) -> tuple[StatementFacts, ...]:
    try:
        return read_statements(question)
    except SqlNotUnderstood:
        return ()


def _columns(
    statements: tuple[StatementFacts, ...], masks: MaskSet, catalogue: Catalogue
) -> tuple[ColumnReason, ...] | None:
    if len(statements) != 1:
        return None
    try:
        rows = lineage_of(statements[0].tree, catalogue).rows
    except SqlNotUnderstood:
        return None
    if rows is None:
        return None
    return tuple(_reason(output, masks, catalogue) for output in rows.outputs)


def _reason(output: Output, masks: MaskSet, catalogue: Catalogue) -> ColumnReason:
    column = output_column(output.value, masks, catalogue)
    sources = sorted(output.value.sources)
    return ColumnReason(
        name=output.name,
        exposure=column.exposure,
        transform=column.transform,
        sources=tuple("?" if source == ANYTHING else catalogue.column_name(source) for source in sources),
        masks=tuple(sorted({masks.hidden[source].mask for source in sources if source in masks.hidden})),
        direct=output.value.direct,
    )


def _findings(
    policy: Policy, question: Question, statements: tuple[StatementFacts, ...]
) -> tuple[StatementFinding, ...]:
    applicable = policy.applicable(question.principal, question.target)
    return tuple(
        judge(access, applicable, question.catalogue)
        for statement in statements
        for access in statement.accesses
    )
