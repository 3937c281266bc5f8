"""Stock between the two sandboxes: written to products that exist, once, and only where it changed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apicenter.errors import RecordError
from connectors.base import SourceRecord
from connectors.core import StockLevel, WarehouseStock
from connectors.sandbox.models import Account
from connectors.sandbox.services import set_options
from connectors.sandbox.visma_net.wire import stamp
from flows.catalog.base import Given
from flows.catalog.stock import StockFlow, StockSettings
from flows.engine.followers import leader_at_work, tell
from flows.models import Flow, KeyToRead, Run, RunRecord
from flows.setup.creation import create_flow
from tests.flows.live import Company

State = RunRecord.State
KIND = StockFlow()


def prepared(settings: dict[str, Any], **changes: Any) -> Decimal | None:
    rows = (("MAIN", "5", "3"), ("SHOP", "-8", "-9"))
    warehouses = tuple(
        WarehouseStock(warehouse=name, on_hand=Decimal(hand), available=Decimal(free)) for name, hand, free in rows
    )
    level = StockLevel(sku="A", name="Lamp", unit="BOX", base_unit="PCS", warehouses=warehouses, **changes)
    given = Given(StockSettings.model_validate(settings))
    core = KIND.prepare(SourceRecord("1", "A", level, {}), given).core
    assert isinstance(core, StockLevel)
    return core.quantity


@pytest.mark.parametrize(
    ("settings", "changes", "expected"),
    [
        ({"warehouses": ("MAIN",)}, {}, "3"),
        ({"warehouses": ("MAIN",), "stock_count": "on_hand"}, {}, "5"),
        ({"warehouses": ("MAIN",), "stock_count": "on_hand"}, {"per_unit": Decimal(2)}, "2.5"),
        ({}, {}, "0"),
        ({"negative_as_zero": False}, {}, "-6"),
        ({"warehouses": ("GONE",)}, {}, "0"),
    ],
)
def test_what_counts_as_stock_is_chosen(settings: dict[str, Any], changes: dict[str, Any], expected: str):
    assert prepared(settings, **changes) == Decimal(expected)


def test_stock_in_a_unit_without_conversion_is_held_and_never_guessed():
    with pytest.raises(RecordError) as held:
        prepared({}, per_unit=None)

    assert (held.value.code, held.value.params) == ("stock.unit_unknown", {"unit": "BOX", "base": "PCS"})


def make_stock_flow(company: Company) -> Flow:
    left, right = company.connection("visma_net"), company.connection("teamleader")
    return create_flow("stock", left, right, values={"warehouses": ["GHENT"]})


@pytest.mark.django_db(transaction=True)
def test_a_first_run_writes_what_exists_and_the_next_only_what_moved(company: Company):
    make_stock_flow(company)

    first = company.tally(company.run("stock"), "stock")

    assert first.created == first.needs_you == first.waiting == 0
    assert 80 < first.updated < 120
    assert first.skipped == first.read - first.updated
    assert set(RunRecord.objects.filter(state=State.SKIPPED).values_list("code", flat=True)) == {"skip.product_missing"}

    sent = RunRecord.objects.filter(state=State.UPDATED).first()
    assert sent is not None
    item = next(one for one in company.things("visma_net", "inventory") if one.key == sent.natural_key.upper())
    row = next(row for row in item.body["warehouseDetails"] if row["warehouse"] == "GHENT")
    row |= {"available": 777, "lastModifiedDateTime": stamp(timezone.now())}
    item.save()
    Flow.objects.update(cursor=timezone.now() - timedelta(minutes=1))

    second = company.tally(company.run("stock"), "stock")

    product = next(one for one in company.things("teamleader", "product") if one.key == sent.target_id)
    assert (second.read, second.updated) == (1, 1)
    assert product.body["stock"]["amount"] == 777


@pytest.mark.django_db(transaction=True)
def test_an_account_without_stock_management_is_told_so_and_nothing_is_lost(company: Company):
    set_options(Account.objects.get(system="teamleader"), stock_feature=False)
    flow = make_stock_flow(company)

    run = company.run("stock")

    flow.refresh_from_db()
    tally = company.tally(run, "stock")
    assert (flow.state, flow.pause_code, run.problem_code) == (Flow.State.PAUSED, "stock.off", "stock.off")
    assert tally.updated == 0
    assert tally.waiting > 80


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_the_first_products_and_reads_the_stock_of_each_new_one(company: Company):
    flow, products = make_stock_flow(company), company.flow("products")
    company.start("products")
    run = company.start("stock")
    assert leader_at_work(run) == products

    Run.objects.filter(flow=products).update(state=Run.State.DONE, phase=Run.Phase.END)
    Flow.objects.update(adopted_at=timezone.now())
    run.refresh_from_db()
    assert leader_at_work(Run.objects.get(pk=run.pk)) is None

    tell(products, "products", ["2001", "2002"])
    assert sorted(KeyToRead.objects.filter(flow=flow).values_list("source_key", flat=True)) == ["2001", "2002"]
