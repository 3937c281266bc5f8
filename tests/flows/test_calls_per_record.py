"""What each further record of a run costs in calls, held against the table in docs/features.md."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from connectors.models import Connection
from connectors.sandbox.models import Call, Thing
from connectors.sandbox.seed.teamleader_deals import won_deal
from connectors.sandbox.seed.teamleader_quotations import SHAPES
from connectors.sandbox.teamleader.writing import save as save_in_source
from connectors.sandbox.visma_net import aftersales
from connectors.sandbox.visma_net.store import save as save_there
from flows.flow_settings import change_settings
from flows.setup.creation import create_flow
from tests.flows.live import Company
from tests.flows.test_catalog_mutations import CHOSEN
from tests.flows.test_catalog_order_status import FIELDS

pytestmark = pytest.mark.django_db(transaction=True)
FEATURES = Path(__file__).parents[2] / "docs" / "features.md"
CASE = re.compile(r"^\| (?P<case>[^|]+) \| (?P<calls>(?:[TV] `[^`]+` × \d+(?:, )?)+|none) \|$", re.MULTILINE)
ONE = re.compile(r"([TV]) `([^`]+)` × (\d+)")
DOCUMENTED = {
    found["case"]: Counter({f"{side} {call}": int(count) for side, call, count in ONE.findall(found["calls"])})
    for found in CASE.finditer(FEATURES.read_text(encoding="utf-8"))
}
SIDES = {"teamleader": "T", "visma_net": "V"}
NUMBERS = (r"/S?\d{4,}(?=/|$)", "/…"), (r"/SO/[^/]+", "/SO/…")
FEW, MANY = 1, 3


def calls_of(act: Callable[[], Any]) -> Counter[str]:
    Call.objects.all().delete()
    act()
    return Counter(named(call) for call in Call.objects.select_related("account"))


def named(call: Call) -> str:
    """Return a call as the table writes it: "T deals.info", "V GET /v1/customerinvoice/…"."""
    side, path = SIDES[call.account.system], call.path
    if side == "T":
        return f"T {path.rpartition('/')[2]}"
    path = path[re.search(r"/(v\d|api)/", path).start() :] if re.search(r"/(v\d|api)/", path) else path  # type: ignore[union-attr]
    for pattern, words in NUMBERS:
        path = re.sub(pattern, words, path)
    return f"V {call.method} {path}"


def per_record(few: Counter[str], many: Counter[str]) -> Counter[str]:
    """Return what each record beyond the first cost; what is asked once for all cancels out."""
    found = {name: (many[name] - few[name]) / (MANY - FEW) for name in few.keys() | many.keys()}
    assert all(count == int(count) for count in found.values()), (few, many)
    return Counter({name: int(count) for name, count in found.items() if count})


@dataclass
class Sales:
    """Won deals that are all alike: the same buyer, the same lines."""

    company: Company
    number: int = 7000
    alike: dict[str, Any] = field(default_factory=dict)

    def win(self, count: int) -> datetime:
        """Win some, and leave only these. Returns since when."""
        Thing.objects.filter(kind="deal").delete()
        since = timezone.now() - timedelta(seconds=2)
        plain = next(shape for shape in SHAPES if shape.name == "plain")
        for _one in range(count):
            self.number += 1
            for record in won_deal(self.number, plain, timezone.now()):
                self.add(record.for_account(self.company.account("teamleader")))
        return since

    def add(self, thing: Thing) -> None:
        same = ("lead", "department") if thing.kind == "deal" else ("grouped_lines", "discounts", "total")
        model = self.alike.setdefault(thing.kind, thing.body)
        thing.body |= {name: model[name] for name in same}
        thing.save()

    def read(self, count: int) -> Counter[str]:
        since = self.win(count)
        return calls_of(lambda: self.company.run("orders", since=since))


@pytest.fixture(autouse=True)
def has_time(company: Company, env: Callable[..., None]) -> None:
    """What a slice has no time for is looked at twice: here each takes as long as it needs."""
    env(SLICE_SECONDS=120, SLICE_RECORDS=50)


@pytest.fixture
def sales(company: Company) -> Sales:
    return Sales(company)


@pytest.mark.parametrize(
    ("case", "settings", "version"),
    [
        ("An order becomes a sales order (v3), on hold", {}, "v3"),
        ("An order becomes a sales order (v2), on hold", {}, "v2"),
        ("An order becomes a sales order (v3), not on hold", {"hold": False}, "v3"),
        ("An order becomes a customer invoice, on hold", {"send_as": "customer_invoice"}, "v3"),
        ("An order becomes a journal entry, on hold", {**CHOSEN, "mutation_status": "on_hold"}, "v3"),
        ("An order becomes a journal entry, released", CHOSEN, "v3"),
    ],
)
def test_a_new_order(company: Company, sales: Sales, case: str, settings: dict[str, Any], version: str):
    visma_net = company.connection("visma_net")
    Connection.objects.filter(pk=visma_net.pk).update(settings={**visma_net.settings, "order_api": version})
    if settings:
        change_settings(company.flow("orders"), settings)

    sales.read(FEW)  # the customer is made, lists are kept
    assert per_record(sales.read(FEW), sales.read(MANY)) == DOCUMENTED[case]


def test_an_order_that_did_not_change(company: Company, sales: Sales):
    sales.win(MANY)
    company.run("orders")
    deals = company.things("teamleader", "deal")

    def read_again(count: int, *, minutes: int) -> Counter[str]:
        at = timezone.now() + timedelta(minutes=minutes)
        for deal in deals[:count]:
            save_in_source(deal, now=at)
        return calls_of(lambda: company.run("orders", since=at - timedelta(seconds=1)))

    read_again(FEW, minutes=1)
    few = read_again(FEW, minutes=2)
    assert per_record(few, read_again(MANY, minutes=3)) == DOCUMENTED["An order that did not change is read again"]


def test_the_status_of_an_order(company: Company, sales: Sales):
    sales.win(2 * MANY + FEW)
    company.run("orders")
    orders = company.flow("orders")
    create_flow("order_status", orders.target, orders.source, values=FIELDS)
    company.run("order_status")

    def release(sold: list[Thing], *, minutes: int) -> Counter[str]:
        at = timezone.now() + timedelta(minutes=minutes)
        for order in sold:
            aftersales.release_order(order, now=at)
        return calls_of(lambda: company.run("order_status", since=at))

    sold = company.things("visma_net", "salesorder")
    release(sold[:MANY], minutes=1)
    few, many = release(sold[MANY : MANY + FEW], minutes=2), release(sold[MANY + FEW :], minutes=3)
    assert per_record(few, many) == DOCUMENTED["An order whose status changed is told to its deal"]


def test_a_product(company: Company):
    company.run("products")
    items = [thing for thing in company.things("visma_net", "inventory") if thing.body["status"] == "Active"]

    def change(count: int, *, text: str) -> Counter[str]:
        since = datetime.now(UTC)
        for item in items[:count]:
            item.body["description"] = f"{item.body['description']}{text}"
            save_there(item)
        return calls_of(lambda: company.run("products", since=since))

    change(MANY, text="")
    unchanged = per_record(change(FEW, text=""), change(MANY, text=""))
    changed = per_record(change(FEW, text=" a"), change(MANY, text=" b"))
    assert unchanged == DOCUMENTED["An item that did not change is read again"]
    assert changed == DOCUMENTED["An item that changed becomes a product"]
