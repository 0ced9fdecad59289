"""What each figure was expected to be before it was measured, and what it is: the rows of the table.

The expectations are the project's targets; docs/performance.md gives the reason for each.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its expectation."""

    what: str
    expected: str
    measured: str
    beside: str = ""
    met: bool | None = None
    """None where nothing was expected."""


def rows(results: dict[str, Any]) -> Iterator[Row]:
    """Every figure of a run, suite by suite."""
    for run in results.get("transactions", ()):
        yield from _transactions(run)
    if crossing := results.get("crossing"):
        yield from _crossing(crossing)
    if bulk := results.get("bulk"):
        yield from _bulk(bulk)
    for name, of in results.get("detectors", {}).items():
        ratio = of["ratios"]["direct"]
        what = f"500,000 rows, 6 detectors on 4 columns, {name}"
        yield Row(what, "≤ 1.5 × direct", f"{ratio:.2f} ×", "", ratio <= 1.5)
    if ssh := results.get("ssh"):
        yield from _ssh(ssh)
    if kubernetes := results.get("kubernetes"):
        yield from _kubernetes(kubernetes)
    if latency := results.get("latency"):
        first_row = latency["first_row"]["narrows"]["p50"] - latency["first_row"]["direct"]["p50"]
        yield Row(
            "first row of a slow query", "≤ 2 ms later", f"{first_row / 1000:.2f} ms", "", first_row <= 2000
        )
        of_login = ", ".join(f"{name} {of['p50'] / 1000:.1f} ms" for name, of in latency["login"].items())
        yield Row("one login, p50", "", of_login)
    if logins := results.get("logins"):
        yield from _logins(logins)
    if idle := results.get("idle"):
        each = idle["kib_per_session"]
        what = f"{idle['sessions']:,} idle sessions"
        beside = f"{idle['mib_in_all']:.0f} MiB in all"
        yield Row(what, "≤ 40 KiB each", f"{each:.0f} KiB each", beside, each <= 40)
    if ready := results.get("ready_s"):
        yield Row("narrows serve ready", "≤ 0.5 s", f"{ready:.2f} s", "", ready <= 0.5)
    if journal := results.get("journal"):
        yield from _journal(journal)
    if objects := results.get("objects"):
        yield from _objects(objects)
    if wire := results.get("wire"):
        for name, count in wire["instructions"].items():
            kept = wire["kept"][name]
            yield Row(
                f"inspector, {name}",
                f"≤ {kept * 1.05:,.0f} instructions",
                f"{count:,.0f} a message",
                "",
                name not in wire["rises"],
            )


def _objects(measured: dict[str, Any]) -> Iterator[Row]:
    rates = measured["megabytes_s"]
    beside = f"serde_json {rates['serde_json']:,.0f}, Python's json {rates['python json']:,.0f} MB/s"
    for name in ("unmasked", "env"):
        rate = rates[name]
        yield Row(
            f"list of 2,000 pods, {name}", "≥ 1,000 MB/s and core", f"{rate:,.0f} MB/s", beside, rate >= 1000
        )
    for name in ("seen", "detectors"):
        yield Row(f"list of 2,000 pods, {name}", "", f"{rates[name]:,.0f} MB/s", beside)


def _transactions(run: dict[str, Any]) -> Iterator[Row]:
    what = f"{run['name']}, {run['clients']} client{'s' * (run['clients'] > 1)}"
    median, ratios = run["median"], run["ratios"]
    ours = median["narrows"]
    rates = ", ".join(f"{name} {of['tps']:,.0f}/s" for name, of in median.items())
    if run["clients"] == 1:
        added = ours["p50_us"] - median["direct"]["p50_us"]
        yield Row(f"{what}: added p50", "≤ 20 µs", f"{added:.0f} µs", rates, added <= 20)
    else:
        direct = ratios["direct"]
        yield Row(what, "≥ 0.55 × direct", f"{direct:.2f} ×", rates, direct >= 0.55)
    if bouncer := ratios.get("pgbouncer"):
        least = 1.0 if run["clients"] == 1 else 1.25
        tails = f"p50 {ours['p50_us']:.0f}, p99 {ours['p99_us']:.0f}, max {ours['max_us']:.0f} µs"
        yield Row(what, f"≥ {least} × pgbouncer", f"{bouncer:.2f} ×", tails, bouncer >= least)
        costs = {name: of["cpu_us_per_transaction"] for name, of in median.items() if name != "direct"}
        beside = ", ".join(f"{name} {cost:.1f}" for name, cost in costs.items() if name != "narrows")
        cost, theirs = costs["narrows"], costs["pgbouncer"]
        yield Row(f"{what}: CPU", "< pgbouncer's", f"{cost:.1f} µs", beside, cost < theirs)


def _crossing(crossing: dict[str, Any]) -> Iterator[Row]:
    for name, of in crossing.items():
        ours, direct = of["narrows"], of.get("direct")
        beside = f"p99 {ours['p99']:.0f}, max {ours['max']:.0f} µs"
        if direct:
            beside += f"; direct p50 {direct['p50']:.0f}, p99 {direct['p99']:.0f}"
        what = name.replace("_", " ")
        if name == "first_seen_1":
            added = ours["p50"] - direct["p50"]
            yield Row(f"{what}: added p50", "≤ 250 µs", f"{added:.0f} µs", beside, added <= 250)
        elif name.startswith("first_seen_64_at"):
            yield Row(f"{what}: p99", "≤ 2 ms", f"{ours['p99'] / 1000:.1f} ms", beside, ours["p99"] <= 2000)
        else:
            yield Row(f"{what}: p50", "", f"{ours['p50']:.0f} µs", beside)


def _bulk(bulk: dict[str, Any]) -> Iterator[Row]:
    for name, of in bulk.items():
        ratio, growth = of["ratios"]["direct"], of["memory_growth_kib"] / 1024
        beside = ", ".join(f"{ratio:.2f} × {other}" for other, ratio in of["ratios"].items())
        what = f"500,000 rows, 2 of 4 columns masked, {name}"
        yield Row(what, "≤ 1.15 × direct", f"{ratio:.2f} ×", beside, ratio <= 1.15)
        yield Row(f"memory during it, {name}", "< 64 MiB more", f"{growth:.0f} MiB", "", growth < 64)


def _logins(logins: dict[str, Any]) -> Iterator[Row]:
    for name in ("narrows", "narrows with tickets"):
        of = logins[name]
        core = 1e6 / of["cpu_us"] if of["cpu_us"] else 0.0
        beside = ", ".join(
            f"{other} {them['per_s']:.0f}/s" for other, them in logins.items() if other != name
        )
        yield Row(f"logins, {name}", "≥ 800/s a core", f"{core:.0f}/s a core", beside, core >= 800)


def _journal(journal: dict[str, Any]) -> Iterator[Row]:
    alone, load = journal["alone"], journal["load"]
    if alone:
        rows_mb, encrypted_mb = alone["rows_mb_per_s"], alone["rows_encrypted_mb_per_s"]
        yield Row("journal, rows", "≥ 200 MB/s and core", f"{rows_mb:,.0f} MB/s", "", rows_mb >= 200)
        slower = 1 - encrypted_mb / rows_mb
        yield Row("journal, rows encrypted", "≤ 10 % slower", f"{slower:.0%} slower", "", slower <= 0.1)
        select_us = alone["select_ns"] / 1_000
        yield Row("journal, a select's frames", "≤ 2 µs", f"{select_us:.1f} µs", "", select_us <= 2)
        for name in ("verify", "verify_bundle"):
            speed = alone[f"{name}_mb_per_s"]
            what = f"{name.replace('_', ' a ')}, random bytes"
            yield Row(what, "≥ 500 MB/s and core", f"{speed:,.0f} MB/s", "", speed >= 500)
        share = select_us / load["cpu_us_per_transaction"]
        yield Row("journal's share of a select", "≤ 10 % of the CPU", f"{share:.0%}", "", share <= 0.1)
    ratio = load["fsync_ratio"]
    yield Row("select-only, 8 clients, fsync", "≥ 0.5 × write", f"{ratio:.2f} ×", "", ratio >= 0.5)


def _ssh(measured: dict[str, Any]) -> Iterator[Row]:
    for name, what in (("exec", "the same again"), ("new", "never seen")):
        through, floor, direct = (measured[name][way]["p50"] / 1000 for way in ("narrows", "floor", "direct"))
        added = through - direct
        beside = f"direct {direct:.2f} ms; a bare asyncssh relay {floor - direct:.2f} ms more"
        yield Row(
            f"ssh, one command, {what}, p50", "≤ 1.2 ms more", f"{added:.2f} ms more", beside, added <= 1.2
        )
    cpu_ms = statistics.median(measured["rate"]["cpu_ms"])
    rate = statistics.median(measured["rate"]["per_second"]["narrows"])
    of_core = 1000 / cpu_ms
    yield Row(
        "ssh, 16 commands at a time",
        "≥ 1,200 a second and core",
        f"{of_core:,.0f}",
        f"{rate:,.0f} a second in all",
        of_core >= 1_200,
    )
    for what, of in (
        ("masked output", measured["bulk"]["down"]),
        ("input", measured["bulk"]["up"]),
        ("SFTP get", measured["files"]["get"]),
        ("SFTP put", measured["files"]["put"]),
        ("SFTP get of 300 small files", measured["files"]["get_small"]),
        ("SFTP put of 300 small files", measured["files"]["put_small"]),
    ):
        mb, ratio = statistics.median(of["mb_per_second"]["narrows"]), of["ratio"]
        beside = f"{mb:.1f} MB/s, CPU {statistics.median(of['cpu_s']):.2f} s"
        yield Row(f"ssh, {what}", "≥ 0.6 × direct", f"{ratio:.2f} ×", beside, ratio >= 0.6)
    peak = measured["peak_mib"]
    yield Row("ssh, the gateway's memory at its peak", "≤ 200 MiB", f"{peak:.0f} MiB", "", peak <= 200)


def _kubernetes(measured: dict[str, Any]) -> Iterator[Row]:
    of = measured["get"]
    added = of["narrows"]["p50"] - of["direct"]["p50"]
    beside = ", ".join(f"{name} {each['p50']:.0f} / {each['p99']:.0f} µs" for name, each in of.items())
    yield Row("API call, one connection, p50", "≤ 250 µs more", f"{added:.0f} µs more", beside, added <= 250)
    rates = {name: statistics.median(each) for name, each in measured["rate"]["per_second"].items()}
    cpu_us = {name: statistics.median(each) for name, each in measured["rate"]["cpu_us"].items()}
    beside = ", ".join(f"{name} {rate:,.0f}/s" for name, rate in rates.items())
    beside += f"; CPU of kubectl proxy {cpu_us['kubectl proxy']:.0f} µs"
    cost = cpu_us["narrows"]
    yield Row("API calls, 8 connections: CPU", "≤ 150 µs each", f"{cost:.0f} µs", beside, cost <= 150)
    of = measured["list"]
    megabytes, cpu_s = of["bytes"]["direct"] / 1e6, statistics.median(of["cpu_s"]["narrows"])
    ratio, growth = of["ratios"]["direct"], of["memory_growth_kib"] / 1024
    beside = f"{1 / ratio:.2f} × its time, {megabytes:.1f} MB, CPU {cpu_s * 1e3:.0f} ms, {growth:+.0f} MiB"
    yield Row(f"list of {of['pods']:,} pods", "≥ 0.8 × direct", f"{ratio:.2f} ×", beside, ratio >= 0.8)
    of = measured["exec"]
    rate = statistics.median(of["mb_per_second"]["narrows"])
    beside = f"{of['ratio']:.2f} × direct, CPU {statistics.median(of['cpu_s_per_gb']):.2f} s per GB"
    yield Row("exec, output", "≥ 300 MB/s", f"{rate:.0f} MB/s", beside, rate >= 300)
    through, direct = (of["first_byte_ms"][name]["p50"] for name in ("narrows", "direct"))
    added = through - direct
    shown = f"{added:.1f} ms more"
    yield Row("first byte of exec, p50", "≤ 5 ms more", shown, f"direct {direct:.1f} ms", added <= 5)
    of = measured["watches"]
    each, growth = of["kib_per_watch"], of["growth_kib"] / 1024
    what = f"{of['watches']:,} idle watches"
    yield Row(what, "≤ 100 KiB each", f"{each:.0f} KiB each", "", each <= 100)
    beside = f"CPU {of['idle_cpu_s']:.2f} s"
    yield Row(f"{what}, 30 s later", "≤ 2 MiB more", f"{growth:+.1f} MiB", beside, growth <= 2)
