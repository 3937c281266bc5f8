"""The fake Visma.net: customer invoices."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from connectors.sandbox.visma_net import hooks
from tests.connectors.sandbox.company import (
    Company,
    number_of,
    sellable,
    wrap,
)

pytestmark = pytest.mark.django_db


def invoice(*lines: dict[str, Any], **head: Any) -> dict[str, Any]:
    rows = lines or ({"inventoryNumber": sellable()[0].number, "quantity": 2, "unitPriceInCurrency": 50},)
    today = f"{timezone.now():%Y-%m-%d}"
    return {
        **wrap(**{"customerNumber": "10001", "documentDate": today, "invoiceText": "TL", **head}),
        "invoiceLines": [{"operation": "Insert", **wrap(**line)} for line in rows],
    }


def test_an_invoice_is_found_by_our_reference_and_released(company: Company):
    text = {"description": "Advice", "quantity": 1, "unitPriceInCurrency": 900, "accountNumber": "700100",
            "vatCodeId": "21"}  # fmt: skip
    lamp = {"inventoryNumber": sellable()[0].number, "quantity": 2, "unitPriceInCurrency": 50, "discountPercent": 10}
    body = invoice(lamp, text, customerRefNumber="TL-15", externalReference="TL-15")
    number = number_of(company.call("POST", "/v2/customerinvoice", body=body))
    found = company.get("/v1/customerinvoice", externalReference="TL-15", expandTaxDetails="true")[0]
    released = company.call("POST", f"/v1/customerinvoice/{number}/action/release", body={})
    after = company.get(f"/v1/customerinvoice/{number}")

    assert (found["referenceNumber"], found["status"]) == (number, "Balanced")
    assert (found["amountInCurrency"], found["vatTotal"], found["taxDetails"][0]["taxableAmount"]) == (
        1197.9,
        207.9,
        990,
    )
    assert (released.json()["actionResult"], after["status"], after["balance"]) == ("Done", "Open", 1197.9)
    assert company.get("/v1/customerinvoice", customerRefNumber="TL-16") == []
    assert len(company.get("/v1/customer/10001/invoice", released=1)) == 1


def test_a_released_invoice_stays_as_it_is(company: Company):
    number = number_of(company.call("POST", "/v2/customerinvoice", body=invoice()))
    path = f"/v1/customerinvoice/{number}"
    company.call("PUT", path, body=wrap(invoiceText="Changed"))
    company.call("POST", f"{path}/action/release", body={})

    assert "already released" in company.refused("PUT", path, wrap(invoiceText="Again"))
    assert company.get(path)["invoiceText"] == "Changed"
    assert hooks.pay_invoice(company.account, number).body["status"] == "Closed"


def test_an_invoice_on_hold_is_not_released_but_can_be_deleted(company: Company):
    path = f"/v1/customerinvoice/{number_of(company.call('POST', '/v2/customerinvoice', body=invoice(hold=True)))}"

    assert "on hold" in company.refused("POST", f"{path}/action/release", {})
    assert company.call("DELETE", path).status_code == 204
    assert company.call("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("line", "head", "word"),
    [
        ({"inventoryNumber": "NO-SUCH"}, {}, "NO-SUCH"),
        ({"description": "Advice", "quantity": 1}, {}, "Account"),
        ({"quantity": 1}, {}, "description"),
        ({"description": "Advice", "accountNumber": "1"}, {}, "Account"),
        ({"description": "Advice", "accountNumber": "700000", "vatCodeId": "9"}, {}, "VAT category"),
        ({}, {"documentDate": "2020-01-01"}, "period"),
        ({}, {"customerNumber": "99999"}, "Customer"),
    ],
)
def test_an_invoice_with_something_unknown_is_refused(company: Company, line: Any, head: Any, word: str):
    assert word in company.refused("POST", "/v2/customerinvoice", invoice(*([line] if line else []), **head))
