"""Exported events are what the published schema says they are."""

from __future__ import annotations

import json
from contextlib import closing

import jsonschema
import pytest
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from narrows.model import Command, Forward, Transfer
from narrows.operation import TRANSFER_ACTIONS
from narrows.recordings import frames
from narrows.recordings.export.forms import line
from narrows.recordings.export.ocsf import SCHEMA, TEXT_CHARACTERS_MAX
from narrows.recordings.index import IndexWriter, read_index
from narrows.recordings.index.outbox import BEGINNING, events_after
from tests.recordings.journals import Journal

CLASSES = {
    6005: "datastore_activity",
    6003: "api_activity",
    4007: "ssh_activity",
    3002: "authentication",
    1007: "process_activity",
    1001: "file_activity",
}
HOST = {"name": "web", "type_id": 1}


@pytest.fixture(scope="module")
def validators():
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(SCHEMA))
    return {
        uid: jsonschema.Draft202012Validator(
            schema.get_class_schema(name, ["security_control", *(["host"] if uid == 4007 else [])])
        )
        for uid, name in CLASSES.items()
    }


@pytest.fixture
def exported(tmp_path):
    """What was recorded, as OCSF has it."""
    journal = Journal()
    journal.open(7, 1_000_000, policy_version="v1", database="orders", peer="[2001:db8::9]:5000")
    journal.query(7, 2_000_000, "select a from public.customers", "Ada")
    journal.query(7, 2_100_000, "delete from orders", verdict=6)
    journal.query(7, 2_200_000, "not sql at all")
    journal.query(7, 2_300_000, "update orders set a = '" + "x" * 10_000 + "'")
    journal.close(7, 3_000_000)
    journal.open(8, 3_000_000, principal={}, target="", peer="", masks=[])
    return exported_from(journal, tmp_path)


def exported_from(journal, place):
    with closing(IndexWriter(place / "recordings.db", frames.Journal(place))) as writer:
        writer.take(journal.part())
    with closing(read_index(place / "recordings.db")) as connection:
        return [json.loads(line(event, "ocsf")) for event in events_after(connection, BEGINNING, 100)]


def test_every_event_fits_the_published_schema(exported, validators):
    assert [event["type_uid"] for event in exported] == [
        300201,
        600501,
        600507,
        600504,
        600502,
        300202,
        300201,
    ]
    for event in exported:
        validators[event["class_uid"]].validate(event)


def test_a_statement_says_who_what_where_and_how_it_was_decided(exported):
    _, read, denied, *_ = exported
    assert read["actor"]["user"]["uid"] == "entra/t1/agent-1"
    assert read["src_endpoint"] == {"ip": "2001:db8::9", "port": 5000}
    assert read["query_info"]["query_string"] == "select a from public.customers"
    assert (read["action_id"], read["status_id"], read["policy"]["uid"]) == (1, 1, "read-orders")
    assert (denied["action_id"], denied["status_id"], denied["status_detail"]) == (2, 2, "no")
    assert denied["unmapped"]["narrows"]["moment"] > read["unmapped"]["narrows"]["moment"]
    assert len({event["metadata"]["uid"] for event in exported}) == len(exported)


def test_a_long_statement_is_cut_and_says_so(exported):
    long = exported[4]
    assert len(long["query_info"]["query_string"]) == TEXT_CHARACTERS_MAX
    assert long["unmapped"]["narrows"]["text_cut"] is True


def test_a_call_is_api_activity(tmp_path, validators):
    journal = Journal()
    journal.open(7, 1_000_000, protocol="kubernetes", target="prod", policy_version="v1")
    for at, call, verdict in (
        (2_000_000, b"DELETE /api/v1/namespaces/shop/pods/web HTTP/1.1\r\n\r\n", 6),
        (2_100_000, b"GET /version HTTP/1.1\r\n\r\n", 5),
        (2_200_000, b"GET /api/v1/namespaces/shop/pods/web/exec?command=ls HTTP/1.1\r\n\r\n", 5),
    ):
        journal.add(7, at, "request", call)
        journal.add(7, at, "applied", verdict.to_bytes(8, "big"))
        journal.add(7, at + 10, "reply", b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{}")
    journal.close(7, 3_000_000)
    exported = exported_from(journal, tmp_path)
    for event in exported:
        validators[event["class_uid"]].validate(event)
    _, deleted, version, ran, _ = exported
    assert [one["type_uid"] for one in (deleted, version, ran)] == [600304, 600302, 600399]
    assert (deleted["action_id"], deleted["api"]["operation"]) == (2, "delete")
    assert deleted["resources"] == [
        {"name": "/api/v1/namespaces/shop/pods/web", "type": "pods", "namespace": "shop"}
    ]
    assert deleted["api"]["service"] == {"name": "prod"}
    assert ran["api"]["operation"] == "exec"


@pytest.fixture
def over_ssh(tmp_path):
    """What was done in a session over SSH, as OCSF has it, between the session's two ends."""

    def export(*attempted, verdict=5):
        journal = Journal()
        journal.open(7, 1_000_000, protocol="ssh", target="web", login="deploy", policy_version="v1")
        for number, operation in enumerate(attempted):
            journal.begin(7, 2_000_000 + number * 1_000, number, operation)
            journal.add(7, 2_000_000 + number * 1_000, "applied", verdict.to_bytes(8, "big"))
        journal.close(7, 3_000_000)
        return exported_from(journal, tmp_path)

    return export


def test_a_session_over_ssh_is_ssh_activity(over_ssh, validators):
    opened, closed = over_ssh()
    for event in (opened, closed):
        validators[4007].validate(event)
        assert event["actor"]["user"]["uid"] == "entra/t1/agent-1"
        assert (event["src_endpoint"], event["dst_endpoint"]) == (
            {"ip": "10.0.0.9", "port": 5000},
            {"name": "web"},
        )
    assert [event["type_uid"] for event in (opened, closed)] == [400701, 400702]
    assert closed["status_detail"] == "the agent hung up"


def test_a_command_is_the_launch_of_a_process_on_its_host(over_ssh, validators):
    texts = ("systemctl restart nginx", "select 1", "GET /x", "", "x" * 10_000)
    _, *events, _ = over_ssh(*(Command(text, "deploy") for text in texts))
    for text, event in zip(texts, events, strict=True):
        validators[1007].validate(event)
        assert event["type_uid"] == 100701
        assert event["process"]["cmd_line"] == text[:TEXT_CHARACTERS_MAX]
        assert event["process"]["user"] == {"name": "deploy"}
        assert (event["device"], event["unmapped"]["narrows"]["peer"]) == (HOST, "10.0.0.9:5000")


@pytest.mark.parametrize("action", TRANSFER_ACTIONS)
def test_a_transfer_is_file_activity(over_ssh, validators, action):
    event = over_ssh_alone(over_ssh(Transfer(action, ("/srv/a b.txt", "/srv/c /d"), "deploy")))
    validators[1001].validate(event)
    assert event["activity_name"] != "Other"
    assert (event["file"]["path"], event["file"]["name"]) == ("/srv/a b.txt", "a b.txt")
    assert event["file_result"]["path"] == "/srv/c /d"
    assert event["device"] == HOST


def test_a_transfer_of_one_file_has_no_result(over_ssh, validators):
    event = over_ssh_alone(over_ssh(Transfer("read", ("/",), "deploy"), verdict=6))
    validators[1001].validate(event)
    assert (event["type_uid"], event["action_id"]) == (100102, 2)
    assert event["file"] == {"name": "/", "path": "/", "type_id": 1}
    assert "file_result" not in event


@pytest.mark.parametrize(
    ("verdict", "type_uid", "named", "host"),
    [(5, 400701, "hostname", "db.internal"), (6, 400705, "ip", "::1")],
)
def test_a_forward_is_ssh_activity_that_opens_or_is_refused(
    over_ssh, validators, verdict, type_uid, named, host
):
    event = over_ssh_alone(over_ssh(Forward(host, 5432, "deploy"), verdict=verdict))
    validators[4007].validate(event)
    there = {named: host, "port": 5432}
    assert (event["type_uid"], event["dst_endpoint"], event["device"]) == (type_uid, there, HOST)


def over_ssh_alone(exported):
    (_, event, _) = exported
    return event
