"""What lineage means under the masks: what each column that comes out may show, and what is refused.

A masked value can be found out without being shown: rows can be sorted by it, counted by it, made to fail by
it. How far a statement may go in that is a setting of the mask.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from narrows.model import OutputColumn
from narrows.policy.postgres.lineage import ANYTHING, EQUALITY
from narrows.policy.postgres.verbs import INFERENCES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.policy.masking.masks import MaskSet
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.postgres.lineage import Lineage, Output, Value
    from narrows.policy.postgres.origins import Origin

HINT_WRITE = "leave the masked columns out of what is written"
HINT_INFERENCE = {
    "deny": "mask `{mask}` lets it be nothing but a column of the result, as it is",
    "equality": "mask `{mask}` lets it be in the result, and be compared by =, IN and IS NULL with constants "
    "or parameters where no OR, NOT or CASE is around that",
}


class Refusal(NamedTuple):
    """Why a statement is denied where masks apply."""

    reason: str
    hint: str


def columns_of(lineage: Lineage, masks: MaskSet, catalogue: Catalogue) -> tuple[OutputColumn, ...] | None:
    """What may be seen of each column that a statement returns; None where its columns are not known."""
    if lineage.rows is None:
        return None
    return tuple(_output_column(output, masks, catalogue) for output in lineage.rows.outputs)


def _output_column(output: Output, masks: MaskSet, catalogue: Catalogue) -> OutputColumn:
    column = output_column(output.value, masks, catalogue)
    if column.exposure != "clear" or not masks.detectors:
        return column
    sources = output.value.sources
    if not output.value.direct or len(sources) != 1:
        return replace(column, name=output.name)
    (source,) = sources
    oid, modifier = catalogue.column_type(source)
    return OutputColumn("clear", "", oid, modifier, source.relation, source.attribute, output.name)


def output_column(value: Value, masks: MaskSet, catalogue: Catalogue) -> OutputColumn:
    """What may be seen of one value: all, what the mask of its column shows, or nothing."""
    sources = value.sources
    hidden = [masks.hidden[source] for source in sources if source in masks.hidden]
    if not hidden:
        return OutputColumn("whole" if ANYTHING in sources else "clear")
    transforms = {found.transform for found in hidden}
    types = {catalogue.column_type(source) for source in sources}
    if not value.direct or len(types) > 1:
        return OutputColumn("whole", type_oid=value.type_oid)
    (column_type,) = types
    if len(hidden) < len(sources) or len(transforms) > 1:
        return OutputColumn("whole", "", column_type.oid, column_type.modifier)
    return OutputColumn("masked", transforms.pop(), column_type.oid, column_type.modifier)


def writes_masked(lineage: Lineage, masks: MaskSet, catalogue: Catalogue) -> Refusal | None:
    """Why what a statement writes must be refused: a masked column is a source of it, or nobody can tell."""
    for write in lineage.writes:
        target = f"{write.schema}.{write.name}" if write.schema else write.name
        place = f"{target}.{write.column}" if write.column else target
        column = _strictest(write.sources, masks)
        if column is not None:
            return Refusal(f"{_described(column, masks, catalogue)}, would be written to {place}", HINT_WRITE)
        if ANYTHING in write.sources:
            reason = f"what is written to {place} cannot be traced, and columns are masked here"
            return Refusal(reason, HINT_WRITE)
    return None


def infers_masked(lineage: Lineage, masks: MaskSet, catalogue: Catalogue) -> Refusal | None:
    """Why a statement would tell more of a masked column than its mask allows."""
    used = [(use.needs, use.what, use.sources) for use in lineage.uses]
    if lineage.rows:
        values = (output.value for output in lineage.rows.outputs)
        used += [(EQUALITY, "used in an expression", value.sources) for value in values if not value.direct]
    for needs, what, sources in used:
        if masks.hidden.keys().isdisjoint(sources):
            continue
        for source in sorted(sources & masks.hidden.keys()):
            hidden = masks.hidden[source]
            if INFERENCES.index(hidden.inference) < needs:
                hint = HINT_INFERENCE[hidden.inference].format(mask=hidden.mask)
                return Refusal(f"{_described(source, masks, catalogue)}, is {what}", hint)
    return None


def _strictest(sources: Iterable[Origin], masks: MaskSet) -> Origin | None:
    """A masked column among several sources, always the same one."""
    return min((source for source in sources if source in masks.hidden), default=None)


def _described(column: Origin, masks: MaskSet, catalogue: Catalogue) -> str:
    return f"{catalogue.column_name(column)}, which mask `{masks.hidden[column].mask}` hides"
