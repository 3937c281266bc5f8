"""The fake Visma.net: signing in, limits, look-up tables, and the sandbox's own switches."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from connectors.sandbox import services
from connectors.sandbox.models import Account
from connectors.sandbox.visma_net import hooks
from connectors.sandbox.visma_net.connect import ERP_SCOPES
from tests.connectors.sandbox.company import (
    SANDBOX,
    Company,
    make_company,
    new_customer,
    order_v3,
)

pytestmark = pytest.mark.django_db


def ask_token(account: Account, **changes: str) -> HttpResponse:
    form = {
        "grant_type": "client_credentials",
        "client_id": account.client_id,
        "client_secret": account.client_secret,
        "tenant_id": str(account.remote_id),
        "scope": " ".join(ERP_SCOPES),
    }
    return Client().post(f"{SANDBOX}/connect/connect/token", {**form, **changes})


def test_client_credentials_give_a_token_that_opens_the_company(company: Company):
    answer = ask_token(company.account).json()
    company.token = answer["access_token"]

    assert (answer["expires_in"], answer["token_type"], "refresh_token" in answer) == (3600, "Bearer", False)
    assert re.fullmatch(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+", answer["access_token"])
    assert company.get("/v1/organization")[0]["name"] == "Lichtlys NV"


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "guessed"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"tenant_id": "d2b0c6f4-0000-0000-0000-000000000000"}, 400, "invalid_tenant"),
        ({"scope": "vismanet_erp_service_api:everything"}, 400, "invalid_scope"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_wrong_token_request_says_which_part(change: dict[str, str], status: int, error: str):
    answer = ask_token(make_company(seeded=False).account, **change)

    assert (answer.status_code, answer.json()) == (status, {"error": error})


def test_a_token_does_only_what_its_scope_says(company: Company):
    company.token = ask_token(company.account, scope=ERP_SCOPES[0]).json()["access_token"]

    assert company.call("GET", "/v1/branch").status_code == 200
    assert company.call("POST", "/v1/customer", body=new_customer()).status_code == 403
    assert company.call("GET", "/api/v3/Customers").status_code == 403


def test_without_a_token_the_gateway_answers_401(company: Company):
    company.token = "stale"

    assert company.call("GET", "/v1/inventory").status_code == 401


def test_another_company_number_is_an_empty_success(company: Company):
    answer = company.call("GET", "/v1/inventory", ipp_company_id="17")

    assert (answer.status_code, answer.json()) == (200, [])


def test_every_answer_tells_the_seconds_until_the_window_ends(company: Company):
    for answer in (company.call("GET", "/v1/branch"), company.call("GET", "/v1/inventory/NO-SUCH")):
        assert answer["X-RateLimit-Policy"] == "4-fixed-window"
        assert (answer["X-RateLimit-Limit"], 0 <= int(answer["X-RateLimit-Reset"]) <= 3600) == ("15000", True)


def test_too_many_calls_are_told_when_to_come_back():
    company = make_company(limit_calls=2, limit_seconds=600)

    answers = [company.call("GET", "/v1/branch") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 600


@pytest.mark.parametrize(
    ("path", "key", "expected"),
    [
        ("/v1/inventory/itemClass", "id", "PENDANT"),
        ("/v1/attribute", "attributeID", "COLOUR"),
        ("/v1/unitofmeasure", "fromUnit", "PCS"),
        ("/v1/customer/customerClass", "id", "EU"),
        ("/v1/paymentmethod", "paymentMethodID", "1"),
        ("/v1/vat", "vatId", "EU0"),
        ("/v1/vatCategory", "vatCategoryId", "21"),
        ("/v1/vatZone", "id", "EXPORT"),
        ("/v1/branch", "number", "2"),
        ("/v1/organization", "organizationCd", "1"),
        ("/v1/warehouse", "warehouseID", "GHENT"),
        ("/v1/numberSequence", "numberingId", "SOORDER"),
        ("/v1/salesordertype", "orderType", "WO"),
        ("/v1/currency", "id", "NOK"),
        ("/v1/country", "id", "BE"),
        ("/v1/salescategory", "description", "Furniture"),
        ("/v1/account", "accountCD", "700000"),
        ("/v1/project", "projectID", "LIGHT"),
        ("/v1/subaccount", "subaccountNumber", "100BE"),
    ],
)
def test_look_up_tables_are_filled(company: Company, path: str, key: str, expected: str):
    assert expected in {row[key] for row in company.get(path)}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/vatCategory/21", "/v1/vatzone/EU", "/v1/branch/1", "/v1/warehouse/oslo", "/v1/salesordertype/SO",
        "/v1/numberSequence/CUSTOMER", "/v1/currency/EUR", "/v1/attribute/ENERGY", "/v1/inventory/itemclass/BULB",
        "/v1/customer/customerClass/BE", "/v1/organization/1", "/v1/account/700000", "/V1/PaymentMethod/1",
        "/v1/vat/21", "/v1/country/NO", "/v1/salescategory/2", "/v1/salescategory/2/item",
    ],
)  # fmt: skip
def test_one_row_of_a_table_whatever_its_letter_case(company: Company, path: str):
    assert company.get(path)


@pytest.mark.parametrize(("path", "total"), [("/v1/creditTerm", 6), ("/v1/salesperson", 4)])
def test_credit_terms_and_sales_persons_are_wrapped(company: Company, path: str, total: int):
    page = company.get(path, pageNumber=2, pageSize=2)

    assert (page["pageNumber"], page["totalCount"], len(page["records"])) == (2, total, 2)


def test_periods_that_ended_long_ago_are_closed(company: Company):
    periods = company.get("/v1/financialPeriod")

    assert periods[0]["closedInCustomerLedger"] is True
    assert periods[-1]["closedInCustomerLedger"] is False


def test_an_unknown_path_is_404_and_a_wrong_verb_405(company: Company):
    assert company.raw("GET", "/v1/unicorn").status_code == 404
    assert company.raw("PUT", "/v1/branch", body={}).status_code == 405


def test_strict_refuses_fields_the_vendor_does_not_know():
    company = make_company(strict=True)

    answer = company.raw("POST", "/v1/customer", body=new_customer(nickname="x"))

    assert (answer.status_code, "nickname" in answer.json()["message"]) == (400, True)


def test_a_lost_answer_leaves_the_order_behind(company: Company):
    services.set_faults(company.account, lost_rate=1)
    answer = company.raw("POST", "/api/v3/SalesOrders", body=order_v3())
    services.set_faults(company.account, lost_rate=0)

    assert answer.status_code == 504
    assert company.get("/api/v3/SalesOrders")["totalCount"] == 1


def test_two_companies_seeded_at_one_time_are_the_same():
    now = timezone.now()
    first, second = make_company(seeded=False), make_company(seeded=False)
    for company in (first, second):
        services.reset(company.account, now=now)

    rows = [list(each.account.things.order_by("kind", "key").values_list("kind", "key", "body", "modified_at"))
            for each in (first, second)]  # fmt: skip

    assert rows[0] == rows[1]


def test_hooks_add_an_item_as_if_somebody_worked_there(company: Company):
    thing = hooks.add_item(company.account, description="Brand new")

    assert company.get(f"/v1/inventory/{thing.key}")["description"] == "Brand new"
