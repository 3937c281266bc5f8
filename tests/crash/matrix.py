"""Every fault while records are sent: `python -m tests.crash.matrix [--on GROUND] [--only WORD] [--short] [--write]`.

Each fault gets a seeded company of its own on a fresh database, real processes, and one run of a flow; the fault
strikes while it works. Then the books are compared: what was read with what is accounted for, and what stands in the
other system with what we believe to have made there. Ends with 1 if a record is lost, doubled or unaccounted for.

Without `--on` it does so on both grounds, one after the other, and says which it left out; with REQUIRE_SERVICES set
(as in .ci/run) a missing service is a failure.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import django

from tests.crash.books import HEAD, Result, books, title, write_page
from tests.crash.faults import FAULTS, LATE_SECONDS, ORDERS, Fault
from tests.crash.grounds import Embedded, Ground, Services, free_port
from tests.crash.stage import PATIENCE_SECONDS, Stage

GROUNDS: dict[str, type[Embedded | Services]] = {Embedded.name: Embedded, Services.name: Services}
PATIENCE_WITHOUT_SECONDS = 150.0  # for what may never end without its protection


def prepare(folder: Path) -> None:
    """Fill the original with the seeded company and the flows between its systems."""
    from apicenter.tenancy import organization_context
    from connectors.models import Connection
    from flows.demo.company import ORDER_PAIRS, prepare_demo
    from flows.setup.creation import create_flow
    from tests.crash import processes

    port = urlsplit(os.environ["SANDBOX_URL"]).port
    server = processes.web(processes.environment(), folder / "prepare.log", str(port))
    server.start()
    server.read_line()
    try:
        made = prepare_demo(say=lambda text: None)
        with organization_context(made.pk):
            ends = {one.connector: one for one in Connection.objects.all()}
            values = {"text_line_item": "SRV-10085"}
            create_flow("invoices", ends["teamleader"], ends["visma_net"], values=values, pairs=ORDER_PAIRS)
    finally:
        server.kill()


def try_fault(fault: Fault, ground: Ground, folder: Path, without: str = "") -> Result:
    """Let one fault strike while the records are sent, with or without a protection."""
    from apicenter.organizations.models import Organization
    from apicenter.tenancy import organization_context
    from flows.models import Flow, Run
    from flows.services import start_run

    ground.fresh(folder)
    stage = Stage(ground, folder, free_port(), Random(fault.name), without)
    stage.start_web()
    stage.warm_up()
    try:
        with organization_context(Organization.objects.get().pk):
            _keep(ORDERS)
            stage.set_faults(latency_ms=40)
            start_run(Flow.objects.get(kind=fault.kind), Run.Trigger.MANUAL)
            stage.start_engine()
            stage.wait_for_work()
            fault.strike(stage)
            is_through = stage.watch(PATIENCE_WITHOUT_SECONDS if without else PATIENCE_SECONDS)
            time.sleep(LATE_SECONDS)  # for what the other system does after it said that it failed
            return books(fault, stage, is_through=is_through)
    finally:
        stage.end()


def _keep(count: int) -> None:
    from connectors.sandbox.models import Thing

    kept = Thing.objects.filter(kind="deal", body__status="won").order_by("pk")[:count]
    Thing.objects.filter(kind="deal").exclude(pk__in=[thing.pk for thing in kept]).delete()


def chosen(ground: str, words: Sequence[str], *, is_short: bool, is_unprotected: bool) -> list[tuple[Fault, str]]:
    """Return the faults to try, each with the protection that is taken away, or ""."""
    faults = [one for one in FAULTS if ground in one.grounds and any(word in one.name for word in words)]
    if is_short:
        faults = [one for one in faults if ground in one.short]
    if is_unprotected:
        return [(one, protection) for one in faults for protection in one.without]
    return [(one, "") for one in faults]


def run_on(ground: Ground, faults: list[tuple[Fault, str]], folder: Path) -> Iterator[Result]:
    """Try these faults one after the other; the ground is ended whatever happens."""
    try:
        os.environ.update(ground.prepare())
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apicenter.settings")
        os.environ["SANDBOX_URL"] = f"http://127.0.0.1:{free_port()}/sandbox"
        django.setup()
        ground.migrate()
        prepare(folder)
        print(f"\n{ground.title}\n\n{HEAD}", flush=True)
        for number, (fault, without) in enumerate(faults):
            own = folder / str(number)
            own.mkdir()
            yield try_fault(fault, ground, own, without)
    finally:
        ground.close()


def on_both(arguments: list[str]) -> int:
    """Run each ground in a process of its own, as a process has one database."""
    codes = []
    for name in GROUNDS:
        missing = Services.missing() if name == Services.name else []
        if missing:
            what = " and ".join(missing)
            print(f"LEFT OUT: the faults on {Services.title}, as this machine has no {what}.")
            codes.append(1 if os.environ.get("REQUIRE_SERVICES") else 0)
            continue
        command = [sys.executable, "-m", "tests.crash.matrix", "--on", name, *arguments]
        codes.append(subprocess.run(command, check=False).returncode)
    return max(codes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", choices=GROUNDS, help="only on this ground")
    parser.add_argument("--only", nargs="+", default=[""], metavar="WORD", help="faults whose name holds one of these")
    parser.add_argument("--short", action="store_true", help="only the few that a change of the code endangers most")
    parser.add_argument("--unprotected", action="store_true", help="with protections taken away: no book may agree")
    parser.add_argument("--write", action="store_true", help="put each line into its table of docs/reliability.md")
    parser.add_argument("--keep", action="store_true", help="keep the logs of the processes, and say where")
    options = parser.parse_args()
    if options.on is None:
        return on_both(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # by way of what is to be cleaned up
    faults = chosen(options.on, options.only, is_short=options.short, is_unprotected=options.unprotected)
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    if options.keep:
        print(f"logs: {folder}")
    every = chosen(options.on, [""], is_short=False, is_unprotected=options.unprotected)
    table = f"{options.on} unprotected" if options.unprotected else options.on
    results = []
    for result in run_on(GROUNDS[options.on](folder), faults, folder):
        results.append(result)
        print(result.line, *result.differs, sep="\n  ", flush=True)
        if options.write:
            write_page(table, [title(fault.name, without) for fault, without in every], result)
    if not options.keep:
        shutil.rmtree(folder)
    return 0 if all(one.is_good is not options.unprotected for one in results) else 1


if __name__ == "__main__":
    sys.exit(main())
