"""Customers at Visma.net."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from apicenter.errors import FlowError, OutcomeUnknown, Rejected
from connectors.base import Sent
from connectors.visma_net.wrap import unwrap
from tests.connectors.visma_net.calling import API, company, counted, recorded, reply, sent_json

CUSTOMERS = f"{API}/v1/customer"
REFERENCE = "a1b2c3d4e5f60718"
PAYLOAD: dict[str, Any] = {
    "name": "Fjord Atelier AS",
    "customerClassId": "1",
    "vatRegistrationId": "NO999888777MVA",
    "creditTermsId": None,
    "mainAddress": {"addressLine1": "Bryggen 5", "postalCode": "5003", "city": "Bergen", "countryId": "NO"},
    "mainContact": {"email": "post@fjord.example"},
}
ATTRIBUTES = {"SEGMENT": "Retail"}
CLASSES = [{"id": "1", "attributes": [{"attributeId": "SEGMENT"}]}]
CREATED = {"Location": f"{CUSTOMERS}/10012", "ETag": '"AAAA"'}


def created() -> httpx.Response:
    return reply(None, 201, **CREATED)


def sent(**changes: Any) -> Sent:
    return Sent(REFERENCE, "Fjord Atelier AS", PAYLOAD | changes, datetime(2026, 11, 20, 8, 15, tzinfo=UTC))


def test_a_customer_is_made_with_its_class_and_our_reference():
    with company() as (connector, routes):
        route = routes.post(CUSTOMERS).mock(return_value=created())
        routes.get(f"{CUSTOMERS}/customerClass").mock(return_value=reply(CLASSES))

        written = connector.target("customers").create(PAYLOAD | {"attributes": ATTRIBUTES}, reference=REFERENCE)

    body = sent_json(route.calls.last)
    plain = unwrap(body)
    assert (written.id, written.number) == ("10012", "10012")
    assert body["overrideWithClassValues"] is True
    assert plain["accountReference"] == REFERENCE
    assert plain["attributeLines"] == [{"attributeId": "SEGMENT", "attributeValue": "Retail"}]
    assert "creditTermsId" not in plain


def test_a_refusal_keeps_the_vendors_words():
    with company() as (connector, routes):
        routes.post(CUSTOMERS).mock(return_value=reply({"message": "'Customer class' cannot be empty."}, 500))

        with pytest.raises(Rejected) as refused:
            connector.target("customers").create(PAYLOAD, reference=REFERENCE)

    assert refused.value.params["answer"] == "'Customer class' cannot be empty."


def test_a_create_without_a_clear_answer_is_unknown():
    with company() as (connector, routes):
        routes.post(CUSTOMERS).mock(return_value=reply({"message": "Internal server error"}, 500))

        with pytest.raises(OutcomeUnknown):
            connector.target("customers").create(PAYLOAD, reference=REFERENCE)


def test_an_update_sends_what_it_is_given_with_the_version_that_was_read():
    with company() as (connector, routes):
        routes.get(f"{CUSTOMERS}/10012").mock(return_value=reply(recorded("customer"), ETag='"BBBB"'))
        route = routes.put(f"{CUSTOMERS}/10012").mock(return_value=reply(None, 204, ETag='"CCCC"'))
        target = connector.target("customers")

        present = target.read("10012")
        target.update("10012", {"name": "Fjord AS", "mainAddress": {"city": "Oslo"}})
        target.update("10012", {"name": "Fjord AS"})

    assert present["mainContact"]["email"] == "Post@Fjord.example"
    first, second = route.calls
    assert unwrap(sent_json(first)) == {"name": "Fjord AS", "mainAddress": {"city": "Oslo"}}
    assert first.request.headers["If-Match"] == '"BBBB"'
    assert "If-Match" not in second.request.headers


@pytest.mark.parametrize(
    ("by", "value", "asked"),
    [
        ("vat_number", "NO 999.888.777 MVA", ["NO 999.888.777 MVA", "NO999888777MVA"]),
        ("registration_number", "999888777", ["999888777"]),
        ("email", "POST@fjord.example", ["POST@fjord.example", "post@fjord.example"]),
        ("email", "faktura@fjord.example", ["faktura@fjord.example"]),
    ],
)
def test_customers_are_found_by_what_identifies_them(by: str, value: str, asked: list[str]):
    names = {"vat_number": "vatRegistrationId", "registration_number": "corporateId", "email": "email"}
    with company() as (connector, routes):
        route = routes.get(CUSTOMERS).mock(return_value=reply([recorded("customer")]))

        found = connector.target("customers").find(by, value)

    assert [(row.id, row.label) for row in found] == [("10012", "10012 Fjord Atelier AS · Bergen · NO 999 888 777 MVA")]
    assert [call.request.url.params[names[by]] for call in route.calls] == asked


def test_rows_that_do_not_fit_are_not_found():
    with company() as (connector, routes):
        routes.get(CUSTOMERS).mock(return_value=reply([recorded("customer", corporateId="1")]))

        assert connector.target("customers").find("registration_number", "999888777") == []


def test_an_empty_value_finds_nothing_without_a_call():
    with company() as (connector, _):
        assert connector.target("customers").find("vat_number", " - ") == []


def test_a_look_up_whose_filter_was_not_obeyed_proves_nothing():
    others = counted([recorded("customer", corporateId="1")] * 50, total=900, cap=1000)
    with company() as (connector, routes):
        routes.get(CUSTOMERS).mock(return_value=reply(others))

        with pytest.raises(FlowError) as stopped:
            connector.target("customers").find("registration_number", "999888777")

    assert stopped.value.code == "remote.filter_ignored"


def test_a_customer_without_an_answer_is_found_by_our_reference():
    with company() as (connector, routes):
        rows = counted([recorded("customer", number="1", accountReference=None), recorded("customer")])
        route = routes.get(CUSTOMERS).mock(return_value=reply(rows))

        found = connector.target("customers").find_created(sent())

    query = route.calls.last.request.url.params
    assert [written.id for written in found] == ["10012"]
    assert (query["createdDateTime"], query["createdDateTimeCondition"]) == ("2026-11-19T08:15:00.000", ">=")


def test_a_customer_whose_reference_was_changed_is_found_by_its_vat_number():
    with company() as (connector, routes):
        row = recorded("customer", accountReference="changed by hand")
        routes.get(CUSTOMERS).mock(return_value=reply([row]))

        assert [written.id for written in connector.target("customers").find_created(sent())] == ["10012"]


def test_a_shared_mail_address_alone_proves_nothing():
    with company() as (connector, routes):
        row = recorded("customer", accountReference=None, vatRegistrationId=None, name="Another AS")
        routes.get(CUSTOMERS).mock(return_value=reply([row]))

        assert connector.target("customers").find_created(sent()) == []


def test_a_number_of_our_own_goes_over_the_series():
    with company() as (connector, routes):
        routes.get(f"{CUSTOMERS}/D-7").mock(return_value=reply({"message": "The customer 'D-7' cannot be found."}, 404))
        route = routes.post(CUSTOMERS).mock(return_value=reply(None, 201, Location=f"{CUSTOMERS}/D-7"))

        written = connector.target("customers").create(PAYLOAD | {"number": "D-7"}, reference=REFERENCE)

    body = unwrap(sent_json(route.calls.last))
    assert (written.id, body["number"], body["overrideNumberSeries"]) == ("D-7", "D-7", True)


def test_a_number_that_is_taken_says_by_whom():
    with company() as (connector, routes):
        routes.get(f"{CUSTOMERS}/10012").mock(return_value=reply(recorded("customer")))

        with pytest.raises(Rejected) as refused:
            connector.target("customers").create(PAYLOAD | {"number": "10012"}, reference=REFERENCE)

    assert (refused.value.code, refused.value.params["who"]) == ("number.taken", "Fjord Atelier AS")


def test_an_update_keeps_number_and_class_values():
    with company() as (connector, routes):
        route = routes.put(f"{CUSTOMERS}/10012").mock(return_value=reply(None, 204))

        connector.target("customers").update("10012", {"number": "D-7", "customerClassId": "2"})

    assert unwrap(sent_json(route.calls.last)) == {"customerClassId": "2", "overrideWithClassValues": False}


@pytest.mark.parametrize(("postcode", "count"), [("5003", 1), ("5004", 0)])
def test_a_namesake_is_one_at_the_same_postal_code(postcode: str, count: int):
    row = recorded("customer", mainAddress={"postalCode": "5003", "city": "Bergen"})
    with company() as (connector, routes):
        routes.get(CUSTOMERS).mock(return_value=reply([row]))

        found = connector.target("customers").find("name_postcode", f"fjord atelier as|{postcode}")

    assert len(found) == count
    assert not found or found[0].label.startswith("10012 Fjord Atelier AS · Bergen")
