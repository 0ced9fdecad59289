"""Which masks are proposed, from names and counts alone."""

from __future__ import annotations

import tomllib
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.policy.language import load
from narrows.policy.masking.proposals import ColumnCounts, Proposals, propose
from narrows.policy.masking.sampling import Skipped
from narrows.policy.masking.sensitive_names import KINDS, kind_of_detector, kind_of_name
from narrows.policy.masking.transforms import DETECTORS, shown
from narrows.policy.postgres.catalogue import ColumnType, Relation

if TYPE_CHECKING:
    from pathlib import Path

TEXT, INT8, BOOL, JSONB = 25, 20, 16, 3802


def column(
    name: str, type_oid: int = TEXT, *, values: int = 100, table: str = "people", **found: int
) -> ColumnCounts:
    relation = Relation(20_000, "public", table, "r", {1: name}, {1: ColumnType(type_oid)})
    return ColumnCounts(relation, 1, values, Counter({key.replace("_", "-"): n for key, n in found.items()}))


def proposed(*columns: ColumnCounts) -> Proposals:
    return propose("orders-db", columns, {}, ())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ssn", "national-id"),
        ("customer_ssn", "national-id"),
        ("passportNumber", "national-id"),
        ("EMAIL", "email"),
        ("e-mail address", "email"),
        ("contactEmail2", "email"),
        ("card_number", "card-number"),
        ("ccNumber", "card-number"),
        ("PAN", "card-number"),
        ("cvv2", "card-code"),
        ("iban", "bank-account"),
        ("mobile_phone", "phone"),
        ("last_login_ip", "ip-address"),
        ("api_key", "secret"),
        ("password_hash", "secret"),
        ("refreshToken", "secret"),
        ("date_of_birth", "birth"),
        ("first_name", "person"),
        ("billing_address", "address"),
        ("salary", "pay"),
    ],
)
def test_names_that_say_what_a_column_holds(name: str, kind: str) -> None:
    found = kind_of_name(name, TEXT)
    assert found is not None
    assert found.name == kind


@pytest.mark.parametrize(
    "name",
    [
        *(
            "id",
            "name",
            "email_verified",
            "emails_sent",
            "card_type",
            "phone_type",
            "token_count",
            "ship",
            "zip_id",
        ),
        *(
            "passed",
            "company_name",
            "panel",
            "description",
            "recipient",
            "password_changed_at",
            "address_id",
            "",
        ),
    ],
)
def test_names_that_say_nothing(name: str) -> None:
    assert kind_of_name(name, TEXT) is None


def test_a_type_can_speak_against_a_name() -> None:
    assert kind_of_name("email", BOOL) is None
    assert kind_of_name("token", INT8) is None
    assert kind_of_name("card_number", INT8) is not None


def test_every_detector_has_its_kind_and_every_kind_a_transform() -> None:
    assert {name for name in DETECTORS if kind_of_detector(name)} == set(DETECTORS)
    assert all(shown(kind.transform) for kind in KINDS)


@pytest.mark.parametrize(
    ("counts", "confidence"),
    [
        (column("contact", email=99), "high"),
        (column("contact", email=60), "medium"),
        (column("contact", values=5, email=5), "medium"),
        (column("email", values=5, email=5), "high"),
        (column("email", email=0), "low"),
        (column("email", values=0), "medium"),
        (column("first_name"), "medium"),
    ],
)
def test_how_sure_a_proposal_is(counts: ColumnCounts, confidence: str) -> None:
    ((proposal,),) = proposed(counts).columns.values()
    assert proposal.confidence == confidence


def test_a_few_finds_ask_for_a_detector_and_not_for_the_column() -> None:
    found = proposed(column("body", email=3, pan=1), column("profile", JSONB, email=90))
    assert not found.columns
    assert {name: [one.name for one in where] for name, where in found.scattered.items()} == {
        "pan": ["public.people.body"],
        "email": ["public.people.body", "public.people.profile"],
    }


def test_what_is_masked_already_is_not_proposed() -> None:
    found = propose("db", [column("email", email=100)], {"public.people.email": "contacts"}, ())
    assert (found.columns, found.scattered) == ({}, {})
    assert found.skipped == (Skipped("public.people.email", "mask `contacts` hides it already"),)


def test_an_id_of_the_policy_is_not_given_again(tmp_path: Path) -> None:
    taken: set[str] = set()
    for number, name in enumerate(("email", "e_mail", "email_address")):
        found = propose("db", [column(name, email=100)], {}, (), taken)
        (tmp_path / f"{number}.toml").write_text(found.toml())
        taken = {mask.id for mask in load(tmp_path).masks}
    assert taken == {"db-email", "db-email-2", "db-email-3"}


def test_what_is_left_out_is_told_by_its_reason() -> None:
    left_out = [
        Skipped("public.b", "a view"),
        Skipped("public.c", "too late"),
        Skipped("public.d\nx", "a view"),
    ]
    told = propose("db", [], {}, left_out).toml()
    assert "# Not proposed: a view\n#     public.b\n#     public.d x\n\n# Not proposed: too late\n" in told
    assert "# Nothing was found" in told
    assert tomllib.loads(told) == {}


@pytest.mark.parametrize("table", ["two words", "a.b", "a*"])
def test_a_name_that_policy_cannot_write_is_told(table: str) -> None:
    found = proposed(column("email", table=table, email=100))
    assert not found.columns
    assert "policy cannot write its name" in found.skipped[0].reason


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=20)


@given(names=st.lists(NAMES, max_size=4), share=st.integers(0, 100), relation=NAMES)
def test_whatever_the_names_are_the_output_is_toml(names: list[str], share: int, relation: str) -> None:
    counts = [column(name, table=relation, email=share, pan=1) for name in names]
    found = propose("db", counts, {}, [Skipped(f"{relation}.x", "a view")])
    tables = tomllib.loads(found.toml()).get("mask", [])
    written = [name for table in tables for name in table.get("columns", ())]
    assert written == [one.counts.name for proposals in found.columns.values() for one in proposals]
    assert found.document()["target"] == "db"


def test_policy_accepts_the_output_as_it_is(tmp_path: Path) -> None:
    named = [column(name) for name in ("ssn", 'card"number', "dob", "salary", "naïve email")]
    found = proposed(*named, column("contact", email=100), column("body", **{"private_key": 2}))
    (tmp_path / "masks.toml").write_text(found.toml(), encoding="utf-8")
    policy = load(tmp_path)
    assert {mask.id for mask in policy.masks} >= {
        "orders-db-national-id",
        "orders-db-email",
        "orders-db-found",
    }
