"""What can be seen of a text through the masks: how much comes out, of each column, and why that must not be.

Lineage costs about as much as the rest of a decision, so it is followed only where masked data is in reach.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from narrows.policy.masking.placeholders import copied_in, writes_parameters, writes_placeholder
from narrows.policy.postgres.exposure import exposure_of, is_clear, way_round_masks
from narrows.policy.postgres.inference import Refusal, columns_of
from narrows.policy.postgres.lineage import NOT_FOLLOWED, lineage_of

if TYPE_CHECKING:
    from narrows.model import OutputColumn, Statement
    from narrows.policy.masking.masks import MaskSet
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.postgres.facts import StatementFacts
    from narrows.policy.postgres.lineage import Lineage

UNSEEN_PARAMETERS = Refusal(
    "PREPARE would write parameters beside masked columns, and EXECUTE does not show where its values go",
    "prepare it in the protocol, as every driver does, or write the values in the statement",
)


PUTS_VALUES = frozenset({"insert", "update"})
"""Verbs that may write back what a detector has masked, into any relation."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the masks leave to be seen of a text."""

    exposure: str
    """`clear`, `tainted` or `inherit`."""
    columns: tuple[OutputColumn, ...] | None = None
    """The columns of its one statement, where they are known."""
    refusal: Refusal | None = None
    """Why it must be denied whatever the rules say."""
    ask_at_bind: bool = False
    """It writes parameters where a placeholder must not be written."""


def see_statements(
    statements: tuple[StatementFacts, ...],
    operation: Statement,
    masks: MaskSet,
    catalogue: Catalogue,
    pseudonym_key: bytes = b"",
) -> Sight:
    """Looks at a text through masks.

    Args:
        statements: Its statements in order.
        operation: The text as it came, with its parameters where those are known.
        masks: What this principal sees masked.
        catalogue: What the database holds.
        pseudonym_key: The one that pseudonyms are made with, to know those that come back.

    Raises:
        SqlNotUnderstood: The values of a statement cannot be followed.
    """
    exposure = exposure_of(statements, masks, catalogue)
    if not masks.applies:
        return Sight(exposure)
    lineages = [_followed(statement, masks, catalogue) for statement in statements]
    alone = len(statements) == 1
    refusals = (
        way_round_masks(statement, lineage, masks, catalogue, alone=alone)
        for statement, lineage in zip(statements, lineages, strict=True)
    )
    refusal = next((refusal for refusal in refusals if refusal), None)
    prepared = [
        lineage
        for statement, lineage in zip(statements, lineages, strict=True)
        if statement.kind == "PrepareStmt"
    ]
    if writes_parameters(prepared, masks, catalogue):
        refusal = refusal or UNSEEN_PARAMETERS
    return Sight(
        exposure,
        _columns(statements[0], lineages[0], masks, catalogue) if alone else None,
        refusal or writes_placeholder(lineages, operation, masks, catalogue, pseudonym_key),
        writes_parameters(lineages, masks, catalogue),
    )


def _columns(
    statement: StatementFacts, lineage: Lineage, masks: MaskSet, catalogue: Catalogue
) -> tuple[OutputColumn, ...] | None:
    """The columns that a statement returns or copies out; or copies in, where that is looked into."""
    if "copy-in" in statement.effects:
        return copied_in(statement.tree["CopyStmt"], masks, catalogue)
    return columns_of(lineage, masks, catalogue)


def _followed(statement: StatementFacts, masks: MaskSet, catalogue: Catalogue) -> Lineage:
    if not is_clear(statement, masks, catalogue):
        return lineage_of(statement.tree, catalogue)
    if masks.detectors and (statement.copy or not PUTS_VALUES.isdisjoint(statement.verbs)):
        return replace(lineage_of(statement.tree, catalogue), uses=(), writes=())
    return NOT_FOLLOWED
