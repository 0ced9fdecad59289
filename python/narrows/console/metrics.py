"""`GET /metrics`: OpenMetrics text for Prometheus and whatever else reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.responses import Response

from narrows.console.errors import ApiError
from narrows.console.requests import operations

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client import Metric
    from starlette.requests import Request


class _Read(Collector):
    """What was read once."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


async def page(request: Request) -> Response:
    """Counters and gauges of this gateway, for the token that `metrics-token` names."""
    metrics = operations(request).metrics
    if metrics is None or metrics.token is None:
        hint = "Set metrics-token in [console]."
        raise ApiError(404, "not-found", "metrics are not served here", hint)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not metrics.admits(token.strip().encode()):
        hint = "Send it: Authorization: Bearer …"
        raise ApiError(401, "unauthorized", "this is for the metrics-token of [console]", hint)
    registry = CollectorRegistry()
    registry.register(_Read(await metrics.read()))
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return Response(text, media_type=CONTENT_TYPE_LATEST)
