"""The emulated tenant's authorization endpoint, as a real client of Entra and as an attacker use it."""

from __future__ import annotations

import re
import ssl
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msal
import pytest
import trio

from narrows.demo.entra import Application, EntraEmulator, EntraError, Person
from narrows.demo.entra.authorize import CODE_LIFETIME_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

REDIRECT = "https://console.example/sign-in/callback"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
"""The pair of RFC 7636's appendix B."""


class Tenant:
    def __init__(self, folder: Path) -> None:
        self.now = 1_800_000_000.0
        self.entra = EntraEmulator(folder, clock=lambda: self.now)
        add = self.entra.directory.add_application
        self.console = add(Application("console", public=True, redirect_uris=[REDIRECT]))
        self.other = add(Application("other", public=True, redirect_uris=[REDIRECT]))
        self.entra.directory.add_person(Person("dana@example.com", "pw", name="Dana", groups=["sg-dba"]))
        self.request = {
            "client_id": self.console.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": "openid profile",
            "state": "s",
            "nonce": "n",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        self.person = {"username": "dana@example.com", "password": "pw"}

    def code(self, **changes: str) -> str:
        address = self.entra.log_in(self.request | self.person | changes)
        return parse_qs(urlsplit(address).query)["code"][0]

    def redeem(self, given: str, **changes: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "client_id": self.console.client_id,
            "code": given,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        }
        return self.entra.answer(form | changes)


@pytest.fixture
def tenant(tmp_path: Path) -> Tenant:
    return Tenant(tmp_path)


@pytest.fixture
async def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Tenant]:
    made = Tenant(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.entra.ca_file))  # msal lets it override `verify`
    async with trio.open_nursery() as nursery:
        await nursery.start(made.entra.serve)
        yield made
        nursery.cancel_scope.cancel()


@pytest.mark.filterwarnings("ignore:response_mode")  # form_post needs SameSite=None, which is worse
async def test_msal_signs_a_person_in(serving: Tenant) -> None:
    serving.now = time.time()

    def sign_in() -> dict[str, Any]:
        client = msal.PublicClientApplication(
            serving.console.client_id,
            authority=f"{serving.entra.authority}/{serving.entra.tenant}",
            instance_discovery=False,
        )
        flow = client.initiate_auth_code_flow([], redirect_uri=REDIRECT)
        tls = ssl.create_default_context(cafile=serving.entra.ca_file)
        with httpx.Client(verify=tls, trust_env=False) as browser:
            form = browser.get(flow["auth_uri"]).text
            hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
            back = browser.post(flow["auth_uri"], data=hidden | serving.person)
        given = parse_qs(urlsplit(back.headers["location"]).query)
        query = {name: values[0] for name, values in given.items()}
        reply: dict[str, Any] = client.acquire_token_by_auth_code_flow(flow, query)
        return reply

    reply = await trio.to_thread.run_sync(sign_in)
    claims = reply["id_token_claims"]
    assert (claims["aud"], claims["groups"]) == (serving.console.client_id, ["sg-dba"])


def test_a_code_is_good_once(tenant: Tenant) -> None:
    code = tenant.code()
    assert tenant.redeem(code)["id_token"]
    with pytest.raises(EntraError, match="AADSTS54005"):
        tenant.redeem(code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"redirect_uri": "https://evil.example/"}, 50011),
        ({"redirect_uri": REDIRECT + "/"}, 50011),
        ({"client_id": "unknown"}, 700016),
        ({"response_type": "token"}, 700054),
        ({"scope": "profile"}, 70011),
        ({"code_challenge": ""}, 501491),
        ({"code_challenge_method": "plain"}, 501491),
        ({"password": "guess"}, 50126),
    ],
)
def test_a_request_that_is_not_right_gets_no_code(tenant: Tenant, changes: dict[str, str], code: int) -> None:
    with pytest.raises(EntraError, match=f"AADSTS{code}"):
        tenant.code(**changes)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code_verifier": "x" * 43}, 501481),
        ({"redirect_uri": "https://evil.example/"}, 500112),
        ({"code": "forged"}, 54005),
        ({"code_verifier": ""}, 900144),
    ],
)
def test_a_code_goes_to_whom_it_was_given(tenant: Tenant, changes: dict[str, str], code: int) -> None:
    with pytest.raises(EntraError, match=f"AADSTS{code}"):
        tenant.redeem(tenant.code(), **changes)


def test_a_code_of_another_client_or_too_old_is_refused(tenant: Tenant) -> None:
    with pytest.raises(EntraError, match="AADSTS500112"):
        tenant.redeem(tenant.code(), client_id=tenant.other.client_id)
    code = tenant.code()
    tenant.now += CODE_LIFETIME_S + 1
    with pytest.raises(EntraError, match="AADSTS70008"):
        tenant.redeem(code)
