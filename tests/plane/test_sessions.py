"""Real clients through a real plane to a real server: what they see, and what is written down."""

from __future__ import annotations

import json
import resource
import socket
import ssl
import struct
from typing import TYPE_CHECKING

import psycopg
import pytest
import trio

from narrows import _core
from tests.plane.conftest import Gateway, in_thread
from tests.plane.servers import free_port

if TYPE_CHECKING:
    from tests.plane.servers import Server


def kinds(gateway: Gateway, session: int) -> list[str]:
    return [frame.kind for frame in _core.read_journal(gateway.journal, session)]


async def test_psql_reads_rows(gateway: Gateway) -> None:
    assert await gateway.psql("-c", "SELECT id, item FROM orders WHERE id < 3 ORDER BY id") == (
        0,
        "1|item 1\n2|item 2\n",
        "",
    )
    closed = await gateway.control.until(_core.SessionClosed)
    assert (closed.admitted, closed.operations, closed.denials) == (True, 1, 0)
    assert kinds(gateway, closed.session) == [
        "open",
        "request",
        "verdict",
        "applied",
        "reply",
        "request",
        "close",
    ]
    assert _core.verify_journal(gateway.journal)[2] == []


async def test_a_prepared_statement_is_asked_about_once(gateway: Gateway) -> None:
    connection = await gateway.connect()

    def read() -> list[object]:
        cursor = connection.cursor(binary=True)
        rows = [
            cursor.execute("SELECT item FROM orders WHERE id = %s", (i,), prepare=True).fetchone()
            for i in (1, 2, 3)
        ]
        connection.close()
        return rows

    assert await in_thread(read) == [("item 1",), ("item 2",), ("item 3",)]
    await gateway.control.until(_core.SessionClosed)
    asked = [event for event in gateway.control.events if isinstance(event, _core.StatementAsked)]
    assert [event.phase for event in asked] == ["parse"]


async def test_a_second_session_is_answered_from_the_cache(gateway: Gateway) -> None:
    for _ in range(2):
        assert (await gateway.psql("-c", "SELECT 1"))[0] == 0
    asked = [event for event in gateway.control.events if isinstance(event, _core.StatementAsked)]
    assert len(asked) == 1
    assert gateway.plane.stats()["cache_hits"] == 1
    gateway.plane.move_policy()
    assert (await gateway.psql("-c", "SELECT 1"))[0] == 0
    assert gateway.plane.stats()["cache_hits"] == 1


async def test_copy_both_ways(gateway: Gateway, plain_server: Server) -> None:
    plain_server.run(
        "CREATE TABLE IF NOT EXISTS copied (i int, t text); TRUNCATE copied; GRANT ALL ON copied TO gateway"
    )
    connection = await gateway.connect()

    def copy() -> list[bytes]:
        with connection.cursor().copy("COPY copied FROM STDIN") as into:
            for i in range(20_000):
                into.write_row((i, "x" * 50))
        with connection.cursor().copy("COPY copied TO STDOUT") as out:
            rows = list(out.rows())
        connection.close()
        return rows

    rows = await in_thread(copy)
    assert len(rows) == 20_000
    assert plain_server.run("SELECT count(*), sum(i) FROM copied") == "20000|199990000"


async def test_a_large_result_arrives_whole_though_the_reader_is_slow(gateway: Gateway) -> None:
    connection = await gateway.connect()

    def read() -> int:
        with connection.cursor().copy(
            "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 50000)) TO STDOUT"
        ) as out:
            size = sum(len(chunk) for chunk in out)
        connection.close()
        return size

    assert await in_thread(read) == 50_000 * 1_001
    closed = await gateway.control.until(_core.SessionClosed)
    assert closed.bytes_to_agent > 50_000 * 1_001


async def test_a_denial_leaves_the_session_alive(gateway: Gateway) -> None:
    connection = await gateway.connect()

    def denied() -> tuple[psycopg.Error, object]:
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
            connection.execute("SELECT 'forbidden'")
        row = connection.execute("SELECT 1").fetchone()
        connection.close()
        return caught.value, row

    error, row = await in_thread(denied)
    assert row == (1,)
    assert error.diag.message_primary == "Narrows: it is forbidden"
    assert error.diag.message_detail == "rule no-forbidden"
    assert error.diag.message_hint == "do not"
    assert (await gateway.control.until(_core.SessionClosed)).denials == 1


async def test_a_held_statement_runs_when_it_is_allowed(gateway: Gateway, plain_server: Server) -> None:
    notices: list[str] = []
    connection = await gateway.connect()
    connection.add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(
            in_thread, lambda: connection.execute("UPDATE orders SET item = 'held' WHERE id = 900")
        )
        asked = await gateway.control.until(_core.StatementAsked)
        assert plain_server.run("SELECT item FROM orders WHERE id = 900") == "item 900"
        assert gateway.control.allow(asked)
        assert not gateway.control.allow(asked)
    await in_thread(connection.close)
    assert plain_server.run("UPDATE orders SET item = 'item 900' WHERE id = 900 RETURNING 1") == "1"
    assert notices == ["waiting for a person"]


async def test_a_verdict_of_another_epoch_decides_nothing(gateway: Gateway) -> None:
    connection = await gateway.connect()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(in_thread, lambda: connection.execute("SELECT 'held'"))
        asked = await gateway.control.until(_core.StatementAsked)
        gateway.plane.move_policy()
        assert gateway.control.allow(asked)
        again = await gateway.control.until(_core.StatementAsked, lambda event: event.ask != asked.ask)
        assert again.policy_epoch == asked.policy_epoch + 1
        assert gateway.control.allow(again)
    await in_thread(connection.close)


async def test_cancelling_what_is_held_withdraws_it(gateway: Gateway, plain_server: Server) -> None:
    connection = await gateway.connect()

    def update() -> None:
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("UPDATE orders SET item = 'held' WHERE id = 901")
        assert connection.execute("SELECT 1").fetchone() == (1,)
        connection.close()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(in_thread, update)
        asked = await gateway.control.until(_core.StatementAsked)
        await in_thread(connection.cancel)
        withdrawn = await gateway.control.until(_core.AskWithdrawn)
        assert (withdrawn.ask, withdrawn.reason) == (asked.ask, "cancelled")
        assert not gateway.control.allow(asked)
    assert plain_server.run("SELECT item FROM orders WHERE id = 901") == "item 901"


async def test_cancelling_what_runs_reaches_the_server(gateway: Gateway, plain_server: Server) -> None:
    connection = await gateway.connect()

    def sleep() -> None:
        with pytest.raises(psycopg.errors.QueryCanceled, match="user request"):
            connection.execute("SELECT pg_sleep(60)")
        connection.close()

    running = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(6%' AND state = 'active'"
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(in_thread, sleep)
        with trio.fail_after(10):
            while await in_thread(lambda: plain_server.run(running)) != "1":
                await trio.lowlevel.checkpoint()
        await in_thread(connection.cancel)


async def test_a_server_that_ends_the_session_is_heard(gateway: Gateway, plain_server: Server) -> None:
    connection = await gateway.connect()
    plain_server.run(f"SELECT pg_terminate_backend({connection.info.backend_pid})")

    def use() -> None:
        with pytest.raises(psycopg.errors.AdminShutdown):
            connection.execute("SELECT 1")

    await in_thread(use)
    assert "57P01" in (await gateway.control.until(_core.SessionClosed)).reason


async def test_a_server_that_loses_patience_with_what_is_held_is_heard(gateway: Gateway) -> None:
    connection = await gateway.connect(options="-c idle_in_transaction_session_timeout=200")

    def update() -> None:
        connection.execute("BEGIN")
        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            connection.execute("UPDATE orders SET item = 'held' WHERE id = 904")

    await in_thread(update)
    assert (await gateway.control.until(_core.AskWithdrawn)).reason == "session-closed"


async def test_a_hang_up_behind_a_long_pipeline_is_seen(gateway: Gateway, plain_server: Server) -> None:
    def message(tag: bytes, body: bytes) -> bytes:
        return tag + struct.pack("!i", len(body) + 4) + body

    def pour() -> None:
        context = ssl.create_default_context(cafile=str(gateway.ca))
        context.set_alpn_protocols(["postgresql"])
        with (
            socket.create_connection(("127.0.0.1", gateway.port)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            startup = b"\0\3\0\0user\0agent\0database\0orders-db\0\0"
            secure.sendall(message(b"", startup) + message(b"p", b"token\0"))
            while not (received := secure.recv(4096)).endswith(b"Z\0\0\0\5I"):
                assert received
            secure.sendall(message(b"Q", b"UPDATE orders SET item = 'held' WHERE id = 905\0"))
            secure.sendall(message(b"Q", b"SELECT 1" + b" " * 500 + b"\0") * 500)

    await in_thread(pour)
    asked = await gateway.control.until(_core.StatementAsked)
    withdrawn = await gateway.control.until(_core.AskWithdrawn)
    assert (withdrawn.ask, withdrawn.reason) == (asked.ask, "hang-up")
    assert plain_server.run("SELECT item FROM orders WHERE id = 905") == "item 905"


async def test_hanging_up_while_held_forwards_nothing(gateway: Gateway, plain_server: Server) -> None:
    with trio.move_on_after(10) as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(gateway.psql, "-c", "UPDATE orders SET item = 'held' WHERE id = 902")
            asked = await gateway.control.until(_core.StatementAsked)
            nursery.cancel_scope.cancel()
    assert not scope.cancelled_caught
    withdrawn = await gateway.control.until(_core.AskWithdrawn)
    assert (withdrawn.ask, withdrawn.reason) == (asked.ask, "hang-up")
    assert (await gateway.control.until(_core.SessionClosed)).reason == "the agent hung up"
    assert not gateway.control.allow(asked)
    assert plain_server.run("SELECT item FROM orders WHERE id = 902") == "item 902"


@pytest.fixture
def plane_options(request: pytest.FixtureRequest) -> dict[str, int]:
    return getattr(request, "param", {})


@pytest.mark.parametrize("plane_options", [{"ask_deadline_ms": 200}], indirect=True)
async def test_a_control_plane_that_does_not_answer_denies(gateway: Gateway) -> None:
    gateway.control.answers = False
    status, _, errors = await gateway.psql("-c", "SELECT 1")
    assert status == 1
    assert "ask_deadline_ms" in errors
    assert (await gateway.control.until(_core.AskWithdrawn)).reason == "deadline"


async def test_a_session_ends_with_its_token(gateway: Gateway) -> None:
    gateway.control.expires_ms = 300
    status, _, errors = await gateway.psql("-c", "SELECT pg_sleep(10)")
    assert status == 2
    assert "token expired" in errors


async def test_a_session_can_be_closed(gateway: Gateway) -> None:
    connection = await gateway.connect()
    opened = await gateway.control.until(_core.SessionOpened)
    assert opened.server_version.startswith("18")
    assert gateway.plane.record(opened.session, '{"event": "noted"}')
    assert gateway.plane.close_session(opened.session, reason="revoked", hint="ask again")
    closed = await gateway.control.until(_core.SessionClosed)
    assert closed.reason == "revoked"
    assert not gateway.plane.close_session(opened.session, reason="revoked")

    def use() -> None:
        with pytest.raises(psycopg.OperationalError, match="revoked"):
            connection.execute("SELECT 1")

    await in_thread(use)
    frames = _core.read_journal(gateway.journal, opened.session)
    assert {"event": "noted"} in [json.loads(frame.payload) for frame in frames if frame.kind == "event"]
    assert (frames[-1].kind, len(frames)) == ("close", closed.frames)


async def test_wrong_evidence_is_refused_in_the_protocols_voice(gateway: Gateway) -> None:
    status, _, errors = await gateway.psql("-c", "SELECT 1", password="wrong")
    assert status == 2
    assert "who are you" in errors
    closed = await gateway.control.until(_core.SessionClosed)
    assert not closed.admitted
    assert kinds(gateway, closed.session) == ["open", "event", "close"]
    assert _core.verify_journal(gateway.journal)[2] == []


async def test_plaintext_startup_is_refused_before_a_password(gateway: Gateway) -> None:
    status, _, errors = await gateway.psql("-c", "SELECT 1", sslmode="disable")
    assert status == 2
    assert "TLS" in errors
    assert not (await gateway.control.until(_core.SessionClosed)).admitted
    assert not [event for event in gateway.control.events if isinstance(event, _core.OpenAsked)]


async def test_direct_tls_needs_alpn(gateway: Gateway) -> None:
    assert (await gateway.psql("-c", "SELECT 1", sslnegotiation="direct"))[:2] == (0, "1\n")

    def without_alpn() -> bytes:
        context = ssl.create_default_context(cafile=str(gateway.ca))
        with (
            socket.create_connection(("127.0.0.1", gateway.port)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            return secure.recv(4096)

    assert b"ALPN" in await in_thread(without_alpn)


@pytest.mark.parametrize(
    "garbage",
    [b"GET / HTTP/1.0\r\n\r\n", b"\x00" * 64, struct.pack("!ii", 10_001, 196_608), b"\x16\x03\x01garbage"],
)
async def test_garbage_is_closed_and_written_down(gateway: Gateway, garbage: bytes) -> None:
    async with await trio.open_tcp_stream("127.0.0.1", gateway.port) as stream:
        await stream.send_all(garbage)
        with trio.fail_after(5):
            while await stream.receive_some():
                pass
    closed = await gateway.control.until(_core.SessionClosed)
    assert not closed.admitted
    assert kinds(gateway, closed.session)[-1] == "close"


async def test_an_idle_connection_blocks_nobody_and_is_closed(gateway: Gateway) -> None:
    async with await trio.open_tcp_stream("127.0.0.1", gateway.port) as idle:
        assert (await gateway.psql("-c", "SELECT 1"))[0] == 0
        with trio.fail_after(5):
            assert await idle.receive_some() == b""


async def test_a_target_that_is_down_is_named(gateway: Gateway) -> None:
    gateway.control.upstream = _core.Upstream(
        address=f"127.0.0.1:{free_port()}", database="postgres", user="gateway", tls="off"
    )
    status, _, errors = await gateway.psql("-c", "SELECT 1")
    assert status == 2
    assert "Narrows cannot reach the target" in errors


async def test_shutdown_says_goodbye(gateway: Gateway) -> None:
    connection = await gateway.connect()
    await gateway.control.until(_core.SessionOpened)
    await in_thread(lambda: gateway.plane.shutdown(2_000))

    def use() -> None:
        with pytest.raises(psycopg.OperationalError, match="shutting down"):
            connection.execute("SELECT 1")

    await in_thread(use)
    with pytest.raises(OSError, match="shut down"):
        gateway.plane.query(gateway.control.upstream, "SELECT 1")


async def test_the_gateways_own_query(gateway: Gateway) -> None:
    query = gateway.plane.query(gateway.control.upstream, "SELECT 1, NULL, 'a' UNION ALL SELECT 2, 'b', 'c'")
    answered = await gateway.control.until(_core.QueryAnswered, lambda event: event.query == query)
    assert answered.rows == [("1", None, "a"), ("2", "b", "c")]
    query = gateway.plane.query(gateway.control.upstream, "SELECT nothing")
    failed = await gateway.control.until(_core.QueryAnswered, lambda event: event.query == query)
    assert failed.rows is None
    assert failed.error == 'column "nothing" does not exist (42703)'


async def test_ddl_moves_the_catalogue_epoch(gateway: Gateway) -> None:
    before = gateway.plane.catalogue_epoch("orders-db")
    assert (await gateway.psql("-c", "CREATE TEMP TABLE t (i int)"))[0] == 0
    moved = await gateway.control.until(_core.CatalogueMoved)
    assert moved.target == "orders-db"
    assert gateway.plane.catalogue_epoch("orders-db") > before


async def test_without_a_journal_nothing_is_done(gateway: Gateway, plain_server: Server) -> None:
    connection = await gateway.connect()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (gateway.journal_bytes(), before[1]))
    try:

        def update() -> None:
            with pytest.raises(psycopg.OperationalError, match="journal"):
                connection.execute("UPDATE orders SET item = 'unrecorded' WHERE id = 903")

        await in_thread(update)
        await gateway.control.until(_core.JournalFailed)
        status, _, errors = await gateway.psql("-c", "SELECT 1")
        assert (status, "journal" in errors) == (2, True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert plain_server.run("SELECT item FROM orders WHERE id = 903") == "item 903"
