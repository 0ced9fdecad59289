"""`/metrics`: what Prometheus reads, who may, and that nothing of an agent's is in it."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from narrows.credentials.secret import Secret
from narrows.gateway.metrics import COUNTERS_OF_PLANE, GAUGES_OF_PLANE, Metrics
from narrows.recordings.storage import segment_path
from narrows.store import segments
from narrows.store.segments import StoredSegment
from tests.control.test_api import api, bearer

SCRAPER = bearer("scrape-me")


def metrics_over(path, *, token: bytes | None = b"scrape-me", storage=None):
    """Makes what is counted of a simulated control plane."""
    (path / "journal").mkdir()

    async def lag():
        return {"index_lag_s": None, "exports": {"siem": {"lag_s": 12.5, "failing": True}}}

    def metrics_of(here):
        return Metrics(
            located=SimpleNamespace(
                journal=path / "journal",
                node="one",
                config=SimpleNamespace(storage=storage),
            ),
            plane=SimpleNamespace(stats=lambda: dict.fromkeys([*GAUGES_OF_PLANE, *COUNTERS_OF_PLANE], 3)),
            store=here.store,
            open_sessions=lambda: {"postgres": 2, "ssh": 1},
            decisions=here.decider.counts,
            announcements=SimpleNamespace(failures=4),
            checkpoints=SimpleNamespace(failures=5),
            recordings=SimpleNamespace(lag=lag),
            token=None if token is None else Secret(token),
            alarms=Counter(damaged=2, torn=1, missing=0),
        )

    return metrics_of


async def read(client):
    answer = await client.get("/metrics", headers=SCRAPER)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    samples = {}
    for family in text_string_to_metric_families(answer.text):
        samples |= {(one.name, *one.labels.values()): one.value for one in family.samples}
    return samples, answer.text


async def test_everything_is_counted_and_nothing_of_an_agents_is_told(tmp_path, mock_clock):
    async with api(tmp_path, metrics_over(tmp_path)) as (client, here, _):
        here.ask("SELECT 'canary'")
        here.ask("DROP TABLE canary")
        here.ask("UPDATE orders SET status = 'canary'")
        await here.held()
        found, text = await read(client)
        assert found["narrows_sessions", "postgres"] == 2
        assert found["narrows_decisions_total", "allow"] == 1
        assert found["narrows_decisions_total", "deny"] == 1
        assert found["narrows_decisions_total", "require-approval"] == 1
        assert found["narrows_approvals_pending",] == 1
        assert found["narrows_notifier_failures_total",] == 4
        assert found["narrows_cache_hits_total",] == found["narrows_events_queued",] == 3
        assert found["narrows_checkpoint_failures_total",] == 5
        assert found["narrows_journal_alarms_total", "damaged"] == 2
        assert found["narrows_journal_alarms_total", "torn"] == 1
        assert found["narrows_journal_alarms_total", "missing"] == 0
        assert (found["narrows_export_lag_seconds", "siem"], found["narrows_export_failing", "siem"]) == (
            12.5,
            1,
        )
        unknown = found["narrows_index_lag_seconds",]
        assert unknown != unknown
        assert "canary" not in text
        assert "scrape-me" not in text


async def test_the_age_of_a_checkpoint_is_told_once_there_is_one(tmp_path):
    async with api(tmp_path, metrics_over(tmp_path)) as (client, _, _):
        before, _ = await read(client)
        (tmp_path / "journal" / "checkpoint").write_text("signed")
        after, _ = await read(client)
    age = "narrows_checkpoint_age_seconds"
    assert before[age,] != before[age,]
    assert 0 <= after[age,] < 60


async def test_segments_that_the_object_store_has_not_taken_are_counted(tmp_path):
    async with api(tmp_path, metrics_over(tmp_path, storage=object())) as (client, here, _):
        for number in range(1, 5):
            segment_path(tmp_path / "journal", number).touch()
        assert (await read(client))[0]["narrows_segments_waiting",] == 3  # the fourth is written to
        await here.store.run(segments.add, "one", StoredSegment(1, 10, "00", 0))
        assert (await read(client))[0]["narrows_segments_waiting",] == 2


@pytest.mark.parametrize(
    "headers", [{}, bearer(""), bearer("wrong"), bearer("operator"), {"Authorization": "Basic YTpi"}]
)
async def test_only_the_token_reads_it(tmp_path, headers):
    async with api(tmp_path, metrics_over(tmp_path)) as (client, _, _):
        answer = await client.get("/metrics", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")


async def test_without_a_token_there_is_no_such_page(tmp_path):
    async with api(tmp_path, metrics_over(tmp_path, token=None)) as (client, _, _):
        assert (await client.get("/metrics", headers=bearer(""))).status_code == 404


async def test_the_token_reads_nothing_else(tmp_path):
    async with api(tmp_path, metrics_over(tmp_path)) as (client, _, _):
        assert (await client.get("/v1/sessions", headers=SCRAPER)).status_code == 401
