"""Exported events are what the published schema says they are."""

from __future__ import annotations

import json
from contextlib import closing

import jsonschema
import pytest
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from narrows.recordings import frames
from narrows.recordings.export.forms import line
from narrows.recordings.export.ocsf import SCHEMA, TEXT_CHARACTERS_MAX
from narrows.recordings.index import IndexWriter, read_index
from narrows.recordings.index.outbox import BEGINNING, events_after
from tests.recordings.journals import Journal

CLASSES = {6005: "datastore_activity", 6003: "api_activity", 3002: "authentication"}


@pytest.fixture(scope="module")
def validators():
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(SCHEMA))
    return {
        uid: jsonschema.Draft202012Validator(schema.get_class_schema(name, ["security_control"]))
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
    with closing(IndexWriter(tmp_path / "recordings.db", frames.Journal(tmp_path))) as writer:
        writer.take(journal.part())
    with closing(read_index(tmp_path / "recordings.db")) as connection:
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
    with closing(IndexWriter(tmp_path / "recordings.db", frames.Journal(tmp_path))) as writer:
        writer.take(journal.part())
    with closing(read_index(tmp_path / "recordings.db")) as connection:
        exported = [json.loads(line(event, "ocsf")) for event in events_after(connection, BEGINNING, 100)]
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
