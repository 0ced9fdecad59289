"""A terminal played by a real browser: a session that is over, a moment of it, one that goes on."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from narrows.demo.host import host
from narrows.demo.stack import Stack
from narrows.recordings import session_name
from narrows.recordings.index import Wanted, newest_recorded, read_index, search
from tests.conftest import folder
from tests.console.conftest import SCREENSHOTS
from tests.recordings.waiting import eventually, is_indexed

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from narrows.recordings.index import Hit, RecordedSession
    from tests.console.conftest import Visitors

POLICY = """
[principals.agents]
issuer = "entra"
any = [{ groups = "sg-support" }]

[[rule]]
id = "work"
principals = ["agents"]
targets = ["*"]
effect = "allow"
postgres = { verbs = ["select"] }
ssh = { commands = ["printf *", "sleep *", "tail *"], terminal = true, read = ["/**"] }
"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
GREEN = "\\033[32m"


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    with (
        folder("terminal") as place,
        host(place / "host") as web,
        Stack(place / "stack", policies=POLICY, host=web) as stack,
    ):
        eventually(lambda: is_indexed(stack))
        yield stack


def ssh(running: Stack, *command: str) -> subprocess.Popen[str]:
    ticket = running.narrows("token", "--target", "web", token=running.agent_token()).stdout.strip()
    return running.ssh("-tt", *command, ticket=ticket)


@pytest.fixture(scope="module")
def played(running: Stack) -> str:
    """The address of a recording with two commands' worth of output, half a second apart."""
    agent = ssh(running, f"printf '{GREEN}first light\\n'; sleep 0.6; printf 'second thoughts\\n'")
    out, err = agent.communicate(timeout=30)
    assert "second thoughts" in out, err
    return recording(running, "printf")


def recording(running: Stack, words: str) -> str:
    """The address of the only recording of which a command has these words."""

    def look() -> list[Hit]:
        with closing(read_index(running.state / "recordings.db")) as connection:
            return search(connection, Wanted(text=words))

    (hit,) = eventually(look)
    return f"/recordings/{session_name(hit.session)}"


def running_session(running: Stack) -> str:
    """The address of the recording of the only session that goes on."""

    def look() -> list[RecordedSession]:
        with closing(read_index(running.state / "recordings.db")) as connection:
            return [one for one in newest_recorded(connection, limit=10) if one.closed_us is None]

    (session,) = eventually(look)
    return f"/recordings/{session_name(session.id)}"


def test_a_terminal_plays_and_can_be_worked_by_keyboard(
    visitors: Visitors, running: Stack, played: str
) -> None:
    page = visitors.signed_in(running.tenant.operator, played)
    page.get_by_role("link", name="Play the terminal").click()
    screen = page.locator(".ap-term-text")
    expect(screen).to_be_attached()
    page.locator("main").press("Space")
    expect(screen).to_contain_text("first light")
    expect(screen).to_contain_text("second thoughts")
    colour = page.locator(".ap-term-text span", has_text="first light").last
    assert colour.evaluate("one => getComputedStyle(one).color") != screen.evaluate(
        "one => getComputedStyle(one).color"
    )
    page.screenshot(path=SCREENSHOTS / "terminal.png", full_page=True)
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(screen).not_to_contain_text("second thoughts")
    page.keyboard.press(">")
    expect(page.get_by_label("Speed")).to_have_value("2")
    page.keyboard.press("<")
    expect(page.get_by_label("Speed")).to_have_value("1")


def test_a_link_leads_to_a_moment(visitors: Visitors, running: Stack, played: str) -> None:
    page = visitors.signed_in(running.tenant.operator, played)
    output = page.locator("[data-event=output]", has_text="first light")
    output.get_by_role("link", name="in the terminal").click()
    page.wait_for_url(re.compile(r"/terminal#t=\d"))
    screen = page.locator(".ap-term-text")
    expect(screen).to_contain_text("first light")
    expect(screen).not_to_contain_text("second thoughts")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(screen).to_contain_text("second thoughts")
    page.get_by_role("button", name="Link to this moment").click()
    expect(page.locator(".terminal-note")).to_contain_text("leads to")
    at = float(page.url.partition("#t=")[2])
    assert at > 0.5
    page.reload()
    expect(screen).to_contain_text("second thoughts")


def test_it_fits_a_phone(visitors: Visitors, running: Stack, played: str) -> None:
    page = visitors.signed_in(running.tenant.operator, f"{played}/terminal", **PHONE)
    page.get_by_role("button", name="Play", exact=True).tap()
    expect(page.locator(".ap-term-text")).to_contain_text("second thoughts")
    player = page.locator(".ap-player")
    assert player.evaluate("one => one.scrollTop || one.scrollHeight - one.clientHeight") == 0, "it is cut"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "the page scrolls sideways"
    page.screenshot(path=SCREENSHOTS / "phone-terminal.png")


def test_a_session_that_goes_on_is_watched(visitors: Visitors, running: Stack, tmp_path: Path) -> None:
    grows = tmp_path / "grows"
    grows.write_text("was there before\n")
    agent = ssh(running, f"tail -f {grows}")
    try:
        address = running_session(running)
        page = visitors.signed_in(running.tenant.operator, f"{address}/terminal")
        screen = page.locator(".ap-term-text")
        expect(screen).to_contain_text("was there before")
        with grows.open("a") as file:
            file.write("came while watched\n")
        expect(screen).to_contain_text("came while watched")
        page.screenshot(path=SCREENSHOTS / "terminal-live.png", full_page=True)
        page.get_by_role("button", name="From the start").click()
        expect(screen).to_contain_text("came while watched")
        page.get_by_role("button", name="Watch live").click()
        expect(screen).to_contain_text("came while watched")
    finally:
        agent.kill()
        agent.communicate()


def test_an_operator_ends_a_command_that_runs(visitors: Visitors, running: Stack) -> None:
    agent = ssh(running, "sleep 100")
    running_session(running)
    page = visitors.signed_in(running.tenant.operator, "/sessions")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="End").click()
    expect(page.locator(".heading .state")).to_have_text("over")
    _, err = agent.communicate(timeout=30)
    assert agent.returncode != 0, err


def test_a_database_has_no_terminal(visitors: Visitors, running: Stack) -> None:
    running.psql("-c", "select 'no screen'", password=running.agent_token()).communicate(timeout=30)
    address = recording(running, "screen")
    page = visitors.signed_in(running.tenant.operator, address)
    expect(page.get_by_role("link", name="Play the terminal")).to_have_count(0)
    page.goto(f"{address}/terminal")
    expect(page.get_by_role("heading", level=1)).to_have_text("This session had no terminal.")
