"""Who is signed in, and who is about to be: kept in the store, so that every gateway that shares it knows.

A cookie is 256 random bits. The store has its hash, and what is known of the person sealed with a key that
only the cookie gives: neither the store nor a copy of it says who may approve, with the groups that make them
approvers.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from narrows.identity.relying_party import Attempt
from narrows.model import Principal  # noqa: TC001, read at run time to decode
from narrows.store import sign_ins
from narrows.store.sign_ins import AttemptRow, LoginRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.store import Store

T = TypeVar("T")

SIGNED_IN_MAX_S = 4 * 3600.0
"""Then one signs in again: groups are those of the sign-in, and may have changed."""
IDLE_MAX_S = 1800.0
"""Without a page being asked for; a page that keeps itself live is not."""
SEEN_AGAIN_S = 60.0
"""That somebody is not idle is written down this often at most."""
LOGINS_MAX = 10_000
"""The one used longest ago is signed out first."""
ATTEMPT_MAX_S = 600.0
"""From leaving for the issuer to coming back."""
ATTEMPTS_MAX = 10_000
"""The oldest is forgotten first."""
TOKEN_BYTES = 32
NONCE_BYTES = 12


class Login(msgspec.Struct, frozen=True):
    """One browser that a person is signed in with."""

    principal: Principal
    csrf: str
    """Every form bears it."""

    def __repr__(self) -> str:
        return f"Login({self.principal.key})"


@dataclass(slots=True, eq=False)
class Logins:
    """Everyone who is signed in, by their cookie.

    Args:
        store: Where they are.
        now_ms: The wall clock, in milliseconds since 1970.
    """

    store: Store
    now_ms: Callable[[], int]

    async def open(self, principal: Principal) -> str:
        """Signs a person in; returns the value of a cookie that nobody has had before. Raises StoreError."""
        cookie = secrets.token_urlsafe(TOKEN_BYTES)
        now_ms = self.now_ms()
        sealed = _sealed(cookie, Login(principal, secrets.token_urlsafe(TOKEN_BYTES)))
        await self.store.run(
            sign_ins.add_login,
            LoginRow(_digest(cookie), now_ms, now_ms, sealed),
            opened_before_ms=now_ms - int(SIGNED_IN_MAX_S * 1000),
            seen_before_ms=now_ms - int(IDLE_MAX_S * 1000),
            most=LOGINS_MAX,
        )
        return cookie

    async def find(self, cookie: str, *, touch: bool = True) -> Login | None:
        """The login that a cookie names, unless its time is over; `touch` keeps it from idling.

        Raises:
            StoreError: Who is signed in cannot be known now.
        """
        digest, now_ms = _digest(cookie), self.now_ms()
        row = await self.store.run_beside(sign_ins.find_login, digest)
        if row is None or _is_over(row, now_ms):
            return None
        login = _opened(cookie, row.sealed, Login)
        if login is not None and touch and now_ms - row.seen_ms >= SEEN_AGAIN_S * 1000:
            await self.store.run(sign_ins.see_login, digest, now_ms)
        return login

    async def close(self, cookie: str) -> None:
        """Signs out everywhere; does nothing when nobody is signed in with that cookie. Raises StoreError."""
        await self.store.run(sign_ins.remove_login, _digest(cookie))


class Pending(msgspec.Struct, frozen=True):
    """A sign-in that a browser has begun."""

    attempt: Attempt
    after: str
    """The page to show then."""


@dataclass(slots=True, eq=False)
class Attempts:
    """Every sign-in under way, by its state; each can be taken once, and by the browser that began it.

    Args:
        store: Where they are.
        now_ms: The wall clock, in milliseconds since 1970.
    """

    store: Store
    now_ms: Callable[[], int]

    async def begin(self, browser: str, redirect_uri: str, *, after: str, fresh: bool) -> Attempt:
        """Begins a sign-in of a browser.

        Args:
            browser: The value of its sign-in cookie.
            redirect_uri: Where it is to come back.
            after: The page to show when it is signed in.
            fresh: Whether the person must prove themselves anew.

        Raises:
            StoreError: It cannot be kept.
        """
        state, nonce, verifier = (secrets.token_urlsafe(TOKEN_BYTES) for _ in range(3))
        attempt = Attempt(state, nonce, verifier, redirect_uri, fresh)
        now_ms = self.now_ms()
        sealed = _sealed(browser, Pending(attempt, after))
        await self.store.run(
            sign_ins.add_attempt,
            AttemptRow(_digest(state), _digest(browser), now_ms, sealed),
            began_before_ms=now_ms - int(ATTEMPT_MAX_S * 1000),
            most=ATTEMPTS_MAX,
        )
        return attempt

    async def take(self, state: str, browser: str) -> Pending | None:
        """The sign-in of that state, if this browser began it and not too long ago; never twice.

        Raises:
            StoreError: It cannot be known now.
        """
        row = await self.store.run(sign_ins.take_attempt, _digest(state), _digest(browser))
        if row is None or self.now_ms() - row.began_ms >= ATTEMPT_MAX_S * 1000:
            return None
        return _opened(browser, row.sealed, Pending)


def _is_over(row: LoginRow, now_ms: int) -> bool:
    return now_ms - row.opened_ms >= SIGNED_IN_MAX_S * 1000 or now_ms - row.seen_ms >= IDLE_MAX_S * 1000


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _key(secret: str) -> AESGCM:
    """The key that a secret of 256 random bits gives (RFC 5869); its hash, which is stored, does not."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"narrows sign-in")
    return AESGCM(derive.derive(secret.encode("utf-8", "replace")))


def _sealed(secret: str, content: msgspec.Struct) -> str:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return (nonce + _key(secret).encrypt(nonce, msgspec.json.encode(content), None)).hex()


def _opened(secret: str, sealed: str, kind: type[T]) -> T | None:
    """What was sealed; None where it was not with this secret, or is of another version of Narrows."""
    try:
        content = bytes.fromhex(sealed)
        opened = _key(secret).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], None)
        return msgspec.json.decode(opened, type=kind)
    except (InvalidTag, ValueError):
        return None
