"""Sinks against servers that check what they get."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from contextlib import closing, contextmanager, suppress

import pytest
import trio
import trustme
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from narrows.recordings.export.forms import line
from narrows.recordings.export.http import HttpSink, OtlpSink
from narrows.recordings.export.sink import Outgoing, SinkError
from narrows.recordings.export.syslog import SyslogSink
from narrows.recordings.index import read_index
from narrows.recordings.index.outbox import BEGINNING, events_after
from tests.control.listeners import https_server
from tests.recordings.indexes import add_session

RFC_5424 = re.compile(
    rb"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]{1,255}) narrows (\d+) "
    rb"(open|operation|close) - \xef\xbb\xbf(.*)",
    re.DOTALL,
)


@pytest.fixture
def batch(tmp_path):
    add_session(tmp_path / "recordings.db", 7, 3)
    with closing(read_index(tmp_path / "recordings.db")) as connection:
        events = events_after(connection, BEGINNING, 100)
    return [Outgoing(event, line(event, "ocsf")) for event in events]


@contextmanager
def syslog_server(*, reads=True, port=0):
    """A receiver that collects what it is sent; one that does not read takes the connection and no more."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    listener = socket.create_server(("127.0.0.1", port))
    received = bytearray()
    done = threading.Event()

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                if not reads:
                    done.wait(30)
                    return
                while data := secured.recv(65_536):
                    received.extend(data)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], trusting, received
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def messages(received):
    """Cuts a stream by its octet counts."""
    rest = bytes(received)
    while rest:
        count, _, rest = rest.partition(b" ")
        yield rest[: int(count)]
        rest = rest[int(count) :]


async def test_syslog_is_framed_and_formed_as_the_rfcs_say(batch):
    with syslog_server() as (port, trusting, received):
        sink = SyslogSink(f"localhost:{port}", trusting)
        await sink.send(batch)
        await sink.send(batch[:1])
        await sink.close()
    got = [RFC_5424.fullmatch(message) for message in messages(received)]
    assert len(got) == len(batch) + 1
    assert [found[6] for found in got] == [one.line for one in [*batch, batch[0]]]
    assert {int(found[1]) for found in got} == {13 * 8 + 6, 13 * 8 + 4}


async def test_a_receiver_that_only_takes_the_connection_has_taken_nothing(batch):
    large = [Outgoing(batch[0].event, b'"' + b"x" * (8 << 20) + b'"')]
    with syslog_server(reads=False) as (port, trusting, _):
        sink = SyslogSink(f"localhost:{port}", trusting)
        with pytest.raises(trio.TooSlowError), trio.fail_after(0.5):
            await sink.send(large)


async def test_syslog_goes_to_nobody_who_cannot_prove_who_they_are(batch):
    with syslog_server() as (port, _, received), pytest.raises(SinkError, match="broke the connection"):
        await SyslogSink(f"localhost:{port}", ssl.create_default_context()).send(batch)
    assert not received


async def test_nobody_there_is_an_error(batch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OSError, match="connect"):
        await SyslogSink(f"localhost:{port}", ssl.create_default_context()).send(batch)
    with pytest.raises(SinkError, match="cannot be reached"):
        await HttpSink(lambda: f"https://localhost:{port}/secret", None, ssl.create_default_context()).send(
            batch
        )


async def test_http_gets_json_lines_with_its_token(tmp_path, batch):
    with https_server(tmp_path) as server:
        sink = HttpSink(server.url, lambda: "s3cret", ssl.create_default_context(cafile=server.ca))
        await sink.send(batch)
        server.status = 503
        with pytest.raises(SinkError, match=r"^it answered 503$"):
            await sink.send(batch)
        server.status = 302
        with pytest.raises(SinkError, match="302"):
            await sink.send(batch)
        await sink.close()
    (path, headers, body), *_ = server.received
    assert (path, headers["authorization"]) == ("/hook", "Bearer s3cret")
    assert headers["content-type"] == "application/x-ndjson"
    assert [json.loads(text) for text in body.splitlines()] == [json.loads(one.line) for one in batch]


async def test_otlp_is_what_the_protocol_says(tmp_path, batch):
    with https_server(tmp_path) as server:
        sink = OtlpSink(server.url, None, ssl.create_default_context(cafile=server.ca))
        await sink.send(batch)
        await sink.close()
    ((_, headers, body),) = server.received
    assert headers["content-type"] == "application/json"
    request = json_format.Parse(body, ExportLogsServiceRequest())
    (scope,) = request.resource_logs[0].scope_logs
    assert [record.body.string_value.encode() for record in scope.log_records] == [one.line for one in batch]
    assert [record.severity_number for record in scope.log_records] == [9, 9, 9, 13, 9]
    assert scope.log_records[0].time_unix_nano == batch[0].event.time_us * 1_000
