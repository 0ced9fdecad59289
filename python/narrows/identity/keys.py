"""An issuer's signing keys, kept fresh: the one place that decides when they are fetched again.

Keys are refreshed hourly. A token that names an unknown key may trigger a refresh, but rarely, or every
random key id would be a request to the issuer. A failed refresh keeps the last known good keys for a bounded
time; a successful one replaces them all, so a key that the issuer has withdrawn dies then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
import trio

from narrows.errors import IdentityError
from narrows.identity.jwks import KeySet, SigningKey, parse_keys

if TYPE_CHECKING:
    from narrows.identity.key_sources import KeySource

REFRESH_S = 3600.0
"""Between refreshes while they succeed."""
RETRY_S = 60.0
"""Between background attempts while they fail."""
UNKNOWN_KEY_REFRESH_S = 300.0
"""An unknown key id causes at most one refresh in this time."""
FIRST_FETCH_RETRY_S = 5.0
"""Without any keys, tokens cause at most one attempt in this time."""
LAST_KNOWN_GOOD_S = 86_400.0
"""How long keys outlive the last successful refresh."""

_log = structlog.get_logger()


class IssuerKeys:
    """The keys of one issuer.

    Args:
        source: Where they are fetched.
        issuer: The exact `iss` that they sign for.
        tenant: Replaces `{tenantid}` in a key's own `issuer`.
    """

    def __init__(self, source: KeySource, *, issuer: str, tenant: str = "") -> None:
        self._source = source
        self._issuer = issuer
        self._tenant = tenant
        self._set = KeySet()
        self._good_until = float("-inf")
        self._attempted_at = float("-inf")
        self._asked_for_unknown_at = float("-inf")
        self._refreshing = trio.Lock()

    async def keep_fresh(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Refreshes until cancelled; reports itself started after the first attempt, whatever came of it."""
        refreshed = await self.refresh()
        task_status.started()
        while True:
            await trio.sleep(REFRESH_S if refreshed else RETRY_S)
            refreshed = await self.refresh()

    async def refresh(self) -> bool:
        """Fetches the keys; on failure the ones at hand stay. Returns whether it succeeded."""
        async with self._refreshing:
            return await self._fetch()

    async def find(self, key_id: str) -> SigningKey:
        """Finds the key that a token names, fetching where that is due.

        Args:
            key_id: The token's `kid`.

        Returns:
            A key that may verify this issuer's tokens.

        Raises:
            IdentityError: The issuer has no such key, or its keys cannot be had.
        """
        if key := self.current(key_id):
            return key
        async with self._refreshing:  # those who wait here find what the first of them fetched
            if not self.current(key_id) and self._may_fetch():
                with trio.CancelScope(shield=True):  # one who hangs up does not take the others' answer away
                    await self._fetch()
        if key := self.current(key_id):
            return key
        raise self._absence(key_id)

    def current(self, key_id: str) -> SigningKey | None:
        """The key of that id, if it is known and its set is not too old. Never fetches."""
        return self._set.keys.get(key_id) if self._are_good() else None

    def _are_good(self) -> bool:
        return trio.current_time() < self._good_until

    def _may_fetch(self) -> bool:
        now = trio.current_time()
        if not self._are_good():
            return now - self._attempted_at >= FIRST_FETCH_RETRY_S
        if now - self._asked_for_unknown_at < UNKNOWN_KEY_REFRESH_S:
            return False
        self._asked_for_unknown_at = now
        return True

    async def _fetch(self) -> bool:
        self._attempted_at = trio.current_time()
        try:
            body = await self._source.fetch()
            fetched = parse_keys(body, issuer=self._issuer, tenant=self._tenant)
            if not fetched.keys:
                raise IdentityError(f"issuer {self._issuer} publishes no key that can verify a token")
        except (IdentityError, ValueError) as error:
            _log.warning("the issuer's keys are not refreshed", issuer=self._issuer, reason=str(error))
            return False
        self._set = fetched
        self._good_until = trio.current_time() + LAST_KNOWN_GOOD_S
        return True

    def _absence(self, key_id: str) -> IdentityError:
        if not self._are_good():
            return IdentityError(
                f"the signing keys of issuer {self._issuer} cannot be had, so no token of it can be verified",
                hint="Try again shortly; the gateway's log says why the keys cannot be fetched.",
            )
        if reason := self._set.refused.get(key_id):
            return IdentityError(f"the issuer's key that signed the token is not accepted: {reason}")
        return IdentityError(
            "the token is signed with a key that its issuer does not publish",
            hint="Get a new token. If the issuer has just rolled its keys, try again in five minutes.",
        )
