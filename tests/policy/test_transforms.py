"""Which of two transforms shows less, of parts of JSON too."""

from __future__ import annotations

import pytest

from narrows.policy.masking.transforms import of_path, shown, shows_less

A = of_path("$.a", "last4")
B = of_path("$.b", "redact")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("redact", "last4", "redact"),
        ("last4", A, "last4"),
        (A, "last4", "last4"),
        (A, A, A),
        (A, B, "paths:$.b redact\n$.a last4"),
        (A, of_path("$.a", "null"), "paths:$.a null"),
    ],
)
def test_the_one_that_shows_less(one: str, other: str, expected: str) -> None:
    assert shows_less(one, other) == expected


def test_no_policy_writes_a_transform_of_parts() -> None:
    assert shown(A) is None
