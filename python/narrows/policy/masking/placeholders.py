"""Recognises what the masks put in the place of a value, so that an agent does not write it back.

An agent that reads a masked row, changes one field and saves the whole row would replace the real value by
`[redacted]`. A pseudonym and `[redacted]` are known anywhere in a text, a `uuid` and an `int8` by the tag in
them; stars only as the whole of a text; other values by what the column's mask shows (`shown_values`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from narrows.model import OutputColumn
from narrows.policy.masking.pseudonyms import is_integer_pseudonym, is_uuid_pseudonym
from narrows.policy.masking.shown_values import is_shown, is_small_pseudonym, read_binary
from narrows.policy.postgres.inference import Refusal
from narrows.policy.postgres.origins import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from narrows.model import Parameter, Statement
    from narrows.policy.masking.masks import MaskSet
    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.postgres.lineage import Assigned, Lineage, Written

PLACEHOLDER = re.compile(
    r"\[redacted(?::[a-z0-9-]+)?\]|<redacted/>|\bmsk_[0-9a-hjkmnp-tv-z]{16}|\A\s*\*{2,}[^*]{0,4}\s*\Z"
)
"""What the transforms `redact`, `pseudonym` and `last4` make of text. One star says nothing."""

INTEGER = re.compile(r"\d{19}")
UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
BINARY = 1
"""The format code of binary parameters."""

HINT = "read the row again without the masked columns, and write only the columns that change"


def writes_placeholder(
    lineages: Iterable[Lineage], operation: Statement, masks: MaskSet, catalogue: Catalogue, key: bytes
) -> Refusal | None:
    """Why a statement would replace a hidden value by its placeholder; None where it would not.

    Args:
        lineages: What is known of each statement of the text.
        operation: Its parameters are looked at where it has them.
        masks: What this principal sees masked.
        catalogue: What the database holds.
        key: The one that pseudonyms are made with; empty where that is not known.
    """
    lineages = list(lineages)
    for lineage in lineages:
        for assigned in lineage.assigned:
            if refusal := _overwrites(assigned, operation, masks, catalogue):
                return refusal
    for written in _guarded(lineages, masks, catalogue):
        parameters = list(_parameters(written, operation))
        texts = [*written.texts, *(text for text in map(_text, parameters) if text is not None)]
        found = next((found for text in texts if (found := _placeholder(text, key))), None)
        if found is None and any(_is_binary_pseudonym(parameter, key) for parameter in parameters):
            found = "a parameter"
        if found is not None:
            target = f"{written.schema}.{written.name}" if written.schema else written.name
            return Refusal(f"{found} stands for a masked value and would be written to {target}", HINT)
    return None


def writes_parameters(lineages: Iterable[Lineage], masks: MaskSet, catalogue: Catalogue) -> bool:
    """Whether a statement writes parameters, which are not known yet, where no placeholder may be written."""
    return any(written.parameters for written in _guarded(lineages, masks, catalogue))


def copied_in(
    node: Mapping[str, Any], masks: MaskSet, catalogue: Catalogue
) -> tuple[OutputColumn, ...] | None:
    """The columns that a COPY FROM fills, in order, where no placeholder may be written.

    Args:
        node: The parse tree's CopyStmt.
        masks: What this principal sees masked.
        catalogue: What the database holds.

    Returns:
        None where placeholders do no harm; no column where the relation is not known.
    """
    relations = catalogue.named(node["relation"].get("schemaname"), node["relation"]["relname"])
    if not masks.detectors and relations and not any(masks.relations.get(found.oid) for found in relations):
        return None
    if len(relations) != 1:
        return ()
    (relation,) = relations
    named = [item["String"]["sval"] for item in node.get("attlist", ())]
    names = named or [name for number, name in relation.columns.items() if number not in relation.generated]
    numbers = {name: number for number, name in relation.columns.items()}
    return tuple(_filled(Origin(relation.oid, numbers.get(name, 0)), masks, catalogue) for name in names)


def _filled(column: Origin, masks: MaskSet, catalogue: Catalogue) -> OutputColumn:
    hidden = masks.hidden.get(column)
    if hidden is None:
        return OutputColumn("clear")
    return OutputColumn("masked", hidden.transform, *catalogue.column_type(column))


def _overwrites(
    assigned: Assigned, operation: Statement, masks: MaskSet, catalogue: Catalogue
) -> Refusal | None:
    """Why a value must not be put into a masked column: it may be what the mask shows of the one there."""
    for relation in catalogue.named(assigned.schema, assigned.name):
        for number, column in relation.columns.items():
            hidden = masks.hidden.get(Origin(relation.oid, number))
            if hidden is None or column != assigned.column:
                continue
            type_oid = catalogue.column_type(Origin(relation.oid, number)).oid
            known, value = _value(assigned, operation, type_oid)
            if known and (
                is_small_pseudonym(hidden.transform, type_oid, value)
                or (assigned.replaces and is_shown(hidden.transform, type_oid, value))
            ):
                shown = "NULL" if value is None else f"`{value}`"
                reason = f"{shown} may be what mask `{hidden.mask}` shows of {relation.qualified}.{column}"
                return Refusal(f"{reason}, and would be written there", HINT)
    return None


def _value(assigned: Assigned, operation: Statement, type_oid: int) -> tuple[bool, str | None]:
    """Whether the value is known that is assigned, and the value as text."""
    if not isinstance(assigned.value, int):
        return True, assigned.value
    place = assigned.value - 1
    if operation.parameters is None or not 0 <= place < len(operation.parameters):
        return False, None
    parameter = operation.parameters[place]
    if parameter.value is None or parameter.format != BINARY:
        return True, _text(parameter)
    declared = operation.parameter_types[place] if place < len(operation.parameter_types) else 0
    text = read_binary(declared or type_oid, parameter.value)
    return text is not None, text


def _guarded(lineages: Iterable[Lineage], masks: MaskSet, catalogue: Catalogue) -> Iterator[Written]:
    """What is written into a relation with masked columns; into any, where detectors mask values of any."""
    for lineage in lineages:
        for written in lineage.written:
            relations = catalogue.named(written.schema, written.name)
            if masks.detectors or any(masks.relations.get(relation.oid) for relation in relations):
                yield written


def _placeholder(text: str, key: bytes) -> str | None:
    """The placeholder in a text, as it is told to the agent."""
    if match := PLACEHOLDER.search(text):
        return f"`{match[0]}`"
    if not key:
        return None
    word = text.strip()
    if INTEGER.fullmatch(word) and is_integer_pseudonym(key, int(word)):
        return f"`{word}`"
    if UUID.fullmatch(word) and is_uuid_pseudonym(key, int(word.replace("-", ""), 16)):
        return f"`{word}`"
    return None


def _is_binary_pseudonym(parameter: Parameter, key: bytes) -> bool:
    if not key or parameter.format != BINARY or parameter.value is None:
        return False
    number = int.from_bytes(parameter.value, "big")
    match len(parameter.value):
        case 8:
            return is_integer_pseudonym(key, number)
        case 16:
            return is_uuid_pseudonym(key, number)
        case _:
            return False


def _parameters(written: Written, operation: Statement) -> Iterator[Parameter]:
    """The parameters that are written."""
    parameters = operation.parameters or ()
    for number in sorted(written.parameters):
        if 0 < number <= len(parameters):
            yield parameters[number - 1]


def _text(parameter: Parameter) -> str | None:
    """A parameter as text, which has the same bytes in both formats."""
    return None if parameter.value is None else parameter.value.decode("utf-8", errors="replace")
