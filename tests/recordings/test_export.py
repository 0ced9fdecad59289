"""Exports of a running gateway: commands, a sink that dies and comes back, and what health says."""

from __future__ import annotations

import json

import httpx
import psycopg
import pytest

from narrows.demo.stack import Stack
from tests.conftest import folder
from tests.control.listeners import https_server
from tests.recordings.waiting import eventually, is_indexed


@pytest.fixture(scope="module")
def pushed():
    """A gateway that pushes to a server of ours, and to one that is never there."""
    with folder("export") as place, https_server(place) as server:
        secret = place / "siem.url"
        secret.write_text(server.url("/services/collector"))
        secret.chmod(0o600)
        config = f"""
[[export]]
name = "siem"
kind = "http"
format = "jsonl"
url = "file:{secret}"
ca = "{server.ca}"

[[export]]
name = "dead"
kind = "syslog"
address = "127.0.0.1:1"
"""
        with Stack(place / "stack", extra_config=config) as stack:
            eventually(lambda: is_indexed(stack))
            yield stack, server


def work(stack, sql):
    with psycopg.connect(**stack.connection(stack.agent_token()), autocommit=True) as agent:
        agent.execute(sql)


def events(server):
    return [json.loads(line) for _, _, body in list(server.received) for line in body.splitlines()]


def health(stack):
    answer = httpx.get(f"https://{stack.addresses['console']}/v1/health", verify=stack.tls_context())
    return answer.json()["recordings"]["exports"]


def test_what_happens_is_pushed_and_a_dead_sink_shows(pushed):
    stack, server = pushed
    work(stack, "select name as firstpushed from customers")
    eventually(lambda: [event for event in events(server) if event["event"] == "close"])
    opened, operation, closed = events(server)
    assert [opened["event"], operation["event"], closed["event"]] == ["open", "operation", "close"]
    assert operation["text"] == "select name as firstpushed from customers"
    dead = eventually(lambda: (found := health(stack)["dead"])["failing"] and found)
    assert dead["lag_s"] > 0
    assert eventually(lambda: health(stack)["siem"]["lag_s"] == 0.0)
    assert '"export": "dead"' in stack.log.read_text()


def test_a_sink_that_comes_back_gets_what_it_missed(pushed):
    stack, server = pushed
    server.status = 503
    work(stack, "select name as whiledown from customers")
    eventually(lambda: health(stack)["siem"]["failing"])
    stack.stop_gateway()
    stack.start_gateway()
    server.received.clear()
    server.status = 200
    eventually(lambda: [event for event in events(server) if "whiledown" in event.get("text", "")])
    assert "firstpushed" not in json.dumps(events(server))


def test_operations_are_exported_as_lines(pushed):
    stack, _ = pushed
    told = stack.narrows("recordings", "export", "--text", "firstpushed")
    (event,) = [json.loads(line) for line in told.stdout.splitlines()]
    assert event["class_uid"] == 6005
    told = stack.narrows("recordings", "export", "--format", "jsonl", "--since", "1h")
    texts = [json.loads(line)["text"] for line in told.stdout.splitlines()]
    assert texts == [
        "select name as firstpushed from customers",
        "select name as whiledown from customers",
    ]
    assert stack.narrows("recordings", "export", "--text", '"').returncode == 2
