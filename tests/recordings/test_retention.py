"""What is due goes, for good and on record; what is held, unsent or fits no rule stays."""

from __future__ import annotations

import json
import os
import time
from contextlib import closing

import psycopg
import pytest

from narrows.config import RetentionSection, locate
from narrows.demo.stack import Stack
from narrows.gateway.retention import Retention
from narrows.recordings import session_id, session_name
from narrows.recordings.index import read_index
from narrows.recordings.index.sessions import RecordedSession, ended_before, newest_recorded
from narrows.recordings.retention import DAY_US, due
from narrows.store import decisions, open_store
from narrows.store.holds import Hold
from tests.conftest import folder
from tests.recordings.indexes import add_session
from tests.recordings.test_search import searched
from tests.recordings.waiting import eventually, is_indexed

NOW_US = 1_000 * DAY_US
RULES = [
    RetentionSection(name="audit", keep_days=900, labels={"env": "prod"}),
    RetentionSection(name="orders", keep_days=30, targets=["orders-db"]),
]
LABELS = {"orders-db": {}, "ledger": {"env": "prod"}, "stock": {"env": "test"}}


def ended(days_ago, target="orders-db", number=7):
    closed = None if days_ago is None else NOW_US - int(days_ago * DAY_US)
    return RecordedSession(number, "entra/t1/a", "", target, "", (), 0, closed, "", {})


def hold(subject, value, *, lifted_ms=None):
    return Hold(
        id="h", subject=subject, value=value, reason="r", placed_by="p", placed_ms=1, lifted_ms=lifted_ms
    )


@pytest.mark.parametrize(
    ("session", "rule"),
    [
        (ended(31), "orders"),
        (ended(30), None),
        (ended(None), None),
        (ended(31, "ledger"), None),
        (ended(901, "ledger"), "audit"),
        (ended(999, "stock"), None),
        (ended(999, "gone-from-the-configuration"), None),
    ],
)
def test_the_first_rule_that_fits_decides(session, rule):
    assert [one.rule for one in due([session], RULES, [], LABELS, now_us=NOW_US)] == ([rule] if rule else [])


@pytest.mark.parametrize(
    "held", [hold("session", session_name(7)), hold("principal", "entra/t1/a"), hold("target", "orders-db")]
)
def test_what_is_held_stays_until_it_is_lifted(held):
    assert due([ended(999)], RULES, [held], LABELS, now_us=NOW_US) == []
    lifted = hold(held.subject, held.value, lifted_ms=5)
    other = hold(held.subject, "another")
    assert len(due([ended(999)], RULES, [lifted, other], LABELS, now_us=NOW_US)) == 1


def test_what_an_export_has_not_been_sent_stays(tmp_path):
    index = tmp_path / "recordings.db"
    add_session(index, 7, 3)
    add_session(index, 8, 3)
    with closing(read_index(index)) as connection:
        assert [one.id for one in ended_before(connection, NOW_US, sent=None)] == [7, 8]
        assert [one.id for one in ended_before(connection, NOW_US, sent=(8, 0, 0))] == [7]
        assert ended_before(connection, NOW_US, sent=(0, 0, -1)) == []


CONFIG = """
[journal]
encryption-keys = ["{key}"]

[[retention]]
name = "everything"
keep-days = 30
"""


@pytest.fixture(scope="module")
def encrypted():
    with folder("retention") as place:
        key = place / "recordings.key"
        key.write_bytes(os.urandom(32))
        key.chmod(0o600)
        with Stack(place / "stack", extra_config=CONFIG.format(key=key)) as stack:
            eventually(lambda: is_indexed(stack))
            yield stack


def work(stack, word):
    with psycopg.connect(**stack.connection(stack.agent_token()), autocommit=True) as agent:
        agent.execute(f"select name as {word} from customers")
    (hit,) = eventually(lambda: searched(stack, "--text", word))
    eventually(lambda: hit["session"] in closed(stack))
    return hit["session"]


def closed(stack):
    with closing(read_index(stack.state / "recordings.db")) as connection:
        return [session_name(one.id) for one in newest_recorded(connection) if one.closed_us]


async def test_a_recording_goes_for_good_and_on_record(encrypted):
    goes, stays = work(encrypted, "goesaway"), work(encrypted, "stayshere")
    assert "goesaway" in encrypted.narrows("replay", goes, "--speed", "0").stdout
    held = encrypted.narrows("recordings", "hold", "--session", stays, "--reason", "case 12")
    where = locate(encrypted.config)
    store = open_store(where.store)
    notes: list[str] = []
    try:
        retention = Retention(where, store, notes.append)
        assert await retention.step(time.time_ns() // 1_000) == 0
        later = time.time_ns() // 1_000 + 31 * DAY_US
        assert await retention.step(later) == 1
        assert await retention.step(later) == 0
        texts = {one.text for one in store.run_here(decisions.of_session, session_id(goes))}
        assert texts == {""}
    finally:
        store.close()
    told = [(note["event"], note["session"], note["rule"]) for note in map(json.loads, notes)]
    assert told == [("deleting", goes, "everything"), ("deleted", goes, "everything")]
    assert searched(encrypted, "--text", "goesaway") == []
    assert "was erased" in encrypted.narrows("replay", goes).stderr
    assert "stayshere" in encrypted.narrows("replay", stays, "--speed", "0").stdout
    assert b"goesaway" not in (encrypted.state / "recordings.db").read_bytes()
    assert encrypted.narrows("recordings", "verify").returncode == 0
    assert encrypted.narrows("recordings", "lift", held.stdout.strip()).returncode == 0
    assert encrypted.narrows("recordings", "lift", held.stdout.strip()).returncode == 1


def test_made_anew_the_index_has_nothing_of_what_is_gone(encrypted):
    gone = work(encrypted, "erasedone")
    assert encrypted.narrows("recordings", "erase", gone, "--yes").returncode == 0
    assert searched(encrypted, "--text", "erasedone") == []
    encrypted.stop_gateway()
    try:
        told = encrypted.narrows("recordings", "index", "--rebuild")
        assert told.returncode == 0, told.stderr
        assert searched(encrypted, "--text", "erasedone") == []
        assert len(searched(encrypted, "--text", "stayshere")) == 1
    finally:
        encrypted.start_gateway()
