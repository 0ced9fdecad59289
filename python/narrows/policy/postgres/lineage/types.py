"""The types of computed values, as far as a mask needs them: a value of a type that is not known becomes NULL
where no RowDescription tells it, in COPY."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from narrows.policy.patterns import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from narrows.policy.postgres.catalogue import Catalogue
    from narrows.policy.postgres.lineage.values import Value

TEXT = 25
TEXTS = frozenset({TEXT, 19, 1042, 1043})
"""text, name, char(n) and varchar(n)."""

CASTS = MappingProxyType(
    {
        "bool": 16,
        "bytea": 17,
        "date": 1082,
        "float4": 700,
        "float8": 701,
        "inet": 869,
        "int2": 21,
        "int4": 23,
        "int8": 20,
        "json": 114,
        "jsonb": 3802,
        "numeric": 1700,
        "text": TEXT,
        "timestamp": 1114,
        "timestamptz": 1184,
        "uuid": 2950,
        "varchar": 1043,
    }
)
"""What a cast may name, with the OIDs of pg_type.dat. pg_catalog comes first in every search_path that a
session with masks can have."""

MAKES_TEXT = words(
    "concat concat_ws format initcap left lpad md5 quote_ident quote_literal repeat replace right rpad"
    " split_part to_char translate"
)
"""Functions of pg_catalog that return text whatever they are given."""
KEEPS_TEXT = words("btrim lower ltrim reverse rtrim string_agg substr substring upper")
"""Functions that return text when they are given text, and something else for ranges or bytes."""


def cast_type(written: Any) -> int:
    """The type that a cast makes, by the parse tree of its TypeName; 0 where that is not known."""
    names = [part["String"].get("sval", "") for part in written["names"]]
    if "typmods" in written or "arrayBounds" in written or names[:-1] not in ([], ["pg_catalog"]):
        return 0
    return CASTS.get(names[-1], 0)


def call_type(name: str, arguments: Iterable[Value], catalogue: Catalogue) -> int:
    """The type that a function of pg_catalog returns; 0 where that is not known."""
    if name in MAKES_TEXT:
        return TEXT
    if name in KEEPS_TEXT and all(_is_text(value, catalogue) for value in arguments):
        return TEXT
    return 0


def _is_text(value: Value, catalogue: Catalogue) -> bool:
    """Whether a value is text, or a constant, which never decides which of two functions is meant."""
    if value.type_oid:
        return value.type_oid in TEXTS
    if not value.sources:
        return True
    return value.direct and all(catalogue.column_type(source).oid in TEXTS for source in value.sources)
