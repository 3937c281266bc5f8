"""The platform in a process of its own, as `manage.py serve` runs it: its dispatcher, its tables, no broker.

The environment names the database and the addresses of both systems. Each line of input is one thing to do, each
line of output what it took.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apicenter.settings")
django.setup()

from apicenter.collecting import spare_what_was_loaded  # noqa: E402
from apicenter.organizations.models import Organization  # noqa: E402
from apicenter.tenancy import organization_context  # noqa: E402
from benchmarks.items import CLASSES, UNITS, VAT_CATEGORIES, Catalog  # noqa: E402
from benchmarks.usage import cpu_seconds, peak_kb  # noqa: E402
from connectors.base import SourceRecord  # noqa: E402
from connectors.maps import ResourceMap, ValueTableData  # noqa: E402
from connectors.models import Connection, Lane  # noqa: E402
from connectors.services import check, connect, finish_authorization  # noqa: E402
from connectors.teamleader.products import PRODUCT_MAP  # noqa: E402
from connectors.visma_net.read_product import read_product_record, with_currency  # noqa: E402
from flows.engine.work import tables_of  # noqa: E402
from flows.maps.mapping import build, compile_map  # noqa: E402
from flows.models import Flow, Run, Tally  # noqa: E402
from flows.running.dispatcher import Dispatcher  # noqa: E402
from flows.services import equation, start_run  # noqa: E402
from flows.setup.creation import create_flow  # noqa: E402

LOOK_SECONDS = 0.2
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CLIENT = {"client_id": "bench", "client_secret": "bench"}
TENANT = {"tenant_id": "00000000-0000-4000-8000-000000000001"}
PAIRS = {
    "vat": {code: f"tax-{code}" for code in VAT_CATEGORIES},
    "unit": {code: f"unit-{code}" for code in UNITS},
    "category": {code: f"category-{code}" for code in CLASSES},
}


def set_up() -> Flow:
    """Make an organization with both connections and a products flow."""
    organization = Organization.objects.create(name="Benchmark")
    production = Connection.Environment.PRODUCTION
    with organization_context(organization.pk):
        erp = connect(organization, "visma_net", name="ERP", environment=production, settings=TENANT, secrets=CLIENT)
        crm = connect(organization, "teamleader", name="CRM", environment=production, settings={}, secrets=CLIENT)
        finish_authorization(crm, "code", "http://127.0.0.1/")
        for connection in (erp, crm):
            bad = [row for row in check(connection) if row.finding == "bad"]
            if bad:
                raise SystemExit(f"{connection.name} does not work: {bad}")
        return create_flow("products", erp, crm, pairs=PAIRS)


def forget_limits(flow: Flow) -> dict[str, Any]:
    """Bring the lanes to where they stand when nobody has called for ten minutes."""
    Lane.objects.update(
        grants=[], remaining=None, reset_at=None, heard_at=None, blocked_until=None, interactive_at=None
    )
    Lane.objects.filter(limit_calls__isnull=False).update(limit_calls=200)
    return {}


def sync(flow: Flow, **window: Any) -> dict[str, Any]:
    """Run the flow and wait for it; the time is the run's own, from when it was asked for until it had ended."""
    with organization_context(flow.organization_id):
        cpu = cpu_seconds()
        run = start_run(flow, Run.Trigger.COMMAND, **window)
        while not Run.objects.filter(pk=run.pk, state=Run.State.DONE).exists():
            time.sleep(LOOK_SECONDS)
        run.refresh_from_db()
        assert run.finished_at is not None
        tallies = equation(run)
        return {
            "wall": (run.finished_at - run.created_at).total_seconds(),
            "cpu": cpu_seconds() - cpu,
            "peak_kb": peak_kb(),
            "calls_source": run.calls_source,
            "calls_target": run.calls_target,
            "is_balanced": all(tally.is_balanced for tally in tallies),
            **{name: sum(getattr(tally, name) for tally in tallies) for name in ("read", *Tally.BUCKETS)},
        }


def map_speed(flow: Flow) -> dict[str, Any]:
    """Map one item to Teamleader's product again and again, with and without its long text."""
    row = json.loads(Catalog(1).page(number=1, size=1, since=""))[0]
    record = read_product_record(with_currency(row, "EUR"))
    assert isinstance(record, SourceRecord)
    with organization_context(flow.organization_id):
        tables = tables_of(flow)
    plain = ResourceMap(fields=tuple(one for one in PRODUCT_MAP.fields if one.target != "description"))
    return {
        "per_second": _builds_per_second(PRODUCT_MAP, record, tables),
        "without_html_per_second": _builds_per_second(plain, record, tables),
    }


def _builds_per_second(fields: ResourceMap, record: SourceRecord, tables: Mapping[str, ValueTableData]) -> float:
    compiled, count, cpu = compile_map(fields), 0, time.thread_time()
    while time.thread_time() - cpu < 1:
        for _ in range(100):
            build(compiled, record, tables=tables)
        count += 100
    return count / (time.thread_time() - cpu)


DOINGS: dict[str, Callable[[Flow], dict[str, Any]]] = {
    "sync": sync,
    "sync-all": lambda flow: sync(flow, since=LONG_AGO),
    "forget-limits": forget_limits,
    "map": map_speed,
}


def main() -> None:
    flow = set_up()
    spare_what_was_loaded()
    with Dispatcher():
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            print(json.dumps(DOINGS[line.strip()](flow)), flush=True)


if __name__ == "__main__":
    main()
