"""What masked data a statement could show, and the ways round the masks that are closed by denying it.

Masks are applied to result columns by their origin. A statement that gives masked data another name, writes
it somewhere else, or sends it out other than as rows would escape them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.policy.postgres.functions import is_harmless_call
from narrows.policy.postgres.inference import Refusal, columns_of, infers_masked, writes_masked
from narrows.policy.postgres.settings import is_harmless
from narrows.policy.postgres.verbs import CALL_FUNCTION, DEFINING, READING, SET_PARAMETER

if TYPE_CHECKING:
    from narrows.model import OutputColumn
    from narrows.policy.masking.masks import MaskSet
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.postgres.facts import Access, StatementFacts
    from narrows.policy.postgres.lineage import Lineage


COPIES_ELSEWHERE = frozenset({"copy-file", "copy-program"})
COPIES_OUT = COPIES_ELSEWHERE | {"copy-to"}
HINT_MASKED = "leave the masked columns out, or ask for access to them"
HARMLESS_VERBS = READING | {CALL_FUNCTION, SET_PARAMETER}
RUNS_CODE = frozenset({"A_Expr", "TypeCast", "ParamRef"})
"""Where an operator or a cast may be run; a parameter may be of a type with a cast of the database's own."""


def exposure_of(statements: tuple[StatementFacts, ...], masks: MaskSet, catalogue: Catalogue) -> str:
    """How masked data may come out of a text.

    Returns:
        `clear` when provably nothing masked can; `inherit` when it depends on what FETCH or EXECUTE name;
        `tainted` otherwise. It never depends on search_path: an unqualified name is every relation of it.
    """
    inheriting = [statement for statement in statements if statement.inherits]
    if masks.applies:
        plans = any(statement.kind == "ExplainStmt" for statement in inheriting)  # has one column of its own
        if plans or not all(is_clear(statement, masks, catalogue) for statement in statements):
            return "tainted"
    return "inherit" if inheriting else "clear"


def way_round_masks(
    statement: StatementFacts, lineage: Lineage, masks: MaskSet, catalogue: Catalogue, *, alone: bool
) -> Refusal | None:
    """Why a statement must be denied where masks apply; None when it need not be.

    Args:
        statement: What it does.
        lineage: Where its values come from and go to.
        masks: What this principal sees masked.
        catalogue: What the database holds.
        alone: It is the only statement of its text: the data plane is told of the columns of one.
    """
    columns = columns_of(lineage, masks, catalogue) if alone else None
    reason = _changes_meaning(statement) or _escapes(statement, columns, masks, catalogue, alone=alone)
    if reason:
        return Refusal(reason, HINT_MASKED)
    return writes_masked(lineage, masks, catalogue) or infers_masked(lineage, masks, catalogue)


def is_clear(statement: StatementFacts, masks: MaskSet, catalogue: Catalogue) -> bool:
    """Whether a statement provably touches nothing masked."""
    if statement.opaque or (catalogue.hidden_code and _may_run_hidden_code(statement)):
        return False
    calls = (access for access in statement.accesses if access.verb == CALL_FUNCTION)
    return all(is_harmless_call(call, catalogue) for call in calls) and not any(
        _touches_masked(access, masks, catalogue) for access in statement.accesses
    )


def _may_run_hidden_code(statement: StatementFacts) -> bool:
    """Whether a statement could run an operator or a cast, which is code that no name in it shows."""
    pending: list[object] = [statement.tree]
    while pending:
        tree = pending.pop()
        if isinstance(tree, list):
            pending.extend(tree)
        elif isinstance(tree, dict):
            if not RUNS_CODE.isdisjoint(tree):
                return True
            pending.extend(tree.values())
    return bool(statement.accesses)


def _changes_meaning(statement: StatementFacts) -> str:
    if statement.opaque:
        return f"{statement.opaque}, and columns are masked here"
    for access in statement.accesses:
        if access.verb in DEFINING:
            return f"{access.sentence()} could give masked columns another name"
        if access.schema is not None and access.schema.startswith("pg_temp"):
            return f"{access.sentence()} uses temporary objects, and columns are masked here"
        if access.verb == SET_PARAMETER and not is_harmless(access.name or "", access.value):
            return f"{access.sentence()} could change what names mean, and columns are masked here"
    return ""


def _escapes(
    statement: StatementFacts,
    columns: tuple[OutputColumn, ...] | None,
    masks: MaskSet,
    catalogue: Catalogue,
    *,
    alone: bool,
) -> str:
    """How data could leave, or placeholders come back, unseen; empty when they could not."""
    if "copy-in" in statement.effects and (statement.copy is None or not alone):
        touched = (_touches_masked(access, masks, catalogue) for access in statement.accesses)
        if masks.detectors or any(touched):
            return (
                "COPY FROM beside other statements or with options that are not known cannot be looked into"
            )
    if masks.detectors:
        if any(access.verb in COPIES_ELSEWHERE for access in statement.accesses):
            return "COPY into a file or a program would send rows past the detectors"
        if "copy-out" in statement.effects and (statement.copy is None or not alone):
            return (
                "COPY of what writes, with options that are not known, or beside other statements cannot be "
                "looked into"
            )
    if is_clear(statement, masks, catalogue):
        return ""
    if "copy-out" in statement.effects and statement.copy is None:
        return "COPY of what writes, or with options that are not known, cannot be masked"
    for access in statement.accesses:
        if access.verb in COPIES_OUT and columns is None:
            return f"{access.sentence()} would send columns that cannot be traced past the masks"
        if access.verb in COPIES_ELSEWHERE and any(column.exposure != "clear" for column in columns or ()):
            return f"{access.sentence()} would send masked columns past the masks"
    if catalogue.hidden_code and any(access.verb not in HARMLESS_VERBS for access in statement.accesses):
        for access in statement.accesses:
            if access.verb in READING and not access.returned and _touches_masked(access, masks, catalogue):
                return f"{access.sentence()} in a statement that writes, where operators could hide code"
    return ""


def _touches_masked(access: Access, masks: MaskSet, catalogue: Catalogue) -> bool:
    """Whether an access is to a relation with masked columns, or to one of which that is not known.

    A rule may answer a write with rows of any other relation.
    """
    if access.verb in {CALL_FUNCTION, SET_PARAMETER} or access.name is None:
        return False
    relations = catalogue.named(access.schema, access.name)
    if access.verb not in READING and any(relation.oid in catalogue.ruled for relation in relations):
        return True
    return not relations or any(masks.relations.get(relation.oid) for relation in relations)
