"""`[[mask]]` as it is written, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.policy.directory import did_you_mean
from narrows.policy.kubernetes.masks import PLACEHOLDER, RESTORE
from narrows.policy.masking.transforms import DETECTORS, TRANSFORMS, WHOLE_VALUES, shown
from narrows.policy.masking.types import BUILT_IN_TYPES

if TYPE_CHECKING:
    from narrows.policy.tables import MaskTable

Problems = list[tuple[tuple[str, ...], str]]
"""What is wrong, each with the path of the setting within the table."""

REDACT = "redact"


def transform_of(table: MaskTable) -> str:
    """What a mask does; where it does not say, objects get a placeholder and all else is redacted."""
    return table.transform or (PLACEHOLDER if table.kubernetes else REDACT)


def mask_problems(table: MaskTable) -> Problems:
    """What is wrong with a mask: it is of columns, of what detectors find in some of them, or of objects."""
    problems: Problems = []
    transform = transform_of(table)
    if shown(transform) is None and not (table.kubernetes and transform == PLACEHOLDER):
        message = f"unknown transform `{transform}`{did_you_mean(transform, TRANSFORMS)}"
        problems.append((("transform",), message))
    if not (table.columns or table.detectors or table.kubernetes):
        problems.append((("columns",), "needs `columns`, `detectors` or both, or `kubernetes`"))
    for field, names, known in (
        ("detectors", table.detectors, DETECTORS),
        ("types", table.types, BUILT_IN_TYPES),
    ):
        for name in names:
            if name not in known:
                message = f"unknown {field[:-1]} `{name}`{did_you_mean(name, known)}"
                problems.append(((field,), message))
    return problems + _misplaced(table, transform)


def _misplaced(table: MaskTable, transform: str) -> Problems:
    problems: Problems = []
    if not table.detectors and (table.types or table.except_columns):
        message = "`types` and `except-columns` say where detectors look, and this mask has none"
        problems.append((("types" if table.types else "except-columns",), message))
    if table.detectors and any("#" in text for text in [*table.columns, *table.except_columns]):
        message = "a mask of a JSON path masks what is there; detectors look into whole columns"
        problems.append((("columns",), message))
    if table.detectors and transform.partition(":")[0] in WHOLE_VALUES:
        message = f"`{transform}` is for dates and numbers; a detector finds parts of texts"
        problems.append((("transform",), message))
    if table.written_back == RESTORE and transform != PLACEHOLDER:
        message = "only a mask of objects with the transform `placeholder` knows what comes back"
        problems.append((("written-back",), message))
    if table.kubernetes:
        for field in ("columns", "detectors", "types", "except_columns"):
            if getattr(table, field):
                message = "a mask of `kubernetes` is of nothing else; write another for this"
                problems.append(((field.replace("_", "-"),), message))
    return problems
