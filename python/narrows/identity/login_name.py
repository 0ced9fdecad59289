"""Which login names fit whose evidence, so that a recording's user never contradicts its principal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narrows.errors import IdentityError

if TYPE_CHECKING:
    from narrows.model import Principal

ANYONE = "agent"
"""The login name that fits every principal."""


def user_fits(principal: Principal, user: str) -> bool:
    """Whether a login name fits: the principal's object id, its application's id, or `agent`.

    Names that a directory displays do not count: anyone may give an app any name.
    """
    return user == ANYONE or (
        bool(user) and user.lower() in {principal.object_id.lower(), principal.app.lower()}
    )


def check_user(principal: Principal, user: str) -> None:
    """Raises IdentityError, naming what to use instead, when the login name does not fit."""
    if not user_fits(principal, user):
        raise IdentityError(
            "the user name is not this principal's",
            hint=f"Connect as user {ANYONE}, or as {principal.object_id}.",
        )
