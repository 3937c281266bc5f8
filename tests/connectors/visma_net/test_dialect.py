"""What Visma.net says when it does not do something."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.http import Answer
from connectors.visma_net.dialect import VismaNetDialect

DIALECT = VismaNetDialect()
PROBLEM = {"type": "about:blank", "title": "One or more validation errors occurred.", "status": 400}


def answer(body: Any, status: int = 400, text: str = "") -> Answer:
    return Answer(status, {}, body, text or json.dumps(body))


def detail(code: str, message: str, **parameters: Any) -> dict[str, Any]:
    return PROBLEM | {"details": [{"code": code, "message": message, "parameters": parameters}]}


@pytest.mark.parametrize(
    ("body", "code", "params"),
    [
        ({"message": "'Terms' cannot be empty."}, "", {}),
        ({"message": "'Inventory ID' 'X-1' cannot be found in the system."}, "product.missing", {"sku": "X-1"}),
        ({"message": "'Inventory ID' cannot be found in the system: 'X-1'."}, "product.missing", {"sku": "X-1"}),
        ({"message": "The financial period '11-2026' is closed."}, "period.closed", {"date": "11-2026"}),
        (
            {"ExceptionType": "IPPException", "ExceptionMessage": "Denied", "ExceptionMessageID": "12027"},
            "tenant.wrong",
            {},
        ),
        (
            {"ExceptionType": "IPPException", "ExceptionMessage": "12027: No license for this company."},
            "tenant.wrong",
            {},
        ),
        ({"ExceptionType": "IPPException", "ExceptionMessage": "Something else"}, "", {}),
        (detail("1804-InventoryIdNotFound", "Unknown item", inventoryId="X-1"), "product.missing", {"sku": "X-1"}),
        (detail("1804-InventoryIdNotFound", "Item 'X-1' is unknown"), "product.missing", {"sku": "X-1"}),
        (detail("1601-FinancialPeriodClosed", "Closed", period="202610"), "period.closed", {"date": "202610"}),
        (detail("1401-MissingTermsId", "Terms are missing"), "", {}),
        ({"message": "The customer status is 'Inactive'."}, "customer.inactive", {}),
        ({"message": "Customer 10012 is on hold."}, "customer.inactive", {}),
        (detail("1407-InvalidCustomerStatus", "Wrong status", status="Inactive"), "customer.inactive", {}),
        ({"message": "The inventory item 'X-1' is NoSales and cannot be sold."}, "item.inactive", {"sku": "X-1"}),
        ({"message": "'Inventory ID' 'X-1': the inventory item is inactive."}, "item.inactive", {"sku": "X-1"}),
        ({"message": "The inventory item is inactive."}, "", {}),
        (detail("1806-InvalidInventoryStatus", "No", inventoryId="X-1"), "item.inactive", {"sku": "X-1"}),
    ],
)
def test_causes_that_are_known(body: dict[str, Any], code: str, params: dict[str, str]):
    said = DIALECT.explain(answer(body))

    assert (said.code, dict(said.params)) == (code, params)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"message": " Payment can't be\n updated. "}, "Payment can't be updated."),
        (detail("1401-MissingTermsId", "Terms are missing"), "Terms are missing"),
        (PROBLEM | {"errors": {"customer.id": ["Required.", "Too short."]}}, "Required. Too short."),
        (PROBLEM | {"status": 409, "title": "The order exists."}, "The order exists."),
        ({"error": "invalid_tenant"}, "invalid_tenant"),
        (None, "gateway is busy"),
    ],
)
def test_the_vendors_own_words_are_kept(body: Any, text: str):
    assert DIALECT.explain(answer(body, text="gateway is busy")).text == text


def test_a_validation_error_names_its_field():
    assert DIALECT.explain(answer(PROBLEM | {"errors": {"$.customer.id": ["Required."]}})).field == "customer.id"


@pytest.mark.parametrize(
    ("body", "status", "is_refusal"),
    [
        ({"message": "Payment can't be updated because it is already released."}, 500, True),
        ({"message": "'Terms' cannot be empty."}, 400, True),
        ({"message": "Internal server error"}, 500, False),
        ({"message": "An error has occurred."}, 500, False),
        ({"message": "Execution Timeout Expired."}, 500, False),
        ({"message": "The transaction was deadlocked on lock resources."}, 500, False),
        ({"statusCode": 500, "message": "The backend closed the connection", "activityId": "1"}, 500, False),
        ({"message": "The order cannot be found"}, 404, False),
        ({"message": "The item is locked"}, 503, False),
        (None, 500, False),
    ],
)
def test_a_refusal_is_a_verdict_on_the_record(body: Any, status: int, is_refusal: bool):
    assert DIALECT.is_refusal(answer(body, status)) is is_refusal


@pytest.mark.parametrize(
    ("body", "status", "is_failure"),
    [
        ({"message": "Unauthorized"}, 401, True),
        ({"message": "The access token has expired"}, 500, True),
        ({"message": "CompanyInContext is not set"}, 400, True),
        ({"message": "'Terms' cannot be empty."}, 400, False),
        ([{"description": "Token ring cable"}], 200, False),
    ],
)
def test_a_lost_authorisation_is_known_by_its_words_too(body: Any, status: int, is_failure: bool):
    assert DIALECT.is_auth_failure(answer(body, status)) is is_failure
