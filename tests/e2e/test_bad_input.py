"""What no well-behaved client sends: each gets a clear answer and nothing reaches the target."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import time
from typing import TYPE_CHECKING

import pytest

from tests.raw_client import (
    GSSENC_REQUEST,
    SSL_REQUEST,
    SYNC,
    RawClient,
    bind,
    execute,
    message,
    parse,
    query,
    shape,
    startup,
)

if TYPE_CHECKING:
    from tests.stacks import CornerStack, OpenStack


def fatal(client: RawClient) -> dict[str, str]:
    seen = client.until("E")
    assert seen, "the connection closed without a word"
    assert seen[-1].type == "E"
    return seen[-1].fields


class TestBeforeLogin:
    def test_plain_text_is_refused_before_a_password_is_asked_for(self, open_stack: OpenStack) -> None:
        with RawClient(open_stack.gateway) as client:
            client.send(startup({"user": "agent", "database": "orders-db"}))
            error = fatal(client)
        assert error["C"] == "28000"
        assert "sslmode=require" in error["H"]

    def test_bytes_behind_an_ssl_request_end_the_connection(self, open_stack: OpenStack) -> None:
        with RawClient(open_stack.gateway) as client:
            client.send(SSL_REQUEST + startup({"user": "agent"}))
            answered = b""
            with contextlib.suppress(ConnectionError):
                while chunk := client.socket.recv(100):
                    answered += chunk
        assert b"plaintext behind a request for encryption" in answered

    def test_gss_encryption_is_declined_and_tls_still_works(self, open_stack: OpenStack) -> None:
        with RawClient(open_stack.gateway) as client:
            client.send(GSSENC_REQUEST)
            assert client.socket.recv(1) == b"N"
            client.start_tls(open_stack.tls_context())

    @pytest.mark.parametrize(
        "garbage",
        [
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            os.urandom(64),
            struct.pack("!ii", 4, 0),
            struct.pack("!ii", 2**31 - 1, 196608),
        ],
        ids=["http", "random", "short", "huge"],
    )
    def test_garbage_closes_at_once(self, open_stack: OpenStack, garbage: bytes) -> None:
        with RawClient(open_stack.gateway) as client:
            started = time.monotonic()
            client.send(garbage)
            with contextlib.suppress(ConnectionError):
                client.until("")
            assert time.monotonic() - started < 5

    def test_an_idle_connection_blocks_nobody(self, open_stack: OpenStack) -> None:
        idle = [socket.create_connection(open_stack.gateway.split(":")) for _ in range(20)]
        with open_stack.raw() as client:
            assert shape(client.ask(query("select 1"))) == "T D C ZI"
        for each in idle:
            each.close()

    @pytest.mark.parametrize("version", [196609, 196611, 3 << 16 | 9999, 196610])
    def test_newer_protocols_are_negotiated(self, open_stack: OpenStack, version: int) -> None:
        with RawClient(open_stack.gateway) as client:
            client.start_tls(open_stack.tls_context())
            parameters = {"user": "agent", "database": "orders-db", "_pq_.grease": "1"}
            client.send(startup(parameters, version))
            first = client.receive()
        assert first.type == "v"
        assert b"_pq_.grease" in first.body

    @pytest.mark.parametrize(
        ("parameters", "sqlstate"),
        [
            ({"replication": "database"}, "0A000"),
            ({"replication": "1"}, "0A000"),
            ({"options": "-c search_path=s9"}, "42501"),
            ({"client_encoding": "SJIS"}, "42501"),
            ({"session_authorization": "postgres"}, "42501"),
        ],
    )
    def test_startup_parameters_by_allow_list(
        self, open_stack: OpenStack, parameters: dict[str, str], sqlstate: str
    ) -> None:
        with RawClient(open_stack.gateway) as client:
            seen = client.log_in(
                open_stack.tls_context(), user="agent", database="orders-db", password="x", **parameters
            )
        assert seen[-1].type == "E"
        assert seen[-1].fields["S"] == "FATAL"
        assert (
            next(iter(parameters)) in seen[-1].fields["M"]
            or parameters.get("options", "!").split("=")[0][3:] in seen[-1].fields["M"]
        )

    def test_an_oversized_startup_packet(self, open_stack: OpenStack) -> None:
        with RawClient(open_stack.gateway) as client:
            client.start_tls(open_stack.tls_context())
            client.send(startup({"user": "agent", "application_name": "x" * 20_000}))
            seen = client.until("E")
        assert not seen or "startup_bytes_max" in seen[-1].fields["M"]

    def test_an_oversized_password(self, open_stack: OpenStack) -> None:
        with RawClient(open_stack.gateway) as client:
            seen = client.log_in(
                open_stack.tls_context(), user="agent", database="orders-db", password="x" * 70_000
            )
        assert seen[-1].type == "E"
        assert "password_bytes_max" in seen[-1].fields["M"]

    def test_an_unknown_target(self, open_stack: OpenStack) -> None:
        with RawClient(open_stack.gateway) as client:
            seen = client.log_in(
                open_stack.tls_context(), user="agent", database="nowhere", password=open_stack.token()
            )
        assert seen[-1].fields["C"] == "3D000"
        assert "nowhere" in seen[-1].fields["M"]

    def test_a_password_that_is_no_evidence(self, open_stack: OpenStack) -> None:
        with RawClient(open_stack.gateway) as client:
            seen = client.log_in(
                open_stack.tls_context(), user="agent", database="orders-db", password="hunter2"
            )
        assert seen[-1].fields["C"] == "28P01"
        assert "hunter2" not in str([each.body for each in seen])


class TestInASession:
    def test_a_sixteen_megabyte_delete_is_never_forwarded(self, corner_stack: CornerStack) -> None:
        with corner_stack.raw(corner_stack.unmasked) as client:
            seen = client.ask(query("delete from sink where i in (" + "1," * (8 << 20) + "1)"))
            assert shape(seen) == "E[54000] ZI"
            assert "statement_bytes_max" in seen[0].fields["M"] + seen[0].fields.get("D", "")
            assert shape(client.ask(query("select 1"))) == "T D C ZI"

    @pytest.mark.parametrize(
        "text", [b"select '\xff\xfe'\0", b"select 'a\0b'\0"], ids=["invalid utf-8", "nul"]
    )
    def test_text_that_is_no_utf8(self, open_stack: OpenStack, text: bytes) -> None:
        with open_stack.raw() as client:
            seen = client.ask(message("Q", text))
            assert seen[-1].type in "ZE"
            assert any(each.type == "E" for each in seen)

    def test_a_function_call(self, open_stack: OpenStack) -> None:
        with open_stack.raw() as client:
            seen = client.ask(message("F", struct.pack("!ihhih", 89, 0, 0, 0, 0)[:14]))
            assert any(each.type == "E" and each.fields["C"] == "42501" for each in seen), shape(seen)
            assert shape(client.ask(query("select 1"))) == "T D C ZI"

    @pytest.mark.parametrize("kind", ["W", "z", "\x01", "R"])
    def test_unknown_message_types_end_the_session(self, open_stack: OpenStack, kind: str) -> None:
        with open_stack.raw() as client:
            client.send(message(kind, b"abc"))
            assert fatal(client)["C"] == "08P01"

    @pytest.mark.parametrize("text", ["selec 1", "select 1 from from", "'", "select $$", "\\d"])
    def test_sql_that_does_not_parse(self, open_stack: OpenStack, text: str) -> None:
        with open_stack.raw() as client:
            seen = client.ask(query(text))
            assert any(each.type == "E" for each in seen)
            assert seen[-1].body == b"I"

    def test_names_that_do_not_exist(self, open_stack: OpenStack) -> None:
        with open_stack.raw() as client:
            assert shape(client.ask(bind(statement="nothing"), execute(), SYNC)) == "E[26000] ZI"
            assert shape(client.ask(execute("nothing"), SYNC)) == "E[34000] ZI"
            assert shape(client.ask(parse("select 1", "n"), SYNC)) == "1 ZI"
            assert shape(client.ask(parse("select 1", "n"), SYNC)) == "E[42P05] ZI"
