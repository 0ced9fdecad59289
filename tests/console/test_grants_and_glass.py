"""Grants, previews, quorum and broken glass as the pages show and do them."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from narrows.approvals.sign_in import FRESH_MAX_S
from narrows.model import ApprovalTerms, People
from tests.console.console import web_console
from tests.control.simulation import OTHER_DBA, TERMS, require_approval

UPDATE = "UPDATE orders SET status = 'refunded' WHERE id = 7"
GLASS = ApprovalTerms(
    approver_groups=frozenset({"sg-dba"}),
    quorum=2,
    expires_s=900,
    break_glass=People(groups=frozenset({"sg-sales"})),
)


async def digest_of(site, name):
    return (await site.here.approvals.find(name)).request.digest


async def fresh(browser, name):
    begun = await browser.get("/sign-in?fresh=1")
    return await browser.get(browser.site.issuer.log_in(begun.headers["location"], name))


async def test_breaking_the_glass_takes_a_fresh_sign_in_and_a_reason(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser, site.browser() as reviewer:
        site.here.policy["UPDATE"] = require_approval(GLASS)
        ask = site.here.ask(UPDATE)
        name = await site.here.held()
        form = {"vote": "break-glass", "digest": await digest_of(site, name)}
        site.issuer.bent = {"auth_time": int(time.time()) - FRESH_MAX_S - 60}
        await browser.sign_in("sam")
        site.issuer.bent = {}
        assert "Break the glass" in (await browser.get(f"/approvals/{name}")).text
        stale = await browser.submit(f"/approvals/{name}", reason="down", **form)
        assert stale.headers["location"] == f"/sign-in?fresh=1&next=%2Fapprovals%2F{name}"
        assert await site.here.state(name) == "requested"
        await fresh(browser, "sam")
        assert (await browser.submit(f"/approvals/{name}", **form)).status_code == 400
        assert await site.here.state(name) == "requested"
        done = await browser.submit(f"/approvals/{name}", reason="checkout is down", **form)
        assert done.headers["location"] == f"/approvals/{name}"
        await site.here.settled()
        assert site.here.plane.answers[ask][0] == "allow"
        own = await browser.submit(f"/approvals/{name}/review", reason="fine")
        assert own.status_code == 403
        await reviewer.sign_in("dana")
        assert "Due for review" in (await reviewer.get("/")).text
        assert (await reviewer.submit(f"/approvals/{name}/review", reason=" ")).status_code == 400
        assert (await reviewer.submit(f"/approvals/{name}/review", reason="it was right")).status_code == 303
        assert "it was right" in (await reviewer.get(f"/approvals/{name}")).text
        assert "Due for review" not in (await reviewer.get("/")).text


async def test_a_fresh_sign_in_does_not_stay_fresh(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.policy["UPDATE"] = require_approval(GLASS)
        site.here.ask(UPDATE)
        name = await site.here.held()
        await fresh(browser, "sam")
        mock_clock.jump(FRESH_MAX_S + 60)
        late = await browser.submit(
            f"/approvals/{name}", vote="break-glass", digest=await digest_of(site, name), reason="down"
        )
        assert late.headers["location"].startswith("/sign-in?fresh=1")
        assert await site.here.state(name) == "requested"


async def test_who_may_not_break_the_glass_does_not(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.policy["UPDATE"] = require_approval(GLASS)
        site.here.ask(UPDATE)
        name = await site.here.held()
        await fresh(browser, "dana")
        assert "Break the glass" not in (await browser.get(f"/approvals/{name}")).text
        done = await browser.submit(
            f"/approvals/{name}", vote="break-glass", digest=await digest_of(site, name), reason="in a hurry"
        )
        assert (done.status_code, await site.here.state(name)) == (403, "requested")


async def test_who_has_approved_may_only_deny(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.policy["UPDATE"] = require_approval(GLASS)
        site.here.ask(UPDATE)
        name = await site.here.held()
        await browser.sign_in("dana")
        form = {"digest": await digest_of(site, name)}
        await browser.submit(f"/approvals/{name}", vote="approve", **form)
        page = (await browser.get(f"/approvals/{name}")).text
        assert "others have to approve too" in page
        assert 'value="approve"' not in page
        assert "1 of 2 votes" in (await browser.get("/")).text
        await browser.submit(f"/approvals/{name}", vote="deny", **form)
        assert await site.here.state(name) == "denied"


async def test_a_grant_is_listed_and_ended(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as dana, site.browser() as sam:
        terms = replace(TERMS, scope="shape", grant_s=3600, grant_uses=20)
        site.here.policy["UPDATE"] = require_approval(terms)
        site.here.ask(UPDATE)
        name = await site.here.held()
        await dana.sign_in("dana")
        assert "this shape, for 1 h, 20 times at most" in (await dana.get(f"/approvals/{name}")).text
        await dana.submit(f"/approvals/{name}", vote="approve", digest=await digest_of(site, name))
        await site.here.settled()
        (grant,) = await site.here.grants.newest()
        page = (await dana.get("/grants")).text
        assert f"/grants/{grant.id}/revoke" in page
        assert "1 of 20" in page
        await sam.sign_in("sam")
        assert grant.id not in (await sam.get("/grants")).text
        assert (await sam.submit(f"/grants/{grant.id}/revoke")).status_code == 403
        assert site.here.grants.standing(await site.here.grants.find(grant.id)) == "live"
        assert (await dana.submit(f"/grants/{grant.id}/revoke")).status_code == 303
        page = (await dana.get("/grants")).text
        assert f"/grants/{grant.id}/revoke" not in page
        assert "revoked" in page


@pytest.mark.parametrize(
    ("preview", "shown"),
    [
        ({"relation": "public.orders", "rows": 1, "sample": [{"id": "<b>7"}]}, ["1 row", "&lt;b&gt;7"]),
        ({"relation": "public.orders", "rows": 9, "sample": []}, ["9 rows"]),
        ({"estimate": 1_200}, ["about 1,200 rows"]),
        ({"why": "it calls a function"}, ["unknown: it calls a function"]),
    ],
)
async def test_what_it_would_touch_is_shown(tmp_path, mock_clock, preview, shown):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.ask(UPDATE)
        name = await site.here.held()
        await site.here.approvals.describe(name, preview)
        await browser.sign_in("dana")
        page = (await browser.get(f"/approvals/{name}")).text
        for text in shown:
            assert text in page
        assert shown[0] in (await browser.get("/")).text


async def test_two_people_make_a_quorum(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.policy["UPDATE"] = require_approval(GLASS)
        ask = site.here.ask(UPDATE)
        name = await site.here.held()
        await site.here.approvals.approve(name, OTHER_DBA)
        await browser.sign_in("dana")
        await browser.submit(f"/approvals/{name}", vote="approve", digest=await digest_of(site, name))
        await site.here.settled()
        assert site.here.plane.answers[ask][0] == "allow"


async def test_a_rule_may_ask_for_a_fresh_sign_in(tmp_path, mock_clock):
    async with web_console(tmp_path) as site, site.browser() as browser:
        site.here.policy["UPDATE"] = require_approval(replace(GLASS, quorum=1, fresh_sign_in=True))
        ask = site.here.ask(UPDATE)
        name = await site.here.held()
        form = {"vote": "approve", "digest": await digest_of(site, name)}
        site.issuer.bent = {"auth_time": int(time.time()) - FRESH_MAX_S - 60}
        await browser.sign_in("dana")
        site.issuer.bent = {}
        assert "sign in anew" in (await browser.get(f"/approvals/{name}")).text
        stale = await browser.submit(f"/approvals/{name}", **form)
        assert stale.headers["location"].startswith("/sign-in?fresh=1")
        await fresh(browser, "dana")
        await browser.submit(f"/approvals/{name}", **form)
        await site.here.settled()
        assert site.here.plane.answers[ask][0] == "allow"
