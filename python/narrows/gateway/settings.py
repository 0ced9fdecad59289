"""What a session has set since it was opened, in the agent's own words.

The same text means another thing under another search_path or role. So an approval of a statement is bound
to how its session came to be as it is: the texts that set something, and how often the data plane saw the
settings move. A move more than the texts account for is an error or a rollback that took something back.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from typing import Any

TEXTS_MAX = 20
"""So many texts are shown, the latest; the earlier ones are in the digest alone."""
TEXT_CHARACTERS_MAX = 1_000
"""A longer text is shown cut; the digest is of the whole."""

PLAIN = re.compile(
    r"""\s* set \s+ (?: session \s+ )? (?! role|session|local|transaction|constraints ) [\w.]+
        \s* (?: = | \b to \b ) [^;]* ;? \s*""",
    re.IGNORECASE | re.VERBOSE,
)
"""A SET of one parameter, which RESET ALL takes back. It does not take back a role or a temporary table."""
RESET = re.compile(
    r"""(?: \s* (?: select \s+ pg_advisory_unlock_all\(\) | close \s+ all | unlisten \s+ \* ) \s* ; )*
        \s* reset \s+ all \s* ;? \s*""",
    re.IGNORECASE | re.VERBOSE,
)
"""What a connection pool sends between two borrowers, as asyncpg's does."""
DISCARD = re.compile(r"\s*discard\s+all\s*;?\s*", re.IGNORECASE)


class SettingsTrace:
    """Follows one session's statements."""

    def __init__(self) -> None:
        self._epoch = 0
        self._last = ""
        self._last_is_alone = False
        self._begin(0)

    def seen(self, event: Any) -> dict[str, Any]:
        """What the session has set before it asks this.

        Args:
            event: The data plane's StatementAsked.

        Returns:
            Empty: nothing. Else `changes`, how often settings have moved; `statements`, the latest texts that
            moved them; `digest`, SHA-256 of all of them.
        """
        if event.settings_epoch != self._epoch:
            self._moved(event.settings_epoch)
        if event.phase != "parse":
            self._last = event.text
            self._last_is_alone = event.phase == "query" and event.transaction == "idle"
        if self._epoch == self._since:
            return {}
        return {
            "changes": self._epoch - self._since,
            "statements": list(self._texts),
            "digest": self._digest.hexdigest(),
        }

    def _begin(self, epoch: int) -> None:
        """Nothing is set from here on."""
        self._since = epoch
        self._texts: deque[str] = deque(maxlen=TEXTS_MAX)
        self._digest = hashlib.sha256()
        self._all_plain = True

    def _moved(self, epoch: int) -> None:
        """The data plane saw settings move: the last text did that, and may have taken everything back."""
        succeeded_alone = self._last_is_alone and epoch == self._epoch + 1
        self._epoch = epoch
        if succeeded_alone and self._resets():
            self._begin(epoch)
            return
        self._texts.append(self._last[:TEXT_CHARACTERS_MAX])
        self._digest.update(self._last.encode() + b"\0")
        self._all_plain &= PLAIN.fullmatch(self._last) is not None

    def _resets(self) -> bool:
        if DISCARD.fullmatch(self._last):
            return True
        return self._all_plain and RESET.fullmatch(self._last) is not None
