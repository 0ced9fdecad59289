"""What approvers are told, before it is put in a channel's own form.

Names, statements and reasons come from agents. They lose what could move a cursor or reorder text, and what
is longer than a person reads in a chat; each channel then sees to its own markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from narrows.approvals.messages import request_url
from narrows.approvals.preview import touched
from narrows.approvals.request import State
from narrows.printable import printable

if TYPE_CHECKING:
    from narrows.approvals.request import Approval

STATEMENT_CHARACTERS_MAX = 1_500
FIELD_CHARACTERS_MAX = 200
DIGEST_SHOWN = 16
"""Enough hex digits that a button approves exactly what was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One request in a form that any channel can show as plain text."""

    approval: str
    state: State
    """What it is that approvers are told of: `requested`, or a broken glass."""
    digest: str
    """The first DIGEST_SHOWN digits of that of what is told here, what it would touch with it."""
    url: str
    """Of the request in the console; empty where the console has no address that people reach."""
    title: str
    facts: tuple[tuple[str, str], ...]
    """Name and value, in the order to show them."""
    statement: str
    """As claimed by the agent."""
    buttons: bool
    """Whether the rule lets a chat decide."""


def message_of(approval: Approval, console_url: str) -> Message:
    """What approvers are told of a request, or of its glass having been broken.

    Args:
        approval: The request where it stands.
        console_url: The console as people reach it; empty: none.
    """
    request, digest = approval.request, approval.shown_digest[:DIGEST_SHOWN]
    minutes = (request.expires_ms - request.requested_ms) // 60_000
    agent = f"{_short(request.principal_name)} ({_short(request.principal)})".removeprefix(" ")
    title = f"{request.id}: an agent waits for approval on {_short(request.target)}"
    last: tuple[str, str] = ("Answer within", f"{max(minutes, 1)} min")
    if approval.state is State.BROKEN_GLASS:
        vote = approval.votes[-1]
        title = f"{request.id}: the glass was broken on {_short(request.target)}; please review"
        last = ("Broken by", f"{_short(vote.name or vote.approver)}: {_short(vote.reason)}")
    return Message(
        approval=request.id,
        state=approval.state,
        digest=digest,
        url=request_url(console_url, request.id) if console_url else "",
        title=title,
        facts=(
            ("Agent", agent),
            ("Target", _short(request.target) + _short(request.place)),
            ("Rule", f"{_short(request.rule)}: {_short(request.reason)}"),
            ("Touches", touched(approval.preview)),
            last,
            ("Digest", digest),
        ),
        statement=_capped(request.text, STATEMENT_CHARACTERS_MAX),
        buttons=request.terms.chat and approval.state is State.REQUESTED,
    )


def outcome_of(approval: Approval) -> str:
    """What became of a request, in one line."""
    who = ", ".join(_short(vote.name or vote.approver) for vote in approval.votes)
    because = _short(approval.close_reason)
    return (
        f"{approval.request.id} on {_short(approval.request.target)} is {approval.state.value}"
        + (f", by {who}" if who else "")
        + (f": {because}" if because else "")
    )


def _short(text: str) -> str:
    return _capped(" ".join(text.split()), FIELD_CHARACTERS_MAX)


def _capped(text: str, characters_max: int) -> str:
    shown = printable(text)
    if len(shown) <= characters_max:
        return shown
    return f"{shown[:characters_max]}… ({len(text):,} characters in all)"
