"""The smallest control plane: it lets everybody in, and decides by words in the statement."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import trio

from narrows import _core

if TYPE_CHECKING:
    from collections.abc import Callable

E = TypeVar("E")

HOUR_MS = 3_600_000


def now_ms() -> int:
    return int(time.time() * 1000)


def effects_of(text: str) -> tuple[str, ...]:
    """What the tests' statements change."""
    words = text.upper().split()
    if words[:1] == ["COPY"]:
        return ("copy-in",) if "STDIN" in words else ("copy-out",)
    return ("catalogue",) if words[:1] in (["CREATE"], ["DROP"], ["ALTER"]) else ()


@dataclass
class Control:
    """Answers the events of one plane and remembers them."""

    plane: _core.Plane
    upstream: _core.Upstream
    expires_ms: int = HOUR_MS
    """How long sessions last."""
    answers: bool = True
    """Whether statements are answered at all."""
    mask_set: int = 0
    """The masks that sessions have."""
    describe: Callable[[str], dict[str, Any]] = lambda _: {}
    """What else a verdict says of a text."""
    events: list[_core.Event] = field(default_factory=list)
    _changed: trio.Event = field(default_factory=trio.Event)

    async def run(self) -> None:
        while True:
            await trio.lowlevel.wait_readable(self.plane.fileno())
            for event in self.plane.drain(64):
                self.events.append(event)
                self.answer(event)
            self._changed.set()
            self._changed = trio.Event()

    def answer(self, event: _core.Event) -> None:
        if isinstance(event, _core.OpenAsked):
            self.open(event)
        elif isinstance(event, _core.StatementAsked) and self.answers:
            self.decide(event)

    def open(self, event: _core.OpenAsked) -> None:
        if event.take_evidence() != b"token":
            assert self.plane.refuse(event.ask, sqlstate="28P01", message="who are you", hint="bring a token")
            return
        document = json.dumps({"user": event.user, "database": event.database})
        assert self.plane.admit(
            event.ask,
            upstream=self.upstream,
            principal=f"test/{event.user}",
            target="orders-db",
            mask_set=self.mask_set,
            expires_ms=now_ms() + self.expires_ms,
            document=document,
        )

    def decide(self, event: _core.StatementAsked) -> None:
        if "forbidden" in event.text:
            self.plane.deny(event.ask, rule="no-forbidden", reason="it is forbidden", hint="do not")
        elif "held" in event.text:
            self.plane.hold(event.ask, until_ms=now_ms() + 60_000, message="waiting for a person")
        else:
            self.allow(event)

    def allow(self, event: _core.StatementAsked) -> bool:
        verdict: dict[str, Any] = {"exposure": "clear", "effects": effects_of(event.text)}
        return self.plane.allow(
            event.ask,
            rule="all",
            reusable=True,
            policy_epoch=event.policy_epoch,
            catalogue_epoch=event.catalogue_epoch,
            **(verdict | self.describe(event.text)),
        )

    async def until(self, kind: type[E], accept: Callable[[E], bool] = lambda _: True) -> E:
        """The first event of a kind, past or to come, that is accepted."""
        with trio.fail_after(10):
            while True:
                for event in self.events:
                    if isinstance(event, kind) and accept(event):
                        return event
                await self._changed.wait()
