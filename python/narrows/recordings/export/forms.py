"""The forms of an event: OCSF for security systems, our own fields for the rest; one JSON object each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from narrows.recordings.export.ocsf import ocsf

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrows.recordings.index.outbox import Event


def plain(event: Event) -> dict[str, Any]:
    """An event in our own words, as searches show it."""
    about = event.session.shown()
    document: dict[str, Any] = {"event": event.kind, "time_us": event.time_us, "session": about.pop("id")}
    if event.operation is None:
        return document | about
    shown = event.operation.shown()
    del shown["excerpt"]
    return document | shown


FORMS: dict[str, Callable[[Event], dict[str, Any]]] = {"ocsf": ocsf, "jsonl": plain}


def line(event: Event, form: str) -> bytes:
    """An event as one line of JSON, without its end.

    Args:
        event: What happened.
        form: A name in `FORMS`.
    """
    return json.dumps(FORMS[form](event), ensure_ascii=False, separators=(",", ":")).encode()
