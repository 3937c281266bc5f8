"""The fake Visma.net after an order is booked: shipments, invoices, payments and what takes one back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.sandbox.models import Thing
from connectors.sandbox.visma_net import aftersales
from connectors.sandbox.visma_net.refusal import Refused
from tests.connectors.sandbox.company import Company, number_of, order_v3

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(company: Company) -> Thing:
    number = number_of(company.call("POST", "/api/v3/SalesOrders", body=order_v3()))
    return Thing.objects.get(kind="salesorder", key=f"SO/{number}")


def test_a_shipment_carries_its_order_and_the_number_to_follow_it_by(company: Company, order: Thing):
    shipment = aftersales.ship(company.account, order, tracking="JD0001")

    row = company.get("/v1/shipment", status="Confirmed")[0]
    listed = company.get(f"/api/v3/SalesOrders/{order.key}/shipment")
    assert row["shipmentPackageLines"][0]["trackingNumber"] == "JD0001"
    assert row["shipmentOrderLines"][0]["orderNbr"] == order.body["orderNo"]
    assert [one["id"] for one in listed] == [shipment.key]
    assert company.get(f"/v1/shipment/{shipment.key}")["shipVia"]["id"] == "DHL"


def test_an_invoice_of_an_order_is_paid_in_parts_and_open_again_when_one_is_void(company: Company, order: Thing):
    aftersales.ship(company.account, order)
    number = aftersales.invoice(company.account, order).body["referenceNumber"]
    path = f"/v1/customerinvoice/{number}"
    first = aftersales.pay(company.account, number, Decimal("21"))
    aftersales.pay(company.account, number)
    paid = company.get(path)

    company.call("POST", f"/v1/customerPayment/{first.body['refNbr']}/action/void", body={"type": "Payment"})

    assert (paid["status"], paid["balance"]) == ("Closed", 0)
    assert (company.get(path)["status"], company.get(path)["balance"]) == ("Open", 21)
    rows = company.get("/v1/customerPayment", invoiceRefNbr=number)
    assert [(row["status"], row["paymentLines"][0]["amountPaid"]) for row in rows] == [("Voided", 21), ("Closed", 100)]
    assert company.get(f"/api/v3/SalesOrders/{order.key}/shipment")[0]["invoiceId"] == number
    with pytest.raises(Refused):
        aftersales.pay(company.account, number, Decimal("21.01"))
