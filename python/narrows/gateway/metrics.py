"""What a running gateway counts, for whoever watches it: traffic, people, and how its evidence fares.

Labels are names out of the configuration and words of our own; nothing that an agent wrote is among them.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import structlog
import trio
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from narrows.approvals.records import pending
from narrows.credentials.secret import Secret
from narrows.recordings.offload import NUMBER_MAX
from narrows.recordings.storage import local_segments
from narrows.store import segments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prometheus_client import Metric

    from narrows.config import Located
    from narrows.gateway.announcements import Announcements
    from narrows.gateway.checkpoints import Checkpoints
    from narrows.gateway.recordings import Recordings
    from narrows.plane import DataPlane
    from narrows.store import Store

log = structlog.get_logger("narrows.gateway")

ALARMS = ("damaged", "missing", "unsealed", "torn")
"""Kinds of alarms, each there from the start: what is not counted yet is 0."""
GAUGES_OF_PLANE = {
    "asks": "Operations that wait for their verdict.",
    "cached_verdicts": "Verdicts kept for operations that are seen again.",
    "events_queued": "Events of the data plane that the control plane has not taken yet.",
}
COUNTERS_OF_PLANE = {
    "cache_hits": "Operations decided by a verdict that was kept.",
    "cache_misses": "Operations for which none was kept.",
    "journal_bytes": "Bytes recorded, before compression.",
    "connections_refused": "Connections turned away for want of room.",
}


@dataclass(slots=True, eq=False, kw_only=True)
class Metrics:
    """Reads what there is to count; whoever reads it has to show a token."""

    located: Located
    plane: DataPlane
    store: Store
    open_sessions: Callable[[], Mapping[str, int]]
    """Open sessions by kind of target."""
    decisions: Mapping[str, int]
    """Decisions noted since the start, by effect."""
    announcements: Announcements
    checkpoints: Checkpoints
    recordings: Recordings
    token: Secret | None = None
    """What whoever reads has to show; None: nobody may."""
    alarms: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(ALARMS, 0)))
    """How often the journal asked to be looked after, by kind."""

    def journal_alarmed(self, kind: str, what: str) -> None:
        """The journal needs looking after; a torn tail has been looked after already."""
        self.alarms[kind] += 1
        if kind == "torn":
            log.warning("the journal was recovered", what=what)
        else:
            log.error("the journal needs looking after", kind=kind, what=what)

    def admits(self, token: bytes) -> bool:
        """Whether it is the configured token."""
        return self.token is not None and Secret(token) == self.token

    async def read(self) -> list[Metric]:
        """All of it, as it is now. Raises StoreError."""
        return [*self._traffic(), *await self._people(), *await self._evidence()]

    def _traffic(self) -> list[Metric]:
        stats = self.plane.stats()
        sessions = GaugeMetricFamily("narrows_sessions", "Open sessions by kind of target.", labels=["kind"])
        for kind, count in self.open_sessions().items():
            sessions.add_metric([kind], count)
        decisions = CounterMetricFamily(
            "narrows_decisions", "Decisions noted; verdicts used again are cache hits.", labels=["effect"]
        )
        for effect, count in self.decisions.items():
            decisions.add_metric([effect], count)
        gauges = [_gauge(name, what, stats[name]) for name, what in GAUGES_OF_PLANE.items()]
        counters = [_counter(name, what, stats[name]) for name, what in COUNTERS_OF_PLANE.items()]
        return [sessions, decisions, *gauges, *counters]

    async def _people(self) -> list[Metric]:
        waiting = await self.store.run(pending)
        failures = self.announcements.failures
        return [
            _gauge("approvals_pending", "Requests that wait for people, on all nodes.", waiting),
            _counter("notifier_failures", "Messages about requests that could not be delivered.", failures),
        ]

    async def _evidence(self) -> list[Metric]:
        lag = await self.recordings.lag()
        alarms = CounterMetricFamily(
            "narrows_journal_alarms", "Torn tails, damage, missing segments, failed seals.", labels=["kind"]
        )
        for kind, count in self.alarms.items():
            alarms.add_metric([kind], count)
        age = await trio.to_thread.run_sync(self._checkpoint_age_s)
        behind = GaugeMetricFamily(
            "narrows_export_lag_seconds", "Age of the oldest event not taken.", labels=["export"]
        )
        failing = GaugeMetricFamily(
            "narrows_export_failing", "1 while it cannot be delivered to.", labels=["export"]
        )
        for name, state in lag["exports"].items():
            behind.add_metric([name], _known(state["lag_s"]))
            failing.add_metric([name], float(state["failing"]))
        metrics: list[Metric] = [
            alarms,
            _gauge("checkpoint_age_seconds", "Since the newest signed checkpoint was made.", _known(age)),
            _counter(
                "checkpoint_failures", "Checkpoints that a place did not take.", self.checkpoints.failures
            ),
            _gauge("index_lag_seconds", "Age of the oldest frame not indexed.", _known(lag["index_lag_s"])),
            behind,
            failing,
        ]
        if self.located.config.storage is not None:
            waiting = await self._segments_waiting()
            metrics.append(_gauge("segments_waiting", "Sealed, and not in the object store.", waiting))
        return metrics

    def _checkpoint_age_s(self) -> float | None:
        try:
            made = (self.located.journal / "checkpoint").stat().st_mtime
        except FileNotFoundError:
            return None
        return max(0.0, time.time() - made)

    async def _segments_waiting(self) -> int:
        sealed = (await trio.to_thread.run_sync(local_segments, self.located.journal))[:-1]
        between = partial(segments.between, node=self.located.node, first=0, last=NUMBER_MAX)
        stored = {one.number for one in await self.store.run(between)}
        return sum(number not in stored for number in sealed)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"narrows_{name}", what, value=value)


def _counter(name: str, what: str, value: float) -> Metric:
    return CounterMetricFamily(f"narrows_{name}", what, value=value)


def _known(value: float | None) -> float:
    """NaN where it is not known: that compares as neither small nor large."""
    return float("nan") if value is None else value
