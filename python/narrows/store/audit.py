"""The audit log's writer: a decision does not wait for its row (`behind`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.store import decisions
from narrows.store.behind import WrittenBehind
from narrows.store.decisions import DecisionRow

if TYPE_CHECKING:
    from narrows.store.database import Store


class Audit(WrittenBehind[DecisionRow]):
    """Takes the rows of decisions."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, decisions.add, "the audit log")
