"""Tells what the demo does and holds it to what it should show."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExpectationFailed(AssertionError):
    """Something that the demo promised did not happen."""


class Story:
    """The demo's voice: chapters, what was seen, and checks that end it when they fail."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self.checks = 0
        self._started = time.monotonic()
        self._spoken: list[str] = []

    @property
    def spoken(self) -> str:
        """Everything said and shown so far."""
        return "\n".join(self._spoken)

    def chapter(self, title: str) -> None:
        """Begins a step."""
        elapsed = time.monotonic() - self._started
        self.console.print(f"\n[bold]{escape(title)}[/bold] [dim]{elapsed:.1f} s[/dim]")
        self._spoken.append(title)

    def tell(self, sentence: str) -> None:
        """Says what is about to happen."""
        self.console.print(f"  {escape(sentence)}")
        self._spoken.append(sentence)

    def show(self, text: str) -> None:
        """Shows output of a program as it came."""
        for line in text.rstrip().splitlines():
            self.console.print(f"    [cyan]{escape(line)}[/cyan]")
        self._spoken.append(text)

    def expect(self, what: str, holds: bool, seen: object = "") -> None:
        """Checks one thing.

        Args:
            what: The expectation in words.
            holds: Whether it is met.
            seen: What was seen instead, for the message.

        Raises:
            ExpectationFailed: It is not met.
        """
        self.checks += 1
        if not holds:
            self.console.print(f"  [red]✗ {escape(what)}[/red]")
            raise ExpectationFailed(f"{what}\nseen: {seen}")
        self.console.print(f"  [green]✓[/green] {escape(what)}")

    def expect_words(self, what: str, words: Iterable[str], text: str) -> None:
        """Checks that every one of the words is in the text."""
        missing = [word for word in words if word not in text]
        self.expect(what, not missing, f"no {missing} in: {text}")
