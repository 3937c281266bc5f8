"""A value that the contract does not allow is read as none or parks its record; it never breaks the page."""

from __future__ import annotations

from typing import Any

import pytest

from apicenter.errors import RecordError
from connectors.base import SourceRecord
from connectors.core import JSONDict
from tests.connectors.teamleader.test_odd_values import ODD, paths, with_value
from tests.connectors.visma_net.calling import company, recorded

ORDER = {
    "type": "SO", "orderId": "000001", "status": {"code": "N", "description": "Open"}, "currencyId": "NOK",
    "orderTotal": 10, "customerId": "10012", "lastModified": "2026-11-20T08:00:00Z", "description": "Lamps",
}  # fmt: skip
SHIPMENT = {
    "shipmentNumber": "7", "shipmentDate": "2026-11-20", "shipVia": "POST",
    "shipmentPackageLines": [{"trackingNumber": "T-1"}], "lastModifiedDateTime": "2026-11-20T08:00:00",
}  # fmt: skip
INVOICE = {
    "referenceNumber": "900001", "status": "Open", "currencyId": "NOK", "amount": 1, "amountInCurrency": 1,
    "balance": 0, "balanceInCurrency": 0, "customer": {"number": "10012", "name": "Fjord Atelier AS"},
    "lastModifiedDateTime": "2026-11-20T08:00:00",
}  # fmt: skip
PAYMENT = {
    "type": "Payment", "refNbr": "000003", "status": "Open", "applicationDate": "2026-11-20T00:00:00",
    "paymentRef": "R-1", "paymentMethod": {"id": "1"}, "currency": "NOK",
    "paymentLines": [{"documentType": "Invoice", "refNbr": "900001", "amountPaid": 1}],
}  # fmt: skip
PRICE = {"priceCode": "A", "price": 3, "currency": "NOK", "uoM": "STK", "breakQty": 0, "effectiveDate": "2026-01-01"}
ITEM = {
    **recorded("item"),
    "organization": {"baseCurrency": "NOK"},
    "salesPrices": {"asOf": "2026-11-20", "rows": [PRICE]},
}
RECORDS: list[tuple[str, JSONDict]] = [
    ("products", ITEM),
    ("stock", recorded("item")),
    ("order_status", {"order": ORDER, "shipments": [SHIPMENT], "invoices": [INVOICE]}),
    ("payments", {"invoice": INVOICE, "payments": [PAYMENT]}),
]
OURS = {("organization",), ("organization", "baseCurrency"), ("salesPrices",), ("order",), ("invoice",)}


@pytest.mark.parametrize(("kind", "raw"), RECORDS)
def test_an_odd_value_anywhere_is_read_or_parks_the_record(kind: str, raw: JSONDict):
    outcomes: set[Any] = set()
    with company() as (connector, _routes):
        source = connector.source(kind)

        for path in paths(raw):
            for value in ODD if path not in OURS else ():
                try:
                    outcomes.add(type(source.parse(with_value(raw, path, value))))
                except RecordError:
                    outcomes.add(RecordError)

    assert outcomes <= {SourceRecord, RecordError}
    assert SourceRecord in outcomes
