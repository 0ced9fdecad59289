"""A running gateway and a real browser in front of its console.

The browser is Debian's Chromium (`apt-get install chromium`), driven by Playwright. Where it is missing the
tests fail and say so, because a machine that skips them silently proves nothing; NARROWS_NO_BROWSER=1 says
that a machine is meant to have none.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from narrows.demo.stack import Stack
from tests.conftest import folder
from tests.recordings.waiting import eventually, is_indexed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from narrows.demo.entra import Person

DEADLINE_MS = 15_000
"""Generous: the machine may be busy with other tests."""
SCREENSHOTS = Path(__file__).parent / "screenshots"
PROGRAMS = ("chromium", "google-chrome")


def chromium() -> str:
    """The browser's program."""
    if os.environ.get("NARROWS_NO_BROWSER") == "1":
        pytest.skip("NARROWS_NO_BROWSER=1")
    for program in PROGRAMS:
        if found := shutil.which(program):
            return found
    pytest.fail(
        "there is no Chromium: apt-get install chromium (or NARROWS_NO_BROWSER=1 where there is to be none)"
    )


class Visitors:
    """Opens pages, each in a browser profile of its own, and listens to what they complain about."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        self.stack = stack
        self.complaints: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    @property
    def origin(self) -> str:
        return f"https://{self.stack.addresses['console']}"

    def page(self, **options: object) -> Page:
        context = self._browser.new_context(
            ignore_https_errors=True,  # the stack's own CA is not among the browser's
            base_url=self.origin,
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(DEADLINE_MS)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def signed_in(self, person: Person, path: str = "/", **options: object) -> Page:
        """A page of somebody who has signed in at the issuer by its form."""
        page = self.page(**options)
        page.goto(path)
        page.get_by_role("link", name="Sign in with entra").click()
        page.get_by_label("User name").fill(person.username)
        page.get_by_label("Password").fill(person.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self.origin}{path}")
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _note(self, message: object) -> None:
        """Complaints about our pages; a status other than 200 is a test's own business."""
        text, kind = message.text, message.type  # type: ignore[attr-defined]
        if kind in ("error", "warning") and "Failed to load resource" not in text:
            self.complaints.append(text)


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    with folder("console") as place, Stack(place) as stack:
        eventually(lambda: is_indexed(stack))
        yield stack


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    SCREENSHOTS.mkdir(exist_ok=True)
    program = chromium()
    expect.set_options(timeout=DEADLINE_MS)
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=as_root)
        yield browser
        browser.close()


@pytest.fixture
def visitors(browser: Browser, running: Stack) -> Iterator[Visitors]:
    """Every test ends by looking at what the browser complained about, a violated CSP among it."""
    visitors = Visitors(browser, running)
    yield visitors
    visitors.close()
    assert visitors.complaints == []
