"""A person at a real browser, an agent at a real psql, the gateway and a database between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.console.conftest import SCREENSHOTS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from narrows.demo.stack import Stack
    from tests.console.conftest import Visitors

    Agent = Callable[..., subprocess.Popen[str]]

REFUND = "UPDATE orders SET status = 'refunded' WHERE id = 7"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def agent(running: Stack) -> Iterator[Agent]:
    """Starts psql with a statement; whatever still waits when the test is over is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(statement: str, password: str | None = None) -> subprocess.Popen[str]:
        started.append(running.psql("-c", statement, password=password or running.agent_token()))
        return started[-1]

    yield start
    for psql in started:
        psql.kill()
        psql.communicate()


def picture(page: Page, name: str) -> None:
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def output(psql: subprocess.Popen[str]) -> tuple[str, str]:
    return psql.communicate(timeout=15)


def test_a_held_update_arrives_by_itself_and_runs_when_approved(
    visitors: Visitors, running: Stack, agent: Agent
) -> None:
    page = visitors.signed_in(running.tenant.dba)
    expect(page.get_by_role("status")).to_have_text("Nothing waiting for you")
    picture(page, "empty")
    psql = agent(REFUND)
    request = page.locator(".request")
    expect(request).to_contain_text(REFUND)
    expect(page).to_have_title(re.compile(r"^\(1\)"))
    picture(page, "inbox")
    request.click()
    expect(page.get_by_label("Statement")).to_have_text(REFUND)
    expect(page.locator(".touches")).to_have_text("1 row of public.orders")
    picture(page, "approval")
    page.get_by_label(re.compile("Reason")).fill("ticket 4711")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".heading .state")).to_have_text("approved")
    assert output(psql)[0] == "UPDATE 1\n"
    page.reload()
    expect(page.get_by_text("The statement was let through")).to_be_visible()
    picture(page, "approved")


def test_a_denial_is_told_to_the_agent(visitors: Visitors, running: Stack, agent: Agent) -> None:
    page = visitors.signed_in(running.tenant.dba)
    psql = agent(REFUND)
    page.locator(".request").click()
    page.get_by_label(re.compile("Reason")).fill("not without a ticket")
    page.get_by_role("button", name="Deny").click()
    expect(page.locator(".heading .state")).to_have_text("denied")
    told = output(psql)[1]
    assert "not without a ticket" in told
    assert "UPDATE" not in output(psql)[0]


def test_the_inbox_is_worked_by_keyboard(visitors: Visitors, running: Stack, agent: Agent) -> None:
    page = visitors.signed_in(running.tenant.dba)
    first = agent(REFUND)
    expect(page.locator(".request")).to_have_count(1)
    second = agent(REFUND.replace("7", "8"))
    expect(page.locator(".request", has_text="1 row of")).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".request").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator(".request").nth(0)).to_be_focused()
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog", name="Approve?")
    expect(dialog).to_contain_text(REFUND.replace("7", "8"))
    picture(page, "confirm")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert second.poll() is None
    page.keyboard.press("a")
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    expect(page.locator(".heading .state")).to_have_text("approved")
    assert output(second)[0] == "UPDATE 1\n"
    page.goto("/")
    page.keyboard.press("j")
    page.keyboard.press("d")
    expect(page.get_by_role("dialog", name="Deny?")).to_be_visible()
    page.get_by_role("button", name="Deny").click()
    expect(page.locator(".heading .state")).to_have_text("denied")
    assert "denied by Dana" in output(first)[1]


def test_who_asked_cannot_approve(visitors: Visitors, running: Stack, agent: Agent) -> None:
    """Cleo may approve for others, and asks for something herself."""
    clerk = running.tenant.clerk
    agent(REFUND, password=running.tenant.token_of_person(clerk))
    page = visitors.signed_in(clerk)
    expect(page.locator(".request .note")).to_contain_text("you asked for this yourself")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_url("**/approvals/*")
    expect(page.get_by_text("You cannot decide this")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    picture(page, "own-request")


def test_an_open_page_learns_that_the_agent_left(visitors: Visitors, running: Stack, agent: Agent) -> None:
    page = visitors.signed_in(running.tenant.dba)
    psql = agent(REFUND)
    page.locator(".request").click()
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    psql.terminate()
    expect(page.locator(".heading .state")).to_have_text("withdrawn")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)


def test_what_one_has_typed_stays_while_the_page_renews_itself(
    visitors: Visitors, running: Stack, agent: Agent
) -> None:
    page = visitors.signed_in(running.tenant.dba)
    psql = agent(REFUND)
    page.locator(".request").click()
    reason = page.get_by_label(re.compile("Reason"))
    reason.fill("half a sen")
    page.evaluate(
        """() => new Promise((first) => {
            const events = new EventSource(document.querySelector("[data-live]").dataset.live);
            events.onmessage = () => {
                const again = (done) => { events.onmessage = () => done("told"); };
                window.second = new Promise(again);
                first();
            };
        })"""
    )
    psql.terminate()
    assert page.evaluate("window.second") == "told"
    expect(reason).to_have_value("half a sen")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("can no longer be decided")


def test_hostile_text_is_harmless(visitors: Visitors, running: Stack, agent: Agent) -> None:
    statement = (
        "UPDATE orders SET status = 'ref\u202eunded\u200b' "
        "/* <img src=x onerror=alert(1)><script>document.title = 'owned'</script> \x1b[31m */ WHERE id = 7"
    )
    agent(statement)
    page = visitors.signed_in(running.tenant.dba)
    page.on("dialog", lambda dialog: visitors.complaints.append(dialog.message))
    expect(page.locator(".request .hidden-character")).to_have_text(["U+202E", "U+200B", "U+001B"])
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("dialog .hidden-character")).to_have_count(3)
    page.keyboard.press("Escape")
    page.locator(".request").click()
    expect(page.locator("main img, main script")).to_have_count(0)
    expect(page).not_to_have_title("owned")
    picture(page, "hostile")


def test_it_works_on_a_phone_in_the_dark(visitors: Visitors, running: Stack, agent: Agent) -> None:
    psql = agent(REFUND)
    page = visitors.signed_in(running.tenant.dba, color_scheme="dark", **PHONE)
    expect(page.locator(".request")).to_contain_text("1 row of")
    picture(page, "phone-inbox")
    page.locator(".request").tap()
    approve = page.get_by_role("button", name="Approve")
    expect(approve).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "the page scrolls sideways"
    assert approve.bounding_box()["height"] >= 44
    picture(page, "phone-approval")
    approve.tap()
    expect(page.locator(".heading .state")).to_have_text("approved")
    assert output(psql)[0] == "UPDATE 1\n"


def test_it_works_without_scripts(visitors: Visitors, running: Stack, agent: Agent) -> None:
    page = visitors.signed_in(running.tenant.dba, java_script_enabled=False)
    psql = agent(REFUND)
    waiting = page.locator(".request", has_text="1 row of")
    for _ in range(100):
        if waiting.count():
            break
        page.reload()
    waiting.click()
    page.get_by_role("button", name="Approve").click()
    assert page.locator(".heading .state").inner_text() == "approved"
    assert output(psql)[0] == "UPDATE 1\n"


def test_an_operator_watches_ends_and_reads_sessions(
    visitors: Visitors, running: Stack, agent: Agent
) -> None:
    page = visitors.signed_in(running.tenant.operator, "/sessions")
    agent("SELECT name, card_number FROM customers WHERE id < 3", None).communicate(timeout=15)
    held = agent(REFUND)
    end = page.get_by_role("button", name="End")
    expect(end).to_have_count(1)
    picture(page, "sessions")
    page.on("dialog", lambda dialog: dialog.accept())
    end.click()
    expect(page.locator(".heading .state")).to_have_text("over")
    assert "operator ended" in output(held)[1]
    page.goto("/sessions?q=card_number")
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="Recording", exact=True).click()
    rows = page.get_by_role("table")
    expect(rows).to_contain_text("************1111")
    statement = page.locator("[data-event=statement]").first
    page.goto(page.url + "#" + str(statement.get_attribute("id")))
    expect(statement).to_have_css("background-color", re.compile(r"rgb\(253, 240, 210\)"))
    picture(page, "recording")


def test_a_recording_is_found_and_followed(visitors: Visitors, running: Stack, agent: Agent) -> None:
    page = visitors.signed_in(running.tenant.operator, "/recordings")
    agent("SELECT name FROM customers WHERE name LIKE 'Bo%'", None).communicate(timeout=15)
    page.get_by_label("Words").fill('lindqvist "like bo"')
    hit = page.locator("tbody tr").first
    for _ in range(100):
        page.get_by_role("button", name="Search").click()
        if hit.count():
            break
    expect(hit.locator("mark").first).to_be_visible()
    picture(page, "recordings")
    hit.get_by_role("link").first.click()
    expect(page.locator("li:target")).to_contain_text("LIKE 'Bo%'")
    held = agent(REFUND)
    for _ in range(100):
        page.goto("/recordings?verb=update")
        page.goto("/sessions")
        if page.locator("table").first.get_by_role("link").count():
            break
    page.locator("table").first.get_by_role("link").first.click()
    page.get_by_role("link", name="Recording", exact=True).click()
    expect(page.locator("[data-event=held]")).to_have_count(1)
    held.kill()
    expect(page.locator("[data-event=close]")).to_have_count(1)


def test_an_operator_asks_why(visitors: Visitors, running: Stack) -> None:
    page = visitors.signed_in(running.tenant.operator, "/policy")
    page.get_by_label("Groups").fill("sg-support")
    page.get_by_label("Statement").fill("DELETE FROM orders")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("status")).to_contain_text("deny by never-destroy")
    picture(page, "policy")


def test_an_approver_is_no_operator(visitors: Visitors, running: Stack) -> None:
    page = visitors.signed_in(running.tenant.dba)
    expect(page.get_by_role("link", name="Sessions")).to_have_count(0)
    page.goto("/sessions")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page is for operators.")
    expect(page.get_by_role("main")).to_contain_text("sg-ops")
    picture(page, "forbidden")


def test_signing_out(visitors: Visitors, running: Stack) -> None:
    page = visitors.signed_in(running.tenant.dba)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Signed out")
    page.go_back()
    page.goto("/")
    expect(page.get_by_role("link", name="Sign in with entra")).to_be_visible()
    picture(page, "sign-in")


def test_every_control_has_a_name_and_every_page_its_landmarks(visitors: Visitors, running: Stack) -> None:
    page = visitors.signed_in(running.tenant.operator)
    for path in ("/", "/sessions", "/recordings", "/policy"):
        page.goto(path)
        expect(page.get_by_role("main")).to_have_count(1)
        expect(page.get_by_role("banner")).to_have_count(1)
        expect(page.get_by_role("navigation", name="Main")).to_have_count(1)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll("main input, main select, main textarea, main button")]
                .filter((one) => one.type !== "hidden" && !one.closest("dialog") && !one.labels?.length
                    && !one.textContent.trim() && !one.getAttribute("aria-label"))
                .map((one) => one.outerHTML)"""
        )
        assert unnamed == []
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
