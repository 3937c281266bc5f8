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
    "attributes": {"SEGMENT": "Retail"},
}
CONTACT = {"firstName": "Kari", "lastName": "Nordmann", "email": "kari@fjord.example"}
CREATED = {"Location": f"{CUSTOMERS}/10012", "ETag": '"AAAA"'}


def created() -> httpx.Response:
    return reply(None, 201, **CREATED)


def sent(**changes: Any) -> Sent:
    return Sent(REFERENCE, "Fjord Atelier AS", PAYLOAD | changes, datetime(2026, 11, 20, 8, 15, tzinfo=UTC))


def test_a_customer_is_made_with_its_class_and_our_reference():
    with company() as (connector, routes):
        route = routes.post(CUSTOMERS).mock(return_value=created())

        written = connector.target("customers").create(PAYLOAD, reference=REFERENCE)

    body = sent_json(route.calls.last)
    plain = unwrap(body)
    assert (written.id, written.number) == ("10012", "10012")
    assert body["overrideWithClassValues"] is True
    assert plain["accountReference"] == REFERENCE
    assert plain["attributeLines"] == [{"attributeId": "SEGMENT", "attributeValue": "Retail"}]
    assert "creditTermsId" not in plain


def test_the_contact_person_follows_the_customer():
    with company() as (connector, routes):
        routes.post(CUSTOMERS).mock(return_value=created())
        route = routes.post(f"{API}/v1/contact").mock(return_value=reply(None, 201, Location=f"{API}/v1/contact/7"))

        written = connector.target("customers").create(PAYLOAD | {"contact": CONTACT}, reference=REFERENCE)

    assert unwrap(sent_json(route.calls.last)) == {"businessAccount": "10012", "active": True} | CONTACT
    assert "contact" not in written.answer


@pytest.mark.parametrize("answer", [(400, "'Email' is wrong."), (503, "Service unavailable")])
def test_a_contact_that_fails_does_not_make_the_customer_twice(answer: tuple[int, str]):
    status, message = answer
    with company() as (connector, routes):
        routes.post(CUSTOMERS).mock(return_value=created())
        routes.post(f"{API}/v1/contact").mock(return_value=reply({"message": message}, status))

        written = connector.target("customers").create(PAYLOAD | {"contact": CONTACT}, reference=REFERENCE)

    assert written.id == "10012"
    assert written.answer["contact"]


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
    ("present", "method", "body"),
    [
        ([], "POST", {"businessAccount": "10012", "active": True} | CONTACT),
        (
            [{"contactId": 7, "lastName": "Nordmann", "email": "KARI@fjord.example"}],
            "PUT",
            {"firstName": "Kari", "email": "kari@fjord.example"},
        ),
        ([{"contactId": 7} | CONTACT], None, None),
    ],
)
def test_an_update_brings_the_contact_person_in_line(present: list[dict[str, Any]], method: str, body: Any):
    with company() as (connector, routes):
        routes.get(f"{CUSTOMERS}/10012/contact").mock(return_value=reply(present))
        if method == "POST":
            routes.post(f"{API}/v1/contact").mock(return_value=reply(None, 201, Location=f"{API}/v1/contact/7"))
        if method == "PUT":
            routes.put(f"{API}/v1/contact/7").mock(return_value=reply(None, 204, ETag='"X"'))

        written = connector.target("customers").update("10012", {"contact": CONTACT})

    assert unwrap(written.sent.get("contact")) == body


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

    assert [(row.id, row.label) for row in found] == [("10012", "10012 Fjord Atelier AS")]
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
