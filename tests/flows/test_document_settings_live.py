"""Settings of orders between the two sandboxes: each arrives in the order that the ERP keeps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.models import Connection
from connectors.sandbox.models import Thing
from connectors.sandbox.seed.records import uid
from flows.flow_settings import change_settings
from flows.models import RunRecord, ValueTable
from flows.tables.value_tables import set_pair
from tests.flows.live import Company
from tests.flows.test_catalog_mutations import CHOSEN

pytestmark = pytest.mark.django_db(transaction=True)
DELIVERY = f"custom_fields.{uid('customFieldDefinition', 'sale/Delivery')}"


def on(value: str, **parts: Any) -> dict[str, Any]:
    return {"is_on": True, "value": value, **parts}


def orders(company: Company) -> list[Thing]:
    return company.things("visma_net", "salesorder")


def test_what_a_document_is_booked_on_arrives(company: Company):
    flow = company.flow("orders")
    by_delivery = {"uses_table": True, "source": DELIVERY, "no_pair": "block"}
    change_settings(
        flow,
        {
            "ship_via": by_delivery,
            "document_payment_method": on("2", is_forced=True),
            "line_account": on("701000", uses_table=True),
            "sales_person": on("AN"),
            "project": on("LIGHT"),
            "shipping_terms": on("DAP"),
            "warehouse": on("OSLO"),
            "document_note": "Sold through Teamleader.",
        },
    )
    table = ValueTable.objects.get(flow=flow, name="ship_via")
    for said, code in (("Pick-up", "PICKUP"), ("Courier", "COURIER")):
        set_pair(table, said, code)

    run = company.run("orders")

    found = [thing.body for thing in orders(company)]
    assert {one["shipVia"]["id"] for one in found} == {"PICKUP", "COURIER"}
    assert {row.params["value"] for row in company.held(run, "value.no_pair")} == {"Own transport"}
    assert {one["paymentMethod"]["id"] for one in found} == {"2"}
    assert {(one["salesPerson"]["id"], one["_project"], one["_shippingTerms"]) for one in found} == {
        ("AN", "LIGHT", "DAP")
    }
    assert {one["preferredWarehouse"]["id"] for one in found} == {"OSLO"}
    assert {line["_salesAccount"] for one in found for line in one["lines"]} == {"701000"}
    assert all(one["note"].endswith("Sold through Teamleader.") for one in found)


def test_discounts_and_shipping_as_lines_leave_every_total_as_it_was_sold(company: Company):
    flow = company.flow("orders")
    change_settings(
        flow,
        {"discounts": "discount_line", "discount_item": "SRV-10085", "discount_text": "Discount on all"},
    )

    run = company.run("orders")

    sent = RunRecord.objects.filter(run=run, kind="orders", state=RunRecord.State.CREATED)
    booked = {thing.key: thing.body for thing in orders(company)}
    lines = [line for one in booked.values() for line in one["lines"] if line["lineDescription"] == "Discount on all"]
    assert lines
    assert all(Decimal(str(line["extPrice"])) < 0 for line in lines)
    for row in sent:
        sold = Decimal(str(row.read_source()["quotation"]["total"]["tax_inclusive"]["amount"]))
        assert abs(sold - Decimal(str(booked[row.target_id]["orderTotal"]))) <= Decimal("0.50")


def test_a_vat_zone_on_the_order_counts_where_one_customer_stands_for_all(company: Company):
    flow = company.flow("orders")
    change_settings(flow, {"default_customer": on("10001", is_forced=True), "vat_zone_on_document": True})
    zones = ValueTable.objects.get(flow=flow, name="vat_zone")
    zones.rows.all().delete()
    for key, zone in (("*|domestic", "BE"), ("*|eu_business", "EU"), ("*|eu_private", "BE"), ("*|export", "EXPORT")):
        set_pair(zones, key, zone)

    company.run("orders")

    found = {thing.body["customerVATZone"]["id"] for thing in orders(company)}
    assert {"BE", "EU"} <= found


def test_invoices_take_the_same_settings(company: Company):
    flow = company.flow("orders")
    change_settings(
        flow,
        {
            "send_as": "customer_invoice",
            "document_payment_method": on("3"),
            "line_account": on("701000"),
            "discounts": "discount_spread",
            "project": on("LIGHT"),
        },
    )

    run = company.run("orders")

    found = [thing.body for thing in company.things("visma_net", "customerinvoice")]
    made = [one for one in found if one["project"] and one["project"]["id"] == "LIGHT"]
    assert len(made) == company.tally(run, "orders").created > 0
    assert {one["paymentMethod"]["id"] for one in made} == {"3"}
    assert {line["account"]["number"] for one in made for line in one["invoiceLines"]} == {"701000"}


def test_a_currency_the_erp_does_not_have_holds_its_order(company: Company):
    Connection.objects.filter(connector="visma_net").update(settings={"currency": "NOK"})
    for thing in company.things("visma_net", "currency"):
        if thing.body["id"] == "EUR":
            thing.delete()

    run = company.run("orders", limit=3)

    assert {row.params["currency"] for row in company.held(run, "currency.unknown")} == {"EUR"}
    assert not orders(company)


@pytest.mark.parametrize(
    ("send_as", "kind", "lines"),
    [
        ("sales_order", "salesorder", "lines"),
        ("customer_invoice", "customerinvoice", "invoiceLines"),
        ("financial_mutation", "journaltransaction", "journalTransactionLines"),
    ],
)
def test_lines_are_booked_on_the_subaccount_of_their_country(company: Company, send_as: str, kind: str, lines: str):
    flow = company.flow("orders")
    change_settings(flow, CHOSEN | {"send_as": send_as})
    change_settings(flow, {"line_subaccount": on("100BE", uses_table=True)})
    set_pair(ValueTable.objects.get(flow=flow, name="subaccount"), "NL", "100NL")
    before = {thing.pk for thing in company.things("visma_net", kind)}

    run = company.run("orders")

    made = [thing.body for thing in company.things("visma_net", kind) if thing.pk not in before]
    assert len(made) == company.tally(run, "orders").created > 0
    booked = [
        (line["accountNumber"] if send_as == "financial_mutation" else "", line["subaccount"])
        for one in made
        for line in one[lines]
    ]
    named = {
        account: {
            (part or {}).get("subaccountNumber") or (part or {}).get("id") for at, part in booked if at == account
        }
        for account, _part in booked
    }
    sold = {"100BE", "100NL"}
    if send_as == "financial_mutation":
        assert (named["700000"], named["400000"], named["451000"]) == (sold, {None}, {None})
    else:
        assert named == {"": sold}
