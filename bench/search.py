"""A search over a million recorded operations: `python -m bench.search [EVENTS]`.

The comparator is the same question put to the same rows by `LIKE` over their text, as one would without an
index. Rows are written as the index writes them, through its own triggers; how fast the index takes frames is
measured apart, on sessions made by hand.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.recordings.journals import Journal

from narrows.recordings import frames
from narrows.recordings.index import IndexWriter, Wanted, open_index, read_index, search
from narrows.recordings.index.schema import NUMBER_BITS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

EVENTS = 1_000_000
PER_SESSION = 200
ROUNDS = 15
INDEXED = 20_000
TABLES = ("customers", "orders", "payments", "refunds", "shipments", "products", "stock", "invoices")
RULES = ("read-orders", "read-customers", "refunds-need-a-person", "never-destroy")

SEARCHES = {
    "one rare word": Wanted(text="needle"),
    "two common words": Wanted(text="select customers"),
    "a phrase and a table": Wanted(text='"where id"', table="refunds"),
    "a beginning": Wanted(text="ada4*"),
    "a table, a week": Wanted(table="public.orders", since_us=1_700_000_600_000_000),
    "denied, by target": Wanted(effect="deny", target="stock-db"),
    "a principal's, newest": Wanted(principal="agent-7"),
    "common words, rare agent": Wanted(text="select customers", principal="agent-rare"),
    "common words, no agent": Wanted(text="select customers", principal="nobody"),
    "no filter": Wanted(),
}


def fill(connection: sqlite3.Connection, events: int) -> None:
    """Writes so many operations, a thousandth of a second apart."""
    chance = random.Random(1)
    start = 1_700_000_000_000_000
    lasts = PER_SESSION * 1_000
    connection.execute("BEGIN")
    for session in range(events // PER_SESSION):
        agent = "agent-rare" if session == 7 else f"agent-{session % 50}"
        connection.execute(
            "INSERT INTO sessions (id, principal, name, object, target, peer, masks, opened_us, closed_us,"
            " frames, document) VALUES (?, ?, '', ?, ?, '10.0.0.9:5000', '[\"cards\"]', ?, ?, 600, '{}')",
            (
                session + 1, f"entra/t1/{agent}", agent, ("orders-db", "stock-db")[session % 2],
                start + session * lasts, start + (session + 1) * lasts,
            ),
        )  # fmt: skip
    for event in range(events):
        number = (start + event * 1_000) << NUMBER_BITS
        table, rule = chance.choice(TABLES), chance.choice(RULES)
        effect = "deny" if rule == "never-destroy" else "allow"
        word = "needle" if event % 100_000 == 5 else "status"
        connection.execute(
            "INSERT INTO operations VALUES (?, ?, ?, ?, 'statement', ?, ?, '', '', 3, 1, 900, '', 0, 1,"
            " ?, ?, ?)",
            (
                number, event // PER_SESSION + 1, event % PER_SESSION, event % PER_SESSION * 3, effect, rule,
                f"select id, {word} from public.{table} where id = $1", json.dumps([str(event)]),
                f"id {word}\n{event} ada{event % 1000} ************1111",
            ),
        )  # fmt: skip
        names = (f"table:public.{table}", f"table:{table}", "verb:select", f"rule:{rule}", f"effect:{effect}")
        connection.executemany("INSERT INTO touches VALUES (?, ?)", [(name, number) for name in names])
    connection.execute("COMMIT")


def milliseconds(look: Callable[[], object]) -> float:
    """How long a look takes."""
    start = time.perf_counter()
    look()
    return (time.perf_counter() - start) * 1_000


def frames_per_second(directory: Path) -> float:
    """How fast the index takes operations out of frames."""
    journal = Journal()
    for session in range(1, INDEXED // PER_SESSION + 1):
        journal.open(session, session * 1_000_000)
        for number in range(PER_SESSION):
            journal.query(
                session, session * 1_000_000 + number, f"select {number} from customers", "Ada", "Bo"
            )
        journal.close(session, session * 1_000_000 + 900_000)
    with closing(IndexWriter(directory / "fed.db", frames.Journal(directory))) as writer:
        start = time.process_time()
        for at in range(0, len(journal.frames), 2_000):
            writer.take(journal.part(at, at + 2_000))
        return INDEXED / (time.process_time() - start)


def main() -> None:
    """Measures and prints."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with tempfile.TemporaryDirectory() as made:
        directory = Path(made)
        print(f"the index takes {frames_per_second(directory):,.0f} operations a second of processor time")
        path = directory / "recordings.db"
        with closing(open_index(path)) as connection:
            fill(connection, events)
        print(f"{events:,} operations, {path.stat().st_size / 1e6:,.0f} MB; {ROUNDS} rounds, milliseconds")
        with closing(read_index(path)) as connection:
            for name, wanted in SEARCHES.items():
                found = len(search(connection, wanted))
                taken = [milliseconds(partial(search, connection, wanted)) for _ in range(ROUNDS)]
                median, worst = statistics.median(taken), max(taken)
                print(f"{name:>24}  median {median:8.2f}  worst {worst:8.2f}  found {found}")
            like = "SELECT * FROM operations WHERE text LIKE '%needle%' ORDER BY number DESC LIMIT 100"
            taken = [milliseconds(lambda: connection.execute(like).fetchall()) for _ in range(3)]
            print(f"{'LIKE, for comparison':>24}  median {statistics.median(taken):8.2f}")


if __name__ == "__main__":
    main()
