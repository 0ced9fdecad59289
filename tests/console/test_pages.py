"""The pages in process: what they show, to whom, and what hostile text and forms do to them."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from narrows.console.web.guard import COOKIE
from narrows.console.web.headers import CONTENT_SECURITY_POLICY
from narrows.console.web.routes import web_routes
from narrows.console.web.visible import visible
from narrows.recordings import session_name
from narrows.store import sessions
from narrows.store.sessions import SessionRow
from tests.console.console import ORIGIN, web_console
from tests.control.simulation import AGENT, require_approval

UPDATE = "UPDATE orders SET status = 'refunded' WHERE id = 7"
WHO = {"key": AGENT.key, "name": "support agent", "kind": "app"}
RECORD = json.dumps({"principal": WHO, "user": "agent", "database": "orders"})


async def digest_on(browser, name):
    page = await browser.get(f"/approvals/{name}")
    return re.search(r'name="digest" value="([0-9a-f]{64})"', page.text)[1]


async def test_an_approver_sees_it_whole_and_approves(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        ask = site.here.ask(UPDATE)
        name = await site.here.held()
        await browser.sign_in("dana")
        assert name in (await browser.get("/")).text
        page = (await browser.get(f"/approvals/{name}")).text
        for shown in (
            "UPDATE orders SET status = &#39;refunded&#39; WHERE id = 7",
            "support agent",
            "sg-dba",
        ):
            assert shown in page
        digest = await digest_on(browser, name)
        done = await browser.submit(f"/approvals/{name}", vote="approve", digest=digest, reason="ticket 4711")
        assert (done.status_code, done.headers["location"]) == (303, f"/approvals/{name}")
        await site.here.settled()
        assert site.here.plane.answers[ask][0] == "allow"
        page = (await browser.get(f"/approvals/{name}")).text
        assert "ticket 4711" in page
        assert 'name="vote"' not in page


async def test_a_denial_reaches_the_agent(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        ask = site.here.ask(UPDATE)
        name = await site.here.held()
        await browser.sign_in("dana")
        digest = await digest_on(browser, name)
        await browser.submit(f"/approvals/{name}", vote="deny", digest=digest, reason="not this one")
        await site.here.settled()
        effect, verdict = site.here.plane.answers[ask]
        assert effect == "deny"
        assert "not this one" in verdict["reason"]


async def test_who_may_not_decide_is_told_who_may(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.ask(UPDATE)
        name = await site.here.held()
        await browser.sign_in("sam")
        assert name not in (await browser.get("/")).text
        page = await browser.get(f"/approvals/{name}")
        assert page.status_code == 403
        assert "group sg-dba" in page.text
        document = (await site.here.approvals.find(name)).request
        done = await browser.submit(f"/approvals/{name}", vote="approve", digest=document.digest)
        assert (done.status_code, await site.here.state(name)) == (403, "requested")


async def test_who_asked_has_no_buttons_and_no_say(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        person = site.issuer.people["dana"]
        own = replace(AGENT, tenant=site.issuer.entra.tenant, object_id=person.object_id, kind="user")
        site.here.session.principal = own
        site.here.ask(UPDATE)
        name = await site.here.held()
        await browser.sign_in("dana")
        page = (await browser.get(f"/approvals/{name}")).text
        assert "you asked for this yourself" in page
        assert 'name="vote"' not in page
        digest = (await site.here.approvals.find(name)).request.digest
        done = await browser.submit(f"/approvals/{name}", vote="approve", digest=digest)
        assert (done.status_code, await site.here.state(name)) == (403, "requested")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"vote": "approve"},
        {"vote": "approve", "digest": ""},
        {"vote": "maybe", "digest": "0" * 64},
        {"vote": "approve", "digest": "0" * 64},
    ],
)
async def test_a_form_that_decides_nothing_changes_nothing(tmp_path, mock_clock, fields):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.ask(UPDATE)
        name = await site.here.held()
        await browser.sign_in("dana")
        answer = await browser.submit(f"/approvals/{name}", **fields)
        assert answer.status_code in (400, 409)
        assert await site.here.state(name) == "requested"


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"csrf": ""}, {}),
        ({"csrf": "forged"}, {}),
        ({"csrf": None}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
    ],
)
async def test_a_form_from_elsewhere_decides_nothing(tmp_path, mock_clock, fields, headers):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.ask(UPDATE)
        name = await site.here.held()
        await browser.sign_in("dana")
        digest = await digest_on(browser, name)
        form = {"csrf": await browser.csrf(), "vote": "approve", "digest": digest} | fields
        sent = {key: value for key, value in form.items() if value is not None}
        for path in (f"/approvals/{name}", "/sign-out"):
            answer = await browser.post(path, data=sent, headers={"Origin": ORIGIN} | headers)
            assert answer.status_code == 403
        assert await site.here.state(name) == "requested"
        assert (await browser.get("/")).status_code == 200


async def test_anothers_csrf_token_is_no_good(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as dana, site.browser() as sam:
        await dana.sign_in("dana")
        await sam.sign_in("sam")
        answer = await dana.post("/sign-out", data={"csrf": await sam.csrf()})
        assert answer.status_code == 403


async def test_a_form_of_somebody_signed_out_is_refused(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        answer = await browser.post("/approvals/apr_x", data={"vote": "approve"})
        assert answer.status_code == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_a_method_in_a_header_or_field_is_not_the_method(tmp_path, mock_clock, method):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.ask(UPDATE)
        name = await site.here.held()
        await browser.sign_in("dana")
        digest = await digest_on(browser, name)
        csrf = await browser.csrf()
        query = {"_method": "POST", "vote": "approve", "digest": digest, "csrf": csrf}
        answer = await browser.request(
            method, f"/approvals/{name}", params=query, headers={"X-HTTP-Method-Override": "POST"}
        )
        assert answer.status_code in (200, 404)
        assert await site.here.state(name) == "requested"


HOSTILE = (
    "UPDATE '\u202edrop\u202c' \u200b<script>alert(1)</script> "
    '\x1b[31m\x00 \u3164 " onload=x &amp; {{ 7*7 }}'
)


async def test_hostile_text_is_shown_and_does_nothing(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.policy["UPDATE"] = replace(require_approval(), reason=HOSTILE, rule="<b>rule</b>")
        site.here.session.principal = replace(AGENT, name="<i>\u202eagent")
        site.here.ask(HOSTILE)
        name = await site.here.held()
        await browser.sign_in("dana")
        for path in ("/", f"/approvals/{name}"):
            page = (await browser.get(path)).text
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
            assert "<b>rule" not in page
            assert "<i>" not in page
            assert "{{ 7*7 }}" in page
            for hidden in "\u202e\u202c\u200b\x1b\x00\u3164":
                assert hidden not in page
                assert f">U+{ord(hidden):04X}</span>" in page


def test_plain_text_stays_as_it_is():
    assert visible("select 'é', \"ж\", 漢\n\t1 < 2 & 3") == (
        "select &#39;é&#39;, &#34;ж&#34;, 漢\n\t1 &lt; 2 &amp; 3"
    )


async def test_every_page_is_protected(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("omar")
        pages = ["/", "/sessions", "/policy", "/sign-in", "/signed-out", "/approvals/apr_x", "/nowhere"]
        for path in [*pages, "/static/console.css", "/static/none.css", "/sessions/!!", "/favicon.ico"]:
            answer = await browser.get(path)
            assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY, path
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
            assert answer.headers["referrer-policy"] == "same-origin"
            if path in pages:
                assert answer.headers["cache-control"] == "no-store", path
                assert not re.search(r"<script(?! src=)|<style| style=| on\w+=", answer.text), path
    assert "unsafe" not in CONTENT_SECURITY_POLICY


async def test_nothing_but_the_door_opens_without_a_login(tmp_path):
    open_to_all = {"/sign-in", "/sign-in/callback", "/signed-out", "/static/{name:path}", "/favicon.ico"}
    async with web_console(tmp_path) as site, site.browser() as browser:
        for route in web_routes():
            if route.path in open_to_all:
                continue
            path = route.path.replace("{id}", session_name(7))
            method = "POST" if "POST" in route.methods else "GET"
            for cookie in ("", "forged", "\x7f" * 40):
                answer = await browser.request(method, path, headers={"Cookie": f"{COOKIE}={cookie}"})
                assert answer.status_code == (401 if method == "POST" else 303), path
        assert site.plane.closed == []


@pytest.mark.parametrize("path", ["/sessions", "/sessions/0000000000007", "/policy", "/live/sessions"])
async def test_what_is_for_operators_says_so(tmp_path, path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        answer = await browser.get(path)
        assert answer.status_code == 403
        assert "sg-ops" in answer.text
        assert (await browser.submit(f"/sessions/{session_name(7)}/kill")).status_code == 403
        assert site.plane.closed == []


async def test_an_operator_finds_and_ends_sessions(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        row = SessionRow(7, AGENT.key, "orders-db", "192.0.2.7:1", 1_000, RECORD)
        site.here.store.run_here(sessions.add, row)
        site.here.store.run_here(sessions.add, replace(row, id=8, target="other_db"))
        await browser.sign_in("omar")
        page = (await browser.get("/sessions")).text
        assert session_name(7) in page
        assert session_name(8) in page
        found = (await browser.get("/sessions", params={"q": "orders-"})).text
        assert session_name(7) in found
        assert session_name(8) not in found
        wild = (await browser.get("/sessions", params={"q": "%"})).text
        assert session_name(7) not in wild
        page = await browser.get(f"/sessions/{session_name(7)}")
        assert f"/recordings/{session_name(7)}" in page.text
        assert (await browser.submit(f"/sessions/{session_name(7)}/kill")).status_code == 303
        assert (await browser.submit(f"/sessions/{session_name(8)}/kill")).status_code == 409
        assert site.plane.closed == [7]
        assert (await browser.get("/sessions/!!")).status_code == 404


async def test_a_search_looks_into_statements(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.store.run_here(
            sessions.add, SessionRow(7, AGENT.key, "orders-db", "192.0.2.7:1", 1_000, RECORD)
        )
        site.here.ask("SELECT very_special_column FROM orders")
        await site.here.audit.flush()
        await browser.sign_in("omar")
        found = (await browser.get("/sessions", params={"q": "special_col"})).text
        assert session_name(7) in found
        assert session_name(7) not in (await browser.get("/sessions", params={"q": "specialXcol"})).text


async def test_policy_is_shown_and_explained(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("omar")
        page = (await browser.get("/policy")).text
        for shown in ("read-orders", "orders-*", "public.orders.card", "last4", "base.toml:6"):
            assert shown in page
        question = {"target": "orders-db", "issuer": "entra", "kind": "app", "groups": "sg-support, x"}
        allowed = await browser.submit("/policy", text="select 1 from orders", **question)
        assert "allow</span> by <b>read-orders" in allowed.text
        denied = await browser.submit("/policy", text="drop table orders", **question)
        assert "deny</span> by <b>default-deny" in denied.text
        broken = await browser.submit("/policy", text="selec <b>", **question)
        assert broken.status_code == 200
        assert "<b>&" not in broken.text
        nowhere = await browser.submit("/policy", text="select 1", **question | {"target": "x"})
        assert nowhere.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/static/../site.py",
        "/static/..%2fsite.py",
        "/static/%2e%2e/guard.py",
        "/static//etc/passwd",
        "/static/console.css%00",
        "/static/",
        "/static/..\\site.py",
    ],
)
async def test_static_files_are_the_ones_there_are(tmp_path, path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        answer = await browser.get(path)
        assert answer.status_code == 404
        assert "import" not in answer.text


async def test_static_files_are_kept_by_browsers(tmp_path):
    async with web_console(tmp_path) as site, site.browser() as browser:
        page = (await browser.get("/sign-in")).text
        for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
            answer = await browser.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]


async def test_a_store_that_is_gone_is_a_page_that_says_so(tmp_path, monkeypatch):
    from narrows.errors import StoreError

    async def gone(*arguments, **named):
        raise StoreError("disk full")

    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        monkeypatch.setattr(site.here.store, "run_beside", gone)
        answer = await browser.get("/")
        assert answer.status_code == 503
        assert "disk full" not in answer.text


async def test_a_defect_is_a_page_without_its_details(tmp_path, monkeypatch):
    async with web_console(tmp_path) as site, site.browser() as browser:
        await browser.sign_in("dana")
        monkeypatch.setattr(site.here.store, "run_beside", None)
        answer = await browser.get("/")
        assert answer.status_code == 500
        assert "NoneType" not in answer.text


async def test_a_page_that_is_out_of_date_approves_nothing(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.ask(UPDATE)
        name = await site.here.held()
        await browser.sign_in("dana")
        stale = await digest_on(browser, name)
        await site.here.approvals.describe(name, {"relation": "public.orders", "rows": 9_000, "sample": []})
        done = await browser.submit(f"/approvals/{name}", vote="approve", digest=stale)
        assert (done.status_code, await site.here.state(name)) == (409, "requested")
        assert "has changed since you looked" in done.text
        done = await browser.submit(
            f"/approvals/{name}", vote="approve", digest=await digest_on(browser, name)
        )
        assert (done.status_code, await site.here.state(name)) == (303, "approved")


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"protocol": "ssh", "login": "deploy", "certificate": "4711"}, "orders-db, as deploy"),
        ({"protocol": "kubernetes", "agent": "kubectl/v1.35", "tls": "TLSv1.3"}, "TLSv1.3, kubectl/v1.35"),
        ({"protocol": "kubernetes", "impersonates": "agent:1"}, "orders-db, as agent:1"),
        ({"protocol": "postgres", "user": "agent", "database": "o2"}, "database o2, as agent"),
    ],
)
async def test_a_session_of_any_protocol_has_its_page(tmp_path, record, told):
    async with web_console(tmp_path) as site, site.browser() as browser:
        document = json.dumps({"principal": WHO, **record})
        row = SessionRow(7, AGENT.key, "orders-db", "192.0.2.7:1", 1_000, document)
        site.here.store.run_here(sessions.add, row)
        await browser.sign_in("omar")
        page = await browser.get(f"/sessions/{session_name(7)}")
        assert page.status_code == 200
        assert told in re.sub(r"<[^>]+>", "", page.text)
