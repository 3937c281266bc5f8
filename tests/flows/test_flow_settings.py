"""Changing settings: what follows for tables, maps and the records that waited."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from apicenter.organizations.models import AuditEntry, Organization
from flows.catalog.base import TableSpec
from flows.catalog.products import ProductsFlow
from flows.flow_settings import SettingError, change_settings
from flows.models import Flow, Run, RunRecord, ValueTable
from tests.factories import inside, make_flow, make_held_record, make_organization, make_run, make_table
from tests.flows.shelf import Shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders() -> Flow:
    organization = make_organization()
    with inside(organization):
        return make_flow("orders", maps={"orders": {"fields": []}, "customers": {"fields": []}})


def test_a_change_is_kept_with_before_and_after(orders: Flow):
    with inside(orders.organization):
        changed = change_settings(orders, {"order_type": "SX", "hold": True})

        orders.refresh_from_db()
        entry = AuditEntry.objects.get()
    assert changed.names == {"order_type"}
    assert orders.settings["order_type"] == "SX"
    assert (entry.before, entry.after) == ({"order_type": "SO"}, {"order_type": "SX"})


def test_nothing_happens_when_nothing_changes(orders: Flow):
    with inside(orders.organization):
        assert not change_settings(orders, {"order_type": "SO"}).names
        assert not AuditEntry.objects.exists()


def test_values_that_do_not_fit_are_refused(orders: Flow):
    with inside(orders.organization), pytest.raises(ValidationError):
        change_settings(orders, {"totals_tolerance": "-1"})


def test_a_table_keeps_a_copy_of_what_fills_in_for_it(orders: Flow):
    with inside(orders.organization):
        table = make_table(orders, "branch", no_pair="default")

        change_settings(orders, {"branch": "2"})

        table.refresh_from_db()
    assert table.default == "2"


@pytest.mark.parametrize(
    ("values", "sent"),
    [
        ({"text_line_item": "TXT"}, {"line"}),
        ({"missing_product": "fallback_item", "fallback_item": "X"}, {"product"}),
        ({"totals_tolerance": "1"}, {"totals"}),
        ({"warehouse": "1"}, set()),
    ],
)
def test_what_waited_for_such_a_setting_is_sent_again(orders: Flow, values: dict[str, str], sent: set[str]):
    codes = {"line": "line.without_product", "product": "product.missing", "totals": "totals.differ"}
    with inside(orders.organization):
        run = make_run(orders)
        for key, code in codes.items():
            make_held_record(run, key, code=code, params={})

        changed = change_settings(orders, values)

        waiting = RunRecord.objects.filter(state=RunRecord.State.WAITING).values_list("natural_key", flat=True)
        assert set(waiting) == sent
        assert changed.sent == len(sent)


def test_a_flow_that_paused_for_want_of_a_setting_goes_on(orders: Flow):
    with inside(orders.organization):
        orders.pause("setting.missing", {"setting": "branch"})

        assert change_settings(orders, {"branch": "2"}).has_resumed

        orders.refresh_from_db()
    assert orders.state == Flow.State.ACTIVE


def test_orders_that_become_invoices_start_with_the_fields_of_invoices(orders: Flow):
    with inside(orders.organization):
        changed = change_settings(orders, {"send_as": "customer_invoice"})

        orders.refresh_from_db()
        assert orders.map_version is not None
        assert changed.new_maps == ("orders",)
        assert orders.map_version.number == 2
        assert orders.map_version.maps["orders"]["fields"]
        assert orders.map_version.maps["customers"] == {"fields": []}


def test_what_the_other_system_cannot_take_is_refused(orders: Flow):
    with inside(orders.organization):
        orders.target.connector = "teamleader"
        orders.target.save()

        with pytest.raises(SettingError, match="Teamleader"):
            change_settings(orders, {"send_as": "customer_invoice"})

        orders.refresh_from_db()
    assert orders.settings == {}


def test_a_table_that_is_needed_now_is_made(shelf_flow: Flow, shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    spec = TableSpec("shelf", "Shelf", "", "", keys=(("left", "Left side"),))

    def specs(kind: ProductsFlow, settings: object) -> list[TableSpec]:
        return [spec] if not settings.only_sellable else []  # type: ignore[attr-defined]

    monkeypatch.setattr(ProductsFlow, "table_specs", specs)

    changed = change_settings(shelf_flow, {"only_sellable": False})

    table = ValueTable.objects.get(flow=shelf_flow, name="shelf")
    assert changed.new_tables == (spec,)
    assert [(row.key, row.key_label) for row in table.rows.all()] == [("left", "Left side")]


def test_another_organization_is_left_alone(orders: Flow):
    other = make_organization("Theirs")
    with inside(other):
        theirs = make_flow("orders", maps={})
        held = make_held_record(make_run(theirs), "A", code="totals.differ", params={})

    with inside(orders.organization):
        change_settings(orders, {"totals_tolerance": "1"})

    with inside(other):
        held.refresh_from_db()
    assert held.state == RunRecord.State.NEEDS_YOU
    assert Organization.objects.count() == 2
    with inside(other):
        assert Run.objects.get().state == Run.State.DONE
