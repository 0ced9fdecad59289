"""The gateway's own life: killed, stopped, reloaded, revoked, restarted, out of date."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING

import psycopg
import pytest

from narrows import _core
from narrows.demo.postgres import POSTGRES_17_TLS
from narrows.demo.stack import Stack
from tests.conftest import folder
from tests.raw_client import RawClient, query, shape
from tests.stacks import CORNER_POLICY, CORNER_SCHEMA, CornerStack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROWS = 400_000
DEADLINE_S = 10.0


@pytest.fixture
def stack() -> Iterator[CornerStack]:
    """A stack of this test's own: it does not survive what is done to it."""
    with (
        folder("life") as place,
        Stack(place, distribution=POSTGRES_17_TLS, policies=CORNER_POLICY, schema=CORNER_SCHEMA) as stack,
    ):
        yield CornerStack(stack)


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_killed_in_the_middle_of_a_bulk_read(stack: CornerStack) -> None:
    stack.run(f"insert into emp select g, 'bulk', 'secret-' || g from generate_series(1, {ROWS}) g")
    with stack.raw() as client:
        client.send(query("select id, ssn from emp"))
        for _ in range(2000):
            client.receive()
        stack.stack.stop_gateway(signal.SIGKILL)
    verified = stack.stack.narrows("recordings", "verify", "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    frames = _core.read_journal(str(stack.stack.state / "journal"))
    journal = b"".join(frame.payload for frame in frames)
    assert journal.count(b"[redacted]") >= 1900, "what the agent was sent is in the journal"
    assert b"secret-" not in journal
    stack.stack.start_gateway()
    with stack.raw() as client:
        assert shape(client.ask(query("select 1"))) == "T D C ZI"
    assert stack.stack.narrows("recordings", "verify").returncode == 0


def test_killed_and_started_it_proves_what_was_recorded_before(stack: CornerStack) -> None:
    with stack.raw() as client:
        assert shape(client.ask(query("select 1"))) == "T D C ZI"
        (live,) = json.loads(stack.stack.narrows("sessions", "list", "--json").stdout)
        stack.stack.stop_gateway(signal.SIGKILL)
    stack.stack.start_gateway()
    stack.stack.stop_gateway()
    noted = [frame.payload for frame in _core.read_journal(str(stack.stack.state / "journal"), 0)]
    assert b'{"event": "sessions-lost", "sessions": 1}' in noted
    bundle = str(stack.stack.directory / "evidence.bundle")
    made = stack.stack.narrows("recordings", "bundle", live["id"], "-o", bundle)
    assert made.returncode == 0, made.stderr
    key = stack.stack.narrows("recordings", "key").stdout.strip()
    verified = stack.stack.narrows("recordings", "verify", bundle, "--key", key)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert f"session {live['id']}: " in verified.stdout
    assert "open at the checkpoint" in verified.stdout


def test_a_stop_ends_sessions_politely_and_exits_with_zero(stack: CornerStack) -> None:
    with stack.raw() as client:
        assert stack.stack.gateway is not None
        stack.stack.gateway.send_signal(signal.SIGTERM)
        seen = client.until("E")
        assert seen[-1].fields["S"] == "FATAL"
        assert stack.stack.gateway.wait(DEADLINE_S) == 0


def test_a_wrong_policy_keeps_the_old_one_and_a_right_one_takes_effect_at_once(stack: CornerStack) -> None:
    assert stack.stack.gateway is not None
    file = stack.stack.directory / "policies" / "support.toml"
    with stack.raw() as client:
        assert shape(client.ask(query("select i from sink"))) == "T C ZI"
        file.write_text(CORNER_POLICY + "\n[[rule]]\nid = 'broken'\nefect = 'allow'\n")
        stack.stack.gateway.send_signal(signal.SIGHUP)
        assert eventually(lambda: "efect" in stack.stack.log.read_text())
        assert shape(client.ask(query("select i from sink"))) == "T C ZI"
        denying = (
            '[[rule]]\nid = "closed"\ntargets = ["*"]\neffect = "deny"\npostgres = { verbs = ["select"] }\n'
        )
        file.write_text(CORNER_POLICY + denying)
        stack.stack.gateway.send_signal(signal.SIGHUP)
        assert eventually(lambda: "E[42501]" in shape(client.ask(query("select i from sink"))))


def test_pending_approvals_do_not_survive_a_restart(stack: CornerStack) -> None:
    with stack.raw() as client:
        client.send(query("update held set note = 'x' where id = 1"))
        request = stack.pending_approval()
        stack.stack.stop_gateway(signal.SIGKILL)
    stack.stack.start_gateway()
    assert stack.state_of(request) == "withdrawn"
    assert stack.run("select note from held where id = 1") == "first"


def test_a_hang_up_withdraws_and_nothing_runs(stack: CornerStack) -> None:
    with stack.raw() as client:
        client.send(query("update held set note = 'x' where id = 1"))
        request = stack.pending_approval()
    assert stack.state_of(request) == "withdrawn"
    assert stack.run("select note from held where id = 1") == "first"


def test_revocation_closes_a_session_at_once(stack: CornerStack) -> None:
    with stack.raw() as client:
        listed = json.loads(stack.stack.narrows("sessions", "list", "--json").stdout)
        principal = listed[0]["principal"]
        operator = stack.stack.tenant.token_of_person(stack.stack.tenant.operator)
        revoked = stack.stack.narrows("revoke", principal, token=operator)
        assert revoked.returncode == 0, revoked.stderr
        started = time.monotonic()
        seen = client.until("E")
        assert seen[-1].fields["S"] == "FATAL"
        assert time.monotonic() - started < 1.0
    with pytest.raises(psycopg.OperationalError, match="revoked"):
        psycopg.connect(**stack.proxied())


def test_a_session_ends_when_its_token_does(stack: CornerStack) -> None:
    token = stack.stack.tenant.short_token(lifetime_s=3)
    with RawClient(stack.gateway) as client:
        seen = client.log_in(stack.tls_context(), user="agent", database="orders-db", password=token)
        assert seen[-1].type == "Z"
        seen = client.until("E")
        assert seen[-1].fields["C"] == "28000"
        assert "expired" in seen[-1].fields["M"]


def test_standard_output_has_the_listeners_and_nothing_else(stack: CornerStack) -> None:
    assert set(stack.stack.addresses) == {"postgres", "console"}
    assert stack.stack.database_password not in stack.stack.log.read_text()
    assert stack.token() not in stack.stack.log.read_text()
