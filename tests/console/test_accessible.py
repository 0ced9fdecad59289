"""Every page before axe-core, light and dark, and times in the zone of whoever reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.console.conftest import SCREENSHOTS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from narrows.demo.stack import Stack
    from tests.console.conftest import Visitors

REFUND = "UPDATE orders SET status = 'refunded' WHERE id = 7"
LISTS = ("/", "/grants", "/sessions", "/recordings", "/policy")
ZONES = {"Asia/Tokyo": "GMT+9", "UTC": "UTC"}


def faults(page: Page) -> list[str]:
    """What axe-core has against a page, one line for each element."""
    found = Axe().run(page).response["violations"]
    return [f"{page.url} {one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_axe_has_nothing_against_any_page(visitors: Visitors, running: Stack, scheme: str) -> None:
    running.psql("-c", "SELECT name FROM customers", password=running.agent_token()).communicate(timeout=30)
    psql = running.psql("-c", REFUND, password=running.agent_token())
    try:
        page = visitors.signed_in(running.tenant.operator, color_scheme=scheme)
        expect(page.locator(".request")).to_have_count(1)
        found = []
        for path in LISTS:
            page.goto(path)
            found += faults(page)
            page.screenshot(path=SCREENSHOTS / f"{scheme}-{path.strip('/') or 'inbox'}.png", full_page=True)
        page.get_by_label("Groups").fill("sg-support")
        page.get_by_label(re.compile("^Statement")).fill("SELECT card_number FROM customers")
        page.get_by_role("button", name="Explain").click()
        expect(page.get_by_role("status")).to_contain_text("allow")
        found += faults(page)
        page.goto("/")
        page.locator(".request").click()
        found += faults(page)
        page.goto("/sessions")
        page.locator("tbody a").first.click()
        found += faults(page)
        page.get_by_role("link", name="Recording", exact=True).click()
        found += faults(page)
        page.goto("/no-such-page")
        found += faults(page)
        page.goto("/")
        page.get_by_role("button", name="Sign out").click()
        found += faults(page)
        page.goto("/")
        found += faults(page)
    finally:
        psql.kill()
        psql.communicate()
    assert found == []


@pytest.mark.parametrize("zone", ZONES)
def test_times_are_in_the_readers_zone(visitors: Visitors, running: Stack, zone: str) -> None:
    running.psql("-c", "SELECT 1", password=running.agent_token()).communicate(timeout=30)
    page = visitors.signed_in(running.tenant.operator, "/sessions", timezone_id=zone)
    time = page.locator("time").first
    expect(time).to_have_text(re.compile(rf"^\d\d \w+ \d\d:\d\d {re.escape(ZONES[zone])}$"))
    expect(time).to_have_attribute("title", re.compile("UTC$"))


def test_a_restart_signs_nobody_out(visitors: Visitors, running: Stack) -> None:
    page = visitors.signed_in(running.tenant.operator)
    page.goto("about:blank")
    running.stop_gateway()
    running.start_gateway()
    page.goto(f"{visitors.origin}/sessions")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sessions")
    expect(page.get_by_role("banner")).to_contain_text("Omar")
