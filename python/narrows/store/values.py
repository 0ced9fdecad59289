"""A row of ours as columns of a table."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def values_of(row: DataclassInstance) -> dict[str, Any]:
    """Its fields by name. PostgreSQL keeps no NUL in a text, and an agent may send one: it is shown as ␀."""
    return {field.name: _storable(getattr(row, field.name)) for field in fields(row)}


def _storable(value: Any) -> Any:
    return value.replace("\0", "\u2400") if isinstance(value, str) else value
