"""Ways to the targets are kept, and a rotated secret is never answered with the old one."""

from __future__ import annotations

from dataclasses import replace

from narrows.credentials.present import UpstreamTerms
from narrows.gateway.upstreams import KEPT_MAX, Upstreams

TERMS = UpstreamTerms(
    address="db:5432", database="orders", user="narrows", tls="verify-full", server_name=None, secret=b"old"
)


def test_a_way_is_made_once_until_something_about_it_changes() -> None:
    made: list[UpstreamTerms] = []
    upstreams = Upstreams(lambda terms: made.append(terms) or object())  # type: ignore[func-returns-value]  # append has none
    first = upstreams(TERMS)
    assert upstreams(replace(TERMS)) is first
    rotated = upstreams(replace(TERMS, secret=b"new"))
    assert rotated is not first
    assert upstreams(replace(TERMS, secret=b"new")) is rotated
    assert upstreams(replace(TERMS, secret=b"new", ca_pem=b"another")) is not rotated
    assert len(made) == 3


def test_what_was_rotated_away_is_not_kept() -> None:
    upstreams = Upstreams(lambda terms: object())
    first = upstreams(TERMS)
    upstreams(replace(TERMS, secret=b"new"))
    assert upstreams(TERMS) is not first


def test_the_longest_unused_is_forgotten() -> None:
    upstreams = Upstreams(lambda terms: object())
    first, second = upstreams(TERMS), upstreams(replace(TERMS, user="second"))
    for number in range(KEPT_MAX - 1):
        upstreams(replace(TERMS, database=f"d{number}"))
        assert upstreams(TERMS) is first
    assert upstreams(replace(TERMS, user="second")) is not second
