"""The fake Visma.net: customers, contacts and locations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.sandbox.company import (
    Company,
    new_customer,
    number_of,
    wrap,
)

pytestmark = pytest.mark.django_db


def test_a_new_customer_gets_a_number_and_the_class_values(company: Company):
    number = number_of(company.call("POST", "/v1/customer", body=new_customer(vatRegistrationId="BE0899623035")))
    customer = company.get(f"/v1/customer/{number}")

    assert number == "10026"
    assert (customer["creditTerms"]["id"], customer["vatZone"]["id"], customer["currencyId"]) == ("30", "BE", "EUR")
    assert customer["invoiceAddress"] == customer["mainAddress"]
    assert [row["locationId"] for row in company.get(f"/v1/location/{number}")] == ["MAIN"]


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"name": ""}, "name"),
        ({"customerClassId": "X"}, "class"),
        ({"creditTermsId": "X"}, "Terms"),
        ({"vatZoneId": "X"}, "VAT zone"),
        ({"mainAddress": {"city": {"value": "Gent"}}}, "countryId"),
    ],
)
def test_a_customer_is_refused_with_the_field_named(company: Company, values: dict[str, Any], word: str):
    assert word in company.refused("POST", "/v1/customer", new_customer(**values))


def test_an_own_number_needs_the_override(company: Company):
    ignored = company.call("POST", "/v1/customer", body=new_customer(number="TL-1"))
    taken = company.call("POST", "/v1/customer", body=new_customer(number="TL-1", overrideNumberSeries=True))

    assert (number_of(ignored), number_of(taken)) == ("10026", "TL-1")
    assert "already exists" in company.refused(
        "POST", "/v1/customer", new_customer(number="TL-1", overrideNumberSeries=True)
    )


def test_an_outdated_version_may_not_change_a_customer(company: Company):
    version = company.call("GET", "/v1/customer/10001")["ETag"]
    first = company.call("PUT", "/v1/customer/10001", body=wrap(name="A"), if_match=version)
    second = company.call("PUT", "/v1/customer/10001", body=wrap(name="B"), if_match=version)

    assert (first.status_code, second.status_code) == (204, 412)
    assert first["ETag"] not in (version, "")
    assert company.get("/v1/customer/10001")["name"] == "A"


def test_customers_are_found_by_each_identity(company: Company):
    rows = {row["number"]: row for row in company.get("/v1/customer")}
    by_vat = company.get("/v1/customer", vatRegistrationId=rows["10001"]["vatRegistrationId"])
    by_registration = company.get("/v1/customer", corporateId=rows["10002"]["corporateId"])
    by_email = company.get("/v1/customer", email=rows["10003"]["mainContact"]["email"].lower())
    clash = company.get("/v1/customer", email=rows["10015"]["mainContact"]["email"])

    assert [found[0]["number"] for found in (by_vat, by_registration, by_email)] == ["10001", "10002", "10003"]
    assert [row["number"] for row in clash] == ["10015", "10016"]
    assert len(rows) == 25


def test_a_customer_is_found_by_an_attribute_once_it_has_it(company: Company):
    lines = [wrap(attributeId="TLID", attributeValue="4711")]
    company.call("PUT", "/v1/customer/10004", body={"attributeLines": lines})

    found = company.get("/v1/customer", attributes='{"TLID":"4711"}')

    assert [row["number"] for row in found] == ["10004"]
    assert company.get("/api/v3/Customers", filter="10004")["value"][0]["name"] == found[0]["name"]


def test_contacts_and_locations_hang_below_a_customer(company: Company):
    contact = wrap(lastName="Peeters", firstName="Jan", email="jan@x.example", businessAccount="10001")
    number = number_of(company.call("POST", "/v1/contact", body=contact))
    changed = company.call("PUT", f"/v1/contact/{number}", body=wrap(phone1="1"))
    place = wrap(baccountId="10001", locationId="SHOP", addressIsSameAsMain=True)
    number_of(company.call("POST", "/v1/location", body=place))
    company.call("PUT", "/v1/location/10001/SHOP", body=wrap(locationName="Shop"))

    assert (changed.status_code, company.get(f"/v1/contact/{number}")["displayName"]) == (204, "Peeters, Jan")
    assert [row["lastName"] for row in company.get("/v1/customer/10001/contact")] == ["Peeters"]
    assert company.get("/v1/contact", email="JAN@x.example")[0]["phone1"] == "1"
    assert company.get("/v1/location/10001/SHOP")["locationName"] == "Shop"
    assert "Last name" in company.refused("POST", "/v1/contact", wrap(firstName="Jan"))
