"""Tickets: short opaque secrets that stand for a verified token, for clients with small password fields.

A ticket is 256 random bits with a prefix and checksum that secret scanners can recognise. Only its SHA-256 is
stored. It opens a session on one target within minutes, once unless configured otherwise; presenting it
anywhere else uses it up too, since a ticket that strays is a ticket that leaked.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from narrows.errors import IdentityError
from narrows.identity.claims import utc

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.config import TicketsSection
    from narrows.model import Principal

PREFIX = "nrw_"
LIFETIME_MAX_S = 3600
"""A ticket is for connecting now; what must last longer is a token."""
USES_MAX = 100

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_BYTES = 32
_SECRET_CHARACTERS = 43
_CHECKSUM_CHARACTERS = 6
_LENGTH = len(PREFIX) + _SECRET_CHARACTERS + _CHECKSUM_CHARACTERS


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """What is stored of a ticket; the ticket itself is not."""

    digest: bytes
    """SHA-256 of the ticket's text."""
    principal: Principal
    target: str
    user: str | None
    """The login name that it is good for; None: any that fits the principal."""
    source: str | None
    """The address that it may come from; None: any."""
    expires_at: float
    """Seconds since 1970."""
    uses_max: int


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The ticket was good and one use of it is now spent."""

    record: TicketRecord


@dataclass(frozen=True, slots=True)
class Spent:
    """Every use of the ticket was spent before."""

    used_at: float
    """When it was last redeemed, in seconds since 1970."""
    used_from: str
    """The peer's address then."""


@dataclass(frozen=True, slots=True)
class Expired:
    """The ticket's time is over."""

    expires_at: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """No such ticket was minted, or it is long gone."""


Redemption = Redeemed | Spent | Expired | Unknown


class TicketStore(Protocol):
    """Where tickets are kept; shared by every node of a gateway."""

    async def put(self, record: TicketRecord) -> None:
        """Stores a new ticket. Raises StoreError."""
        ...

    async def redeem(self, digest: bytes, now: float, peer: str) -> Redemption:
        """Spends one use, atomically: of two callers that race for the last use, one gets `Redeemed`.

        A ticket is `Expired` from `expires_at` on, and `Spent`, which is told first, once `uses_max` uses are
        spent. Raises StoreError.
        """
        ...

    async def look(self, digest: bytes, now: float) -> Redemption:
        """What `redeem` would return, without spending anything. Raises StoreError."""
        ...


@dataclass(frozen=True, slots=True)
class Ticket:
    """A new ticket, to be handed out once."""

    text: str = field(repr=False)
    expires_at: float


class Tickets:
    """Mints and redeems tickets.

    Args:
        store: Where they are kept.
        terms: The configured lifetime and number of uses.
        clock: Returns seconds since 1970.

    Raises:
        IdentityError: The terms are out of range.
    """

    def __init__(self, store: TicketStore, terms: TicketsSection, clock: Callable[[], float]) -> None:
        if not 0 < terms.lifetime_s <= LIFETIME_MAX_S:
            raise IdentityError(f"tickets: lifetime-s must be 1 to {LIFETIME_MAX_S}")
        if not 0 < terms.uses_max <= USES_MAX:
            raise IdentityError(f"tickets: uses-max must be 1 to {USES_MAX}")
        self._store = store
        self._terms = terms
        self._clock = clock

    async def mint(
        self, principal: Principal, target: str, *, user: str | None = None, source: str | None = None
    ) -> Ticket:
        """Makes a ticket for one target.

        Args:
            principal: Whom the ticket stands for; the ticket never outlives the principal's evidence.
            target: The target's name.
            user: The login name that it is good for; None: any that fits.
            source: The IP address that it may come from; None: any.
        """
        text = _new_text()
        expires_at = min(self._clock() + self._terms.lifetime_s, principal.expires_at)
        record = TicketRecord(
            _digest(text.encode()), principal, target, user, source, expires_at, self._terms.uses_max
        )
        await self._store.put(record)
        return Ticket(text, expires_at)

    async def redeem(self, evidence: bytes, *, peer: str, user: str, target: str) -> Principal:
        """Spends one use of a ticket.

        Args:
            evidence: What was presented, beginning with `PREFIX`.
            peer: The agent's address with its port.
            user: The login name that was given.
            target: The target's name.

        Returns:
            The principal that the ticket stands for.

        Raises:
            IdentityError: The ticket is mistyped, unknown, expired, used up, or for something else.
        """
        _check_form(evidence)
        again = f"Mint another with: narrows token --target {target}"
        outcome = await self._store.redeem(_digest(evidence), self._clock(), address_of(peer))
        record = _good(outcome, again)
        _check_binding(record, peer=peer, user=user, target=target, hint=again)
        return record.principal

    async def look(self, evidence: bytes, *, peer: str) -> Principal:
        """Whom a ticket stands for that is to be redeemed later.

        Args:
            evidence: What was presented, beginning with `PREFIX`.
            peer: The agent's address with its port.

        Raises:
            IdentityError: `redeem` would refuse it whatever the login name and target.
        """
        _check_form(evidence)
        again = "Mint another with: narrows token --target NAME"
        record = _good(await self._store.look(_digest(evidence), self._clock()), again)
        if record.source is not None and record.source != address_of(peer):
            raise IdentityError(f"this ticket may come from {record.source} only", hint=again)
        return record.principal


class MemoryTickets:
    """A `TicketStore` for one process, without a memory of its own beyond it."""

    def __init__(self) -> None:
        self._records: dict[bytes, TicketRecord] = {}
        self._uses: dict[bytes, list[tuple[float, str]]] = {}

    async def put(self, record: TicketRecord) -> None:
        """See `TicketStore.put`."""
        self._records[record.digest] = record
        self._uses[record.digest] = []

    async def redeem(self, digest: bytes, now: float, peer: str) -> Redemption:
        """See `TicketStore.redeem`."""
        outcome = await self.look(digest, now)
        if isinstance(outcome, Redeemed):
            self._uses[digest].append((now, peer))
        return outcome

    async def look(self, digest: bytes, now: float) -> Redemption:
        """See `TicketStore.look`."""
        record = self._records.get(digest)
        if record is None:
            return Unknown()
        uses = self._uses[digest]
        if len(uses) >= record.uses_max:
            return Spent(*uses[-1])
        if now >= record.expires_at:
            return Expired(record.expires_at)
        return Redeemed(record)


def is_ticket(evidence: bytes) -> bool:
    """Whether the evidence means to be a ticket."""
    return evidence.startswith(PREFIX.encode())


def address_of(peer: str) -> str:
    """The IP address of `address:port`, without port and brackets."""
    host, _, port = peer.rpartition(":")
    return host.strip("[]") if host and port.isdigit() else peer


def _check_form(evidence: bytes) -> None:
    if not _is_well_formed(evidence):
        raise IdentityError(
            "the ticket is mistyped or cut short (its checksum does not fit)",
            hint=f"A ticket has {_LENGTH} characters. Mint one with: narrows token",
        )


def _good(outcome: Redemption, again: str) -> TicketRecord:
    """The ticket's record, where it is good at all."""
    match outcome:
        case Redeemed(record):
            return record
        case Spent(used_at, used_from):
            raise IdentityError(
                f"this ticket was already used at {utc(used_at)} from {used_from}", hint=again
            )
        case Expired(expires_at):
            raise IdentityError(f"this ticket expired at {utc(expires_at)}", hint=again)
        case Unknown():
            raise IdentityError("this ticket is not known here", hint=again)


def _check_binding(record: TicketRecord, *, peer: str, user: str, target: str, hint: str) -> None:
    if record.target != target:
        raise IdentityError(f"this ticket is for target {record.target} and is now used up", hint=hint)
    if record.user is not None and record.user != user:
        raise IdentityError(f"this ticket is for user {record.user} and is now used up", hint=hint)
    if record.source is not None and record.source != address_of(peer):
        raise IdentityError(f"this ticket may come from {record.source} only and is now used up", hint=hint)


def _new_text() -> str:
    secret = _base62(secrets.randbits(8 * _SECRET_BYTES), _SECRET_CHARACTERS)
    return PREFIX + secret + _checksum(secret)


def _is_well_formed(evidence: bytes) -> bool:
    text = evidence.decode("ascii", errors="replace")
    secret = text[len(PREFIX) : -_CHECKSUM_CHARACTERS]
    return len(text) == _LENGTH and text.endswith(_checksum(secret))


def _checksum(secret: str) -> str:
    return _base62(zlib.crc32(secret.encode()), _CHECKSUM_CHARACTERS)


def _base62(number: int, characters: int) -> str:
    digits = []
    for _ in range(characters):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
