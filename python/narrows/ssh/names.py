"""Which account on which target a login name means: `login+target` or `login%target`."""

from __future__ import annotations

from dataclasses import dataclass

from narrows.operation import LOGIN

SEPARATORS = "+%"


@dataclass(frozen=True, slots=True)
class Destination:
    """An account on a target."""

    login: str
    target: str


def names_a_target(user: str) -> bool:
    """Whether a user name means to name a target; one that does not is for connections that jump to some.

    Args:
        user: As the client sent it.
    """
    return any(separator in user for separator in SEPARATORS)


def destination_of(user: str, jump_target: str = "") -> Destination | None:
    """The destination that a user name names; None when it names none.

    Args:
        user: As the client sent it. The first separator counts: a login has none, a target may.
        jump_target: The target that a connection jumped to; its user name is a login and nothing else.
    """
    if jump_target:
        return Destination(user, jump_target) if LOGIN.fullmatch(user) else None
    at = next((index for index, character in enumerate(user) if character in SEPARATORS), -1)
    login, target = user[:at], user[at + 1 :]
    if at < 0 or not target or not LOGIN.fullmatch(login):
        return None
    return Destination(login, target)
