"""The card for Teams, read by Microsoft's own library: all of it is understood, and nothing is lost.

A Workflows webhook signs nothing and offers nothing to verify with, so what can be checked is the card.
"""

from __future__ import annotations

import copy
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from narrows.approvals.notify.teams import card
from tests.control.test_notifiers import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

LIBRARY = Path(__file__).parent / "adaptivecards"
READ = """(card) => {
    const context = new AdaptiveCards.SerializationContext(), found = new AdaptiveCards.AdaptiveCard();
    found.parse(card, context);
    const said = [];
    for (let number = 0; number < context.eventCount; number++) said.push(context.getEventAt(number).message);
    for (const event of found.validateProperties().validationEvents) said.push(event.message);
    return [said, found.toJSON()];
}"""

Card = dict[str, Any]


@pytest.fixture(scope="module")
def read(browser: Browser) -> Iterator[Callable[[Card], tuple[list[str], Card]]]:
    """What the library has against a card, and the card as it understood it."""
    page = browser.new_page()
    page.add_script_tag(path=LIBRARY / "adaptivecards.min.js")
    yield lambda shown: tuple(page.evaluate(READ, shown))
    page.close()


def content() -> Card:
    (attachment,) = card(message())["attachments"]
    return dict(attachment["content"])


def test_the_library_takes_the_card_whole(read: Callable[[Card], tuple[list[str], Card]]) -> None:
    sent = content()
    said, understood = read(sent)
    assert said == []
    assert understood == sent


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("body", 0, "size"), "Enormous", 'Invalid value "Enormous" for property "size".'),
        (("body", 1, "type"), "Facts", "Unknown element type"),
        (("actions", 0, "url"), None, 'Property "url" must be set.'),
    ],
)
def test_the_library_would_say_what_is_wrong(
    read: Callable[[Card], tuple[list[str], Card]],
    path: tuple[str | int, ...],
    value: str | None,
    complaint: str,
) -> None:
    broken: Any = copy.deepcopy(content())
    *way, last = path
    place = broken
    for step in way:
        place = place[step]
    place[last] = value
    said, _ = read(broken)
    assert any(complaint in one for one in said), said


def test_the_library_is_the_one_that_was_published() -> None:
    digest = hashlib.sha256((LIBRARY / "adaptivecards.min.js").read_bytes()).hexdigest()
    assert digest in (LIBRARY / "README.md").read_text()
