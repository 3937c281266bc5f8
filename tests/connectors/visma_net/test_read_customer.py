"""Customers read back under the names they are written by."""

from __future__ import annotations

from connectors.visma_net.read_customer import identities, read_customer_payload
from connectors.visma_net.wrap import wrap
from tests.connectors.sandbox.contract import check_request
from tests.connectors.visma_net.calling import recorded


def test_present_values_have_the_names_of_a_payload():
    payload = read_customer_payload(recorded("customer"))

    assert payload["number"] == "10012"
    assert payload["customerClassId"] == "1"
    assert payload["mainAddress"] == {
        "addressLine1": "Bryggen 5",
        "postalCode": "5003",
        "city": "Bergen",
        "countryId": "NO",
    }
    assert payload["invoiceContact"] == {"email": "faktura@fjord.example"}
    assert payload["attributes"] == {"SEGMENT": "Retail"}


def test_what_was_read_could_be_written():
    payload = read_customer_payload(recorded("customer"))
    payload.pop("attributes")

    check_request("visma_net", "PUT", "/v1/customer/10012", query={}, body=wrap(payload))


def test_identities_are_compared_without_separators_and_letter_case():
    assert identities(recorded("customer")) == {
        "vat_number": {"no999888777mva"},
        "registration_number": {"999888777"},
        "email": {"post@fjord.example", "faktura@fjord.example"},
    }


def test_a_customer_without_numbers_has_no_identity():
    bare = {"mainContact": None, "vatRegistrationId": " ", "corporateId": None}

    assert identities(bare) == {"vat_number": set(), "registration_number": set(), "email": set()}
