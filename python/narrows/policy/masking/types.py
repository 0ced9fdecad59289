"""The built-in types that a mask of detectors may be limited to, by the names that SQL gives them."""

from __future__ import annotations

from types import MappingProxyType

BUILT_IN_TYPES = MappingProxyType(
    {
        "bytea": (17, 1001),
        "char": (1042, 1014),
        "integer": (23, 1007),
        "bigint": (20, 1016),
        "json": (114, 199),
        "jsonb": (3802, 3807),
        "numeric": (1700, 1231),
        "text": (25, 1009),
        "varchar": (1043, 1015),
        "xml": (142, 143),
    }
)
"""Name to the OIDs of the type and of its arrays (pg_type.dat). A domain counts as what it is over."""
