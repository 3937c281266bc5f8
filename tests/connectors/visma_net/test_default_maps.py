"""The default maps, run by the mapping engine and sent: what comes out is what the vendor takes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import SourceRecord
from connectors.core import Address, Core, Customer, CustomerKind, Order, OrderLine, Person, Totals
from connectors.maps import ResourceMap, ValueTableData
from connectors.visma_net.customer_map import CUSTOMER_MAP
from connectors.visma_net.order_map import INVOICE_MAP, ORDER_MAP
from connectors.visma_net.wrap import unwrap
from flows.maps.mapping import build, compile_map
from tests.connectors.visma_net.calling import API, ORDERS, company, reply, sent_json

BERGEN = Address(addressee="Dock 2", line_1="Bryggen 5 " + "x" * 60, postal_code="5003", city="Bergen", country="NO")
KARI = Person(key="p-1", first_name="Kari", last_name="Nordmann", email="kari@fjord.example", position="Buyer")
COMPANY = Customer(
    key="c-1",
    kind=CustomerKind.COMPANY,
    name="Fjord Atelier AS",
    vat_number="NO999888777MVA",
    email="post@fjord.example",
    payment_term="after_invoice_date:30",
    primary_address=BERGEN,
    contact_person=KARI,
    contacts=(KARI,),
    locations=(BERGEN,),
)
LINE = OrderLine(
    position=1, text="Lamp", quantity=Decimal(2), unit="pcs", unit_price=Decimal("249.99"), vat_code="t-25"
)
ORDER = Order(
    key="d-1",
    number="88",
    title="Deal 88 " + "y" * 300,
    order_date=date(2026, 11, 20),
    currency="NOK",
    payment_term="after_invoice_date:30",
    department="dep-1",
    delivery_address=BERGEN,
    lines=(LINE,),
    totals=Totals(excluding=Decimal("449.98"), including=Decimal("562.48")),
)
RESOLVED = {
    "customer_id": "10012",
    "reference": "a1b2c3d4e5f6071",
    "order_type": "SO",
    "warehouse": None,
    "hold": True,
    "lines": [{"item": "A-100", "discount_percent": Decimal(10), "text_only": False}],
}
TABLES = {
    "customer_class": {"company": "1", "person": "2"},
    "credit_terms": {"after_invoice_date:30": "30"},
    "vat_zone": {"NO|company": "01", "*|person": "02"},
    "vat": {"t-25": "1"},
    "unit": {"pcs": "STK"},
    "branch": {"dep-1": "2"},
}


def payload_of(core: Core, default: ResourceMap, **resolved: Any) -> dict[str, Any]:
    tables = {name: ValueTableData(name=name, rows=rows) for name, rows in TABLES.items()}
    if isinstance(core, Customer):
        resolved = {"keys": {"customer_class": core.kind.value}} | resolved
    record = SourceRecord(key="k", natural_key="k", core=core, raw={"resolved": resolved})
    return build(compile_map(default), record, tables=tables).payload


def test_a_customer():
    with company() as (connector, routes):
        made = routes.post(f"{API}/v1/customer").mock(
            return_value=reply(None, 201, Location="/v1/customer/1", ETag='"A"')
        )
        contact = routes.post(f"{API}/v1/contact").mock(return_value=reply(None, 201, Location="/v1/contact/7"))

        connector.target("customers").create(payload_of(COMPANY, CUSTOMER_MAP), reference="ref")

    body = unwrap(sent_json(made.calls.last))
    assert (body["customerClassId"], body["creditTermsId"], body["vatZoneId"]) == ("1", "30", "01")
    assert body["mainAddress"]["countryId"] == "NO"
    assert len(body["mainAddress"]["addressLine1"]) == 50
    assert body["mainContact"]["attention"] == "Kari Nordmann"
    assert "invoiceAddress" not in body
    assert unwrap(sent_json(contact.calls.last))["lastName"] == "Nordmann"  # and its own address is no location


def test_a_delivery_location():
    elsewhere = BERGEN.model_copy(update={"line_1": "Kaien 1", "addressee": None})

    payload = payload_of(COMPANY.model_copy(update={"locations": (elsewhere,)}), CUSTOMER_MAP)

    (location,) = payload["locations"]
    assert location["locationName"] == location["address"]["addressLine1"] == "Kaien 1"


def test_a_private_person_has_a_class_of_its_own_and_no_contact_person():
    changes = {"kind": CustomerKind.PERSON, "contact_person": None, "contacts": (), "primary_address": None}

    payload = payload_of(COMPANY.model_copy(update=changes), CUSTOMER_MAP)

    assert (payload["customerClassId"], payload["vatZoneId"]) == ("2", "02")
    assert not payload["mainContact"].get("attention")
    assert payload["contacts"] == []


@pytest.mark.parametrize(("hold", "status"), [(True, "Hold"), (False, None)])
def test_an_order(hold: bool, status: str | None):
    with company() as (connector, routes):
        url = f"{ORDERS}/api/v3/SalesOrders"
        made = routes.post(url).mock(return_value=reply(None, 201, Location=f"{url}/SO/1"))
        payload = payload_of(ORDER, ORDER_MAP, **RESOLVED | {"hold": hold})

        connector.target("sales_orders").create(payload, reference=RESOLVED["reference"])

    body = sent_json(made.calls.last)
    assert body["customer"] == {"id": "10012", "refNo": RESOLVED["reference"], "termsId": "30"}
    assert (body["type"], body.get("status"), body["branchId"]) == ("SO", status, "2")
    assert body["date"] == "2026-11-20T00:00:00Z"
    assert len(body["description"]) == 255
    assert body["orderLines"] == [
        {
            "inventoryId": "A-100",
            "description": "Lamp",
            "quantity": 2,
            "unitOfMeasure": "STK",
            "unitPrice": 249.99,
            "hasManualPrice": True,
            "discountPercent": 10,
            "hasManualDiscount": True,
            "taxCategoryId": "1",
        }
    ]


def test_the_same_order_for_v2():
    with company(order_api="v2") as (connector, routes):
        made = routes.post(f"{API}/v2/salesorder").mock(return_value=reply(None, 201, Location="/v1/salesorder/1"))

        connector.target("sales_orders").create(payload_of(ORDER, ORDER_MAP, **RESOLVED), reference="r")

    body = unwrap(sent_json(made.calls.last))
    assert (body["orderType"], body["hold"], body["branchNumber"]) == ("SO", True, "2")
    assert body["soShippingAddress"]["overrideAddress"] is True


def test_an_invoice():
    with company() as (connector, routes):
        made = routes.post(f"{API}/v2/customerinvoice").mock(
            return_value=reply(None, 201, Location="/v1/customerinvoice/1")
        )

        connector.target("customer_invoices").create(payload_of(ORDER, INVOICE_MAP, **RESOLVED), reference="r")

    body = unwrap(sent_json(made.calls.last))
    assert (body["customerNumber"], body["hold"], body["documentDate"]) == ("10012", True, "2026-11-20")
    assert body["externalReference"] == RESOLVED["reference"]
    assert body["invoiceLines"][0]["discountPercent"] == 10
