"""Patterns over paths: what they mean, and that they mean it however they are written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.policy.ssh.paths import PathPattern, parts_of


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/srv/data/**", "/srv/data", True),
        ("/srv/data/**", "/srv/data/a/b", True),
        ("/srv/data/**", "/srv/database", False),
        ("/srv/data/**", "/srv", False),
        ("/srv/*", "/srv/data", True),
        ("/srv/*", "/srv/.hidden", True),
        ("/srv/*", "/srv/data/a", False),
        ("/srv/*", "/srv", False),
        ("/**/log", "/log", True),
        ("/**/log", "/a/b/log", True),
        ("/**/log", "/a/blog", False),
        ("/**", "/", True),
        ("/", "/", True),
        ("/", "/a", False),
        ("/a/*.txt", "/a/.txt", True),
        ("/a/b?", "/a/b", False),
        ("/a/b?", "/a/bc", True),
        ("/a/[b]", "/a/b", False),
        ("/a/{b,c}", "/a/b", False),
        ("/A", "/a", False),
        ("/a/\\*", "/a/*", False),
    ],
)
def test_a_pattern_means_what_its_page_says(pattern: str, path: str, matches: bool) -> None:
    assert PathPattern.parse(pattern).matches(path) is matches


@pytest.mark.parametrize(
    "text", ["", "srv", "/srv/", "/srv//a", "/srv/../etc", "/./a", "/a/b**", "~/a", "/\0"]
)
def test_a_pattern_that_could_not_mean_what_it_seems_to_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="`"):
        PathPattern.parse(text)


def test_only_what_ends_in_any_parts_covers_a_tree() -> None:
    assert PathPattern.parse("/srv/**").covers_tree("/srv/a")
    assert not PathPattern.parse("/srv/*").covers_tree("/srv/a")
    assert not PathPattern.parse("/srv/**/x").covers_tree("/srv/x")
    assert not PathPattern.parse("/srv/**").covers_tree("/etc")


def test_what_could_be_below_a_path() -> None:
    pattern = PathPattern.parse("/srv/*/in/**")
    for path in ("/", "/srv", "/srv/a", "/srv/a/in", "/srv/a/in/deep"):
        assert pattern.leads_through(path), path
    for path in ("/etc", "/srv/a/out"):
        assert not pattern.leads_through(path), path
    assert not PathPattern.parse("/srv/a").leads_through("/srv/a")


PARTS = st.text(alphabet="ab*?.", min_size=1, max_size=4).filter(
    lambda part: part not in (".", "..") and "**" not in part
)
PATTERNS = st.lists(st.one_of(PARTS, st.just("**")), max_size=5)
PATHS = st.lists(st.text(alphabet="ab.", min_size=1, max_size=4), max_size=5)


@given(PATTERNS, PATHS)
def test_matching_agrees_with_a_regular_expression(pattern: list[str], path: list[str]) -> None:
    expression = "".join(
        "(?:/[^/]+)*"
        if part == "**"
        else "/" + re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
        for part in pattern
    )
    text = "/" + "/".join(path)
    expected = re.fullmatch(expression, text if path else "") is not None
    assert PathPattern.parse("/" + "/".join(pattern)).matches(text) is expected


@given(PATTERNS, PATHS, PATHS)
def test_whoever_covers_a_tree_matches_all_of_it(
    pattern: list[str], path: list[str], below: list[str]
) -> None:
    compiled = PathPattern.parse("/" + "/".join(pattern))
    tree, inner = "/" + "/".join(path), "/" + "/".join([*path, *below])
    if compiled.covers_tree(tree):
        assert compiled.matches(inner)
    if below and compiled.matches(inner):
        assert compiled.leads_through(tree)


def test_the_time_of_a_hostile_pattern_is_bounded() -> None:
    pattern = PathPattern.parse("/" + "*a" * 60 + "b" + "/**" * 60)
    assert not pattern.matches("/" + "a" * 250 + "/x" * 1800)


def test_the_root_has_no_parts() -> None:
    assert (parts_of("/"), parts_of("/a/b")) == ((), ("a", "b"))
