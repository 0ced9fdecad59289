"""Two databases that are the same but for what is masked, so that one can ask whether anything of it shows.

Every masked value holds a word that occurs nowhere else, or is a number or date that does not. Whatever an
agent is sent is searched for them; and whatever it is sent must be the same in both worlds.
"""

from __future__ import annotations

import base64
import json
import struct
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CUSTOMERS = 5
POSTGRES_EPOCH = date(2000, 1, 1)
BASE64_ALIGNMENTS = 3


@dataclass(frozen=True, slots=True)
class World:
    """What the masked columns of one database hold."""

    word: str
    """Part of every masked text."""
    number: int
    """Base of the masked numbers; they end in other digits for every row."""
    year: int
    """Of the masked dates."""
    order: tuple[int, ...]
    """The order of masked values, so that sorting by them shows."""

    def rank(self, row: int) -> int:
        return self.order[(row - 1) % len(self.order)]

    def text(self, row: int, column: str) -> str:
        """A masked text of a row; its last four characters are the same in every world."""
        return f"{self.rank(row)}{self.word}{row}{column}-{row:04}"

    def salary(self, row: int) -> int:
        return self.number + 10 * self.rank(row) + row % 10

    def rating(self, row: int) -> Decimal:
        return Decimal(self.salary(row)) / 1000

    def born(self, row: int) -> date:
        return date(self.year, 1 + self.rank(row), 9 + row)

    def canaries(self) -> dict[str, bytes]:
        """What must not be in any byte that an agent is sent, by what it is."""
        word = self.word.encode()
        found = {
            "text": word,
            "reversed": word[::-1],
            "hex": word.hex().encode(),
            "upper case": word.upper(),
            "lower case": word.lower(),
            "upper case hex": word.hex().upper().encode(),
            "UTF-16": self.word.encode("utf-16-le"),
            "escaped": "".join(f"\\{byte:03o}" for byte in word).encode(),
            "spaced": b" ".join(bytes([byte]) for byte in word),
            "listed": b",".join(bytes([byte]) for byte in word),
        }
        for skipped in range(BASE64_ALIGNMENTS):
            whole = base64.b64encode(bytes(skipped) + word)
            found[f"base64 {skipped}"] = whole[4 if skipped else 0 : -4]
        for row in range(1, CUSTOMERS + 1):
            salary, rating, born = self.salary(row), self.rating(row), self.born(row)
            found[f"number {row}"] = str(salary).encode()
            found[f"binary number {row}"] = struct.pack("!i", salary)
            found[f"float {row}"] = struct.pack("!d", salary)
            found[f"numeric {row}"] = struct.pack("!hh", *divmod(salary, 10_000))
            found[f"rating {row}"] = str(rating).encode()
            found[f"date {row}"] = born.isoformat().encode()
            found[f"binary date {row}"] = struct.pack("!i", (born - POSTGRES_EPOCH).days)
        return found


HERE = World("Zanthe", 7_316_400, 1931, (3, 1, 2, 5, 4))
ELSEWHERE = World("Quorbi", 8_425_700, 1947, (1, 2, 3, 4, 5))
CANARIES = {
    f"{kind} of {world.word}": form for world in (HERE, ELSEWHERE) for kind, form in world.canaries().items()
}


def found_in(data: bytes) -> list[str]:
    """The names of the canaries in some bytes."""
    return [name for name, form in CANARIES.items() if form in data]


def rows(world: World) -> str:
    """SQL that fills the schema; everything but the masked columns is the same in every world."""
    customers = ",\n".join(_customer(world, row) for row in range(1, CUSTOMERS + 1))
    columns = (
        "(id, name, city, joined, note, email, ssn, ssn_checked, card, salary, rating, weight, born, seen, "
        "token, profile, aliases, home, badge, ip, stay)"
    )
    vip = _customer(world, 6).removesuffix(")") + ", 'lounge')"
    return f"""
INSERT INTO customers {columns} VALUES {customers};
INSERT INTO vip {columns.removesuffix(")")}, perk) VALUES {vip};
INSERT INTO orders SELECT n, 1 + n % 5, (ARRAY['open', 'paid', 'shipped'])[1 + n % 3]::order_status,
    date '2026-01-01' + n, n * 10.5, CASE WHEN n % 4 = 0 THEN 'gift' END FROM generate_series(1, 20) AS n;
INSERT INTO items SELECT n, line, (ARRAY['tea', 'cup', 'pot', 'tin'])[1 + (n + line) % 4], line, 2.5 * line
    FROM generate_series(1, 20) AS n, generate_series(1, 2) AS line;
INSERT INTO payments SELECT n, n, '{world.text(1, "iban")}' || n, n * 10.5 FROM generate_series(1, 10) AS n;
INSERT INTO events SELECT n, timestamptz '2026-02-01 12:00+00' + n * interval '1 hour', 'click',
    '{world.text(2, "caller")}' || n FROM generate_series(95, 105) AS n;
INSERT INTO notes SELECT n, 'note ' || n, n FROM generate_series(1, 3) AS n;
INSERT INTO products VALUES (1, 'tea'), (2, 'cup');
INSERT INTO s9.products VALUES (1, '{world.text(1, "label")}');
SELECT lo_from_bytea(777001, '{world.word} in a large object');
REFRESH MATERIALIZED VIEW m_cards;
REFRESH MATERIALIZED VIEW m_totals;
ANALYZE;
"""


def _customer(world: World, row: int) -> str:
    salary = world.salary(row)
    name, city = ("Ada", "Bo", "Cy", "Di", "Ed", "Flo")[row - 1], ("Oslo", "Rome")[row % 2]
    card = f"{world.word}-{row}-{world.rank(row)}-{row:04}"
    ssn = world.text(row, "ssn")
    profile = json.dumps({"pin": world.text(row, "pin"), "level": salary, "tags": [world.word]})
    aliases = f'{{"{world.text(row, "alias")}", "{world.word}"}}'
    home = f"ROW('{world.text(row, 'street')}', {salary})"
    born, ip = world.born(row), f"10.{world.number % 200}.{world.rank(row)}.{row}"
    return (
        f"({row}, '{name}', '{city}', '2025-03-0{row}', 'note of {name}', '{name.lower()}@example.com', "
        f"'{ssn}', '{ssn}', '{card}', {salary}, {world.rating(row)}, {salary}, '{born}', '{born} 10:00+00', "
        f"md5('{world.word}{row}')::uuid, '{profile}', '{aliases}', {home}, convert_to('{ssn}', 'UTF8'), "
        f"'{ip}', daterange('{born}', '{born}', '[]'))"
    )
