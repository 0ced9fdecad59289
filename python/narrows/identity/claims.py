"""The checks that every issuer's claims must pass, each with a sentence on what is wrong and what to do.

They run after the signature, so what they report is the issuer's own word. Types are exact: a time is an
integer, not a text or a fraction that another reader might round the other way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from narrows.errors import IdentityError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

LIFETIME_MAX_S = 26 * 3600
"""Longer than the longest access token that Entra issues (24 hours for workloads), plus slack."""
LEEWAY_MAX_S = 60
"""How far the clocks of issuer and gateway may be configured to differ."""
VALUES_MAX = 1000
"""Groups, roles or scopes in one token."""
NAME_CHARACTERS_MAX = 128
"""Of a display name."""

_COMPARE_CLOCKS = "Compare the clocks of the issuer and of this gateway."
_ID_TOKEN_CLAIMS = ("nonce", "at_hash", "c_hash", "s_hash")


def check_audience(claims: Mapping[str, Any], audiences: Collection[str], known: Mapping[str, str]) -> None:
    """Refuses a token that was not made for this gateway alone.

    Args:
        claims: The token's claims.
        audiences: The accepted `aud` values, compared exactly.
        known: Names for other audiences that are often sent by mistake.

    Raises:
        IdentityError: `aud` is another audience, or ours among others.
    """
    audience = claims.get("aud")
    presented = audience if isinstance(audience, list) else [audience]
    if presented and all(isinstance(one, str) and one in audiences for one in presented):
        return
    shown = ", ".join(known.get(str(one), printable(str(one))) for one in presented) or "nobody"
    raise IdentityError(
        f"the token's audience is {shown}, not Narrows",
        hint=f"Request a token for {' or '.join(sorted(audiences))}.",
    )


def check_times(claims: Mapping[str, Any], *, now: float, leeway_s: int, age_max_s: int) -> float:
    """Refuses a token outside its time.

    Args:
        claims: The token's claims; `exp` and `iat` are required, `nbf` is checked when present.
        now: Seconds since 1970.
        leeway_s: How far the issuer's clock may differ, 0 to `LEEWAY_MAX_S`.
        age_max_s: How long after `iat` a token is accepted.

    Returns:
        When the evidence runs out, in seconds since 1970.

    Raises:
        IdentityError: A time is missing, not an integer, or the token is not valid now.
    """
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    not_before = _time(claims, "nbf") if "nbf" in claims else issued
    if expires <= issued:
        raise IdentityError("the token expires before it is issued")
    if expires - issued > LIFETIME_MAX_S:
        raise IdentityError(f"the token lives longer than {LIFETIME_MAX_S // 3600} hours")
    if issued > now + leeway_s:
        raise IdentityError(f"the token was issued in the future, at {utc(issued)}", hint=_COMPARE_CLOCKS)
    if not_before > now + leeway_s:
        raise IdentityError(f"the token is not valid before {utc(not_before)}", hint=_COMPARE_CLOCKS)
    if now >= expires + leeway_s:
        raise IdentityError(f"the token expired at {utc(expires)}", hint="Get a new token and connect again.")
    if now >= issued + age_max_s + leeway_s:
        raise IdentityError(
            f"the token was issued at {utc(issued)}, longer ago than the {age_max_s} s accepted here",
            hint="Get a new token and connect again.",
        )
    return float(min(expires, issued + age_max_s))


def check_usable(claims: Mapping[str, Any]) -> None:
    """Refuses what looks like an access token and is none that this gateway can honour.

    Raises:
        IdentityError: It is an ID token, or bound to a key whose possession cannot be proven here.
    """
    if any(name in claims for name in _ID_TOKEN_CLAIMS):
        raise IdentityError(
            "this is an ID token, which says who logged in and grants nothing",
            hint="Send the access token instead.",
        )
    if "cnf" in claims:
        raise IdentityError(
            "the token is bound to a key (cnf), whose possession cannot be proven over this protocol",
            hint="Get a token without proof of possession.",
        )


def check_overage(claims: Mapping[str, Any], groups: str) -> None:
    """Refuses a token whose groups were left out: a rule that denies a group would silently not apply.

    Raises:
        IdentityError: The issuer says that the groups are elsewhere.
    """
    elsewhere = claims.get("_claim_names")
    if claims.get("hasgroups") or (isinstance(elsewhere, dict) and groups in elsewhere):
        raise IdentityError(
            "the token leaves its groups out because there are too many (groups overage)",
            hint="Have the app registration emit only groups assigned to the application, or use app roles.",
        )


def sign_in(claims: Mapping[str, Any]) -> tuple[float, frozenset[str]]:
    """When and how a person proved themselves to the issuer (OpenID Connect Core 1.0, section 2).

    Returns:
        `auth_time` in seconds since 1970, 0 where it is not told; what `amr`, `acr` and Entra's `acrs` name.

    Raises:
        IdentityError: One of them is of another type.
    """
    methods = frozenset[str]().union(*(texts(claims, name) for name in ("amr", "acr", "acrs")))
    return float(_time(claims, "auth_time") if "auth_time" in claims else 0), methods


def text(claims: Mapping[str, Any], name: str) -> str:
    """A claim that is a text; empty when absent. Raises IdentityError when it is something else."""
    value = find(claims, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise IdentityError(f"the token's claim {name} is not a text")
    return value


def texts(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """A claim that is one text or a list of texts; empty when absent.

    Raises:
        IdentityError: It is something else, or holds more than `VALUES_MAX`.
    """
    value = find(claims, name)
    if value is None:
        return frozenset()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise IdentityError(f"the token's claim {name} is not a list of texts")
    if len(values) > VALUES_MAX:
        raise IdentityError(f"the token's claim {name} holds more than {VALUES_MAX} values")
    return frozenset(values)


def words(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """A claim that is words parted by spaces, as scopes are, or a list of them; empty when absent.

    Raises:
        IdentityError: It is something else, or holds more than `VALUES_MAX`.
    """
    value = find(claims, name)
    return texts({name: value.split()} if isinstance(value, str) else claims, name)


def find(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by its path with dots where no claim has that whole name; None when absent."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for step in name.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def printable(stated: str) -> str:
    """What a token calls something, made fit for an error, a log or a terminal."""
    return "".join(character for character in stated if character.isprintable())[:NAME_CHARACTERS_MAX]


def utc(seconds: float) -> str:
    """A time as people read it: `2026-11-24 10:15:00 UTC`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int or not 0 <= value < 2**33:
        raise IdentityError(f"the token's {name} is not a time in whole seconds")
    return value
