"""The HTTP API as its clients meet it, in process."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import httpx
import pytest

from narrows.config import ConsoleSection, RecordingsSection, TicketsSection
from narrows.console.app import application
from narrows.console.requests import BODY_BYTES_MAX
from narrows.errors import IdentityError
from narrows.gateway import Operations
from narrows.gateway.destinations import Destinations
from narrows.gateway.ending import Ending
from narrows.gateway.recordings import Recordings
from narrows.identity.certificates import SshAuthorities
from narrows.identity.revocation import Revocations
from narrows.identity.tickets import MemoryTickets, Tickets
from narrows.recordings import session_name
from narrows.recordings.frames import Journal
from narrows.store import sessions
from narrows.store.behind import WrittenBehind
from narrows.store.sessions import SessionRow
from tests.control.simulation import AGENT, DBA, STRANGER, OneSession, world

OPERATOR = replace(STRANGER, object_id="op-1", groups=frozenset({"sg-ops"}))
TOKENS = {"agent": AGENT, "dba": DBA, "stranger": STRANGER, "operator": OPERATOR}
EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token": "agent",
    "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    "audience": "orders-db",
}


class FakeAuthenticator:
    async def verify(self, evidence):
        if evidence.decode() not in TOKENS:
            raise IdentityError("the token is expired", hint="Request another.")
        return TOKENS[evidence.decode()]


@dataclass
class FakePlane:
    closed: list = field(default_factory=list)
    epoch: int = 1

    def close_session(self, session, *, reason, hint=""):
        self.closed.append((session, reason))
        return session == 7

    def move_policy(self):
        self.epoch += 1


@asynccontextmanager
async def api(path, metrics_of=lambda here: None):
    """A client of the API over a simulated control plane; `admitted` is whom policy lets in."""
    async with world(path) as here:
        section = SimpleNamespace(name="orders-db", kind="postgres", labels={}, database="orders")
        policy = SimpleNamespace(
            applicable=lambda principal, target: SimpleNamespace(admitted=principal == AGENT)
        )
        plane = FakePlane()
        revoked = Revocations()
        operations = Operations(
            authenticator=FakeAuthenticator(),
            tickets=Tickets(MemoryTickets(), TicketsSection(), lambda: 1_000.0),
            authorities=SshAuthorities(path, lambda: 1_000.0),
            revocations=revoked,
            approvals=here.approvals,
            grants=here.grants,
            chat=None,
            catalogues=here.catalogues,
            doorbell=here.doorbell,
            destinations=Destinations([section]),
            policies=SimpleNamespace(current=policy),
            ending=Ending(OneSession(here.session, plane), plane, revoked),
            store=here.store,
            listed=WrittenBehind(here.store, sessions.note, "the list of sessions"),
            operators=ConsoleSection(operator_groups=["sg-ops"]),
            recordings=Recordings(
                store=here.store,
                journal=Journal(path / "journal"),
                index=path / "recordings.db",
                readers=RecordingsSection(),
                is_operator=lambda principal: "sg-ops" in principal.groups,
            ),
            metrics=metrics_of(here),
        )
        transport = httpx.ASGITransport(application(operations), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://console") as client:
            yield client, here, plane


def bearer(name):
    return {"Authorization": f"Bearer {name}"}


async def test_health_tells_that_it_serves_and_how_far_recordings_are_behind(tmp_path):
    async with api(tmp_path) as (client, _, _):
        assert (await client.get("/v1/health")).json() == {
            "status": "ok",
            "recordings": {"index_lag_s": None, "exports": {}},
        }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/approvals"),
        ("GET", "/v1/approvals/apr_x"),
        ("POST", "/v1/approvals/apr_x/approve"),
        ("POST", "/v1/approvals/apr_x/deny"),
        ("GET", "/v1/sessions"),
        ("GET", "/v1/sessions/0000000000007"),
        ("POST", "/v1/sessions/0000000000007/kill"),
        ("POST", "/v1/revocations"),
    ],
)
@pytest.mark.parametrize("headers", [{}, bearer(""), bearer("forged"), {"Authorization": "Basic YTpi"}])
async def test_nothing_is_told_without_a_good_token(tmp_path, method, path, headers):
    async with api(tmp_path) as (client, _, plane):
        answer = await client.request(method, path, headers=headers)
        assert answer.status_code == 401
        assert set(answer.json()) == {"error", "message", "hint"}
        assert plane.closed == []


async def test_an_approver_sees_and_approves_what_is_theirs(tmp_path, mock_clock):
    async with api(tmp_path) as (client, here, _):
        ask = here.ask("UPDATE orders SET status = 'x' WHERE id = 1")
        name = await here.held()
        listed = (await client.get("/v1/approvals?state=requested", headers=bearer("dba"))).json()
        (one,) = listed["approvals"]
        assert (one["id"], one["statement"]) == (name, "UPDATE orders SET status = 'x' WHERE id = 1")
        path = f"/v1/approvals/{name}/approve"
        answer = await client.post(path, headers=bearer("dba"), json={"digest": one["digest"]})
        assert answer.status_code == 200
        assert answer.json()["state"] == "approved"
        assert (await client.post(path, headers=bearer("dba"))).status_code == 200
        await here.settled()
        assert here.plane.answers[ask][0] == "allow"


async def test_what_the_requester_and_strangers_get(tmp_path, mock_clock):
    async with api(tmp_path) as (client, here, _):
        here.ask("UPDATE orders")
        name = await here.held()
        own = await client.post(f"/v1/approvals/{name}/approve", headers=bearer("agent"))
        assert (own.status_code, own.json()["error"]) == (403, "not-eligible")
        assert (await client.get(f"/v1/approvals/{name}", headers=bearer("agent"))).status_code == 200
        assert (await client.get(f"/v1/approvals/{name}", headers=bearer("stranger"))).status_code == 403
        assert (await client.get("/v1/approvals", headers=bearer("stranger"))).json() == {"approvals": []}
        assert len((await client.get("/v1/approvals", headers=bearer("operator"))).json()["approvals"]) == 1
        assert await here.state(name) == "requested"


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"not json", 400, "invalid"),
        (b"[1]", 400, "invalid"),
        (b'{"reason": 7}', 400, "invalid"),
        (b'{"approve": "yes"}', 400, "invalid"),
        (b'{"reason": "' + b"x" * BODY_BYTES_MAX + b'"}', 413, "too-large"),
        (b'{"digest": "00"}', 409, "digest-mismatch"),
    ],
)
async def test_a_vote_that_is_not_one_changes_nothing(tmp_path, mock_clock, body, status, error):
    async with api(tmp_path) as (client, here, _):
        here.ask("UPDATE orders")
        name = await here.held()
        answer = await client.post(f"/v1/approvals/{name}/approve", headers=bearer("dba"), content=body)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert await here.state(name) == "requested"


async def test_a_closed_request_answers_conflict(tmp_path, mock_clock):
    async with api(tmp_path) as (client, here, _):
        here.ask("UPDATE orders")
        name = await here.held()
        denied = await client.post(f"/v1/approvals/{name}/deny", headers=bearer("dba"), json={"reason": "no"})
        assert denied.json()["state"] == "denied"
        answer = await client.post(f"/v1/approvals/{name}/approve", headers=bearer("dba"))
        assert (answer.status_code, answer.json()["error"]) == (409, "closed")
        unknown = await client.post("/v1/approvals/apr_nosuchone1/approve", headers=bearer("dba"))
        assert (unknown.status_code, unknown.json()["error"]) == (404, "not-found")


async def test_an_approval_is_never_given_by_get(tmp_path, mock_clock):
    """Link scanners fetch every address in a message."""
    async with api(tmp_path) as (client, here, _):
        here.ask("UPDATE orders")
        name = await here.held()
        answer = await client.get(f"/v1/approvals/{name}/approve", headers=bearer("dba"))
        assert (answer.status_code, answer.json()["error"]) == (405, "method-not-allowed")
        assert await here.state(name) == "requested"


async def test_sessions_are_for_operators(tmp_path):
    async with api(tmp_path) as (client, here, plane):
        here.store.run_here(sessions.add, SessionRow(7, AGENT.key, "orders-db", "peer", 1, "{}"))
        name = session_name(7)
        for path in ("/v1/sessions", f"/v1/sessions/{name}"):
            assert (await client.get(path, headers=bearer("dba"))).status_code == 403
        assert (await client.post(f"/v1/sessions/{name}/kill", headers=bearer("agent"))).status_code == 403
        assert plane.closed == []
        listed = (await client.get("/v1/sessions?open=1", headers=bearer("operator"))).json()["sessions"]
        assert [one["id"] for one in listed] == [name]
        killed = await client.post(f"/v1/sessions/{name}/kill", headers=bearer("operator"))
        assert killed.status_code == 200
        assert plane.closed[0][0] == 7
        other = await client.post(f"/v1/sessions/{session_name(8)}/kill", headers=bearer("operator"))
        assert other.status_code == 409
        assert (await client.get("/v1/sessions/!!", headers=bearer("operator"))).status_code == 404


async def test_revoking_ends_sessions_and_voids_verdicts(tmp_path):
    async with api(tmp_path) as (client, _, plane):
        body = {"principal": AGENT.key, "reason": "leaked"}
        assert (await client.post("/v1/revocations", headers=bearer("dba"), json=body)).status_code == 403
        answer = await client.post("/v1/revocations", headers=bearer("operator"), json=body)
        assert answer.json() == {"principal": AGENT.key, "sessions_ended": 1}
        assert [session for session, _ in plane.closed] == [7]
        assert plane.epoch == 2


@pytest.mark.parametrize("body", [{}, {"reason": "x"}, {"certificate": "1", "token": "t"}, {"ticket": "t"}])
async def test_a_revocation_names_one_thing(tmp_path, body):
    async with api(tmp_path) as (client, _, plane):
        answer = await client.post("/v1/revocations", headers=bearer("operator"), json=body)
        assert (answer.status_code, plane.closed, plane.epoch) == (400, [], 1)


async def test_evidence_and_apps_are_revoked_by_name(tmp_path):
    async with api(tmp_path) as (client, _, plane):
        for subject, value, ended in (("certificate", "81", 0), ("token", "u-1", 0), ("app", AGENT.app, 1)):
            answer = await client.post(
                "/v1/revocations", headers=bearer("operator"), json={subject: value, "reason": "leaked"}
            )
            assert answer.json() == {subject: value, "sessions_ended": ended}
        assert [session for session, _ in plane.closed] == [7]


async def test_a_token_is_exchanged_for_a_ticket(tmp_path):
    async with api(tmp_path) as (client, _, _):
        answer = await client.post("/v1/token", data=EXCHANGE)
        body = answer.json()
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert body["access_token"].startswith("nrw_")
        assert body["token_type"] == "N_A"


CERTIFICATE = {
    **{name: value for name, value in EXCHANGE.items() if name != "audience"},
    "requested_token_type": "urn:narrows:token-type:ssh-certificate",
    "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPYfTbIeaZF0oCJ8nvVVv2GmbTTlQJTVnhqFcYrYwQo agent",
}


async def test_a_token_is_exchanged_for_a_certificate_over_a_key(tmp_path):
    async with api(tmp_path) as (client, _, _):
        answer = await client.post("/v1/token", data=CERTIFICATE | {"source_address": "192.0.2.7"})
        body = answer.json()
        assert answer.status_code == 200, body
        assert body["issued_token_type"] == CERTIFICATE["requested_token_type"]
        assert body["access_token"].startswith("ssh-ed25519-cert-v01@openssh.com ")
        for change in (
            {"public_key": ""},
            {"public_key": "ssh-ed25519 AAAA"},
            {"audience": "orders-db"},
            {"source_address": "anywhere"},
            {"subject_token": "forged"},
            {"actor_token": "x"},
        ):
            answer = await client.post("/v1/token", data=CERTIFICATE | change)
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), change


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": "forged"}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"audience": None}, "invalid_target"),
        ({"audience": "other-db"}, "invalid_target"),
        ({"resource": "other-db"}, "invalid_target"),
        ({"subject_token": "stranger"}, "invalid_target"),
    ],
)
async def test_an_exchange_that_is_refused_says_so_in_oauths_words(tmp_path, change, error):
    fields = {name: value for name, value in (EXCHANGE | change).items() if value is not None}
    async with api(tmp_path) as (client, _, _):
        answer = await client.post("/v1/token", data=fields)
        assert (answer.status_code, answer.json()["error"]) == (400, error)
        assert answer.json()["error_description"]


async def test_a_form_with_a_field_twice_or_no_form_is_refused(tmp_path):
    async with api(tmp_path) as (client, _, _):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        twice = httpx.QueryParams([*EXCHANGE.items(), ("audience", "other-db")])
        for content, headers in ((str(twice), form), ("{}", {}), ("%%%", form)):
            answer = await client.post("/v1/token", content=content, headers=headers)
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_defect_is_answered_without_its_details(tmp_path, monkeypatch):
    async with api(tmp_path) as (client, here, _):
        monkeypatch.setattr(here.store, "run_beside", None)
        answer = await client.get("/v1/approvals", headers=bearer("dba"))
        assert (answer.status_code, answer.json()["error"]) == (500, "internal")
        assert "NoneType" not in answer.text


async def test_unknown_paths_have_the_same_shape_of_error(tmp_path):
    async with api(tmp_path) as (client, _, _):
        answer = await client.get("/v2/anything")
        assert (answer.status_code, answer.json()["error"]) == (404, "not-found")
