"""Contacts and locations of a customer: looked up before they are made, each on its own, never twice."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import PartAction, Written
from connectors.visma_net.customer_parts import location_for, plan_contacts, plan_locations
from connectors.visma_net.wrap import unwrap
from tests.connectors.visma_net.calling import API, company, counted, reply, sent_json

CUSTOMERS = f"{API}/v1/customer"
KARI = {"firstName": "Kari", "lastName": "Nordmann", "email": "kari@fjord.example"}
OLA = {"firstName": "Ola", "lastName": "Nordmann", "position": "Buyer"}
QUAY = {"addressLine1": "Kaien 1", "postalCode": "5003", "city": "Bergen", "countryId": "NO"}
YARD = {"addressLine1": "Verftet 9", "postalCode": "5011", "city": "Bergen", "countryId": "NO"}
MAIN = {"addressLine1": "Bryggen 5", "postalCode": "5003", "city": "Bergen", "countryId": "NO"}
PAYLOAD: dict[str, Any] = {
    "name": "Fjord Atelier AS",
    "customerClassId": "1",
    "mainAddress": MAIN,
    "contacts": [KARI, OLA],
    "locations": [{"locationName": "Quay", "address": QUAY}],
}


def standing(location_id: str, address: dict[str, str], **more: Any) -> dict[str, Any]:
    read = {name: value for name, value in address.items() if name != "countryId"}
    return {"locationId": location_id, "address": {**read, "country": {"id": address["countryId"]}}, **more}


@pytest.mark.parametrize(
    ("present", "wanted", "done"),
    [
        ([], [KARI, OLA], [("", KARI), ("", OLA)]),
        ([{"contactId": 7, **KARI}], [KARI], [("7", {})]),
        ([{"contactId": 7, **KARI, "email": "KARI@fjord.example"}], [KARI], [("7", {"email": KARI["email"]})]),
        ([{"contactId": 7, **KARI, "lastName": "Berg"}], [KARI], [("7", {"lastName": "Nordmann"})]),  # she married
        ([{"contactId": 7, **KARI, "email": "old@fjord.example"}], [KARI], [("7", {"email": KARI["email"]})]),
        ([{"contactId": 8, **OLA}, {"contactId": 7, **KARI}], [KARI, OLA], [("7", {}), ("8", {})]),
        ([], [OLA, OLA], [("", OLA)]),
        ([{"contactId": 7, **KARI}], [KARI, KARI | {"email": "k2@fjord.example"}], [("7", {}), ("", ...)]),  # namesakes
    ],
)
def test_a_contact_is_found_by_mail_then_by_name(present: Any, wanted: Any, done: list[Any]):
    plans = plan_contacts(present, wanted)

    assert [
        (one.id, one.body if expected is not ... else ...) for one, (_, expected) in zip(plans, done, strict=True)
    ] == done


@pytest.mark.parametrize(
    ("present", "addresses", "done"),
    [
        ([standing("MAIN", MAIN)], [QUAY, YARD], [("", "DEL1"), ("", "DEL2")]),
        ([standing("MAIN", MAIN)], [MAIN], []),  # the customer's own address is no extra one
        ([standing("DEL1", QUAY)], [QUAY], [("DEL1", None)]),
        ([standing("PIER", QUAY, locationName="By hand")], [QUAY], [("PIER", None)]),  # made by hand, serves as it is
        ([standing("DEL1", QUAY)], [YARD], [("DEL1", None)]),  # the one that is left was moved
        ([standing("DEL1", QUAY), standing("DEL2", MAIN)], [YARD], [("", "DEL3")]),  # which one moved cannot be known
        ([standing("PIER", QUAY)], [YARD], [("", "DEL1")]),
    ],
)
def test_a_location_is_found_by_its_address(present: Any, addresses: list[Any], done: list[Any]):
    payload = {"mainAddress": MAIN, "locations": [{"address": address} for address in addresses]}

    plans = plan_locations(present, payload)

    assert [(one.id, (one.body or {}).get("locationId")) for one in plans] == done


def test_an_address_names_its_location():
    present = [standing("MAIN", MAIN), standing("DEL1", QUAY)]

    assert location_for(present, QUAY | {"city": " bergen"}) == "DEL1"
    assert location_for(present, YARD) == ""


def test_contacts_and_locations_follow_the_customer():
    with company() as (connector, routes):
        routes.post(CUSTOMERS).mock(return_value=reply(None, 201, Location=f"{CUSTOMERS}/10012"))
        contacts = routes.post(f"{API}/v1/contact").mock(return_value=reply(None, 201, Location=f"{API}/v1/contact/7"))
        place = f"{API}/v1/location/10012/DEL1"
        locations = routes.post(f"{API}/v1/location").mock(return_value=reply(None, 201, Location=place))

        written = connector.target("customers").create(PAYLOAD, reference="REF")

    assert [unwrap(sent_json(call)) for call in contacts.calls] == [
        {"businessAccount": "10012", "active": True} | KARI,
        {"businessAccount": "10012", "active": True} | OLA,
    ]
    sent = {"baccountId": "10012", "active": True, "locationId": "DEL1", "locationName": "Quay", "address": QUAY}
    assert unwrap(sent_json(locations.calls.last)) == sent
    assert [(part.label, part.action, part.error) for part in written.parts] == [
        ("Kari Nordmann", PartAction.CREATE, None),
        ("Ola Nordmann", PartAction.CREATE, None),
        ("Quay", PartAction.CREATE, None),
    ]


@pytest.mark.parametrize(("status", "code", "tried"), [(400, "refused.by_target", 2), (503, "outcome.unknown", 1)])
def test_what_fails_is_told_and_the_customer_stands(status: int, code: str, tried: int):
    with company() as (connector, routes):
        routes.post(CUSTOMERS).mock(return_value=reply(None, 201, Location=f"{CUSTOMERS}/10012"))
        contacts = routes.post(f"{API}/v1/contact").mock(return_value=reply({"message": "'Email' is wrong."}, status))

        written = connector.target("customers").create(PAYLOAD | {"locations": []}, reference="REF")

    assert written.id == "10012"
    assert [part.error.code for part in written.parts if part.error] == [code, code]
    assert contacts.call_count == tried  # one that is refused does not keep the next from being tried


def test_a_customer_that_was_found_again_is_completed_and_nothing_comes_twice():
    with company() as (connector, routes):
        routes.get(f"{CUSTOMERS}/10012/contact").mock(return_value=reply([{"contactId": 7, **KARI}]))
        routes.get(f"{API}/v1/location/10012").mock(
            return_value=reply(counted([standing("DEL1", QUAY, locationName="Quay")]))
        )
        made = routes.post(f"{API}/v1/contact").mock(return_value=reply(None, 201, Location=f"{API}/v1/contact/8"))

        written = connector.target("customers").complete(Written("10012", "10012"), PAYLOAD)

    assert made.call_count == 1
    assert [part.action for part in written.parts] == [PartAction.SAME, PartAction.CREATE, PartAction.SAME]


def test_what_an_update_would_do_is_told_without_doing_it():
    with company() as (connector, routes):
        routes.get(f"{CUSTOMERS}/10012/contact").mock(return_value=reply([{"contactId": 7, **KARI, "email": ""}]))
        routes.get(f"{API}/v1/location/10012").mock(return_value=reply(counted([standing("MAIN", MAIN)])))

        parts = connector.target("customers").parts("10012", PAYLOAD)

    assert [part.action for part in parts] == [PartAction.UPDATE, PartAction.CREATE, PartAction.CREATE]


def test_the_one_contact_of_an_older_map_is_still_written():
    with company() as (connector, routes):
        routes.get(f"{CUSTOMERS}/10012/contact").mock(return_value=reply([]))
        made = routes.post(f"{API}/v1/contact").mock(return_value=reply(None, 201, Location=f"{API}/v1/contact/7"))

        connector.target("customers").update("10012", {"contact": KARI})

    assert unwrap(sent_json(made.calls.last))["lastName"] == "Nordmann"
