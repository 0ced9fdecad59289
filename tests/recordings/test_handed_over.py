"""What a stranger reads out of a bundle of a running gateway is what its agents did and were shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest

from narrows.demo.stack import Stack
from narrows.errors import RecordingError
from narrows.recordings import proof, session_id
from tests.conftest import folder
from tests.recordings.test_search import CARD, searched
from tests.recordings.waiting import eventually, is_indexed

if TYPE_CHECKING:
    from pathlib import Path

SEALED_SOON = "\n[journal]\nsegment-age-max-s = 1\n"
"""The last section of the configuration, so that what is appended is of it."""


class HandedOver(NamedTuple):
    """An auditor's directory, with bundle, log's key and content keys, and the sessions in the bundle."""

    place: Path
    plain: str
    encrypted: str


@pytest.fixture(scope="module")
def handed_over():
    """One session of before its gateway's recordings were encrypted, and one of after."""
    with folder("gateway") as place, folder("auditor") as auditor:
        with Stack(place / "stack", extra_config=SEALED_SOON) as stack:
            eventually(lambda: is_indexed(stack))
            plain = worked(stack, "inclear")
            encrypt(stack)
            encrypted = worked(stack, "inkeeping")
            hand_over(stack, auditor, plain, encrypted)
        yield HandedOver(auditor, plain, encrypted)


def worked(stack, word):
    """The session of an agent that read, was denied, and is gone."""
    with psycopg.connect(**stack.connection(stack.agent_token()), autocommit=True) as agent:
        agent.execute(f"select name as {word}, card_number from customers")
        agent.execute("select id, status from orders where id = %s", (2,), prepare=True)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            agent.execute("delete from orders")
    (read,) = eventually(lambda: searched(stack, "--text", word))
    return read["session"]


def encrypt(stack):
    key = stack.directory / "recordings.key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o600)
    stack.stop_gateway()
    with stack.config.open("a") as file:
        file.write(f'encryption-keys = ["{key}"]\n')
    stack.start_gateway()


def is_whole(stack, key, probe, sessions):
    """Whether a bundle made now has all of these sessions."""
    probe.unlink(missing_ok=True)
    try:
        proof.bundle(stack.state / "journal", [session_id(one) for one in sessions], probe)
    except RecordingError:
        return False
    return all(shown.closed for shown in proof.verify_bundle(probe, key=key).shown)


def hand_over(stack, auditor, plain, encrypted):
    key = stack.narrows("recordings", "key").stdout
    (auditor / "log.key").write_text(key)
    eventually(lambda: is_whole(stack, key.strip(), auditor / "probe.bundle", (plain, encrypted)))
    for command in (
        (plain, encrypted, "-o", str(auditor / "evidence.bundle")),
        (encrypted, "-o", str(auditor / "alone.bundle"), "--content-keys", str(auditor / "content.keys")),
    ):
        made = stack.narrows("recordings", "bundle", *command)
        assert made.returncode == 0, made.stderr


def show(place, *options):
    """What `narrows recordings show` says far from any gateway's configuration."""
    command = ["recordings", "show", "evidence.bundle", "--key", "log.key", *options]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("NARROWS_")}
    ran = subprocess.run(
        [sys.executable, "-m", "narrows", *command],
        cwd=place, env=surroundings, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr


def test_statements_are_shown_with_decisions_and_masked_rows(handed_over):
    code, shown = show(handed_over.place, "--content-keys", "content.keys")
    assert code == 0, shown
    verified, _, happened = shown.partition("0 problems\n")
    for session, word in ((handed_over.plain, "inclear"), (handed_over.encrypted, "inkeeping")):
        assert f"session {session}: " in verified
        _, _, told = happened.partition(f"session {session} at ")
        told = told.partition("session closed: the agent hung up")[0]
        places = [
            told.find(words)
            for words in (
                "target orders-db", f"> select name as {word}, card_number from customers",
                "= allow by rule read-orders", "3 values masked", "Ada Moreau | ************1111", "SELECT 3",
                "> select id, status from orders where id = $1", "with $1='2'",
                "> delete from orders", "= deny by rule never-destroy", "ERROR 42501",
            )
        ]  # fmt: skip
        assert -1 not in places
        assert places == sorted(places)
    assert CARD not in shown


def test_as_json_every_moment_is_told_and_proven(handed_over):
    code, shown = show(handed_over.place, "--json", "--session", handed_over.plain)
    assert code == 0, shown
    verification, *moments = map(json.loads, shown.splitlines())
    assert [one["closed"] for one in verification["verification"]["shown"]] == [True, True]
    assert {(one["session"], one["verified"]) for one in moments} == {(handed_over.plain, True)}
    assert [one["detail"]["effect"] for one in moments if one["event"] == "decision"][-1] == "deny"
    assert [one["detail"]["values"][1] for one in moments if one["event"] == "row"] == [
        *("************1111", "************5559", "***********0009"),
    ]
    assert (moments[0]["event"], moments[-1]["event"]) == ("open", "close")


def test_without_its_key_an_encrypted_session_is_proven_and_not_read(handed_over):
    code, shown = show(handed_over.place)
    assert code == 1
    assert "0 problems" in shown
    assert "inclear" in shown
    assert f"session {handed_over.encrypted} is encrypted" in shown
    assert "inkeeping" not in shown


def test_of_a_bundle_with_one_byte_changed_nothing_is_shown(handed_over):
    bundle = handed_over.place / "evidence.bundle"
    whole = bundle.read_bytes()
    changed = bytearray(whole)
    changed[len(changed) // 2] ^= 1
    bundle.write_bytes(changed)
    try:
        code, shown = show(handed_over.place, "--content-keys", "content.keys")
    finally:
        bundle.write_bytes(whole)
    assert code == 1
    assert "nothing of it is shown" in shown
    assert "inclear" not in shown
