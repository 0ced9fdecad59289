"""Events to an HTTP endpoint: as JSON lines, or as OTLP log records (OpenTelemetry protocol, over HTTP)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import structlog

from narrows import __version__
from narrows.recordings.export.sink import SinkError
from narrows.recordings.journal import session_name

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from narrows.recordings.export.sink import Outgoing

DEADLINE_S = 30.0
SEVERITIES = {"allow": (9, "INFO"), "deny": (13, "WARN"), "withdrawn": (10, "INFO2")}

log = structlog.get_logger("narrows.export")


class HttpSink:
    """An endpoint that takes JSON lines.

    Args:
        url: Where to post; read anew for each batch, since many systems have a secret in it.
        token: A bearer token, read anew too; None: none is sent.
        context: Whom to trust.
    """

    media_type = "application/x-ndjson"

    def __init__(
        self, url: Callable[[], str], token: Callable[[], str] | None, context: ssl.SSLContext
    ) -> None:
        self._url = url
        self._token = token
        self._client = httpx.AsyncClient(
            verify=context, timeout=DEADLINE_S, follow_redirects=False, trust_env=False
        )

    async def send(self, batch: Sequence[Outgoing]) -> None:
        """Posts a batch; a status of 2xx says that it was taken."""
        headers = {"Content-Type": self.media_type}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token()}"
        try:
            answer = await self._client.post(self._url(), content=self.body(batch), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SinkError(f"it cannot be reached: {type(error).__name__}") from None
        if not answer.is_success:
            raise SinkError(f"it answered {answer.status_code}")
        self.answered(answer)

    async def close(self) -> None:
        """Ends the connections."""
        await self._client.aclose()

    def body(self, batch: Sequence[Outgoing]) -> bytes:
        """What is posted."""
        return b"".join(one.line + b"\n" for one in batch)

    def answered(self, answer: httpx.Response) -> None:
        """Looks at a success for what it does not say in its status."""


class OtlpSink(HttpSink):
    """An OTLP receiver; `url` is the whole of it, such as `https://collector:4318/v1/logs`."""

    media_type = "application/json"

    def body(self, batch: Sequence[Outgoing]) -> bytes:
        """An ExportLogsServiceRequest."""
        service = [_attribute("service.name", "narrows"), _attribute("service.version", __version__)]
        scope = {"name": "narrows.recordings", "version": __version__}
        logs = {"scope": scope, "logRecords": [_record(one) for one in batch]}
        request = {"resourceLogs": [{"resource": {"attributes": service}, "scopeLogs": [logs]}]}
        return json.dumps(request, ensure_ascii=False).encode()

    def answered(self, answer: httpx.Response) -> None:
        """Says what was rejected; the protocol forbids sending it again."""
        try:
            partial = answer.json().get("partialSuccess", {})
        except (ValueError, AttributeError):
            return
        if int(partial.get("rejectedLogRecords", 0)):
            log.error(
                "events rejected", count=int(partial["rejectedLogRecords"]), why=partial.get("errorMessage")
            )


def _record(one: Outgoing) -> dict[str, Any]:
    event = one.event
    number, text = SEVERITIES[event.operation.effect if event.operation is not None else "allow"]
    attributes = [
        _attribute("event.name", f"narrows.{event.kind}"),
        _attribute("session.id", session_name(event.session.id)),
        _attribute("narrows.principal", event.session.principal),
        _attribute("narrows.target", event.session.target),
    ]
    if event.operation is not None:
        attributes += [
            _attribute("narrows.effect", event.operation.effect),
            _attribute("narrows.rule", event.operation.rule),
        ]
    return {
        "timeUnixNano": str(event.time_us * 1_000),
        "severityNumber": number,
        "severityText": text,
        "body": {"stringValue": one.line.decode()},
        "attributes": attributes,
    }


def _attribute(name: str, value: str) -> dict[str, Any]:
    return {"key": name, "value": {"stringValue": value}}
