"""The web pages in process: a simulated control plane, an emulated tenant, and a browser without scripts."""

from __future__ import annotations

import re
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx

from narrows.config import ConsoleSection, IssuerSection, RecordingsSection, TicketsSection
from narrows.console.app import application
from narrows.demo.entra import Application, EntraEmulator, EntraError, Person
from narrows.demo.entra.tokens import issuer
from narrows.gateway import Operations
from narrows.gateway.destinations import Destinations
from narrows.gateway.ending import Ending
from narrows.gateway.recordings import Recordings
from narrows.identity.entra import EntraIssuer
from narrows.identity.https import Https
from narrows.identity.keys import IssuerKeys
from narrows.identity.relying_party import RelyingParty
from narrows.identity.revocation import Revocations
from narrows.identity.tickets import MemoryTickets, Tickets
from narrows.policy import load
from narrows.recordings.frames import Journal
from narrows.store import sessions as session_rows
from narrows.store.behind import WrittenBehind
from tests.control.simulation import OneSession, World, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ORIGIN = "https://console.example"
TENANT = "11111111-2222-4333-8444-555555555555"
CALLBACK = f"{ORIGIN}/sign-in/callback"
PASSWORD = "pw"
POLICY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "read-orders"
principals = ["agents"]
targets = ["orders-*"]
effect = "allow"
postgres = { verbs = ["select"], tables = ["public.orders"] }

[[mask]]
id = "cards"
targets = ["orders-db"]
columns = ["public.orders.card"]
transform = "last4"
"""


class Issuer:
    """An emulated tenant behind a transport that never touches a network."""

    def __init__(self, directory: Path) -> None:
        self.entra = EntraEmulator(directory, tenant=TENANT, bind="127.0.0.1:8443")
        self.console = self.entra.directory.add_application(
            Application("console", public=True, redirect_uris=[CALLBACK])
        )
        self.people = {
            name: self.entra.directory.add_person(
                Person(f"{name}@example.com", PASSWORD, name=name.title(), groups=groups)
            )
            for name, groups in {"dana": ["sg-dba"], "omar": ["sg-ops"], "sam": ["sg-sales"]}.items()
        }
        self.bent: dict[str, Any] = {}
        """Claims that replace those of the next ID tokens; None leaves one out."""
        self.header: dict[str, Any] = {}
        self.asked: list[dict[str, str]] = []
        """What was sent to the token endpoint."""

    @property
    def iss(self) -> str:
        return issuer(self.entra.authority, TENANT, 2)

    def party(self) -> RelyingParty:
        section = IssuerSection(
            name="entra", kind="entra", tenant=TENANT, authority=self.entra.authority, audiences=["api://n"]
        )
        transport = httpx.MockTransport(self._answer)
        keys = IssuerKeys(self, issuer=self.iss, tenant=TENANT)
        return RelyingParty(
            EntraIssuer(section, "2.0", keys),
            self.console.client_id,
            https=Https(self.iss, transport=transport),
        )

    async def fetch(self) -> bytes:
        """The tenant's keys, as a key source gives them."""
        return httpx.Response(200, json=self.entra.keys.document(self.iss)).content

    def log_in(self, location: str, name: str) -> str:
        """Fills in the form that a browser is sent to; where the browser is sent back to."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}
        return self.entra.log_in(query | {"username": self.people[name].username, "password": PASSWORD})

    def _answer(self, request: httpx.Request) -> httpx.Response:
        base = f"{self.entra.authority}/{TENANT}"
        if request.method == "GET":
            return httpx.Response(
                200,
                json={
                    "issuer": self.iss,
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                },
            )
        form = {key: values[0] for key, values in parse_qs(request.content.decode()).items()}
        self.asked.append(form)
        try:
            reply = self.entra.answer(form)
        except EntraError as error:
            return httpx.Response(error.status, json=error.body())
        return httpx.Response(200, json=reply | {"id_token": self._bend(reply["id_token"])})

    def _bend(self, token: str) -> str:
        if not self.bent and not self.header:
            return token
        import jwt

        claims = jwt.decode(token, options={"verify_signature": False}) | self.bent
        return self.entra.sign(
            {name: value for name, value in claims.items() if value is not None}, header=self.header
        )


@dataclass
class FakePlane:
    closed: list[int] = field(default_factory=list)

    def close_session(self, session: int, *, reason: str, hint: str = "") -> bool:
        self.closed.append(session)
        return session == 7


class Browser(httpx.AsyncClient):
    """Keeps cookies, follows nothing by itself, sends what browsers send."""

    def __init__(self, site: WebConsole) -> None:
        transport = httpx.ASGITransport(site.app, raise_app_exceptions=False)
        super().__init__(transport=transport, base_url=ORIGIN, headers={"Accept": "text/html"})
        self.site = site

    async def sign_in(self, name: str, path: str = "/") -> httpx.Response:
        """Signs in; the response that leads to the page."""
        begun = await self.get("/sign-in", params={"go": "1", "next": path})
        assert begun.status_code == 303, begun.text
        return await self.get(self.site.issuer.log_in(begun.headers["location"], name))

    async def csrf(self) -> str:
        """The secret of this browser's forms."""
        page = await self.get("/")
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert found, page.text
        return found[1]

    async def submit(self, path: str, **fields: str) -> httpx.Response:
        """Sends a form of ours."""
        sent = {"csrf": await self.csrf()} | fields
        return await self.post(path, data=sent, headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"})


@dataclass
class WebConsole:
    """The console of a simulated gateway."""

    here: World
    plane: FakePlane
    operations: Operations
    issuer: Issuer

    def __post_init__(self) -> None:
        self.app = application(self.operations, origin=ORIGIN, now_ms=self.here.approvals._now_ms)

    def browser(self) -> Browser:
        return Browser(self)


@asynccontextmanager
async def web_console(path: Path, *, operators: tuple[str, ...] = ("sg-ops",)) -> AsyncIterator[WebConsole]:
    """A console whose clock is Trio's."""
    (path / "policies").mkdir()
    (path / "policies" / "base.toml").write_text(POLICY)
    tenant = Issuer(path / "entra")
    async with world(path, start_s=int(time.time())) as here:  # as it is for the issuer
        section = SimpleNamespace(name="orders-db", kind="postgres", labels={}, database="orders")
        plane = FakePlane()
        revoked = Revocations()
        operations = Operations(
            authenticator=None,  # type: ignore[arg-type]
            tickets=Tickets(MemoryTickets(), TicketsSection(), lambda: 1_000.0),
            authorities=None,  # type: ignore[arg-type]
            revocations=revoked,
            approvals=here.approvals,
            grants=here.grants,
            chat=None,  # type: ignore[arg-type]
            catalogues=SimpleNamespace(last=lambda target: None),  # type: ignore[arg-type]
            doorbell=here.doorbell,
            destinations=Destinations([section]),  # type: ignore[list-item]
            policies=SimpleNamespace(current=load(path / "policies")),  # type: ignore[arg-type]
            ending=Ending(OneSession(here.session, plane), plane, revoked),  # type: ignore[arg-type]
            store=here.store,
            listed=WrittenBehind(here.store, session_rows.note, "the list of sessions"),
            operators=ConsoleSection(operator_groups=list(operators)),
            recordings=Recordings(
                store=here.store,
                journal=Journal(path / "journal"),
                index=path / "recordings.db",
                readers=RecordingsSection(),
                is_operator=lambda principal: "sg-ops" in principal.groups,
            ),
            sign_in=tenant.party(),
        )
        yield WebConsole(here, plane, operations, tenant)
