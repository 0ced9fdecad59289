"""`approval = { ... }`: what is good for how long, and what contradicts itself."""

from __future__ import annotations

import msgspec
import pytest

from narrows.model import People
from narrows.policy.approval_terms import approval_terms
from narrows.policy.tables import ApprovalTable


def written(**keys):
    return msgspec.convert({"approvers": {"groups": "sg-dba"}} | keys, ApprovalTable)


@pytest.mark.parametrize(
    ("keys", "lasts_s", "uses"),
    [
        ({}, 0, 1),
        ({"mode": "return"}, 300, 1),
        ({"mode": "return", "for": "1h"}, 3_600, 1),
        ({"scope": "statement"}, 3_600, 0),
        ({"scope": "shape", "for": "2d", "uses": 5}, 172_800, 5),
        ({"scope": "session", "mode": "return"}, 3_600, 0),
    ],
)
def test_how_long_and_how_often_a_yes_is_good(keys, lasts_s, uses):
    terms, problems = approval_terms(written(**keys))
    assert problems == []
    assert (terms.grant_s, terms.grant_uses) == (lasts_s, uses)


def test_names_may_be_one_or_several():
    keys = {"break-glass": {"groups": ["a", "b"], "objects": "c"}, "chat": True}
    terms, problems = approval_terms(written(**keys))
    assert problems == []
    assert terms.break_glass == People(groups=frozenset({"a", "b"}), objects=frozenset({"c"}))
    assert terms.chat
    assert not approval_terms(written())[0].chat


@pytest.mark.parametrize(
    ("keys", "setting", "message"),
    [
        ({"for": "1h"}, "for", "needs a `scope`"),
        ({"uses": 2}, "uses", "needs a `scope`"),
        ({"scope": "once", "mode": "return", "uses": 2}, "uses", "needs a `scope`"),
        ({"scope": "statement", "for": "1w"}, "for", "not a time"),
        ({"scope": "statement", "for": "8d"}, "for", "not a time"),
        ({"scope": "statement", "for": "1s"}, "for", "not a time"),
        ({"scope": "statement", "uses": -1}, "uses", "from 1 to"),
        ({"scope": "statement", "uses": 100_001}, "uses", "from 1 to"),
        ({"quorum": 0}, "quorum", "from 1 to"),
        ({"quorum": 11}, "quorum", "from 1 to"),
        ({"approvers": {"objects": ["a"]}, "quorum": 2}, "quorum", "fewer than 2"),
        ({"approvers": {}}, "approvers", "nobody can approve"),
        ({"break-glass": {}}, "break-glass", "nobody can break"),
    ],
)
def test_what_contradicts_itself_is_an_error_with_its_place(keys, setting, message):
    _, problems = approval_terms(written(**keys))
    ((path, told),) = problems
    assert path == (setting,)
    assert message in told
