"""The fake Visma.net: credit notes with their applications, and cash sales."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tests.connectors.sandbox.company import Company, number_of, sellable, wrap

pytestmark = pytest.mark.django_db


def document(lines: str, price: float = 50, **head: Any) -> dict[str, Any]:
    row = {"inventoryNumber": sellable()[0].number, "quantity": 2, "unitPriceInCurrency": price}
    today = f"{timezone.now():%Y-%m-%d}"
    return {
        **wrap(**{"customerNumber": "10001", "documentDate": today, **head}),
        lines: [{"operation": "Insert", **wrap(**row)}],
    }


def apply_to(number: str, amount: float) -> dict[str, Any]:
    line = wrap(documentType="Invoice", refNbr=number, amountPaid=amount)
    return {"applicationLines": [{"operation": "Insert", **line}]}


def test_a_credit_note_settles_the_released_invoice_it_is_applied_to(company: Company):
    number = number_of(company.call("POST", "/v2/customerinvoice", body=document("invoiceLines")))
    note = document("lines", price=25, customerRefNumber="TL-1") | apply_to(number, 60.5)
    on_hold = company.refused("POST", "/v2/customerCreditNote", note)
    company.call("POST", f"/v1/customerinvoice/{number}/action/release", body={})
    credit = number_of(company.call("POST", "/v2/customerCreditNote", body=note))
    company.call("POST", f"/v1/customerCreditNote/{credit}/action/release", body={})

    found = company.get("/v1/customerCreditNote", customerRefNumber="TL-1", expandApplications="true")[0]
    invoice = company.get(f"/v1/customerinvoice/{number}")

    assert "cannot be applied to" in on_hold
    assert (found["status"], found["applications"][0]["refNbr"]) == ("Closed", number)
    assert (invoice["status"], invoice["balance"]) == ("Open", 60.5)
    assert "exceeds" in company.refused("POST", "/v2/customerCreditNote", note | apply_to(number, 60.51))


def test_a_cash_sale_needs_its_account_and_is_found_by_its_payment_reference(company: Company):
    paid = {"paymentMethodId": "2", "cashAccount": "550000", "paymentReference": "TL-2"}
    number = number_of(company.call("POST", "/v1/cashsale", body=document("cashSaleLines", **paid)))

    (found,) = company.get("/v1/cashsale", paymentReference="TL-2")
    read = company.get(f"/v1/cashsale/{number}")

    assert (found["referenceNumber"], found["documentType"], read["amount"]) == (number, "CashSale", 121)
    assert "Cash account" in company.refused("POST", "/v1/cashsale", document("cashSaleLines", paymentMethodId="2"))
    assert {row["number"] for row in company.get("/v1/cashaccount")} == {"550000", "550100", "570000"}
