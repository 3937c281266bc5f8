"""`python -m benchmarks`: measure everything and write docs/benchmarks.md; exits 1 when an aim is missed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import report, scenarios
from benchmarks.scenarios import Results, Scale

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def measure(scale: Scale) -> Results:
    """Run every scenario, one after the other, and say which."""
    found = Results(scale)
    _say("how fast a record is mapped")
    found.mapping = scenarios.mapping()
    _say("a first sync beside a bare loop, 0 ms away")
    found.near = scenarios.first_sync(scale, latency=0)
    _say("a first sync beside a bare loop, 50 ms away")
    found.far = scenarios.first_sync(scale, latency=0.05)
    _say("the syncs after the first")
    found.again = scenarios.syncs_after_the_first(scale)
    for size in scale.sizes:
        _say(f"a first sync of {size:,} products")
        found.sizes.append(scenarios.of_size(size))
    _say("a first sync within 200 calls a minute, which takes minutes")
    found.limit = scenarios.within_limit(scale)
    return found


def _say(what: str) -> None:
    print(f"Measuring {what} …", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller and once each; the page is left as it is")
    is_quick = parser.parse_args().quick
    found = measure(Scale.quick() if is_quick else Scale())
    print(report.table(found))
    if not is_quick:
        report.write(found, PAGE)
        print(f"Written to {PAGE}.")
    sys.exit(any(not one.is_met for one in report.aims(found)))


if __name__ == "__main__":
    main()
