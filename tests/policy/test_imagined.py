"""What an `[[expect]]` may ask about files and forwards, and what the policy answers."""

from __future__ import annotations

import pytest

from narrows.errors import PolicyError
from narrows.policy.expectations import check_expectations
from narrows.policy.language import load

POLICY = """
[principals.ops]
issuer = "entra"
any = [{ groups = "ops" }]
[[rule]]
id = "files"
effect = "allow"
principals = ["ops"]
targets = ["web"]
[rule.ssh]
read = ["/srv/**"]
forwards = ["db:5432"]
[[expect]]
principal = { issuer = "entra", groups = ["ops"] }
target = "web"
effect = "EFFECT"
"""


def loaded(place, operation, effect="allow"):
    (place / "policy.toml").write_text(POLICY.replace("EFFECT", effect) + operation)
    return load(place)


@pytest.mark.parametrize(
    ("operation", "effect"),
    [
        ('transfer = "read /srv/x"', "allow"),
        ('transfer = "write /srv/x"', "deny"),
        ('forward = "db:5432"', "allow"),
        ('forward = "db:22"', "deny"),
    ],
)
def test_a_transfer_or_forward_gets_the_effect_of_its_rule(tmp_path, operation, effect):
    (outcome,) = check_expectations(loaded(tmp_path, operation, effect))
    assert outcome.met, outcome.difference


@pytest.mark.parametrize(
    "operation",
    [
        'transfer = "steal /srv/x"',
        'transfer = " "',
        'transfer = "read"',
        'transfer = "read srv/x"',
        'transfer = "read /srv/../etc/shadow"',
        'transfer = "rename /srv/x"',
        'forward = "db"',
        'forward = "db:x"',
        'forward = "db:5432"\ncommand = "ls"',
    ],
)
def test_what_nobody_can_ask_for_is_refused(tmp_path, operation):
    with pytest.raises(
        PolicyError, match=r"is none of|without spaces|normal form|HOST:PORT|and not two"
    ) as raised:
        loaded(tmp_path, operation)
    assert "\n" not in str(raised.value), "nothing else is wrong with it"
