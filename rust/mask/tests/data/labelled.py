"""Writes labelled.tsv: sentences and database cells, with what is sensitive in each, or nothing.

    pip install faker==40.54.0 && python labelled.py > labelled.tsv

The values are Faker's (and tokens made by their vendors' rules), the hard negatives ours: order ids, digests,
versions, UUIDs, timestamps, broken checksums. A line is: detector or `-`, the sensitive part, column, text.
"""

import base64
import hashlib
import json
import random
import string
import uuid
import zlib

from faker import Faker

ROWS_EACH = 100
SEED = 20260701

fake = Faker(["en_US", "de_DE", "fr_FR", "en_GB"])
fake_us = Faker("en_US")
Faker.seed(SEED)
rng = random.Random(SEED)  # noqa: S311

SENTENCES = {
    "pan": [
        "My credit card {} was charged twice.",
        "{}",
        "please refund card no. {}, thanks",
        "PAN={};cvv=123",
    ],
    "iban": ["Wire it to {} by Friday.", "{}", "IBAN: {}", "account {}, BIC DEUTDEFF"],
    "us-ssn": ["My social security number is {}.", "{}", "ssn {} on file", "SSN: {}"],
    "email": ["Write to {} please.", "{}", "<{}>", "contact={}"],
    "phone": ["Call me at {} after five.", "{}", "tel {}", "phone: {}, ask for Ada"],
    "ipv4": ["login failed from {} at noon", "{}", "http://{}/status", "peer={} port 5432"],
    "ipv6": ["login failed from {} at noon", "{}", "addr {}", "[{}]:443"],
    "jwt": ["Authorization: Bearer {}", "{}", "token={}", "the cookie is {} today"],
    "github-token": ["git clone https://{}@github.com/o/r", "{}", "GITHUB_TOKEN={}", "use {} for now"],
    "aws-key": ["AWS_ACCESS_KEY_ID={}", "{}", "key {} leaked", "id: {}"],
    "azure-key": [
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};EndpointSuffix=x",
        "{}",
        "key {} now",
    ],
    "slack-token": ["export SLACK={}", "{}", "bot {} joined", "token: {}"],
    "connection-string": [
        "postgres://app:{}@db.internal:5432/x",
        "Server=db;User Id=a;Password={};Encrypt=true",
    ],
    "secret": ["api_key: {}", "client_secret={}", 'password: "{}"', '"access_token": "{}"'],
    "private-key": ["{}", "the key is\n{}\nkeep it"],
}
COLUMNS = {"pan": "card_number", "us-ssn": "ssn", "secret": "api_key"}


def luhn(digits: str) -> str:
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def broken(number: str) -> str:
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def token(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "".join(rng.choice(alphabet) for _ in range(length))


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def github() -> str:
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    body, number, sum_ = token(30), 0, ""
    number = zlib.crc32(body.encode())
    for _ in range(6):
        number, digit = divmod(number, 62)
        sum_ = digits[digit] + sum_
    return f"gh{rng.choice('pousr')}_{body}{sum_}"


def card() -> str:
    number = fake.credit_card_number()
    cut = [number[i : i + 4] for i in range(0, len(number), 4)]
    return rng.choice(["", " ", "-"]).join(cut) if len(number) == 16 else number


def iban() -> str:
    number = fake.iban()
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4)) if rng.random() < 0.5 else number


def phone() -> str:
    shape = rng.choice(["+1 ({}) {}-{}", "+1{}{}{}", "+1-{}-{}-{}"])
    american = shape.format(rng.randint(201, 989), rng.randint(200, 999), f"{rng.randint(0, 9999):04}")
    return rng.choice(
        [
            american,
            f"+44 20 79{rng.randint(10, 99)} {rng.randint(1000, 9999)}",
            f"+49{rng.randint(10**9, 10**10 - 1)}",
        ]
    )


def ipv6() -> str:
    address = rng.choice(["2001:db8", "2a00:1450", "fe80", "fd12:3456"])
    return f"{address}::{rng.randint(1, 0xFFFF):x}:{rng.randint(1, 0xFFFF):x}"


def jwt() -> str:
    head = b64url(json.dumps({"alg": "RS256", "typ": "JWT", "kid": token(8)}).encode())
    claims = b64url(json.dumps({"sub": str(uuid.UUID(int=rng.getrandbits(128)))}).encode())
    return f"{head}.{claims}.{b64url(rng.randbytes(64))}"


def azure() -> str:
    return base64.b64encode(rng.randbytes(64)).decode()


def private_key() -> str:
    body = "\n".join(base64.b64encode(rng.randbytes(48)).decode() for _ in range(4))
    kind = rng.choice(["RSA ", "", "OPENSSH ", "EC "])
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----"


MAKERS = {
    "pan": card,
    "iban": iban,
    "us-ssn": fake_us.ssn,
    "email": fake.email,
    "phone": phone,
    "ipv4": fake.ipv4_public,
    "ipv6": ipv6,
    "jwt": jwt,
    "github-token": github,
    "aws-key": lambda: rng.choice(["AKIA", "ASIA"]) + token(16, string.ascii_uppercase + "234567"),
    "azure-key": azure,
    "slack-token": lambda: f"xoxb-{rng.randint(10**11, 10**12)}-{rng.randint(10**11, 10**12)}-{token(24)}",
    "connection-string": lambda: rng.choice(
        [fake.password(special_chars=False), token(12), "hunter2", "postgres1"]
    ),
    "secret": lambda: rng.choice(
        [token(32), fake.password(length=14, special_chars=False), rng.randbytes(20).hex()]
    ),
    "private-key": private_key,
}

NEGATIVES = {
    "order_id": lambda: f"ORD-{rng.randint(10**9, 10**10)}",
    "order_no": lambda: str(rng.randint(10**15, 10**16 - 1)),
    "invoice": lambda: f"2026{rng.randint(10**7, 10**8 - 1)}",
    "broken_card": lambda: broken(luhn("4" + token(14, string.digits))),
    "sha256": lambda: hashlib.sha256(rng.randbytes(8)).hexdigest(),
    "md5": lambda: hashlib.md5(rng.randbytes(8)).hexdigest(),  # noqa: S324
    "integrity": lambda: f"sha512-{base64.b64encode(rng.randbytes(64)).decode()}",
    "id": lambda: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
    "at": lambda: fake.date_time().isoformat() + "+00:00",
    "epoch_ms": lambda: str(rng.randint(1_500_000_000_000, 1_800_000_000_000)),
    "version": lambda: (
        f"version {rng.randint(0, 20)}.{rng.randint(0, 20)}.{rng.randint(0, 20)}.{rng.randint(0, 255)}"
    ),
    "release": lambda: f"v{rng.randint(0, 20)}.{rng.randint(0, 20)}.{rng.randint(0, 20)}",
    "amount": lambda: f"{rng.randint(0, 10**6)}.{rng.randint(0, 99):02}",
    "coordinates": lambda: f"{rng.uniform(-90, 90):.12f}, {rng.uniform(-180, 180):.12f}",
    "mac": lambda: fake.mac_address(),
    "name": fake.name,
    "city": fake.city,
    "address": lambda: fake.address().replace("\n", ", "),
    "phone": lambda: fake_us.numerify("###-###-####"),
    "zip": lambda: fake_us.zipcode_plus4(),
    "note": lambda: fake.sentence(),
    "path": lambda: fake.file_path(depth=3),
    "user_agent": fake.user_agent,
    "url": lambda: fake.uri(),
    "sku": lambda: token(12, string.ascii_uppercase + string.digits),
    "isbn": fake.isbn13,
    "ean": lambda: fake.ean13(),
    "part": lambda: f"{rng.randint(100, 999)}-{rng.randint(10, 99)}-{rng.randint(10, 99)}",
    "color": fake.hex_color,
    "config": lambda: rng.choice(
        ["password=${DB_PASSWORD}", "token: null", "secret = os.environ['X']", "auth: none"]
    ),
    "prose": lambda: rng.choice(
        ["the token was revoked", "secret santa on Friday", "your password has expired"]
    ),
    "handle": lambda: f"@{fake.user_name()}",
}


def write(label: str, secret: str, column: str, text: str) -> None:
    print(
        "\t".join(
            part.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
            for part in (label, secret, column, text)
        )
    )


for label, make in MAKERS.items():
    for row in range(ROWS_EACH):
        secret = make()
        column = COLUMNS.get(label, "value") if row % 4 == 0 else "value"
        write(label, secret, column, rng.choice(SENTENCES[label]).format(secret))
for column, make in NEGATIVES.items():
    for row in range(ROWS_EACH):
        text = make()
        write(
            "-",
            "",
            column if row % 2 else "value",
            rng.choice(["{}", "{}", "see {} for details"]).format(text),
        )
