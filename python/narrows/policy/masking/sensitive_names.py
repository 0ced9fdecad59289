"""Kinds of sensitive data: what their columns are called, which detectors find them, what best hides them."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBERS = frozenset({20, 21, 23, 700, 701, 790, 1700})
"""int8, int2, int4, float4, float8, money, numeric."""
BOOLEAN = 16


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of sensitive data."""

    name: str
    pattern: re.Pattern[str]
    """Of a column's name in lower case, its words joined by `_`."""
    transform: str
    """What is proposed: what hides enough and keeps what reports need."""
    detectors: frozenset[str] = frozenset()
    """Those that find it; none where values do not give it away."""
    numeric: bool = False
    """A number can be one."""


def _kind(name: str, words: str, transform: str, detectors: str = "", *, numeric: bool = False) -> Kind:
    pattern = re.compile(rf"(?:^|.*_)(?:{words})(?:_?\d)?(?:_enc|_encrypted|_plain|_raw|_text|_value)?")
    return Kind(name, pattern, transform, frozenset(detectors.split()), numeric)


KINDS = (
    _kind("card-code", "cvv2?|cvc2?|card_code|card_verification", "null", numeric=True),
    _kind(
        "card-number",
        "(?:card|cc|creditcard|credit|debit|payment)_?(?:card_)?(?:number|num|no|nr)|pan|credit_?card|card",
        "last4",
        "pan",
        numeric=True,
    ),
    _kind(
        "bank-account",
        "iban|(?:bank_)?(?:account|acct)_(?:number|num|no)|bank_account|routing_(?:number|no)|sort_code",
        "last4",
        "iban",
        numeric=True,
    ),
    _kind(
        "national-id",
        "ssn|social_security(?:_(?:number|num|no))?|national_(?:id|number)|tax_(?:id|number)|tin|nino|sin|"
        "passport(?:_(?:number|num|no))?|(?:drivers?|driving)_licen[cs]e(?:_(?:number|num|no))?",
        "redact",
        "us-ssn",
        numeric=True,
    ),
    _kind("email", "e_?mail(?:_?addr(?:ess)?)?", "pseudonym", "email"),
    _kind(
        "phone",
        "(?:tele)?phone(?:_?(?:number|num|no))?|mobile(?:_?(?:number|num|no))?|cell|fax|msisdn|tel",
        "last4",
        "phone",
        numeric=True,
    ),
    _kind("ip-address", "ip|ip_?addr(?:ess)?|remote_addr|client_addr", "pseudonym", "ipv4 ipv6"),
    _kind(
        "secret",
        "pass(?:word|wd|phrase|code)?(?:_hash)?|pwd|secret(?:_key)?|(?:api|access|private|signing)_?key|"
        "(?:access|refresh|auth|api|session|bearer|id)?_?token|credentials?|connection_string",
        "redact",
        "secret jwt azure-key aws-key github-token slack-token private-key connection-string",
    ),
    _kind("birth", "(?:date_of_)?birth(?:_?(?:date|day))?|dob|born(?:_on)?", "date:year"),
    _kind(
        "person",
        "(?:first|last|full|given|family|middle|maiden|sur)_?name|surname|forename",
        "pseudonym",
    ),
    _kind(
        "address",
        "(?:street|home|mailing|billing|shipping|postal|residential)_?addr(?:ess)?|addr(?:ess)?(?:_line)?|street",
        "redact",
    ),
    _kind("pay", "salary|wages?|income|compensation|net_worth", "bucket:1000", numeric=True),
    _kind("special", "diagnosis|blood_(?:type|group)|ethnicity|religion|sexual_orientation", "redact"),
)
"""The first that fits counts."""


def kind_of_name(column: str, type_oid: int) -> Kind | None:
    """The kind that a column's name and type say it is of, if any."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column).lower()
    words = re.sub(r"[^a-z0-9]+", "_", words).strip("_")
    kind = next((kind for kind in KINDS if kind.pattern.fullmatch(words)), None)
    if kind is None or type_oid == BOOLEAN or (type_oid in NUMBERS and not kind.numeric):
        return None
    return kind


def kind_of_detector(detector: str) -> Kind:
    """The kind that a detector finds."""
    return next(kind for kind in KINDS if detector in kind.detectors)
