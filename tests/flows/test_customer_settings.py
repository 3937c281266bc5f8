"""What the settings of customers decide: who shares a collective customer, class by tag, who is left out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Existing, SourceRecord
from connectors.core import Address, Customer, CustomerKind, Order, Person, Totals
from connectors.maps import ValueTableData, When
from flows.catalog.base import Given
from flows.catalog.customer_match import Match, find_by_ladder
from flows.catalog.customers import CustomerSettings, CustomersFlow
from flows.catalog.orders import OrderSettings, OrdersFlow
from flows.catalog.presets import Preset

HOME = Address(line_1="Bruul 45", postal_code="2800", city="Mechelen", country="BE")
PERSON = Customer(
    key="contact:1", kind=CustomerKind.PERSON, name="Emma Wouters", email="emma@post.example", primary_address=HOME
)
FIRM = Customer(
    key="company:1", kind=CustomerKind.COMPANY, name="Atelier Lumen", primary_address=HOME, tags=("vip", "be")
)


def record(core: Any) -> SourceRecord:
    return SourceRecord(core.key, "natural", core, {})


def given(tables: dict[str, dict[str, str]] | None = None, model: Any = CustomerSettings, **values: Any) -> Given:
    rows = {name: ValueTableData(name=name, rows=found) for name, found in (tables or {}).items()}
    return Given(model(**values), rows)


def order(customer: Customer) -> Order:
    totals = Totals(excluding=Decimal(1), including=Decimal(1))
    return Order(key="q-1", number="2026/1", currency="EUR", customer=customer, lines=(), totals=totals)


@pytest.mark.parametrize(
    ("changes", "settings", "is_shared"),
    [
        ({}, {}, True),
        ({}, {"collective_customer": ""}, False),
        ({"vat_number": "BE0899623035"}, {}, False),
        ({"kind": CustomerKind.COMPANY}, {}, False),
        ({"tags": ("Shop",)}, {"collective_tag": "shop"}, True),
        ({}, {"collective_tag": "shop"}, False),
        ({}, {"collective_countries": "nl, be"}, True),
        ({}, {"collective_countries": "NL"}, False),
    ],
)
def test_who_shares_the_collective_customer(changes: dict[str, Any], settings: dict[str, Any], is_shared: bool):
    buyer = PERSON.model_copy(update=changes)
    chosen = {"collective_customer": "99999"} | settings

    left_out = CustomersFlow().omit(record(buyer), CustomerSettings(**chosen))
    shaped = OrdersFlow().prepare(record(order(buyer)), given(model=OrderSettings, **chosen))

    assert (left_out is not None and left_out[0] == "skip.one_off") is is_shared
    assert (shaped.core.invoice_address is not None) is is_shared  # type: ignore[attr-defined]


def test_an_order_of_a_one_off_buyer_carries_their_name_and_address():
    shaped = OrdersFlow().prepare(record(order(PERSON)), given(model=OrderSettings, collective_customer="99999"))

    named = HOME.model_copy(update={"addressee": "Emma Wouters"})
    assert isinstance(shaped.core, Order)
    assert (shaped.core.invoice_address, shaped.core.delivery_address) == (named, named)
    assert shaped.raw["resolved"]["buyer"]["email"] == "emma@post.example"


@pytest.mark.parametrize(
    ("source", "key"), [("", "company"), ("primary_address.country", "BE"), ("tags", "be"), ("name", "Atelier Lumen")]
)
def test_a_class_is_read_by_the_field_that_was_chosen(source: str, key: str):
    chosen = Preset(uses_table=True, source=source)

    shaped = CustomersFlow().prepare(record(FIRM), given({"customer_class": {"be": "BE"}}, customer_class=chosen))

    assert shaped.raw["resolved"]["keys"]["customer_class"] == key


def test_what_the_settings_do_not_send_is_gone_before_it_is_planned():
    person = Person(key="contact:2", last_name="Maes")
    full = FIRM.model_copy(update={"contacts": (person,), "locations": (HOME,), "e_invoice_address": "0208:1"})

    core = CustomersFlow().prepare(record(full), given(send_contacts=False, send_locations=False)).core

    assert isinstance(core, Customer)
    assert (core.contacts, core.locations, core.e_invoice_address) == ((), (), None)


def test_a_deactivated_customer_is_not_made_and_is_held_only_where_the_settings_say_so():
    gone = record(FIRM.model_copy(update={"is_active": False}))

    assert CustomersFlow().omit(gone, CustomerSettings()) == ("skip.inactive", {})
    assert CustomersFlow().retire(gone, CustomerSettings()) == ""
    assert CustomersFlow().retire(gone, CustomerSettings(inactive_customers="set_on_hold")) == gone


def test_settings_add_the_fields_they_speak_of():
    settings = CustomerSettings(customer_number_field="f-1", credit_limit_field="f-2")

    fields = {one.target: one for one in CustomersFlow().setting_fields(settings)}

    assert fields["number"].source == "custom_fields.f-1"
    assert fields["creditLimit"].source == "custom_fields.f-2"
    assert {one.when for one in fields.values()} == {When.ON_CREATE}
    assert OrdersFlow().fields_for("customers", OrderSettings(customer_number_field="f-1"))
    assert not [
        one
        for one in OrdersFlow().fields_for("orders", OrderSettings(customer_number_field="f-1"))
        if one.target == "number"
    ]


class Ledger:
    """A target that knows one customer by e-mail and one by name."""

    finders = ("vat_number", "email", "name_postcode")

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def find(self, by: str, value: str) -> list[Existing]:
        self.asked.append((by, value))
        return [Existing("1", "One")] if (by, value) == ("name_postcode", "Emma Wouters|2800") else []


def test_a_name_is_only_a_suggestion_and_asked_last():
    ledger = Ledger()

    match = find_by_ladder(ledger, PERSON, ("name_postcode", "vat_number", "registration_number", "email"))  # type: ignore[arg-type]

    assert match == Match((Existing("1", "One"),), is_suggestion=True)
    assert ledger.asked == [("email", "emma@post.example"), ("name_postcode", "Emma Wouters|2800")]
    assert find_by_ladder(ledger, replace_name(PERSON), ("name_postcode",)) == Match()  # type: ignore[arg-type]


def replace_name(customer: Customer) -> Customer:
    return customer.model_copy(update={"name": "Somebody"})
