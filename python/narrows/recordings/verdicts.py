"""The verdicts of one session: each is in the recording once, and pointed at wherever it was applied."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdicts(dict[int, dict[str, Any]]):
    """Verdicts by number, as the frames read so far tell them."""

    @staticmethod
    def of(verdicts: Iterable[dict[str, Any]]) -> Verdicts:
        """Those verdicts."""
        return Verdicts({verdict["id"]: verdict for verdict in verdicts})

    def keep(self, payload: bytes) -> None:
        """Takes a `verdict` frame."""
        verdict = json.loads(payload)
        self[verdict["id"]] = verdict

    def applied(self, payload: bytes) -> dict[str, Any]:
        """The verdict that an `applied` frame points at; of effect `unknown` where it is missing."""
        number = int.from_bytes(payload, "big")
        return self.get(number, {"id": number, "effect": "unknown"})
