"""Signing in and out, and everything that must not sign anybody in."""

from __future__ import annotations

import json
import secrets
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import trio
import trio.testing

from narrows.console.app import application
from narrows.console.web.guard import COOKIE
from narrows.console.web.live import HEARTBEAT_S, LOOK_AGAIN_S
from narrows.console.web.logins import ATTEMPT_MAX_S, IDLE_MAX_S, SIGNED_IN_MAX_S
from narrows.console.web.sign_in import BROWSER_COOKIE, own_page
from narrows.errors import StoreError
from narrows.identity.revocation import Revocation
from narrows.store import open_store
from narrows.store.schema import logins
from tests.console.console import CALLBACK, ORIGIN, Browser, web_console

GUID = "99999999-2222-4333-8444-555555555555"


def cookies_of(response):
    """Set-Cookie headers by name, each with its attributes in lower case."""
    found = {}
    for header in response.headers.get_list("set-cookie"):
        value, *attributes = (part.strip() for part in header.split(";"))
        found[value.partition("=")[0]] = {attribute.lower() for attribute in attributes}
    return found


async def test_a_person_signs_in_and_sees_their_inbox(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        first = await browser.get("/approvals/apr_x?y=1")
        assert (first.status_code, first.headers["location"]) == (
            303,
            "/sign-in?next=%2Fapprovals%2Fapr_x%3Fy%3D1",
        )
        back = await browser.sign_in("dana")
        assert (back.status_code, back.headers["location"]) == (303, "/")
        page = await browser.get("/")
        assert page.status_code == 200
        assert "Dana" in page.text


async def test_the_issuer_is_asked_with_pkce_state_and_nonce(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        begun = await browser.get("/sign-in?go=1")
        query = {
            name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()
        }
        assert query["redirect_uri"] == CALLBACK
        assert query["code_challenge_method"] == "S256"
        assert query["response_type"] == "code"
        assert len(query["state"]) == len(query["nonce"]) == len(query["code_challenge"]) == 43
        assert "max_age" not in query
        await browser.get(site.issuer.log_in(begun.headers["location"], "dana"))
        (asked,) = site.issuer.asked
        assert asked["redirect_uri"] == CALLBACK
        assert len(asked["code_verifier"]) == 43
        assert asked["code_verifier"] not in begun.headers["location"]


async def test_cookies_are_for_this_host_over_tls_and_not_for_scripts(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        begun = await browser.get("/sign-in?go=1")
        back = await browser.get(site.issuer.log_in(begun.headers["location"], "dana"))
        required = {"secure", "httponly", "samesite=lax", "path=/"}
        assert required <= cookies_of(begun)[BROWSER_COOKIE]
        assert required <= cookies_of(back)[COOKIE]
        for response in (begun, back):
            for name, attributes in cookies_of(response).items():
                assert name.startswith("__Host-")
                assert not any(attribute.startswith("domain") for attribute in attributes)


async def test_a_cookie_that_was_there_before_is_not_the_one_signed_in(tmp_path):
    """Session fixation: whoever planted a cookie must not share the login."""
    planted = secrets.token_urlsafe(32)
    async with web_console(tmp_path) as site, site.browser() as browser:
        browser.cookies.set(COOKIE, planted, domain="console.example")
        await browser.sign_in("dana")
        first = browser.cookies[COOKIE]
        assert first != planted
        await browser.sign_in("dana")
        assert browser.cookies[COOKIE] != first
        for old in (planted, first):
            answer = await browser.get("/", headers={"Cookie": f"{COOKIE}={old}"})
            assert answer.status_code == 303


async def test_signing_out_ends_the_login_itself(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        kept = browser.cookies[COOKIE]
        assert (await browser.submit("/sign-out")).headers["location"] == "/signed-out"
        assert (await browser.get("/signed-out")).status_code == 200
        assert (await browser.get("/", headers={"Cookie": f"{COOKIE}={kept}"})).status_code == 303


async def test_a_state_is_good_once(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        begun = await browser.get("/sign-in?go=1")
        address = site.issuer.log_in(begun.headers["location"], "dana")
        assert (await browser.get(address)).status_code == 303
        assert (await browser.get(address)).status_code == 403
        assert len(site.issuer.asked) == 1


@pytest.mark.parametrize("query", ["", "?code=x", "?state=&code=x", "?state=forged&code=x", "?error=denied"])
async def test_a_forged_state_signs_nobody_in(tmp_path, query):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.get("/sign-in?go=1")
        answer = await browser.get(f"/sign-in/callback{query}")
        assert answer.status_code == 403
        assert COOKIE not in browser.cookies
        assert site.issuer.asked == []


async def test_a_sign_in_ends_in_the_browser_that_began_it(tmp_path):
    """Login CSRF: a link with the attacker's own code must not sign the victim in as the attacker."""
    async with web_console(tmp_path) as site, site.browser() as attacker, site.browser() as victim:
        begun = await attacker.get("/sign-in?go=1")
        address = site.issuer.log_in(begun.headers["location"], "sam")
        await victim.get("/sign-in?go=1")
        assert (await victim.get(address)).status_code == 403
        assert COOKIE not in victim.cookies
        assert (await attacker.get(address)).status_code == 303


async def test_a_forged_or_replayed_code_is_refused_by_the_issuer(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        begun = await browser.get("/sign-in?go=1")
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        answer = await browser.get("/sign-in/callback", params={"code": "forged", "state": state})
        assert (answer.status_code, COOKIE in browser.cookies) == (403, False)
        assert "refuses" in answer.text
        first = await browser.get("/sign-in?go=1")
        used = parse_qs(urlsplit(site.issuer.log_in(first.headers["location"], "dana")).query)
        await browser.get("/sign-in/callback", params={name: values[0] for name, values in used.items()})
        browser.cookies.delete(COOKIE)
        second = await browser.get("/sign-in?go=1")
        state = parse_qs(urlsplit(second.headers["location"]).query)["state"][0]
        answer = await browser.get("/sign-in/callback", params={"code": used["code"][0], "state": state})
        assert (answer.status_code, COOKIE in browser.cookies) == (403, False)


async def test_a_code_of_another_sign_in_is_refused(tmp_path):
    """Code injection: PKCE ties the code to the verifier of the sign-in that asked for it."""
    async with web_console(tmp_path) as site, site.browser() as attacker, site.browser() as victim:
        begun = await attacker.get("/sign-in?go=1")
        stolen = parse_qs(urlsplit(site.issuer.log_in(begun.headers["location"], "sam")).query)["code"][0]
        own = await victim.get("/sign-in?go=1")
        state = parse_qs(urlsplit(own.headers["location"]).query)["state"][0]
        answer = await victim.get("/sign-in/callback", params={"code": stolen, "state": state})
        assert (answer.status_code, COOKIE in victim.cookies) == (403, False)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"nonce": "another"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"aud": GUID}, "another application"),
        ({"aud": ["api://n"]}, "another application"),
        ({"azp": GUID}, "another application"),
        ({"iss": "https://evil.example/v2.0"}, "another issuer"),
        ({"tid": GUID}, "of tenant"),
        ({"oid": None}, "no object id"),
        ({"exp": 1_000}, "expire"),
        ({"iat": 2**32, "nbf": 2**32, "exp": 2**32 + 60}, "future"),
        ({"exp": "soon"}, "whole seconds"),
        ({"_claim_names": {"groups": "src1"}}, "too many"),
        ({"groups": "x" * 3, "cnf": {"kid": "k"}}, "bound to a key"),
        ({"idtyp": "app"}, "an agent signed in"),
        ({"xms_sub_fct": "13"}, "an agent signed in"),
    ],
)
async def test_an_id_token_that_is_not_ours_signs_nobody_in(tmp_path, claims, reason):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.issuer.bent = claims
        answer = await browser.sign_in("dana")
        assert (answer.status_code, COOKIE in browser.cookies) == (403, False)
        assert reason in answer.text


@pytest.mark.parametrize("header", [{"kid": "unknown"}, {"jku": "https://evil.example"}, {"typ": "at+jwt2"}])
async def test_an_id_token_with_another_header_signs_nobody_in(tmp_path, header):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.issuer.header = header
        assert (await browser.sign_in("dana")).status_code == 403
        assert COOKIE not in browser.cookies


async def test_another_issuers_answer_is_not_taken(tmp_path):
    """Mix-up: RFC 9207's `iss`, where it is sent, must be the issuer's."""
    async with web_console(tmp_path) as site, site.browser() as browser:
        begun = await browser.get("/sign-in?go=1")
        address = site.issuer.log_in(begun.headers["location"], "dana")
        assert (await browser.get(f"{address}&iss=https%3A%2F%2Fevil.example")).status_code == 403


async def test_a_fresh_sign_in_must_be_fresh(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        begun = await browser.get("/sign-in?fresh=1")
        query = parse_qs(urlsplit(begun.headers["location"]).query)
        assert (query["max_age"], query["prompt"]) == (["0"], ["login"])
        site.issuer.bent = {"auth_time": None}
        refused = await browser.get(site.issuer.log_in(begun.headers["location"], "dana"))
        assert "auth_time" in refused.text
        begun = await browser.get("/sign-in?fresh=1")
        site.issuer.bent = {"auth_time": 1_000_000}
        refused = await browser.get(site.issuer.log_in(begun.headers["location"], "dana"))
        assert "not fresh" in refused.text
        site.issuer.bent = {}
        begun = await browser.get("/sign-in?fresh=1")
        good = await browser.get(site.issuer.log_in(begun.headers["location"], "dana"))
        assert good.status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\r\nSet-Cookie:x",
        "javascript:alert(1)",
        "/\tevil",
        "evil.example",
        "",
        "/sign-out",
        "/sign-in?go=1",
    ],
)
async def test_one_comes_back_to_a_page_of_ours_only(tmp_path, path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        back = await browser.sign_in("dana", path)
        location = back.headers["location"]
        assert location == own_page(path)
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
        assert "evil.example" not in location.partition("/")[0]
        assert "set-cookie:x" not in str(back.headers).lower()


async def test_a_login_ends_by_time(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        mock_clock.jump(IDLE_MAX_S - 1)
        assert (await browser.get("/")).status_code == 200
        mock_clock.jump(IDLE_MAX_S - 1)
        live = await browser.get("/", headers={"Narrows-Live": "1"})
        assert live.status_code == 200
        mock_clock.jump(2)
        assert (await browser.get("/")).status_code == 303
        await browser.sign_in("dana")
        for _ in range(int(SIGNED_IN_MAX_S / IDLE_MAX_S) + 1):
            mock_clock.jump(IDLE_MAX_S - 1)
            last = await browser.get("/")
        assert last.status_code == 303


async def test_an_attempt_ends_by_time(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        begun = await browser.get("/sign-in?go=1")
        address = site.issuer.log_in(begun.headers["location"], "dana")
        mock_clock.jump(ATTEMPT_MAX_S)
        assert (await browser.get(address)).status_code == 403


async def test_whoever_is_revoked_is_signed_out(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        principal = f"entra/{site.issuer.entra.tenant}/{site.issuer.people['dana'].object_id}"
        site.operations.revocations.add(Revocation("principal", principal, "left"))
        assert (await browser.get("/")).status_code == 303
        assert (await browser.sign_in("dana")).status_code == 403


async def test_a_secret_client_proves_itself(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.issuer.console.public = False
        site.issuer.console.secrets = ["s3cret"]
        assert (await browser.sign_in("dana")).status_code == 403
        site.operations.sign_in._secret = lambda: b"s3cret"
        assert (await browser.sign_in("dana")).status_code == 303


async def test_without_a_client_the_page_says_what_to_set(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.operations.sign_in = None
        page = await browser.get("/sign-in")
        assert "client-id" in page.text
        assert (await browser.get("/sign-in?go=1")).status_code == 503


async def test_many_attempts_are_forgotten_oldest_first(tmp_path, monkeypatch):
    monkeypatch.setattr("narrows.console.web.logins.ATTEMPTS_MAX", 2)
    async with web_console(tmp_path) as site, site.browser() as browser:
        begun = [await browser.get("/sign-in?go=1") for _ in range(3)]
        first, last = (site.issuer.log_in(one.headers["location"], "dana") for one in (begun[0], begun[2]))
        assert (await browser.get(first)).status_code == 403
        assert (await browser.get(last)).status_code == 303


async def test_an_issuer_that_says_nothing_is_given_up(tmp_path, autojump_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:

        async def hang(url):
            await trio.sleep_forever()

        site.operations.sign_in._https.read = hang
        answer = await browser.get("/sign-in?go=1")
        assert "did not answer" in answer.text
        assert answer.headers["content-security-policy"]


@asynccontextmanager
async def another_node(site, path):
    """A browser at another gateway over the same store, or at the same one after a restart."""
    store = open_store(path / "narrows.db")
    try:
        operations = replace(site.operations, store=store)
        app = application(operations, origin=ORIGIN, now_ms=site.here.approvals._now_ms)
        async with Browser(replace_app(site, app)) as browser:
            yield browser
    finally:
        store.close()


def replace_app(site, app):
    """The same site, served by another application."""
    other = replace(site)
    other.app = app
    return other


async def test_a_sign_in_holds_at_another_node_and_after_a_restart(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        async with another_node(site, tmp_path) as elsewhere:
            elsewhere.cookies.set(COOKIE, browser.cookies[COOKIE], domain="console.example")
            page = await elsewhere.get("/")
            assert (page.status_code, "Dana" in page.text) == (200, True)
            form = {"csrf": await browser.csrf()}
            assert (
                await elsewhere.post("/sign-out", data=form, headers={"Origin": ORIGIN})
            ).status_code == 303
        assert (await browser.get("/")).status_code == 303, "signed out at one is signed out at all"


async def test_a_sign_in_may_end_at_another_node_than_it_began_at(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        begun = await browser.get("/sign-in?go=1")
        address = site.issuer.log_in(begun.headers["location"], "dana")
        async with another_node(site, tmp_path) as elsewhere:
            assert (await elsewhere.get(address)).status_code == 403, "it is another browser"
            elsewhere.cookies.set(BROWSER_COOKIE, browser.cookies[BROWSER_COOKIE], domain="console.example")
            assert (await elsewhere.get(address)).status_code == 303
            assert (await elsewhere.get("/")).status_code == 200
        assert (await browser.get(address)).status_code == 403, "and only once"


async def test_a_live_page_ends_when_one_signs_out_elsewhere(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        async with trio.open_nursery() as nursery:
            ended = trio.Event()

            async def read():
                await browser.get("/live/inbox")
                ended.set()

            nursery.start_soon(read)
            await trio.testing.wait_all_tasks_blocked(0.01)
            async with another_node(site, tmp_path) as elsewhere:
                elsewhere.cookies.set(COOKIE, browser.cookies[COOKIE], domain="console.example")
                form = {"csrf": await elsewhere.csrf()}
                await elsewhere.post("/sign-out", data=form, headers={"Origin": ORIGIN})
            assert not ended.is_set()
            mock_clock.jump(HEARTBEAT_S + LOOK_AGAIN_S)
            await ended.wait()


async def test_the_store_says_neither_who_is_signed_in_nor_lets_anybody_in(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        row = site.here.store.run_here(lambda connection: connection.execute(logins.select()).one())
        person = site.issuer.people["dana"]
        for told in (str(row), str(bytes.fromhex(row.sealed))):
            for secret in ("sg-dba", "Dana", person.object_id, browser.cookies[COOKIE]):
                assert secret not in told
        async with site.browser() as thief:
            for value in (row.digest, row.sealed, row.sealed[:64]):
                thief.cookies.set(COOKIE, value, domain="console.example")
                assert (await thief.get("/")).status_code == 303


@pytest.mark.parametrize("sealed", ["", "zz", "00" * 40, json.dumps({"principal": {}, "csrf": "x"})])
async def test_a_login_that_was_changed_in_the_store_is_none(tmp_path, sealed):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        change = logins.update().values(sealed=sealed)
        site.here.store.run_here(lambda connection: connection.execute(change))
        assert (await browser.get("/")).status_code == 303


async def test_while_the_store_is_away_nobody_is_let_in(tmp_path, monkeypatch):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")

        async def away(*arguments, **named):
            raise StoreError("gone")

        monkeypatch.setattr(type(site.here.store), "run_beside", away)
        answer = await browser.get("/")
        assert (answer.status_code, "Dana" in answer.text) == (503, False)


async def test_many_logins_push_out_the_one_used_longest_ago(tmp_path, monkeypatch, mock_clock):
    monkeypatch.setattr("narrows.console.web.logins.LOGINS_MAX", 2)
    async with web_console(tmp_path) as site, site.browser() as first, site.browser() as second:
        await first.sign_in("dana")
        mock_clock.jump(100)
        await second.sign_in("omar")
        mock_clock.jump(100)
        assert (await first.get("/")).status_code == 200
        async with site.browser() as third:
            await third.sign_in("sam")
            assert [(await one.get("/")).status_code for one in (first, second, third)] == [200, 303, 200]
