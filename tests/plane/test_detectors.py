"""What policy lets an author write of masks is what the data plane knows."""

from __future__ import annotations

import pytest

from narrows._core import PostgresInspector
from narrows.policy.masking.transforms import DETECTORS, TRANSFORMS, shown

WRITTEN = [name.replace("N", "4") for name in TRANSFORMS]


@pytest.mark.parametrize("transform", WRITTEN)
def test_every_transform_is_known_to_both(transform: str) -> None:
    assert shown(transform) is not None
    PostgresInspector(nonce="n", masks={1: {1: transform}}, pseudonym_key=bytes(32))


@pytest.mark.parametrize("transform", ["", "mask", "first:0", "first:17", "date:day", "bucket:1", "last4:1"])
def test_neither_takes_another_transform(transform: str) -> None:
    assert shown(transform) is None
    with pytest.raises(ValueError, match="is no transform"):
        PostgresInspector(nonce="n", masks={1: {1: transform}}, pseudonym_key=bytes(32))


def test_every_detector_is_known_to_both() -> None:
    detectors = dict.fromkeys(DETECTORS, "redact")
    PostgresInspector(nonce="n", masks={}, detectors=detectors, pseudonym_key=bytes(32))
    with pytest.raises(ValueError, match="is no detector"):
        PostgresInspector(nonce="n", masks={}, detectors={"pans": "redact"}, pseudonym_key=bytes(32))
