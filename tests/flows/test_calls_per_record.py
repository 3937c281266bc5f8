"""What each further record of a run costs in calls, held against the table in docs/features.md."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from django.utils import timezone

from connectors.models import Connection
from connectors.sandbox.models import Call, Thing
from connectors.sandbox.seed.teamleader_deals import won_deal
from connectors.sandbox.seed.teamleader_quotations import SHAPES
from connectors.sandbox.teamleader.writing import save as save_in_source
from connectors.sandbox.visma_net import aftersales
from connectors.sandbox.visma_net.invoice_document import INVOICE, create_document
from connectors.sandbox.visma_net.store import save as save_there
from connectors.sandbox.visma_net.wire import stamp
from flows.demo.company import ORDER_PAIRS
from flows.flow_settings import change_settings
from flows.models import Binding, RunRecord
from flows.setup.creation import create_flow
from tests.flows.live import Company
from tests.flows.test_catalog_customers import TABLES
from tests.flows.test_catalog_mutations import CHOSEN
from tests.flows.test_catalog_order_status import FIELDS
from tests.flows.test_catalog_payments import owed as owed

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


def like(model: Thing, number: int, at: datetime, **changes: Any) -> Thing:
    """Put a record beside this one that differs only in what must be its own."""
    key = str(uuid5(NAMESPACE_URL, f"{model.kind}/{number}"))
    body = {**model.body, "id": key, **changes}
    return Thing.objects.create(
        account=model.account, kind=model.kind, key=key, body=body, created_at=at, modified_at=at
    )


def test_a_customer(company: Company):
    create_flow("customers", company.connection("teamleader"), company.connection("visma_net"), pairs=TABLES)
    model = next(one for one in company.things("teamleader", "contact") if not one.body["companies"])
    people: list[Thing] = []

    def read(at: datetime) -> Counter[str]:
        return calls_of(lambda: company.run("customers", since=at - timedelta(seconds=1)))

    def meet(count: int, *, minutes: int) -> Counter[str]:
        at = timezone.now() + timedelta(minutes=minutes)
        for number in range(len(people), len(people) + count):
            mail = [{"type": "primary", "email": f"peeters{number}@lamp.example"}]
            people.append(like(model, number, at, last_name=f"Peeters {number}", emails=mail))
        return read(at)

    def change(count: int, *, minutes: int, town: str) -> Counter[str]:
        at = timezone.now() + timedelta(minutes=minutes)
        for person in people[:count]:
            person.body["addresses"][0]["address"]["city"] = town
            save_in_source(person, now=at)
        return read(at)

    meet(FEW, minutes=1)
    new = per_record(meet(FEW, minutes=2), meet(MANY, minutes=3))
    change(FEW, minutes=4, town="Brugge")
    changed = per_record(change(FEW, minutes=5, town="Leuven"), change(MANY, minutes=6, town="Aalst"))
    same = per_record(change(FEW, minutes=7, town="Aalst"), change(MANY, minutes=8, town="Aalst"))
    assert new == DOCUMENTED["A private person becomes a customer"]
    assert changed == DOCUMENTED["A private person who changed is told to their customer"]
    assert same == DOCUMENTED["A private person who did not change is read again"]


def test_stock(company: Company):
    company.run("products")
    orders = company.flow("orders")
    create_flow("stock", orders.target, orders.source)
    company.run("stock")
    known = set(RunRecord.objects.filter(kind="stock", state="updated").values_list("natural_key", flat=True))
    items = [one for one in company.things("visma_net", "inventory") if one.body["inventoryNumber"] in known]

    def move(count: int, quantity: int) -> Counter[str]:
        since = datetime.now(UTC)
        for item in items[:count]:
            for row in item.body["warehouseDetails"]:
                row |= {"available": quantity, "lastModifiedDateTime": stamp(timezone.now())}
            item.save()
        return calls_of(lambda: company.run("stock", since=since))

    move(FEW, 5)
    assert per_record(move(FEW, 6), move(MANY, 7)) == DOCUMENTED["An item whose stock moved"]
    assert per_record(move(FEW, 7), move(MANY, 7)) == DOCUMENTED["An item whose stock moved back in between"]


@pytest.mark.parametrize(
    ("case", "arrival"),
    [
        ("A booked invoice becomes a customer invoice, on hold", "on_hold"),
        ("A booked invoice becomes a customer invoice, released", "released"),
    ],
)
def test_an_invoice(company: Company, case: str, arrival: str):
    ends = company.connection("teamleader"), company.connection("visma_net")
    create_flow("invoices", *ends, values={"text_line_item": "SRV-10085", "arrival": arrival}, pairs=ORDER_PAIRS)
    company.run("invoices")
    booked = Binding.objects.filter(kind="invoices").values_list("source_key", flat=True)
    model = Thing.objects.filter(kind="invoice", key__in=booked).order_by("pk")[0]
    made: list[Thing] = []

    def book(count: int, *, minutes: int) -> Counter[str]:
        at = timezone.now() + timedelta(minutes=minutes)
        for number in range(len(made), len(made) + count):
            made.append(like(model, number, at, invoice_number=f"2026 / 9{number:03}"))
        return calls_of(lambda: company.run("invoices", since=at - timedelta(seconds=1)))

    book(FEW, minutes=1)
    assert per_record(book(FEW, minutes=2), book(MANY, minutes=3)) == DOCUMENTED[case]


def test_a_payment(owed: Company):
    orders, account = owed.flow("orders"), owed.account("visma_net")
    (first,) = Binding.objects.filter(kind="invoices")
    bill, sold = Thing.objects.get(key=first.source_key), Thing.objects.get(kind=INVOICE.kind, key=first.target_id)
    numbers: list[str] = []

    def pay(count: int, *, minutes: int) -> Counter[str]:
        at = timezone.now() + timedelta(minutes=minutes)
        for number in range(len(numbers), len(numbers) + count):
            twin = like(bill, number, timezone.now())
            line = {"operation": "Insert", "inventoryNumber": sold.body["invoiceLines"][0]["inventoryNumber"]}
            line |= {"quantity": 1, "unitPriceInCurrency": 100, "vatCodeId": "21"}
            head = {"customerNumber": "10001", "documentDate": "2026-11-20", "invoiceLines": [line]}
            document = create_document(account, head, INVOICE)
            document.body["status"] = "Open"
            document.save()
            ends = {"from_connection": orders.source, "to_connection": orders.target}
            Binding.objects.create(
                **ends, kind="invoices", source_key=twin.key, target_id=document.key, number=document.key
            )
            numbers.append(document.key)
        for owed_for in numbers[-count:]:
            aftersales.pay(account, owed_for, now=at)
        return calls_of(lambda: owed.run("payments", since=at))

    pay(FEW, minutes=1)
    assert per_record(pay(FEW, minutes=2), pay(MANY, minutes=3)) == DOCUMENTED["A payment is registered on its invoice"]
