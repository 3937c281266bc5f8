"""What is measured. Each scenario starts fresh processes and returns plain numbers; each ratio is of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any

from benchmarks.processes import FakeSystems, bare_loop, fake_systems, platform

THREADS = 6  # CALL_THREADS of the platform, and what Teamleader's limit makes sense of
CHANGED = 37
LIMIT = 200
WINDOW_SECONDS = 60


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    records: int = 1000
    rounds: int = 3
    sizes: Sequence[int] = (1000, 10_000, 50_000)
    limited: int = 790  # a little less than four minutes' worth of calls, which take three minutes

    @classmethod
    def quick(cls) -> Scale:
        return cls(rounds=1, sizes=(1000, 5000), limited=390)


@dataclass
class Results:
    """Everything one run of the benchmarks found."""

    scale: Scale
    far: dict[str, Any] = field(default_factory=dict)  # 50 ms away
    near: dict[str, Any] = field(default_factory=dict)  # 0 ms away
    again: dict[str, Any] = field(default_factory=dict)
    sizes: list[dict[str, Any]] = field(default_factory=list)
    limit: dict[str, Any] = field(default_factory=dict)
    mapping: dict[str, Any] = field(default_factory=dict)


def first_sync(scale: Scale, *, latency: float) -> dict[str, Any]:
    """The first sync beside the bare loop, in turns; medians of the rounds. The loop on one thread runs once."""
    loops, syncs = [], []
    for _ in range(scale.rounds):
        with fake_systems(scale.records, latency=latency) as fake:
            loops.append(bare_loop(fake, threads=THREADS))
        with fake_systems(scale.records, latency=latency) as fake, platform(fake, CALL_THREADS=str(THREADS)) as center:
            fake.ask("reset")
            syncs.append({**center.do("sync"), "calls": sum(fake.counts().values())})
    with fake_systems(scale.records, latency=latency) as fake:
        alone = bare_loop(fake, threads=1)
    return {
        "bare_wall": median(row["wall"] for row in loops),
        "bare_cpu": median(row["cpu"] for row in loops),
        "alone_wall": alone["wall"],
        "wall": median(row["wall"] for row in syncs),
        "cpu": median(row["cpu"] for row in syncs),
        "calls": max(row["calls"] for row in syncs),
        "is_right": all(row["is_balanced"] and row["created"] == scale.records for row in syncs),
    }


def syncs_after_the_first(scale: Scale) -> dict[str, Any]:
    """Everything read again; only what is new since the watermark; and a few changes."""
    with fake_systems(scale.records) as fake, platform(fake) as center:
        center.do("sync")
        rounds = [_counted(fake, lambda: center.do("sync-all")) for _ in range(scale.rounds)]
        marked = _counted(fake, lambda: center.do("sync"))
        fake.ask(f"change?count={CHANGED}")
        changed = _counted(fake, lambda: center.do("sync"))
    return {
        "all_cpu": median(row["cpu"] for row in rounds),
        "all_writes": max(row["writes"] for row in rounds),
        "all_unchanged": min(row["unchanged"] for row in rounds),
        "marked_writes": marked["writes"],
        "marked_reads": marked["reads"],
        "changed_writes": changed["writes"],
        "changed_reads": changed["reads"],
    }


def _counted(fake: FakeSystems, doing: Any) -> dict[str, Any]:
    fake.ask("reset")
    done = doing()
    counts = fake.counts()
    writes = counts.get("products.add", 0) + counts.get("products.update", 0)
    return {**done, "writes": writes, "reads": sum(counts.values()) - writes}


def of_size(records: int) -> dict[str, Any]:
    """A first sync of so many records in a fresh process: its peak, its time, its calls."""
    with fake_systems(records) as fake, platform(fake) as center:
        fake.ask("reset")
        done = center.do("sync")
        return {**done, "records": records, "calls": sum(fake.counts().values())}


def within_limit(scale: Scale) -> dict[str, Any]:
    """A first sync against 200 calls per sliding minute. The best possible client lets the 200th call after each one
    follow a minute later; the share is a minute by the time that really passes."""
    with fake_systems(scale.limited) as fake, platform(fake) as center:
        center.do("forget-limits")
        fake.ask(f"limit?calls={LIMIT}")
        fake.ask("reset")
        done = center.do("sync")
        moments, refused = fake.ask("moments"), fake.counts().get("429", 0)
    cycle = mean(later - earlier for earlier, later in zip(moments, moments[LIMIT:], strict=False))
    return {**done, "share": WINDOW_SECONDS / cycle, "refused": refused}


def mapping() -> dict[str, Any]:
    with fake_systems(1) as fake, platform(fake) as center:
        return center.do("map")
