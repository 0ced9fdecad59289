"""As whom a cluster sees an agent, where the gateway may speak for others (Kubernetes user impersonation).

Every name begins with `narrows:`, so that no claim can become one of the cluster's own: `system:masters` in a
token is the group `narrows:group:system:masters` there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict
from urllib.parse import quote

if TYPE_CHECKING:
    from narrows.model import Principal

PREFIX = "narrows:"
EVERYONE = f"{PREFIX}agents"
"""The group that everyone is in."""
GROUP = f"{PREFIX}group:"
ROLE = f"{PREFIX}role:"
SESSION = "narrows.dev/session"
NAME = "narrows.dev/name"
PLAIN = "!#$&'()*+,-./:;<=>?@[]^_`{|}~"
"""Stands for itself in a header; anything else that is neither letter nor digit is percent-encoded."""


class Impersonation(TypedDict):
    """What becomes `Impersonate-*` headers."""

    user: str
    groups: list[str]
    uid: str
    extra: dict[str, list[str]]


def impersonation_of(principal: Principal, session: str) -> Impersonation:
    """Who the cluster is told that a principal is.

    Args:
        principal: The agent.
        session: The session's id as people see it; a way from the cluster's audit log to ours.
    """
    groups = [EVERYONE]
    groups += [_plain(f"{GROUP}{group}") for group in sorted(principal.groups)]
    groups += [_plain(f"{ROLE}{role}") for role in sorted(principal.roles)]
    extra = {SESSION: [session]}
    if principal.name:
        extra[NAME] = [_plain(principal.name)]
    return Impersonation(
        user=_plain(f"{PREFIX}{principal.key}"), groups=groups, uid=_plain(principal.object_id), extra=extra
    )


def _plain(text: str) -> str:
    """A text as a header holds it; two texts never become one."""
    return quote(text, safe=PLAIN)
