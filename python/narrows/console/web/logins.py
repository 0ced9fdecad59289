"""Who is signed in, and who is about to be: kept here, so that a cookie is a name for it and nothing more.

Both stores are bounded, in memory and of one gateway. A restart signs everybody out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trio

from narrows.identity.relying_party import Attempt

if TYPE_CHECKING:
    from narrows.model import Principal

SIGNED_IN_MAX_S = 4 * 3600.0
"""Then one signs in again: groups are those of the sign-in, and may have changed."""
IDLE_MAX_S = 1800.0
"""Without a page being asked for; a page that keeps itself live is not."""
LOGINS_MAX = 10_000
"""The one used longest ago is signed out first."""
ATTEMPT_MAX_S = 600.0
"""From leaving for the issuer to coming back."""
ATTEMPTS_MAX = 10_000
"""The oldest is forgotten first."""
TOKEN_BYTES = 32


@dataclass(slots=True, eq=False)
class Login:
    """One browser that a person is signed in with."""

    principal: Principal
    csrf: str = field(repr=False)
    """Every form bears it."""
    opened_at: float
    seen_at: float

    def ended(self, now: float) -> bool:
        """Whether its time is over."""
        return now >= self.opened_at + SIGNED_IN_MAX_S or now >= self.seen_at + IDLE_MAX_S


class Logins:
    """Everyone who is signed in, by the hash of their cookie."""

    def __init__(self) -> None:
        self._logins: OrderedDict[bytes, Login] = OrderedDict()

    def open(self, principal: Principal) -> str:
        """Signs a person in; returns the value of a cookie that nobody has had before."""
        cookie = secrets.token_urlsafe(TOKEN_BYTES)
        now = trio.current_time()
        self._logins[_digest(cookie)] = Login(principal, secrets.token_urlsafe(TOKEN_BYTES), now, now)
        if len(self._logins) > LOGINS_MAX:
            self._logins.popitem(last=False)
        return cookie

    def find(self, cookie: str, *, touch: bool = True) -> Login | None:
        """The login that a cookie names, unless its time is over; `touch` keeps it from idling."""
        digest = _digest(cookie)
        login = self._logins.get(digest)
        if login is None:
            return None
        now = trio.current_time()
        if login.ended(now):
            del self._logins[digest]
            return None
        if touch:
            login.seen_at = now
            self._logins.move_to_end(digest)
        return login

    def close(self, cookie: str) -> None:
        """Signs out; does nothing when nobody is signed in with that cookie."""
        self._logins.pop(_digest(cookie), None)


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that a browser has begun."""

    attempt: Attempt
    browser: bytes = field(repr=False)
    """The hash of the cookie of the browser that began it: nobody else's may end it."""
    after: str
    """The page to show then."""
    began_at: float


class Attempts:
    """Every sign-in under way, by its state; each can be taken once."""

    def __init__(self) -> None:
        self._pending: OrderedDict[str, Pending] = OrderedDict()

    def begin(self, browser: str, redirect_uri: str, *, after: str, fresh: bool) -> Attempt:
        """Begins a sign-in of a browser.

        Args:
            browser: The value of its sign-in cookie.
            redirect_uri: Where it is to come back.
            after: The page to show when it is signed in.
            fresh: Whether the person must prove themselves anew.
        """
        state, nonce, verifier = (secrets.token_urlsafe(TOKEN_BYTES) for _ in range(3))
        attempt = Attempt(state, nonce, verifier, redirect_uri, fresh)
        self._pending[state] = Pending(attempt, _digest(browser), after, trio.current_time())
        if len(self._pending) > ATTEMPTS_MAX:
            self._pending.popitem(last=False)
        return attempt

    def take(self, state: str, browser: str) -> Pending | None:
        """The sign-in of that state, if this browser began it and not too long ago; never twice."""
        pending = self._pending.get(state)
        if pending is None or not hmac.compare_digest(pending.browser, _digest(browser)):
            return None
        del self._pending[state]
        return pending if trio.current_time() < pending.began_at + ATTEMPT_MAX_S else None


def _digest(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode("utf-8", "replace")).digest()
