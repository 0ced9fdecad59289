"""What a recording says of what it keeps no copy of: how much there was, its hash, and which rule says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

LEFT_OUT = "left-out"
"""The event that accounts for what was left out of one answer, or one command's output, so far."""
KIBIBYTE = 1024


def named_by(account: dict[str, Any], verdicts: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    """An account with the rule in place of the verdict's number.

    Args:
        account: As it was written down; changed.
        verdicts: Those of the session, by number.
    """
    verdict = verdicts.get(account.pop("verdict"), {})
    return account | {"rule": verdict.get("rule") or ""}


def sentence(account: Mapping[str, Any]) -> str:
    """An account in words: `1,204 rows, 81 KiB not kept by rule X, sha256 9f2c…`, with all digits."""
    channel = f"[{account['channel']}] {account['stream']}: " if "channel" in account else ""
    rows = account.get("rows")
    counted = "" if rows is None else f"{rows:,} row{'' if rows == 1 else 's'}, "
    how = f"not kept by rule {account['rule']}, sha256 {account['sha256']}"
    return f"{channel}{counted}{_size(account['bytes'])} {how}"


def _size(count: int) -> str:
    if count < KIBIBYTE:
        return f"{count} bytes"
    if count < KIBIBYTE**2:
        return f"{count / KIBIBYTE:,.0f} KiB"
    return f"{count / KIBIBYTE**2:,.1f} MiB"
