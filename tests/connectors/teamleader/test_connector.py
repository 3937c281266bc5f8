"""The connection: its account, its live check, its reference lists, webhooks and documents."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.base import Finding
from connectors.core import Money
from connectors.events import Delivery, Hint, NotForUs
from connectors.teamleader import webhooks
from connectors.teamleader.connector import Teamleader
from connectors.teamleader.credit_notes import credit_note_info, list_credit_notes
from connectors.teamleader.invoices import invoice_info, is_deal_paid, list_invoices, register_payment
from tests.connectors.teamleader.focus_fake import make_connector, recorded, refusal, reply, uid

ME = {
    "id": uid(77), "account": {"type": "account", "id": uid(500)}, "first_name": "Sofie", "last_name": "Maes",
    "email": "sofie@lumiere.example", "email_verification_status": "confirmed", "telephones": [], "language": "nl",
    "function": None, "time_zone": "Europe/Brussels", "preferences": {},
}  # fmt: skip
DEPARTMENTS = [
    {"id": uid(50), "name": "Lumière nv", "vat_number": None, "currency": "EUR", "emails": [], "status": "active"},
    {"id": uid(51), "name": "Lumière UK", "vat_number": None, "currency": "GBP", "emails": [], "status": "active"},
]
TAX_RATES = [
    {"id": uid(70), "description": "21%", "rate": 0.21, "department": {"type": "department", "id": uid(50)}},
    {"id": uid(72), "description": "20%", "rate": 0.2, "department": {"type": "department", "id": uid(51)}},
]
HOOK = "https://apicenter.example/hooks/secret"


@pytest.fixture
def account(focus):
    focus.answers["users.me"] = lambda body: reply({"data": ME})
    focus.things = {"departments": DEPARTMENTS, "taxRates": TAX_RATES, "products": [recorded("product")]}
    return focus


def test_the_account_is_named_by_its_first_department(account):
    found = make_connector().account()

    assert (found.id, found.name, found.currency) == (uid(500), "Lumière nv", "EUR")


def test_the_account_is_known_without_the_right_to_read_departments(account):
    account.answers["departments.list"] = lambda body: refusal(403, "Forbidden")

    assert make_connector().account().name == "sofie@lumiere.example"


def test_the_check_names_the_missing_right_and_goes_on(account):
    account.answers["invoices.list"] = lambda body: refusal(403, "Forbidden")
    account.answers["webhooks.list"] = lambda body: refusal(403, "Forbidden")

    results = {str(row.what): row for row in make_connector().check()}

    assert results["Read invoices"].finding is Finding.BAD
    assert results["Read invoices"].code == "permission.missing"
    assert results["Receive webhooks"].finding is Finding.WARN
    assert sum(row.finding is Finding.OK for row in results.values()) == 9


def test_the_check_warns_of_an_empty_account(account):
    account.things["products"] = []

    last = make_connector().check()[-1]

    assert (last.finding, last.code) == (Finding.WARN, "connection.empty")


def test_the_check_ends_at_a_dead_authorisation(account):
    account.answers["users.me"] = lambda body: refusal(401, "Unauthorized")

    (result,) = make_connector().check()

    assert (result.finding, result.code) == (Finding.BAD, "token.revoked")
    assert account.methods() == ["users.me"]


def test_vat_rates_are_fractions_grouped_by_department(account):
    rates = make_connector().options("tax_rates")

    assert [(row.rate, row.group) for row in rates] == [(Decimal("0.21"), "Lumière nv"), (Decimal("0.2"), "Lumière UK")]


def test_vat_rates_of_another_department_are_not_offered(account):
    rates = make_connector(department_id=uid(51)).options("tax_rates")

    assert [row.value for row in rates] == [uid(72)]


def test_payment_terms_are_named_as_customers_carry_them(account):
    rows = [{"id": uid(1), "type": "cash"}, {"id": uid(2), "type": "after_invoice_date", "days": 30}]
    account.answers["paymentTerms.list"] = lambda body: reply({"data": rows, "meta": {"default": uid(2)}})

    terms = make_connector().options("payment_terms")

    assert [(row.value, row.is_default) for row in terms] == [("cash", False), ("after_invoice_date:30", True)]


def test_phases_stand_under_their_pipeline(account):
    pipelines = [{"id": uid(61), "name": "Verkoop"}]
    account.answers["dealPipelines.list"] = lambda body: reply({"data": pipelines, "meta": {"default": uid(61)}})
    account.things["dealPhases"] = [{"id": uid(60), "name": "Gewonnen"}]

    (phase,) = make_connector().options("deal_phases")

    assert (phase.label, phase.group) == ("Gewonnen", "Verkoop")


@pytest.mark.parametrize(
    ("name", "resource", "row"),
    [
        ("product_categories", "productCategories", {"id": uid(45), "name": "Lampen", "ledgers": []}),
        ("units_of_measure", "unitsOfMeasure", {"id": uid(45), "name": "stuk"}),
        ("payment_methods", "paymentMethods", {"id": uid(45), "name": "Bancontact", "status": "active"}),
        ("price_lists", "priceLists", {"id": uid(45), "name": "B2B", "calculation_method": "manual"}),
    ],
)
def test_named_lists(account, name, resource, row):
    account.things[resource] = [row]

    assert [(option.value, option.label) for option in make_connector().options(name)] == [(uid(45), row["name"])]


def test_custom_fields_of_deals_are_asked_by_both_names_of_the_context(account):
    definition = {
        "id": uid(903),
        "context": "sale",
        "type": "boolean",
        "label": "Spoed",
        "group": "",
        "required": False,
    }

    def answer(body):
        is_live_name = body["filter"]["context"] == "sale"
        return reply({"data": [definition]}) if is_live_name else refusal(400, "context is invalid")

    account.answers["customFieldDefinitions.list"] = answer

    assert [row.label for row in make_connector().options("custom_fields:deal")] == ["Spoed"]


def test_people_who_have_left_are_not_chosen_from(account):
    account.answers["users.list"] = lambda body: reply(
        {
            "data": [
                {"id": uid(1), "first_name": "An", "last_name": "De Clercq", "status": "active"},
                {"id": uid(2), "first_name": None, "last_name": "Verkoop", "status": "active"},
                {"id": uid(3), "first_name": "Piet", "last_name": "Maes", "status": "deactivated"},
            ]
        }
    )

    assert [row.label for row in make_connector().options("users")] == ["An De Clercq", "Verkoop"]


@pytest.mark.parametrize("name", ["colours", "custom_fields:weather"])
def test_an_unknown_list_is_a_key_error(account, name):
    with pytest.raises(KeyError):
        make_connector().options(name)


def test_every_offered_list_is_known(account):
    account.answers["dealPipelines.list"] = lambda body: reply({"data": [], "meta": {"default": uid(61)}})
    account.answers["paymentTerms.list"] = lambda body: reply({"data": [], "meta": {"default": uid(2)}})
    connector = make_connector()

    assert all(isinstance(connector.options(name), list) for name in Teamleader.option_lists)


def test_registering_twice_is_one_registration(account):
    registered = {}
    account.answers["webhooks.list"] = lambda body: reply(
        {"data": [{"url": url, "types": types} for url, types in registered.items()]}
    )
    account.answers["webhooks.register"] = lambda body: (
        registered.update({body["url"]: body["types"]}) or reply(None, 204)
    )
    account.answers["webhooks.unregister"] = lambda body: registered.pop(body["url"]) and reply(None, 204)
    api = make_connector().focus

    webhooks.register(api, HOOK, ["orders"])
    webhooks.register(api, HOOK, ["orders"])
    webhooks.register(api, HOOK, ["products"])

    assert account.methods().count("webhooks.register") == 2
    assert webhooks.list_webhooks(api) == [webhooks.Webhook(HOOK, webhooks.EVENTS["products"])]
    webhooks.unregister(api, HOOK)
    assert registered == {}


@pytest.mark.parametrize(
    ("event", "subject", "expected"),
    [
        ("deal.won", {"type": "deal", "id": uid(1)}, ("orders", f"deal:{uid(1)}")),
        ("company.updated", {"type": "company", "id": uid(2)}, ("customers", f"company:{uid(2)}")),
        ("product.deleted", {"type": "product", "id": uid(3)}, ("products", uid(3))),
    ],
)
def test_a_delivery_points_at_a_record_of_a_source(event, subject, expected):
    delivery = webhooks.read_delivery({"type": event, "subject": subject, "account": {"type": "account", "id": "a"}})

    assert delivery is not None
    assert ((delivery.kind, delivery.key), delivery.account_id) == (expected, "a")


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"type": "deal.won"},
        {"type": "quotation.updated", "subject": {"type": "quotation", "id": "q"}},
        {"type": "deal.won", "subject": {"type": "deal", "id": 5}},
        {"type": "deal.won", "subject": {"type": "deal", "id": "../../users.me"}},
    ],
)
def test_anything_else_points_at_nothing(body):
    assert webhooks.read_delivery(body) is None


def test_a_delivery_for_another_account_or_without_sense_is_no_hint():
    subject = {"type": "deal", "id": uid(1)}
    mine = json.dumps({"type": "deal.won", "subject": subject, "account": {"type": "account", "id": "mine"}}).encode()

    read = webhooks.FocusWebhooks.read

    assert read(Delivery(mine, {}, "mine")) == [Hint("deal.won", "orders", f"deal:{uid(1)}")]
    with pytest.raises(NotForUs) as refused:
        read(Delivery(mine, {}, "another"))
    assert refused.value.code == "hint.other_account"
    assert [read(Delivery(body, {}, "mine")) for body in (b"", b"\xff", b"[" * 5000, b"{}")] == [[], [], [], []]


def test_a_deal_counts_as_paid_when_its_booked_invoices_are(account):
    row = {key: value for key, value in recorded("invoice", status="matched", paid=True).items() if key != "payments"}
    account.things["invoices"] = [row]

    assert is_deal_paid(make_connector().focus, uid(10))
    assert account.bodies("invoices.list")[0]["filter"] == {"status": ["outstanding", "matched"], "deal_id": uid(10)}


def test_invoices_are_listed_since_a_moment_and_read_in_full(account):
    account.things["invoices"] = [recorded("invoice")]
    api = make_connector().focus

    ((row,),) = list_invoices(api, updated_since=datetime(2026, 3, 1, tzinfo=UTC), ids=[uid(80)])

    assert invoice_info(api, row["id"])["payment_term"] == {"type": "end_of_month", "days": 60}


@pytest.mark.parametrize("is_list", [True, False])
def test_a_credit_note_comes_as_object_or_as_list(account, is_list):
    note = recorded("credit_note")
    account.things["creditNotes"] = [note]
    account.answers["creditNotes.info"] = lambda body: reply({"data": [note] if is_list else note})
    api = make_connector().focus

    ((row,),) = list_credit_notes(api, updated_since=datetime(2026, 3, 1, tzinfo=UTC), invoice_id=uid(80))

    assert credit_note_info(api, row["id"])["credit_note_number"] == "2026/1"


def test_a_payment_is_registered_on_its_invoice(account):
    account.answers["invoices.registerPayment"] = lambda body: reply(None, 204)

    register_payment(
        make_connector().focus,
        uid(80),
        Money(amount=Decimal("71.00"), currency="EUR"),
        paid_at=datetime(2026, 3, 12, tzinfo=UTC),
        method_id=uid(9),
    )

    assert account.bodies("invoices.registerPayment") == [
        {
            "id": uid(80),
            "payment": {"amount": 71, "currency": "EUR"},
            "paid_at": "2026-03-12T00:00:00+00:00",
            "payment_method_id": uid(9),
        }
    ]
