"""What masked data a statement could show, and the ways round the masks that are closed by denying it.

Masks are applied to result columns by their origin. A statement that gives masked data another name, writes
it somewhere else, or sends it out other than as rows would escape them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.policy.functions import is_harmless_call
from narrows.policy.settings import is_harmless
from narrows.policy.verbs import CALL_FUNCTION, DEFINING, READING, SET_PARAMETER

if TYPE_CHECKING:
    from narrows.policy.catalogue import Catalogue
    from narrows.policy.facts import Access, StatementFacts
    from narrows.policy.masks import MaskSet


COPIES_OUT = frozenset({"copy-to", "copy-file", "copy-program"})
HARMLESS_VERBS = READING | {CALL_FUNCTION, SET_PARAMETER}
SEQUENCE_FUNCTIONS = frozenset({"nextval", "setval"})
"""Guarded functions that return nothing but numbers of their own."""


def exposure_of(statements: tuple[StatementFacts, ...], masks: MaskSet, catalogue: Catalogue) -> str:
    """How masked data may come out of a text.

    Returns:
        `clear` when provably nothing masked can; `inherit` when it depends on what FETCH or EXECUTE name;
        `tainted` otherwise. It never depends on search_path: an unqualified name is every relation of it.
    """
    if not masks.applies:
        return "inherit" if any(statement.inherits for statement in statements) else "clear"
    if not all(_is_clear(statement, masks, catalogue) for statement in statements):
        return "tainted"
    return "inherit" if any(statement.inherits for statement in statements) else "clear"


def way_round_masks(statement: StatementFacts, masks: MaskSet, catalogue: Catalogue) -> str:
    """Why a statement must be denied where masks apply, in one sentence; empty when it need not be."""
    if statement.opaque:
        return f"{statement.opaque}, and columns are masked here"
    for access in statement.accesses:
        if access.verb in DEFINING:
            return f"{access.sentence()} could give masked columns another name"
        if access.schema is not None and access.schema.startswith("pg_temp"):
            return f"{access.sentence()} uses temporary objects, and columns are masked here"
        if access.verb == SET_PARAMETER and not is_harmless(access.name or "", access.value):
            return f"{access.sentence()} could change what names mean, and columns are masked here"
        if access.verb in COPIES_OUT and masks.detectors:
            return f"{access.sentence()} would send rows past the detectors"
    return _way_out(statement, masks, catalogue)


def _is_clear(statement: StatementFacts, masks: MaskSet, catalogue: Catalogue) -> bool:
    if statement.opaque or (catalogue.hidden_code and statement.accesses):
        return False
    calls = (access for access in statement.accesses if access.verb == CALL_FUNCTION)
    return all(is_harmless_call(call, catalogue) for call in calls) and not any(
        _touches_masked(access, masks, catalogue) for access in statement.accesses
    )


def _way_out(statement: StatementFacts, masks: MaskSet, catalogue: Catalogue) -> str:
    masked = [access for access in statement.accesses if _touches_masked(access, masks, catalogue)]
    writes = [access for access in statement.accesses if access.verb not in HARMLESS_VERBS]
    for access in masked:
        if access.verb in COPIES_OUT:
            return f"{access.sentence()} would send masked columns past the masks"
    if not writes:
        return ""
    unseen = next((access for access in statement.accesses if _returns_unseen(access, catalogue)), None)
    if unseen:
        return f"{unseen.sentence()} in a statement that writes or copies could carry masked columns"
    reads = next((access for access in masked if access.verb in READING and not access.returned), None)
    if reads or (masked and statement.writes_in_with and len(writes) > 1):
        return f"{(reads or masked[0]).sentence()} in a statement that writes could copy masked columns"
    if masked and not statement.assigned_from <= _unmasked_columns(masked, masks, catalogue):
        return f"{masked[0].sentence()} would set a column from a masked one"
    return ""


def _returns_unseen(access: Access, catalogue: Catalogue) -> bool:
    """Whether an access is a call of a function that could return anything."""
    if access.verb != CALL_FUNCTION or is_harmless_call(access, catalogue):
        return False
    return access.name not in SEQUENCE_FUNCTIONS or access.name in catalogue.user_functions


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


def _unmasked_columns(accesses: list[Access], masks: MaskSet, catalogue: Catalogue) -> frozenset[str]:
    """Names that in the relations touched can only be columns in the clear, and never a whole row."""
    clear: set[str] = set()
    masked: set[str] = set()
    for access in accesses:
        for relation in catalogue.named(access.schema, access.name or ""):
            hidden = masks.relations.get(relation.oid, {})
            for number, name in relation.columns.items():
                (masked if number in hidden else clear).add(name)
    return frozenset(clear - masked)
