"""`/v1/recordings` of a running gateway: who may read, what they get, and that it is noted."""

from __future__ import annotations

import json

import httpx
import msgspec
import psycopg
import pytest

from narrows.console.schemas import ANSWERS
from narrows.store import open_store, readings
from tests.recordings.waiting import eventually


@pytest.fixture(scope="module")
def operator(stack):
    token = stack.tenant.token_of_person(stack.tenant.operator)
    with client(stack, token) as console:
        yield console


def client(stack, token):
    return httpx.Client(
        base_url=f"https://{stack.addresses['console']}/v1",
        verify=stack.tls_context(),
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )


@pytest.fixture(scope="module")
def session(stack, operator):
    """The name of a session in which an agent has read three customers, one statement at a time."""
    with psycopg.connect(**stack.connection(stack.agent_token()), autocommit=True) as agent:
        for number in (1, 2, 3):
            agent.execute("select name as apiname from customers where id = %s", (number,))
    found = eventually(lambda: hits(operator, text="apiname", rule="read-orders"))
    eventually(lambda: operator.get(f"/recordings/{found[0]['session']}").json()["closed_us"])
    return found[0]["session"]


def hits(console, **wanted):
    answer = console.get("/recordings/search", params=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()["operations"]


def test_a_recording_is_read_in_parts(operator, session):
    whole = operator.get(f"/recordings/{session}").json()
    assert (whole["moments"][0]["event"], whole["moments"][-1]["event"]) == ("open", "close")
    assert whole["following"] is None
    (third, *_) = hits(operator, session=session)
    part = operator.get(f"/recordings/{session}", params={"from": third["moment"]}).json()
    assert part["moments"] == whole["moments"][third["moment"] :]
    assert part["moments"][0]["detail"]["parameters"] == ["3"]
    assert session in [one["id"] for one in operator.get("/recordings").json()["recordings"]]


def test_every_answer_is_what_the_description_says(operator, session):
    described = {path: kind for path, kind in ANSWERS.items() if path.startswith("/v1/recordings")}
    for path, kind in described.items():
        answer = operator.get(path.removeprefix("/v1").replace("{id}", session))
        msgspec.json.decode(answer.content, type=kind)
    assert len(described) == 3


def test_a_running_session_is_followed_to_its_end(stack, operator):
    with psycopg.connect(**stack.connection(stack.agent_token()), autocommit=True) as agent:
        agent.execute("select name as followed from customers where id = 1")
        (hit,) = eventually(lambda: hits(operator, text="followed"))
        with operator.stream("GET", f"/recordings/{hit['session']}/events") as stream:
            lines = (json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: "))
            seen = [next(lines)["event"]]
            agent.execute("select name as later from customers where id = 2")
            while seen[-1] != "result" or seen.count("result") < 2:
                seen.append(next(lines)["event"])
            agent.close()
            seen += [moment["event"] for moment in lines]
    assert seen[0] == "open"
    assert seen[-1] == "close"


@pytest.mark.parametrize("path", ["", "/search", "/{session}", "/{session}/events"])
def test_who_may_not_read_is_told_so(stack, session, path):
    with client(stack, stack.agent_token()) as agent:
        assert agent.get(f"/recordings{path.format(session=session)}").status_code == 403
    with client(stack, "no token") as nobody:
        assert nobody.get(f"/recordings{path.format(session=session)}").status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/search?text=%22", 400),
        ("/search?limit=x", 400),
        ("/search?limit=100000", 400),
        ("/search?effect=maybe", 400),
        ("/search?session=!!", 400),
        ("/!!", 404),
        ("/0000000000007", 404),
        ("/0000000000007/events", 404),
    ],
)
def test_bad_input_is_told_apart(operator, path, status):
    answer = operator.get(f"/recordings{path}")
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message", "hint"}


def test_reading_is_on_record(stack, operator, session):
    operator.get(f"/recordings/{session}")
    store = open_store(stack.state / "narrows.db", create=False)
    try:
        noted = store.run_here(readings.newest)
    finally:
        store.close()
    looks = {(one.how, one.what) for one in noted if one.reader.startswith("entra/")}
    assert ("replay", session) in looks
    assert ("search", "text=apiname rule=read-orders") in looks


def test_health_says_how_far_the_index_is(operator):
    lag = eventually(lambda: [operator.get("/health").json()["recordings"]["index_lag_s"]])
    assert lag[0] is not None
    assert lag[0] < 60
