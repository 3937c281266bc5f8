"""Take each protection away in a copy of the tree and see the test fail that stands for it.

`python -m tests.guard.mutations [--only WORD] [--short]`. Ends with 1 when a test does not notice, when the words of a
mutation do not stand in the source any more, or when a test fails with everything in place.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests import services
from tests.guard.mutations.mutation import DoesNotApply, Mutation
from tests.guard.mutations.registry import MUTATIONS, SHORT
from tests.guard.mutations.workshop import Ending, Workshop

NOTICED, SURVIVED, NO_FIT, UNCLEAR = "noticed", "SURVIVED", "DOES NOT APPLY", "UNCLEAR"
ROLE, DATABASE = "apicenter_mutations", "apicenter_mutated"


@dataclass(frozen=True, slots=True)
class Result:
    """What one mutation came to."""

    mutation: Mutation
    verdict: str
    about: str
    seconds: float

    def __str__(self) -> str:
        line = f"{self.verdict:<15}{self.seconds:5.1f} s  {self.mutation.name:<42} {self.mutation.test}"
        return f"{line}\n{'':<15}{self.about}" if self.verdict != NOTICED else line


def judge(mutation: Mutation, endings: Sequence[Ending]) -> tuple[str, str]:
    """Return the verdict on a mutated run, and what to say about it. Pure."""
    if any(one.is_failure(mutation.raises) for one in endings):
        return NOTICED, ""
    other = next((one for one in endings if one.kind != "passed"), None)
    if other is None:
        return SURVIVED, "the test passes without the protection"
    return UNCLEAR, f"{other.when}: {other.kind} {other.text}"


def try_one(mutation: Mutation, workshop: Workshop, env: dict[str, str]) -> Result:
    started = time.monotonic()
    try:
        with workshop.mutated(mutation):
            verdict, about = judge(mutation, workshop.run([mutation.test], env, "-x", "-p", "no:xdist"))
    except DoesNotApply as error:
        verdict, about = NO_FIT, str(error)
    return Result(mutation, verdict, about, time.monotonic() - started)


def broken_before(workshop: Workshop, mutations: Iterable[Mutation], env: dict[str, str], jobs: int) -> list[Ending]:
    """Run the tests with everything in place and return those that do not pass."""
    tests = sorted({one.test for one in mutations})
    endings = workshop.run(tests, env, "-n", str(jobs)) if tests else []
    return [one for one in endings if one.kind != "passed"]


def postgres() -> dict[str, str]:
    """Return what a process needs to run on PostgreSQL, {} where there is none."""
    if not services.is_reachable(services.POSTGRES):
        return {}
    return services.environment(ROLE, DATABASE)


def chosen(only: str, *, is_short: bool) -> list[Mutation]:
    found = [one for one in MUTATIONS if only in one.name or only in one.test]
    return [one for one in found if one.name in SHORT] if is_short else found


def run(mutations: Sequence[Mutation], jobs: int, env: dict[str, str]) -> bool:
    """Try them side by side, each process in a copy of its own. Whether every protection was missed."""
    with tempfile.TemporaryDirectory(prefix="mutations-") as place:
        free: SimpleQueue[Workshop] = SimpleQueue()
        first = Workshop(Path(place) / "0")
        broken = broken_before(first, mutations, env, jobs)
        for one in broken:
            print(f"FAILS WITH EVERYTHING IN PLACE: {one.test} ({one.when}) {one.kind} {one.text}")
        if broken:
            return False
        free.put(first)
        for number in range(1, jobs):
            free.put(Workshop(Path(place) / str(number)))

        def work(mutation: Mutation) -> Result:
            workshop = free.get()
            try:
                result = try_one(mutation, workshop, env)
            finally:
                free.put(workshop)
            print(result, flush=True)
            return result

        with ThreadPoolExecutor(jobs) as pool:
            results = list(pool.map(work, mutations))
    return all(one.verdict == NOTICED for one in results)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="WORD", help="those with this in their name or test")
    parser.add_argument("--short", action="store_true", help="the ten most important ones")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    started, mutations = time.monotonic(), chosen(options.only, is_short=options.short)
    here = [one for one in mutations if not one.needs_postgres]
    there = [one for one in mutations if one.needs_postgres]
    is_well = run(here, options.jobs, {}) if here else True
    if there and (env := postgres()):
        is_well = run(there, 1, env) and is_well
    elif there:
        print(f"LEFT OUT: {', '.join(one.name for one in there)}, as PostgreSQL cannot be reached.")
        is_well = is_well and not os.environ.get("REQUIRE_SERVICES")
    print(f"{len(mutations)} protections taken away in {time.monotonic() - started:.0f} s.")
    return 0 if is_well and mutations else 1


if __name__ == "__main__":
    sys.exit(main())
