"""The connection as a whole: who it is, what it may, and its reference lists."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Finding, Option
from connectors.maps import FieldMap, ResourceMap
from connectors.visma_net.connector import VismaNet
from connectors.visma_net.customer_map import CUSTOMER_MAP
from connectors.visma_net.document_map import CASH_ORDER_MAP, CASH_SALE_MAP, CREDIT_NOTE_MAP, SALE_MAP
from connectors.visma_net.fields import CUSTOMER_FIELDS
from connectors.visma_net.fields_documents import CASH_SALE_FIELDS, CREDIT_NOTE_FIELDS
from connectors.visma_net.fields_orders import INVOICE_FIELDS, ORDER_FIELDS
from connectors.visma_net.order_map import INVOICE_MAP, ORDER_MAP
from tests.connectors.visma_net.calling import API, ORDERS, company, counted, recorded, reply

ORGANIZATION = {"organizationCd": "1", "name": "Fjord AS", "baseCurrency": "NOK", "defaultCountry": {"id": "NO"}}
RATE_25 = {
    "vatId": "25",
    "vatRates": [{"vatRate": 24, "startDate": "2004-01-01"}, {"vatRate": 25, "startDate": "2005-01-01"}],
}
RATE_0 = {"vatId": "0", "vatRates": [{"vatRate": 0.0, "startDate": "2004-01-01"}]}


def test_a_connection_is_pinned_to_its_tenant():
    with company() as (connector, routes):
        routes.get(f"{API}/v1/organization").mock(return_value=reply([ORGANIZATION]))

        account = connector.account()

    assert (account.id, account.name) == ("0b6f3a52-6f5f-4f7e-9a53-0b1c7a3b9a11", "Fjord AS")
    assert (account.currency, account.country) == ("NOK", "NO")
    assert re.fullmatch(VismaNet.form[0].pattern, account.id)


def test_the_company_number_goes_along_only_when_it_is_filled_in():
    with company(ipp_company_id="1234567") as (connector, routes):
        given = routes.get(f"{API}/v1/organization").mock(return_value=reply([ORGANIZATION]))
        connector.account()
    with company() as (connector, routes):
        empty = routes.get(f"{API}/v1/organization").mock(return_value=reply([ORGANIZATION]))
        connector.account()

    assert given.calls.last.request.headers["ipp-company-id"] == "1234567"
    assert "ipp-company-id" not in empty.calls.last.request.headers


def test_the_check_names_each_right_that_is_missing_and_warns_of_an_empty_company():
    with company() as (connector, routes):
        routes.get(f"{API}/v1/organization").mock(return_value=reply([ORGANIZATION]))
        routes.get(f"{API}/v1/inventory").mock(return_value=reply([]))
        routes.get(f"{API}/v1/customer").mock(return_value=reply(counted([recorded("customer")])))
        routes.get(f"{API}/v1/vatCategory").mock(return_value=reply({"message": "Forbidden"}, 403))
        routes.get(f"{API}/v1/branch").mock(return_value=reply([{"number": "1"}]))
        routes.get(f"{ORDERS}/api/v3/SalesOrders").mock(return_value=reply(None, 401))

        results = connector.check()

    findings = [(result.finding, result.code) for result in results]
    assert findings == [
        (Finding.OK, ""),
        (Finding.WARN, "connection.empty"),
        (Finding.OK, ""),
        (Finding.BAD, "permission.missing"),
        (Finding.OK, ""),
        (Finding.BAD, "token.revoked"),
    ]


@pytest.mark.parametrize(
    ("name", "path", "body", "expected"),
    [
        (
            "vat_categories",
            "/v1/vatCategory",
            [{"vatCategoryId": "1", "description": "High", "active": True, "vatCategoryLines": [RATE_25]}],
            Option("1", "1 · High", rate=Decimal("0.25")),
        ),
        (
            "vat_categories",
            "/v1/vatCategory",
            [{"vatCategoryId": "1", "description": "High", "vatCategoryLines": [RATE_25, RATE_0]}],
            Option("1", "1 · High"),
        ),
        (
            "vat_categories",
            "/v1/vatCategory",
            [{"vatCategoryId": "9", "active": False}, {"vatCategoryId": "0", "vatCategoryLines": [RATE_0]}],
            Option("0", "0", rate=Decimal(0)),
        ),
        (
            "vat_zones",
            "/v1/vatZone",
            counted([{"id": "01", "description": "Domestic", "defaultVatCategory": "1"}]),
            Option("01", "01 · Domestic", extra={"vat_category": "1"}),
        ),
        (
            "credit_terms",
            "/v1/creditTerm",
            {
                "pageNumber": 1,
                "pageSize": 500,
                "totalCount": 1,
                "records": [
                    {"termsId": "30", "description": "30 days", "dueDateType": "FixedNumberOfDays", "dueDay1": 30}
                ],
            },
            Option("30", "30 · 30 days", extra={"due": "FixedNumberOfDays", "days": "30"}),
        ),
        ("payment_methods", "/v1/paymentmethod", [{"paymentMethodID": "1", "active": True}], Option("1", "1")),
        (
            "branches",
            "/v1/branch",
            [{"number": "1", "name": "Head office", "isMainBranch": True}, {"number": "2", "isActive": False}],
            Option("1", "1 · Head office", is_default=True),
        ),
        (
            "warehouses",
            "/v1/warehouse",
            [{"warehouseID": "GHENT", "description": "Ghent"}],
            Option("GHENT", "GHENT · Ghent"),
        ),
        (
            "item_classes",
            "/v1/inventory/itemClass",
            [{"id": "LIGHT", "type": "FinishedGoodItem"}],
            Option("LIGHT", "LIGHT", extra={"type": "FinishedGoodItem"}),
        ),
        (
            "customer_classes",
            "/v1/customer/customerClass",
            [{"id": "1", "description": "Companies", "taxZoneId": "01"}],
            Option("1", "1 · Companies", extra={"vat_zone": "01"}),
        ),
        ("units", "/v1/unitofmeasure", [{"fromUnit": "STK", "toUnit": "STK"}], Option("STK", "STK")),
        (
            "sales_order_types",
            "/v1/salesordertype",
            counted([{"orderType": "SO", "active": True, "behavior": "SalesOrder"}]),
            Option("SO", "SO", extra={"behavior": "SalesOrder"}),
        ),
        (
            "number_sequences",
            "/v1/numberSequence",
            [{"numberingId": "SOORDER", "manualNumbering": False}],
            Option("SOORDER", "SOORDER", extra={"manual": "False"}),
        ),
        ("accounts", "/v1/account", [{"accountCD": "3000", "description": "Sales"}], Option("3000", "3000 · Sales")),
        (
            "currencies",
            "/v1/currency",
            [{"id": "NOK", "description": "Krone", "isBaseCurrency": True}],
            Option("NOK", "NOK · Krone", is_default=True),
        ),
        (
            "sales_persons",
            "/v1/salesperson",
            {
                "pageNumber": 1,
                "pageSize": 500,
                "totalCount": 2,
                "records": [
                    {"salespersonID": "AN", "name": "An De Clercq", "isActive": True},
                    {"salespersonID": "PIET", "name": "Piet Maes", "isActive": False},
                ],
            },
            Option("AN", "AN · An De Clercq"),
        ),
        (
            "projects",
            "/v1/project",
            counted(
                [
                    {"projectID": "LIGHT", "description": "Showroom", "status": "Active", "systemTemplate": False},
                    {"projectID": "MOVE", "status": "Completed"},
                    {"projectID": "USUAL", "status": "Active", "systemTemplate": True},
                ]
            ),
            Option("LIGHT", "LIGHT · Showroom"),
        ),
        (
            "attributes",
            "/v1/attribute",
            counted([{"attributeID": "COLOUR", "description": "Colour", "controlType": "Combo"}]),
            Option("COLOUR", "COLOUR · Colour", extra={"control": "Combo"}),
        ),
    ],
)
def test_reference_lists(name: str, path: str, body: Any, expected: Option):
    with company() as (connector, routes):
        routes.get(f"{API}{path}").mock(return_value=reply(body))

        assert connector.options(name) == [expected]


def test_items_that_carry_a_text_are_not_looked_for_in_the_whole_inventory():
    rows = [
        {"inventoryNumber": "TXT", "description": "Text", "type": "NonStockItem", "status": "Active"},
        {"inventoryNumber": "OLD", "type": "ServiceItem", "status": "Inactive"},
        {"inventoryNumber": "LAMP", "type": "FinishedGoodItem", "status": "Active"},
    ]
    with company() as (connector, routes):
        inventory = routes.get(f"{API}/v1/inventory").mock(return_value=reply(counted(rows, total=9000)))

        assert connector.options("service_items") == [Option("TXT", "TXT · Text")]

    assert inventory.call_count == 1
    assert inventory.calls.last.request.url.params.get_list("inventoryTypes") == ["NonStockItem", "ServiceItem"]


def test_a_company_without_the_project_module_has_no_projects():
    with company() as (connector, routes):
        routes.get(f"{API}/v1/project").mock(return_value=reply({"message": "Not licensed"}, 403))

        assert connector.options("projects") == []


def test_sales_categories_show_their_place_in_the_tree():
    tree = [{"categoryID": 1, "description": "Lamps", "subCategories": [{"categoryID": 2, "description": "Floor"}]}]
    with company() as (connector, routes):
        routes.get(f"{API}/v1/salescategory").mock(return_value=reply(tree))

        options = connector.options("sales_categories")

    assert [(option.value, option.label) for option in options] == [("1", "Lamps"), ("2", "Lamps / Floor")]


def test_a_list_that_does_not_exist_is_a_mistake_in_the_code():
    with company() as (connector, _), pytest.raises(KeyError):
        connector.options("moon_phases")


@pytest.mark.parametrize(
    ("default", "fields"),
    [
        (CUSTOMER_MAP, CUSTOMER_FIELDS),
        (ORDER_MAP, ORDER_FIELDS),
        (INVOICE_MAP, INVOICE_FIELDS),
        (SALE_MAP, INVOICE_FIELDS),
        (CREDIT_NOTE_MAP, CREDIT_NOTE_FIELDS),
        (CASH_SALE_MAP, CASH_SALE_FIELDS),
        (CASH_ORDER_MAP, CASH_SALE_FIELDS),
    ],
    ids=["customers", "orders", "invoices", "sales", "credit notes", "cash sales", "orders paid at once"],
)
def test_default_maps_write_fields_that_exist_and_cut_them_to_size(default: ResourceMap, fields: tuple[Any, ...]):
    known = {field.path: field for field in fields}
    rows = {field.target: field for field in default.fields}
    rows |= {f"{name}.{field.target}": field for name, lines in default.lists.items() for field in lines}

    assert set(rows) <= set(known)
    assert [path for path, row in rows.items() if _is_too_long(row, known[path].max_length)] == []


def _is_too_long(row: FieldMap, length: int | None) -> bool:
    cuts = [step.args["length"] for step in row.steps if step.fn == "truncate"]
    return bool(cuts and length is not None and min(cuts) > length)
