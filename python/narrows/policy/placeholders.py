"""Recognises what the masks put in the place of a value, so that an agent does not write it back.

An agent that reads a masked row, changes one field and saves the whole row would replace the real value by
`[redacted]`. A pseudonym and `[redacted]` are known anywhere in a text; stars only as the whole of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from narrows.policy.inference import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from narrows.model import Statement
    from narrows.policy.catalogue import Catalogue
    from narrows.policy.lineage import Lineage, Written
    from narrows.policy.masks import MaskSet

PLACEHOLDER = re.compile(r"\[redacted\]|<redacted/>|\bmsk_[a-z2-7]{16}|\A\s*\*{2,}[^*]{0,4}\s*\Z")
"""What the transforms `redact`, `pseudonym` and `last4` make of text. One star says nothing."""

HINT = "read the row again without the masked columns, and write only the columns that change"


def writes_placeholder(
    lineages: Iterable[Lineage], operation: Statement, masks: MaskSet, catalogue: Catalogue
) -> Refusal | None:
    """Why a statement would replace a hidden value by its placeholder; None where it would not.

    Args:
        lineages: What is known of each statement of the text.
        operation: Its parameters are looked at where it has them.
        masks: What this principal sees masked.
        catalogue: What the database holds.
    """
    for written in _into_masked(lineages, masks, catalogue):
        texts = [*written.texts, *_parameters(written, operation)]
        found = next((match[0] for text in texts if (match := PLACEHOLDER.search(text))), None)
        if found is not None:
            target = f"{written.schema}.{written.name}" if written.schema else written.name
            return Refusal(f"`{found}` stands for a masked value and would be written to {target}", HINT)
    return None


def writes_parameters(lineages: Iterable[Lineage], masks: MaskSet, catalogue: Catalogue) -> bool:
    """Whether a statement writes parameters, which are not known yet, into a relation with masked columns."""
    return any(written.parameters for written in _into_masked(lineages, masks, catalogue))


def _into_masked(lineages: Iterable[Lineage], masks: MaskSet, catalogue: Catalogue) -> Iterator[Written]:
    for lineage in lineages:
        for written in lineage.written:
            relations = catalogue.named(written.schema, written.name)
            if any(masks.relations.get(relation.oid) for relation in relations):
                yield written


def _parameters(written: Written, operation: Statement) -> Iterator[str]:
    """The text of the parameters that are written; text has the same bytes in both formats."""
    for number in sorted(written.parameters):
        parameters = operation.parameters or ()
        if 0 < number <= len(parameters) and (value := parameters[number - 1].value) is not None:
            yield value.decode("utf-8", errors="replace")
