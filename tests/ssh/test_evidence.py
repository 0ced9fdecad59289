"""Who is let in, on what, for how long; and what those are told who are not."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import asyncssh
import pytest
import trio

from narrows import _core
from narrows.identity.revocation import Revocation
from narrows.ssh import limits
from narrows.ssh.downstream import OPENSSH_PASSWORD_BYTES
from narrows.ssh.names import Destination, destination_of
from narrows.store import sessions
from tests.ssh.odd_host import odd_host
from tests.ssh.world import AGENT, UNCONFIGURED, world


@pytest.fixture
async def there(tmp_path):
    for name in ("host", "gateway"):
        (tmp_path / name).mkdir()
    with odd_host(tmp_path / "host") as host:
        async with world(tmp_path / "gateway", host) as here:
            yield here


async def true(connection):
    return (await connection.run("true")).exit_status


@pytest.mark.parametrize(
    ("user", "means"),
    [
        ("deploy+web", Destination("deploy", "web")),
        ("deploy%web", Destination("deploy", "web")),
        ("deploy+web+2", Destination("deploy", "web+2")),
        ("a.b_c-d+web%x", Destination("a.b_c-d", "web%x")),
        ("svc$+web", Destination("svc$", "web")),
        ("deploy", None),
        ("+web", None),
        ("deploy+", None),
        ("-oProxyCommand=x+web", None),
        ("de ploy+web", None),
        ("$(id)+web", None),
        ("deploy\n+web", None),
        ("", None),
    ],
)
def test_a_user_name_names_an_account_on_a_target(user, means):
    assert destination_of(user) == means


@pytest.mark.parametrize("separator", "+%")
async def test_a_ticket_lets_in_by_either_name(there, separator):
    assert await there.with_asyncssh(true, username=f"odd{separator}web") == 0


async def refused(here, **options):
    """What a client is told that is not let in."""
    banners = []

    class Client(asyncssh.SSHClient):
        def auth_banner_received(self, msg, lang):
            banners.append(msg)

    with pytest.raises((asyncssh.PermissionDenied, asyncssh.ConnectionLost, asyncssh.DisconnectError)):
        await here.with_asyncssh(true, client_factory=Client, **options)
    return "".join(banners)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"username": "+web"}, "names no target"),
        ({"username": "odd+nowhere"}, "this ticket is for target web"),
        ({"username": "root+web"}, "has no login root for agents"),
        ({"password": "nrw_nonsense"}, "mistyped or cut short"),
        ({"password": "hunter2"}, "token"),
        ({"password": "eyJ" + "x" * (OPENSSH_PASSWORD_BYTES - 3)}, "OpenSSH cut the token to 1023 bytes"),
        ({"password": "eyJ" + "x" * 2_000}, "token"),
    ],
)
async def test_who_is_not_let_in_is_told_why(there, options, told):
    assert told in await refused(there, **options)
    assert await there.gateway._store.run(sessions.newest) == []


async def test_a_ticket_is_for_one_target(there):
    ticket = await there.gateway._tickets.mint(AGENT, "db")
    assert "this ticket is for target db" in await refused(there, password=ticket.text)


async def test_a_ticket_may_be_for_one_login_only(there):
    ticket = await there.gateway._tickets.mint(AGENT, "web", user="root")
    assert "this ticket is for user root" in await refused(there, password=ticket.text)


async def test_policy_keeps_strangers_out(there):
    stranger = replace(AGENT, object_id="x", groups=frozenset())
    ticket = await there.gateway._tickets.mint(stranger, "web")
    assert "policy lets this principal do nothing on web" in await refused(there, password=ticket.text)


async def test_attempts_are_counted(there):
    """Each is one round trip for a guesser; three are enough for a person."""

    class Client(asyncssh.SSHClient):
        def __init__(self):
            self.tries = 0

        def password_auth_requested(self):
            self.tries += 1
            return f"wrong-{self.tries}"

    clients = []

    def client():
        clients.append(Client())
        return clients[0]

    with pytest.raises(asyncssh.DisconnectError):
        await there.with_asyncssh(true, client_factory=client, password=None)
    assert clients[0].tries <= limits.AUTHENTICATION_ATTEMPTS_MAX


async def test_nobody_is_let_in_on_a_name_or_a_key_alone(there):
    for key in (None, [asyncssh.generate_private_key("ssh-ed25519")]):
        with pytest.raises(asyncssh.PermissionDenied):
            await there.with_asyncssh(true, password=None, client_keys=key)


async def test_revocation_ends_a_master_at_once_and_lets_nobody_back(there):
    revocation = Revocation("principal", AGENT.key, "leaked")

    async def run(connection):
        assert (await connection.run("true")).exit_status == 0
        trio.from_thread.run_sync(there.gateway._revocations.add, revocation)
        done = await connection.run("true")
        return done.exit_status, done.stderr

    status, told = await there.with_asyncssh(run)
    assert status == 126
    assert "leaked" in told
    assert "leaked" in await refused(there)


async def test_a_killed_session_is_told_why(there):
    async def run(connection):
        assert (await connection.run("true")).exit_status == 0
        live = next(iter(there.gateway._sessions))
        trio.from_thread.run_sync(live.end, "Narrows: an operator ended this session", "Ask one.")
        await connection.wait_closed()

    await there.with_asyncssh(run)
    (row,) = await there.sessions(1)
    assert row.close_reason == "Narrows: an operator ended this session"


async def test_a_session_ends_with_its_evidence(tmp_path):
    for name in ("host", "gateway"):
        (tmp_path / name).mkdir()
    agent = replace(AGENT, expires_at=time.time() + 2)
    with odd_host(tmp_path / "host") as host:
        async with world(tmp_path / "gateway", host, agent=agent) as here:

            async def run(connection):
                assert (await connection.run("true")).exit_status == 0
                await connection.wait_closed()

            await here.with_asyncssh(run)
            (row,) = await here.sessions(1)
    assert row.close_reason == "Narrows: the session's time is over"


async def test_connections_have_a_bound_with_a_name(tmp_path):
    for name in ("host", "gateway"):
        (tmp_path / name).mkdir()
    with odd_host(tmp_path / "host") as host:
        bounded = world(tmp_path / "gateway", host, bounds="connections-max = 1")
        async with bounded as here:

            async def run(connection):
                settings = {"username": here.user, "password": here.ticket, **UNCONFIGURED}
                with pytest.raises((asyncssh.ConnectionLost, ConnectionResetError)):
                    await asyncssh.connect("127.0.0.1", here.port, **settings)
                reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
                line = await reader.read()
                writer.close()
                return line

            told = await here.with_asyncssh(run)
            assert told == b"Narrows: too many connections (connections-max = 1)\r\n"


async def test_no_ticket_or_key_is_in_a_log_or_a_recording(there, capfd):
    await there.with_asyncssh(true)
    await refused(there, password="nrw_very-secret-ticket")
    await there.sessions(1)
    journal = b"".join(frame.payload for frame in _core.read_journal(str(there.place / "state" / "journal")))
    assert journal
    logged = "".join(capfd.readouterr())
    for secret in (there.ticket, "very-secret-ticket"):
        assert secret not in logged
        assert secret.encode() not in journal
    assert "PRIVATE KEY" not in logged
