"""v3 orders in the names of v2."""

from __future__ import annotations

from typing import Any

import pytest

from apicenter.errors import MappingError
from connectors.visma_net.order_v2 import ADDRESS, CONTACT, HEAD, LINE, to_v2
from connectors.visma_net.wrap import unwrap
from tests.connectors.sandbox.contract import check_request

SAMPLES: dict[str, Any] = {
    "customer.contactId": 7,
    "shipping.priority": 1,
    "shipping.intrastatTransactionTypeId": 11,
    "shipping.rule": "ShipComplete",
}
FLAGS = ("insurance", "Delivery", "shipSeparately", "invoiceSeparately", "print.")
LINE_SAMPLES: dict[str, Any] = {"shippingRule": "ShipComplete", "commissionable": True, "hasManualDiscount": True} | {
    "subaccount": [{"segmentId": 1, "segmentValue": "100"}]
}
NUMBERS = ("quantity", "unitPrice", "unitCost", "discountPercent", "discountAmount", "Threshold")


def test_an_order():
    body = to_v2(
        {
            "type": "SO",
            "status": "Hold",
            "date": "2026-11-20T00:00:00Z",
            "currencyId": "NOK",
            "customer": {"id": "10012", "order": "PO-991", "refNo": "TL-88", "termsId": "30"},
            "shipping": {"address": {"line1": "Bryggen 5", "countryId": "NO"}, "preferredWarehouseId": "GHENT"},
            "orderLines": [{"inventoryId": "A-100", "quantity": 2, "unitPrice": 250, "hasManualPrice": True}],
        }
    )

    assert unwrap(body) == {
        "orderType": "SO",
        "hold": True,
        "date": "2026-11-20",
        "currency": "NOK",
        "customer": "10012",
        "customerOrder": "PO-991",
        "customerRefNo": "TL-88",
        "terms": "30",
        "preferredWarehouse": "GHENT",
        "soShippingAddress": {"overrideAddress": True, "addressLine1": "Bryggen 5", "countryId": "NO"},
        "lines": [{"operation": "Insert", "inventoryNumber": "A-100", "quantity": 2, "unitPrice": 250}],
    }


def test_every_name_of_the_tables_is_one_of_the_contract():
    order: dict[str, Any] = {"status": "Open"}
    for path in HEAD:
        outer, _, inner = path.partition(".")
        value = SAMPLES.get(path, True if any(flag in path for flag in FLAGS) else "x")
        if inner:
            order.setdefault(outer, {})[inner] = value
        else:
            order[outer] = value
    for place in ("billing", "shipping"):
        order.setdefault(place, {})["address"] = dict.fromkeys(ADDRESS, "x")
        order[place]["contact"] = dict.fromkeys(CONTACT, "x")
    order["orderLines"] = [
        {name: LINE_SAMPLES.get(name, 1 if any(number in name for number in NUMBERS) else "x") for name in LINE}
    ]

    check_request("visma_net", "POST", "/v2/salesorder", query={}, body=to_v2(order))


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"freight": {"cost": 5}}, "freight.cost"),
        ({"projectId": "P1"}, "projectId"),
        ({"status": "BackOrder"}, "status"),
        ({"billing": {"address": {"street": "x"}}}, "billing.address.street"),
        ({"orderLines": [{"inventoryId": "A", "supplierId": "S"}]}, "orderLines.supplierId"),
    ],
)
def test_a_field_that_v2_lacks_is_refused_rather_than_dropped(order: dict[str, Any], field: str):
    with pytest.raises(MappingError) as refused:
        to_v2(order)

    assert refused.value.field == field
