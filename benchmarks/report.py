"""docs/benchmarks.md, written from one run."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.scenarios import CHANGED, THREADS, Results

FLAT = 1.1  # five times as many products may take this much more memory
TEXT = """# Benchmarks

Written by `make bench`, which measures all of this in one run of less than ten minutes; `{python} --quick`
takes three and prints the table without keeping it. Last run: {date} on {machine}.

Both systems are a fake in a process of its own (`benchmarks/fake.py`), the platform runs unchanged against it with a
new SQLite database: its dispatcher, its limiter, encryption, log rows. The yardstick (`benchmarks/bare.py`) makes the
same calls in a plain httpx loop that keeps nothing. Times differ between machines; the ratios are what counts.

| What | Aim | Measured | |
|---|---|---|---|
{aims}

{missed}

## Beside the bare loop

First sync of {records:,} products, {rounds}. “Away” is how long each call takes to be answered.

| Away | Platform | Bare loop, {threads} threads | Ratio | Bare loop, 1 thread | CPU platform | CPU bare loop |
|---|---|---|---|---|---|---|
{speeds}

## By size

First syncs, 0 ms away. The peak is of the whole process (VmHWM), Django included.

| Products | Time | Per second | CPU per 1,000 | Calls per product | Peak memory |
|---|---|---|---|---|---|
{sizes}

## Mapping alone

The default product map, one thread: {all_fields:,.0f} records per second; without the long text, which is turned from
HTML into Markdown, {no_html:,.0f}.
"""


@dataclass(frozen=True)
class Aim:
    """One thing we promise, and how it came out. `why` says what a miss means."""

    what: str
    aim: str
    measured: str
    is_met: bool
    why: str = ""


def aims(found: Results) -> Iterator[Aim]:
    """Yield every aim beside what was measured."""
    records, again, limit = found.scale.records, found.again, found.limit
    calls = max(found.near["calls"], found.far["calls"]) / records
    yield Aim("Calls per record, first sync", "≤ 1.01", f"{calls:.3f}", calls <= 1.01)
    ratio = found.far["wall"] / found.far["bare_wall"]
    yield Aim(
        "Wall time beside the bare loop, 50 ms away", "≤ 1.25", f"{ratio:.2f}", ratio <= 1.25,
        "between two chunks the threads wait for the database",
    )  # fmt: skip
    cpu = found.near["cpu"] / records * 1000
    html = 1000 / found.mapping["per_second"] - 1000 / found.mapping["without_html_per_second"]
    yield Aim(
        "CPU seconds per 1,000 written", "≤ 1.2", f"{cpu:.2f}", cpu <= 1.2,
        f"of these the HTTP calls alone take {found.near['bare_cpu'] / records * 1000:.2f} in the bare loop, and "
        f"turning a long text per record from HTML into Markdown {html:.2f}",
    )  # fmt: skip
    unchanged = again["all_cpu"] / records * 1000
    yield Aim("CPU seconds per 1,000 unchanged", "", f"{unchanged:.2f}", True)
    yield Aim("Writes when everything is read again", "0", str(again["all_writes"]), again["all_writes"] == 0)
    writes, reads = again["marked_writes"], again["marked_reads"]
    is_met = writes == 0 and reads <= 1
    yield Aim("Calls when nothing changed since the last run", "0 writes, ≤ 1 read", f"{writes} + {reads}", is_met)
    changed = again["changed_writes"]
    yield Aim(f"Writes when {CHANGED} changed", str(CHANGED), str(changed), changed == CHANGED)
    peaks = [row["peak_kb"] / 1024 for row in found.sizes]
    yield Aim("Peak memory", "≤ 150 MB", f"{max(peaks):.0f} MB", max(peaks) <= 150)
    growth = peaks[-1] / peaks[-2]
    many, few = found.sizes[-1]["records"], found.sizes[-2]["records"]
    what = f"Peak memory, {many:,} products beside {few:,}"
    yield Aim(what, f"flat (≤ {FLAT})", f"{growth:.2f}", growth <= FLAT)
    share = limit["share"]
    yield Aim(
        "Share of 200 calls per sliding minute used", "≥ 98 %", f"{share:.1%}", share >= 0.98,
        "a call counts a second longer with us than with the server, so that its clock never matters",
    )  # fmt: skip
    yield Aim("Calls refused with 429", "0", str(limit["refused"]), limit["refused"] == 0)
    rights = [found.near["is_right"], found.far["is_right"], limit["is_balanced"]]
    is_right = all([*rights, *(row["is_balanced"] and row["created"] == row["records"] for row in found.sizes)])
    yield Aim("Every record accounted for in all runs", "yes", "yes" if is_right else "no", is_right)


def table(found: Results) -> str:
    """Return the aims as a Markdown table, without its head."""
    return "\n".join(
        f"| {one.what} | {one.aim} | {one.measured} | {'met' if one.is_met and one.aim else _miss(one)} |"
        for one in aims(found)
    )


def write(found: Results, path: Path) -> None:
    """Write the page."""
    rounds = found.scale.rounds
    path.write_text(
        TEXT.format(
            python="python -m benchmarks",
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            machine=machine(),
            aims=table(found),
            missed=_missed(found),
            records=found.scale.records,
            rounds=f"median of {rounds} rounds in turns" if rounds > 1 else "one round",
            threads=THREADS,
            speeds="\n".join([_speed("50 ms", found.far), _speed("0 ms", found.near)]),
            sizes="\n".join(map(_size, found.sizes)),
            all_fields=found.mapping["per_second"],
            no_html=found.mapping["without_html_per_second"],
        )
    )


def machine() -> str:
    """Return what it ran on, with how busy it was at the end."""
    models = [row for row in Path("/proc/cpuinfo").read_text().splitlines() if row.startswith("model name")]
    name = models[0].partition(":")[2].strip() if models else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores of {name}, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, load average {os.getloadavg()[2]:.1f}"
    )


def _miss(one: Aim) -> str:
    return "**missed**" if one.aim else ""


def _missed(found: Results) -> str:
    rows = [one for one in aims(found) if not one.is_met]
    if not rows:
        return "Every aim is met."
    return "\n".join(
        f"Missed: {one.what}: {one.measured} instead of {one.aim}{f' ({one.why})' if one.why else ''}." for one in rows
    )


def _speed(away: str, found: dict[str, float]) -> str:
    ratio = found["wall"] / found["bare_wall"]
    return (
        f"| {away} | {found['wall']:.1f} s | {found['bare_wall']:.1f} s | {ratio:.2f} | {found['alone_wall']:.1f} s "
        f"| {found['cpu']:.2f} s | {found['bare_cpu']:.2f} s |"
    )


def _size(row: dict[str, float]) -> str:
    records = row["records"]
    return (
        f"| {records:,} | {row['wall']:.1f} s | {records / row['wall']:,.0f} | {row['cpu'] / records * 1000:.2f} s "
        f"| {row['calls'] / records:.3f} | {row['peak_kb'] / 1024:.0f} MB |"
    )
