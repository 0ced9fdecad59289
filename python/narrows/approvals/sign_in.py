"""Decisions that need a fresh, strong sign-in: whose token is at hand may not be who is at the keyboard.

A rule asks for it with `fresh-sign-in`; whoever breaks the glass always needs it. It is looked at here, where
every way in ends: the web console, the HTTP API and the commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.errors import ApprovalError

if TYPE_CHECKING:
    from narrows.model import Principal

FRESH_MAX_S = 300
"""How long after proving themselves a person may make a decision that needs it."""
LEEWAY_S = 60
"""How far the issuer's clock may be ahead."""


def check_sign_in(person: Principal, strong_methods: frozenset[str], *, now_s: float) -> None:
    """Refuses who has not just proven themselves to the issuer.

    Args:
        person: From verified evidence; its `auth_time` says when, its `amr`, `acr` and `acrs` how.
        strong_methods: The configured ways of which one must have been used; empty: any way will do.
        now_s: Seconds since 1970.

    Raises:
        ApprovalError: `sign-in-needed`, which a new sign-in mends; `sign-in-weak`, which it does not.
    """
    if not now_s - FRESH_MAX_S <= person.signed_in_at <= now_s + LEEWAY_S:
        minutes = FRESH_MAX_S // 60
        why = f"this needs a sign-in (auth_time) of the last {minutes} minutes: sign in anew and decide again"
        raise ApprovalError("sign-in-needed", why)
    if strong_methods and not strong_methods & person.methods:
        wanted = " or ".join(sorted(strong_methods))
        raise ApprovalError("sign-in-weak", f"this needs a sign-in with {wanted}, as strong-methods says")
