"""A recording plays what the agent received, from anywhere in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import psycopg
import pytest

from narrows.recordings import session_id
from narrows.recordings.frames import Journal, frames_of
from narrows.recordings.reading import Recording
from tests.raw_client import message, query
from tests.recordings.test_search import searched
from tests.recordings.waiting import eventually
from tests.stacks import SharedStack


@pytest.fixture(scope="module")
def session(stack):
    """A session long enough for places in its middle, and over."""
    with psycopg.connect(**stack.connection(stack.agent_token()), autocommit=True) as agent:
        for number in range(400):
            agent.execute(
                "select name as longone, %s::int from customers", (number,), prepare=number % 2 == 0
            )
    (last,) = eventually(lambda: searched(stack, "--text", "longone 399"))
    return last["session"]


def recording(stack, session):
    return Recording(Journal(stack.state / "journal"), stack.state / "recordings.db", session_id(session))


def replayed(stack, *arguments, typed=""):
    command = [sys.executable, "-m", "narrows", "replay", *arguments, "--config", str(stack.config)]
    return subprocess.run(
        command, input=typed, text=True, capture_output=True, timeout=60, check=True, env=dict(os.environ)
    ).stdout


def test_from_any_moment_it_is_the_same_recording(stack, session):
    here = recording(stack, session)
    whole = list(here.moments())
    assert [one.number for one in whole] == list(range(len(whole)))
    assert here.place(len(whole) - 1).sequence > 500  # it is not read from its start
    for start in range(0, len(whole), 97):
        assert list(here.moments(start)) == whole[start:]
    middle = whole[len(whole) // 2].moment.time_us
    assert list(here.moments_since(middle)) == [one for one in whole if one.moment.time_us >= middle]


def test_without_an_index_it_is_the_same_recording(stack, session, tmp_path):
    here = recording(stack, session)
    bare = Recording(here.journal, tmp_path / "none.db", here.session)
    assert list(bare.moments(5)) == list(here.moments(5))


def test_what_is_replayed_is_what_the_agent_received(stack):
    """The bytes of the replies recorded are the bytes that came out of the agent's TLS, one for one."""
    many = ", ".join(f"customers as c{number}" for number in range(8))
    received = b""
    with SharedStack(stack).raw() as agent:
        for sql in (
            "select name, card_number as rawbytes from customers",
            "delete from orders",
            f"select c0.name, c1.card_number from {many}",
            "select 1/0",
        ):
            told = agent.ask(query(sql))
            received += b"".join(message(each.type, each.body) for each in told)
    (hit,) = eventually(lambda: searched(stack, "--text", "rawbytes"))
    eventually(lambda: searched(stack, "--session", hit["session"], "--text", "division"))
    here = recording(stack, hit["session"])
    sent = b"".join(frame.payload for frame in frames_of(here.journal, here.session) if frame.kind == "reply")
    assert sent.endswith(received)
    assert received.count(b"************1111") == 1 + 3**7


def test_it_starts_where_it_is_told_to(stack, session):
    (hit,) = searched(stack, "--text", "longone 200", "--session", session)
    told = replayed(stack, session, "--json", "--from", f"{hit['at_s']:.6f}").splitlines()
    first = json.loads(told[0])
    assert (first["event"], first["detail"]["parameters"]) == ("statement", ["200"])
    assert json.loads(told[-1])["event"] == "close"


def test_step_by_step_and_jumping(stack, session):
    (hit,) = searched(stack, "--text", "longone 300", "--session", session)
    told = replayed(stack, session, "--step", typed=f"\n\n{hit['at_s']:.6f}\nnonsense\nq\n")
    assert told.count("> select") == 3
    assert "$1='1'" in told
    assert "$1='300'" in told
    assert "$1='301'" not in told


def test_a_running_session_is_followed(stack):
    with psycopg.connect(**stack.connection(stack.agent_token()), autocommit=True) as agent:
        agent.execute("select name as terminal from customers")
        (hit,) = eventually(lambda: searched(stack, "--text", "terminal"))
        command = [sys.executable, "-m", "narrows", "replay", hit["session"], "--follow"]
        with subprocess.Popen(
            [*command, "--config", str(stack.config)], stdout=subprocess.PIPE, text=True
        ) as following:
            assert following.stdout is not None
            lines = iter(following.stdout.readline, "")
            assert any("terminal" in line for line in lines)
            agent.execute("select name as afterwards from customers")
            assert any("afterwards" in line for line in lines)
            agent.close()
            assert "session closed" in [line[11:25] for line in lines][-1]
            assert following.wait(10) == 0


def test_there_is_no_such_recording(stack):
    told = stack.narrows("replay", "0000000000007")
    assert told.returncode == 1
    assert "holds nothing of session" in told.stderr
