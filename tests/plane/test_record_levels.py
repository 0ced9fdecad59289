"""What a recording keeps no copy of: whoever has what a client received can confirm what it says."""

from __future__ import annotations

import hashlib
import io
import json
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from narrows import _core
from narrows.recordings.proof import verify
from narrows.recordings.replay import Player, at_speed
from narrows.recordings.transcript import Moment, transcript
from tests.plane.conftest import Gateway, in_thread
from tests.raw_client import SYNC, TERMINATE, RawClient, bind, describe, execute, message, parse, query

if TYPE_CHECKING:
    from tests.raw_client import Message

NOT_KEPT = {"full": "", "none-of-the-rows": "Dd", "statements": "DdTNAS"}
"""By `record`: the types of messages that are left out (docs/evidence.md)."""
ENDS = "CIsEZ"

SENT = [
    query("SELECT id, 'canary-' || id AS kept FROM orders WHERE id < 500"),
    parse("SELECT 'canary-' || $1::text", "s") + describe("S", "s") + SYNC,
    bind("", "s", (b"7",)) + describe("P", "") + execute() + SYNC,
    query("SELECT 'canary'; SELECT repeat('canary', 50000)"),
    query("COPY (SELECT 'canary' FROM generate_series(1, 1000)) TO STDOUT"),
    query("DO $$ BEGIN RAISE NOTICE 'canary'; END $$"),
    query("SELECT 'canary' FROM generate_series(-1, 1) AS n WHERE 1 / n < 2"),
    query("DECLARE c CURSOR WITH HOLD FOR SELECT 'canary' FROM generate_series(1, 9)"),
]


def conversation(gateway: Gateway) -> list[Message]:
    """What a client received after its login, message by message."""
    received = []
    with RawClient(gateway.address) as client:
        context = ssl.create_default_context(cafile=str(gateway.ca))
        client.log_in(context, user="agent", database="orders-db", password="token")
        for each in SENT:
            received += client.ask(each)
        client.send(TERMINATE)
        received += client.until("")
    return received


def confirmed(received: list[Message], level: str) -> list[dict[str, Any]]:
    """What an auditor makes of the bytes that a client received: an account of each answer that lost some."""
    accounts: list[dict[str, Any]] = []
    rows, left_out = 0, b""
    for each in received:
        if each.type in NOT_KEPT[level]:
            rows += each.type in "Dd"
            left_out += message(each.type, each.body)
        if each.type in ENDS:
            if left_out:
                digest = hashlib.sha256(left_out).hexdigest()
                accounts.append({"rows": rows, "bytes": len(left_out), "sha256": digest})
            rows, left_out = 0, b""
    return accounts


@pytest.mark.parametrize("level", NOT_KEPT)
async def test_a_client_can_confirm_what_was_not_kept(gateway: Gateway, level: str) -> None:
    gateway.control.describe = lambda text: {"record": level}
    received = await in_thread(lambda: conversation(gateway))
    closed = await gateway.control.until(_core.SessionClosed)
    frames = _core.read_journal(gateway.journal, closed.session)
    moments = list(transcript(frames))

    accounts = [moment.detail for moment in moments if moment.event == "left-out"]
    assert all((account["record"], account["rule"]) == (level, "all") for account in accounts)
    found = [{name: account[name] for name in ("rows", "bytes", "sha256")} for account in accounts]
    assert found == confirmed(received, level)

    kept = b"".join(frame.payload for frame in frames if frame.kind == "reply")
    expected = [each for each in received if each.type not in NOT_KEPT[level]]
    assert kept == b"".join(message(each.type, each.body) for each in expected)
    assert (b"canary-1" in kept) == (level == "full")

    whole = b"".join(message(each.type, each.body) for each in received)
    end = json.loads(frames[-1].payload)["to_agent"]
    assert end == {"bytes": len(whole), "sha256": hashlib.sha256(whole).hexdigest()}
    assert end["bytes"] == len(kept) + sum(account["bytes"] for account in accounts)
    assert verify(Path(gateway.journal)).problems == ()


async def test_the_recording_is_read_as_far_as_it_goes(gateway: Gateway) -> None:
    gateway.control.describe = lambda text: {"record": "statements"}
    await in_thread(lambda: conversation(gateway))
    closed = await gateway.control.until(_core.SessionClosed)
    moments = list(transcript(_core.read_journal(gateway.journal, closed.session)))
    assert not {"row", "columns", "notice", "copy"} & {moment.event for moment in moments}
    statements = {
        moment.operation: moment.detail["text"] for moment in moments if moment.event == "statement"
    }
    ended = {statements[moment.operation]: moment.detail for moment in moments if moment.event == "result"}
    assert ended["SELECT 'canary-' || $1::text"] == {"tag": "SELECT 1", "rows": 1}
    assert ended["COPY (SELECT 'canary' FROM generate_series(1, 1000)) TO STDOUT"]["rows"] == 1_000
    shown = played(moments)
    assert "  1,000 rows, 12 KiB not kept by rule all, sha256 " in shown
    assert "canary-1" not in shown


async def test_rows_of_a_cursor_are_kept_as_its_declaration_says(gateway: Gateway) -> None:
    cursor = [("portals", "c")]
    described: dict[str, dict[str, Any]] = {
        "DECLARE": {"record": "none-of-the-rows", "effects": ["names"], "gives": cursor},
        "FETCH": {"exposure": "inherit", "reads": cursor},
    }
    gateway.control.describe = lambda text: described.get(text.split()[0], {})
    declare = "DECLARE c CURSOR WITH HOLD FOR SELECT 'canary'"
    status, out, errors = await gateway.psql("-c", declare, "-c", "FETCH c", "-c", "SELECT 'clear'")
    assert (status, out.split(), errors) == (0, ["canary", "clear"], "")
    closed = await gateway.control.until(_core.SessionClosed)
    moments = list(transcript(_core.read_journal(gateway.journal, closed.session)))
    assert [moment.detail["values"] for moment in moments if moment.event == "row"] == [["clear"]]
    (account,) = [moment.detail for moment in moments if moment.event == "left-out"]
    assert (account["rows"], account["record"]) == (1, "none-of-the-rows")


def played(moments: list[Moment]) -> str:
    """A recording as the terminal shows it."""
    out = io.StringIO()
    Player(out, moments[0].time_us, at_speed(0)).play(moments)
    return out.getvalue()
