"""Which detectors look into which columns of a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from narrows.policy.masking.masks import mask_set

from .questions import AGENT, TARGET, rule, write

if TYPE_CHECKING:
    from pathlib import Path

    from narrows.policy.postgres.catalogue import Catalogue

READ = rule("read", "allow", 'verbs = ["select"], tables = ["public.*"]')


def looking(name: str, detectors: str, more: str = "") -> str:
    """A mask of detectors for everyone."""
    return f'[[mask]]\nid = "{name}"\ntargets = ["*"]\ndetectors = [{detectors}]\n{more}\n'


def wanted(tmp_path: Path, catalogue: Catalogue, masks: str, column: str) -> dict[str, str]:
    """What is looked for in a column, with what becomes of it."""
    found = mask_set(write(tmp_path, READ + masks), AGENT, TARGET, catalogue)
    qualified, _, name = column.rpartition(".")
    (relation,) = [known for known in catalogue.relations.values() if known.qualified == qualified]
    (number,) = [number for number, known in relation.columns.items() if known == name]
    return dict(found.own_detectors.get(relation.oid, {}).get(number, found.detectors))


NOTES = looking("notes", '"pan"', 'columns = ["public.customers.note"]\ntransform = "last4"')
EVERYWHERE = looking("everywhere", '"email"')


@pytest.mark.parametrize(
    ("masks", "column", "expected"),
    [
        (EVERYWHERE, "public.customers.name", {"email": "redact"}),
        (NOTES, "public.customers.note", {"pan": "last4"}),
        (NOTES, "public.customers.name", {}),
        (NOTES + EVERYWHERE, "public.customers.name", {"email": "redact"}),
        (NOTES + EVERYWHERE, "public.customers.note", {"pan": "last4", "email": "redact"}),
        # A view shows the column of a table, or an expression that may be of any.
        (NOTES, "public.cards.number", {}),
        (NOTES.replace("note", "card_number"), "public.cards.number", {"pan": "last4"}),
        (NOTES.replace("note", "card_number"), "public.kept_cards.card_number", {"pan": "last4"}),
        (NOTES, "public.card_words.words", {"pan": "last4"}),
        (NOTES.replace("customers.note", "people.ssn"), "public.people_1.ssn", {"pan": "last4"}),
        (looking("m", '"pan"', 'types = ["text"]'), "public.customers.note", {"pan": "redact"}),
        (looking("m", '"pan"', 'types = ["text"]'), "public.customers.balance", {}),
        (looking("m", '"pan"', 'except-columns = ["*.orders.*"]'), "public.orders.total", {}),
        (
            looking("m", '"pan"', 'except-columns = ["*.orders.*"]'),
            "public.customers.note",
            {"pan": "redact"},
        ),
        (NOTES + looking("all", '"pan"'), "public.customers.note", {"pan": "redact"}),
    ],
)
def test_what_is_looked_for_where(
    tmp_path: Path, catalogue: Catalogue, masks: str, column: str, expected: dict[str, str]
) -> None:
    assert wanted(tmp_path, catalogue, masks, column) == expected


def test_what_has_no_column_is_looked_into_by_all(tmp_path: Path, catalogue: Catalogue) -> None:
    masks = mask_set(write(tmp_path, READ + NOTES + EVERYWHERE), AGENT, TARGET, catalogue)
    assert masks.detectors == {"pan": "last4", "email": "redact"}


def test_masks_without_limits_cost_nothing(tmp_path: Path, catalogue: Catalogue) -> None:
    assert mask_set(write(tmp_path, READ + EVERYWHERE), AGENT, TARGET, catalogue).own_detectors == {}
