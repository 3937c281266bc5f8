"""Writing to the fake Teamleader, and what people do in its own pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.sandbox import services
from connectors.sandbox.seed.records import uid
from connectors.sandbox.seed.teamleader_settings import BELGIUM
from connectors.sandbox.teamleader import hooks
from tests.connectors.sandbox.caller import NIL, Caller, title


def test_a_product_is_added_with_all_its_references(call: Caller):
    payload = {
        "code": "LMP-1",
        "name": "Lampe d'été",
        "selling_price": {"amount": 12.3456, "currency": "EUR"},
        "tax_rate_id": uid("taxRate", f"{BELGIUM}/21%"),
        "unit_of_measure_id": uid("unitOfMeasure", "m"),
        "product_category_id": uid("productCategory", "Lighting"),
        "stock": {"amount": 4},
        "custom_fields": [{"id": uid("customFieldDefinition", "product/Energy class"), "value": "B"}],
        "price_list_prices": [
            {"price_list_id": uid("priceList", "Resellers"), "price": {"amount": 9, "currency": "EUR"}}
        ],
    }

    created = call("products.add", payload)

    assert created.status_code == 201
    found = call.data("products.info", {"id": created.json()["data"]["id"]})
    assert found["selling_price"] == {"amount": 12.3456, "currency": "EUR"}
    assert found["tax"] == {"type": "taxRate", "id": payload["tax_rate_id"]}
    assert found["unit"]["id"] == payload["unit_of_measure_id"]
    assert found["custom_fields"][0]["value"] == "B"
    assert found["price_list_prices"][0]["price_list"]["type"] == "priceList"


BAD_PRODUCTS = [
    ({}, "name or code must be present"),
    ({"description": "x"}, "name or code must be present"),
    ({"name": 5}, "name must be a string"),
    ({"name": None, "code": "x"}, "name must not be null"),
    ({"name": "x", "tax_rate_id": NIL}, "tax_rate_id: taxRate not found"),
    ({"name": "x", "unit_of_measure_id": "m"}, "unit_of_measure_id invalid uuid"),
    ({"name": "x", "selling_price": {"amount": "9", "currency": "EUR"}}, "selling_price.amount must be numeric"),
    ({"name": "x", "selling_price": {"amount": 9}}, "selling_price.currency must be one of"),
    ({"name": "x", "custom_fields": [{"id": NIL, "value": 1}]}, "custom_fields: customFieldDefinition not found"),
    (
        {"name": "x", "custom_fields": [{"id": uid("customFieldDefinition", "sale/Delivery"), "value": "Courier"}]},
        "custom_fields: customFieldDefinition not found",
    ),
    (
        {"name": "x", "custom_fields": [{"id": uid("customFieldDefinition", "product/Energy class"), "value": "Z"}]},
        "custom_fields.Energy class must be one of",
    ),
    (
        {"name": "x", "custom_fields": [{"id": uid("customFieldDefinition", "product/Watt"), "value": "9"}]},
        "custom_fields.Watt must be numeric",
    ),
]


@pytest.mark.parametrize(("payload", "problem"), BAD_PRODUCTS)
def test_a_bad_product_is_refused_by_field(call: Caller, payload: dict[str, Any], problem: str):
    answer = call("products.add", payload)

    assert answer.status_code == 400
    assert title(answer).startswith(problem)


def test_an_update_changes_what_it_names_and_moves_the_time(call: Caller):
    key = uid("product", "OLD-0417")
    before = call.data("products.info", {"id": key})

    answer = call("products.update", {"id": key, "name": "Plafonnière", "selling_price": None})

    after = call.data("products.info", {"id": key})
    assert (answer.status_code, answer.content) == (204, b"")
    assert after == before | {"name": "Plafonnière", "selling_price": None, "updated_at": after["updated_at"]}
    assert after["updated_at"] > before["updated_at"]


@pytest.mark.parametrize(("strategy", "count"), [({}, 1), ({"custom_fields_update_strategy": "partial"}, 2)])
def test_custom_fields_are_replaced_unless_partial(call: Caller, strategy: dict[str, str], count: int):
    ean, colour = (uid("customFieldDefinition", f"product/{label}") for label in ("EAN", "Colour"))
    added = call("products.add", {"name": "x", "custom_fields": [{"id": ean, "value": "1"}]}).json()["data"]

    call("products.update", {"id": added["id"], "custom_fields": [{"id": colour, "value": "Red"}], **strategy})

    assert len(call.data("products.info", {"id": added["id"]})["custom_fields"]) == count


def test_stock_needs_the_feature(call: Caller):
    services.set_options(call.account, stock_feature=False)
    key = uid("product", "OLD-0417")

    assert call("products.update", {"id": key, "stock": {"amount": 3}}).status_code == 403
    assert "stock" not in call.data("products.info", {"id": key})


def test_a_deleted_product_is_gone(call: Caller):
    key = uid("product", "OLD-0417")

    assert call("products.delete", {"id": key}).status_code == 204
    assert call("products.info", {"id": key}).status_code == 404


def test_a_refused_update_leaves_the_record_alone(call: Caller):
    key = uid("product", "OLD-0417")

    answer = call("products.update", {"id": key, "name": "New", "tax_rate_id": NIL})

    assert answer.status_code == 400
    assert call.data("products.info", {"id": key})["name"] == "Plafonnière Zomer, messing"


def test_unknown_keys_of_a_write_are_ignored_unless_strict(call: Caller):
    payload = {"name": "x", "sku": "y"}
    lenient = call("products.add", payload)
    services.set_options(call.account, strict=True)

    assert lenient.status_code == 201
    assert title(call("products.add", payload)) == "sku is not a known key"


def test_a_company_is_added_and_its_collections_replaced(call: Caller):
    address = {"line_1": "Kade 1", "postal_code": None, "city": "Ghent", "country": "BE", "addressee": "Stock"}
    created = call(
        "companies.add",
        {
            "name": "Nieuw BV",
            "vat_number": "BE 0899.623.035",
            "emails": [
                {"type": "primary", "email": "a@nieuw.example"},
                {"type": "invoicing", "email": "b@nieuw.example"},
            ],
            "telephones": [{"type": "phone", "number": "+32 9 1"}],
            "addresses": [{"type": "primary", "address": address}],
            "tags": ["a"],
        },
    ).json()["data"]

    call("companies.update", {"id": created["id"], "emails": [{"type": "primary", "email": "c@nieuw.example"}]})
    call("companies.tag", {"id": created["id"], "tags": ["b", "a"]})

    found = call.data("companies.info", {"id": created["id"]})
    assert [entry["email"] for entry in found["emails"]] == ["c@nieuw.example"]
    assert found["tags"] == ["a", "b"]
    assert found["addresses"][0]["address"]["addressee"] == "Stock"
    row = call.data("companies.list", {"filter": {"ids": [created["id"]]}})[0]
    assert row["primary_address"]["line_1"] == "Kade 1"


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"name": "x", "telephones": [{"type": "mobile", "number": "1"}]},
        {"name": "x", "emails": [{"type": "primary", "email": "nobody"}]},
        {"name": "x", "addresses": [{"type": "primary", "address": {"line_1": "x", "country": "BE"}}]},
        {"name": "x", "language": "Dutch"},
    ],
)
def test_a_bad_company_is_refused(call: Caller, payload: dict[str, Any]):
    assert call("companies.add", payload).status_code == 400


def test_a_contact_is_added_linked_and_loses_an_address(call: Caller):
    contact = {"last_name": "Maes", "emails": [{"type": "primary", "email": "m@maes.example"}], "gender": None}
    key = call("contacts.add", contact).json()["data"]["id"]

    call("contacts.linkToCompany", {"id": key, "company_id": uid("company", 2), "position": "Buyer"})
    call("contacts.update", {"id": key, "emails": [{"type": "primary", "email": None}], "first_name": "Lien"})

    found = call.data("contacts.info", {"id": key})
    assert found["companies"][0]["company"]["id"] == uid("company", 2)
    assert (found["emails"], found["first_name"]) == ([], "Lien")


def test_a_payment_settles_an_invoice(call: Caller):
    invoice = call.data("invoices.info", {"id": uid("invoice", 3)})
    due = invoice["total"]["due"]

    answer = call(
        "invoices.registerPayment", {"id": invoice["id"], "payment": due, "paid_at": "2026-11-20T10:00:00+00:00"}
    )

    after = call.data("invoices.info", {"id": invoice["id"]})
    assert answer.status_code == 204
    assert (after["status"], after["paid"], after["total"]["due"]["amount"]) == ("matched", True, 0)
    assert after["updated_at"] > invoice["updated_at"]


def test_an_invoice_is_drafted_and_gets_the_next_number_when_it_is_booked(call: Caller):
    paid = call.data("invoices.info", {"id": uid("invoice", 1)})
    line = paid["grouped_lines"][0]["line_items"][0]
    asked = {
        "invoicee": {"customer": paid["invoicee"]["customer"]},
        "department_id": paid["department"]["id"],
        "payment_term": {"type": "after_invoice_date", "days": 14},
        "grouped_lines": [
            {
                "line_items": [
                    {
                        "quantity": 3,
                        "description": "Lamp",
                        "unit_price": {"amount": 10.5, "tax": "excluding"},
                        "tax_rate_id": line["tax"]["id"],
                        "product_id": line["product"]["id"],
                        "discount": {"value": 10, "type": "percentage"},
                    }
                ]
            }
        ],
        "discounts": [{"type": "percentage", "value": 50, "description": "Half"}],
    }

    key = call("invoices.draft", asked).json()["data"]["id"]
    draft = call.data("invoices.info", {"id": key})
    call("invoices.book", {"id": key, "on": "2026-11-20"})
    booked = call.data("invoices.info", {"id": key})

    assert (draft["status"], draft["invoice_number"]) == ("draft", None)
    assert draft["total"]["tax_exclusive"]["amount"] == 14.18
    assert (booked["status"], booked["invoice_number"], booked["due_on"]) == ("outstanding", "2026 / 11", "2026-12-04")
    assert call("invoices.book", {"id": key, "on": "2026-11-20"}).status_code == 400


def test_webhooks_are_known_by_url_and_types(call: Caller):
    url = "https://app.example/hook"
    call("webhooks.register", {"url": url, "types": ["deal.won"]})
    call("webhooks.register", {"url": url, "types": ["deal.won", "deal.updated"]})
    call("webhooks.register", {"url": "https://app.example/a", "types": ["product.added"]})

    call("webhooks.unregister", {"url": url, "types": ["deal.won"]})
    call("webhooks.unregister", {"url": "https://app.example/a", "types": ["product.added"]})

    assert call.data("webhooks.list") == [{"url": url, "types": ["deal.updated"]}]


def test_there_are_no_quotation_events(call: Caller):
    answer = call("webhooks.register", {"url": "https://app.example/hook", "types": ["quotation.updated"]})

    assert answer.status_code == 400


def test_winning_a_deal_brings_it_into_the_poll(call: Caller):
    row = call.data("deals.list", {"filter": {"status": ["open"]}})[0]
    asked = {"filter": {"status": ["won"], "updated_since": timezone.now().replace(microsecond=0).isoformat()}}
    before = call.data("deals.list", asked)

    hooks.win(call.account, row["id"])

    assert before == []
    assert [deal["id"] for deal in call.data("deals.list", asked)] == [row["id"]]
    assert call.data("deals.info", {"id": row["id"]})["closed_at"] is not None


@pytest.mark.parametrize(("wins", "status"), [(False, "open"), (True, "won")])
def test_accepting_a_quotation_wins_the_deal_by_option(call: Caller, wins: bool, status: str):
    services.set_options(call.account, accept_wins_deal=wins)
    deal = call.data("deals.list", {"filter": {"status": ["open"]}})[0]
    quotation = call.data("deals.info", {"id": deal["id"]})["quotations"][0]["id"]

    hooks.accept(call.account, quotation)

    assert call.data("quotations.info", {"id": quotation})["status"] == "accepted"
    assert call.data("deals.info", {"id": deal["id"]})["status"] == status


def test_touching_a_record_changes_it_at_the_given_time(call: Caller):
    at = timezone.now().replace(microsecond=0) + timedelta(days=1)

    hooks.touch(call.account, "product", uid("product", "OLD-0417"), name="Other", now=at)

    rows = call.data("products.list", {"filter": {"updated_since": at.isoformat()}})
    assert [(row["name"], row["updated_at"]) for row in rows] == [("Other", at.isoformat())]


def test_a_deal_keeps_its_other_custom_fields_and_moves_to_a_phase(call: Caller):
    deal = call.data("deals.list", {"filter": {"status": ["won"]}, "page": {"size": 1}})[0]["id"]
    before = {row["definition"]["id"]: row["value"] for row in call.data("deals.info", {"id": deal})["custom_fields"]}
    field, phase = uid("customFieldDefinition", "sale/Order number in ERP"), uid("dealPhase", "Delivered")
    values = [{"id": field, "value": "000012"}]

    call("deals.update", {"id": deal, "custom_fields": values, "custom_fields_update_strategy": "partial"})
    call("deals.move", {"id": deal, "phase_id": phase})

    after = call.data("deals.info", {"id": deal})
    assert {row["definition"]["id"]: row["value"] for row in after["custom_fields"]} == {**before, field: "000012"}
    assert (after["current_phase"]["id"], after["status"]) == (phase, "won")


def test_payments_are_taken_off_all_at_once(call: Caller):
    invoice = call.data("invoices.list", {"filter": {"status": ["outstanding"]}, "page": {"size": 1}})[0]["id"]
    due = call.data("invoices.info", {"id": invoice})["total"]["due"]
    for _part in range(2):
        payment = {"amount": 5, "currency": due["currency"]}
        call("invoices.registerPayment", {"id": invoice, "payment": payment, "paid_at": "2026-11-20T12:00:00+00:00"})
    paid = len(call.data("invoices.info", {"id": invoice})["payments"])

    call("invoices.removePayments", {"id": invoice})

    after = call.data("invoices.info", {"id": invoice})
    assert paid >= 2
    assert (after["payments"], after["status"], after["total"]["due"]) == ([], "outstanding", after["total"]["payable"])
