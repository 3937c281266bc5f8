"""Writing products: bodies, look-ups by code, and what is found after an unknown outcome."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from apicenter.errors import MappingError, OutcomeUnknown, Rejected
from connectors.base import Sent
from connectors.teamleader.products import PRODUCT_MAP, ProductTarget
from tests.connectors.teamleader.focus_fake import make_connector, recorded, refusal, reply, uid

CREATED = {"data": {"type": "product", "id": uid(99)}}
DEFINITIONS = [
    {"id": uid(904), "context": "product", "type": "multi_select", "label": "Kleur", "group": "", "required": False,
     "configuration": {"options": [{"id": uid(1), "value": "Rood"}, {"id": uid(2), "value": "Blauw"}]}},
    {"id": uid(905), "context": "product", "type": "integer", "label": "Watt", "group": "", "required": False},
    {"id": uid(906), "context": "product", "type": "auto_increment", "label": "Nr", "group": "", "required": False},
]  # fmt: skip
DEPARTMENT = {"id": uid(50), "name": "Lumière nv", "currency": "EUR", "status": "active"}


def make_target(focus, **settings):
    focus.things.setdefault("customFieldDefinitions", DEFINITIONS)
    focus.things.setdefault("departments", [DEPARTMENT])
    focus.answers["products.add"] = lambda body: reply(CREATED, 201)
    focus.answers["products.update"] = lambda body: reply(None, 204)
    return ProductTarget(make_connector(**settings))


def test_a_new_product_is_sent_with_its_custom_fields_by_id(focus):
    target = make_target(focus, department_id=uid(50))
    payload = {
        "code": "LAMP-1",
        "name": "Hanglamp",
        "description": None,
        "selling_price": {"amount": Decimal("49.99"), "currency": "EUR"},
        "tax_rate_id": uid(70),
        "custom_fields": {uid(904): "rood, Blauw", uid(905): "60"},
    }

    written = target.create(payload, reference="ref")

    assert (written.id, written.number) == (uid(99), "LAMP-1")
    assert focus.bodies("products.add") == [
        {
            "code": "LAMP-1",
            "name": "Hanglamp",
            "selling_price": {"amount": 49.99, "currency": "EUR"},
            "tax_rate_id": uid(70),
            "custom_fields": [{"id": uid(904), "value": ["Rood", "Blauw"]}, {"id": uid(905), "value": 60}],
            "department_id": uid(50),
        }
    ]


def test_a_price_without_currency_gets_the_one_of_the_account(focus):
    make_target(focus).create({"code": "A", "selling_price": {"amount": Decimal(1)}}, reference="r")

    assert focus.bodies("products.add") == [{"code": "A", "selling_price": {"amount": 1, "currency": "EUR"}}]


def test_an_update_leaves_other_custom_fields_and_clears_what_is_empty(focus):
    make_target(focus).update(uid(30), {"description": "", "custom_fields": {uid(905): None}})

    assert focus.bodies("products.update") == [
        {
            "id": uid(30),
            "description": None,
            "custom_fields": [{"id": uid(905), "value": None}],
            "custom_fields_update_strategy": "partial",
        }
    ]


def test_an_update_of_the_amount_alone_keeps_the_currency_that_stands_there(focus):
    usd = {"amount": 5, "currency": "USD"}
    focus.things["products"] = [recorded("product", selling_price=usd)]

    make_target(focus).update(uid(30), {"selling_price": {"amount": Decimal("12.50")}})

    assert focus.bodies("products.update")[0]["selling_price"] == {"amount": 12.5, "currency": "USD"}


def test_an_empty_amount_takes_the_price_away(focus):
    make_target(focus).update(uid(30), {"selling_price": {"amount": None, "currency": "EUR"}})

    assert focus.bodies("products.update")[0]["selling_price"] is None


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        (905, "sixty", "does not fit"),
        (905, "6.5", "whole number"),
        (904, "groen", "options"),
        (906, 5, "by itself"),
        (999, 5, "does not exist"),
    ],
)
def test_a_custom_field_that_cannot_take_the_value_holds_the_record(focus, field, value, why):
    with pytest.raises(MappingError) as caught:
        make_target(focus).create({"code": "A", "custom_fields": {uid(field): value}}, reference="r")

    assert why in caught.value.params["why"]
    assert "products.add" not in focus.methods()


def test_reading_back_gives_the_paths_a_payload_uses(focus):
    focus.things["products"] = [recorded("product")]

    values = make_target(focus).read(uid(30))

    assert values["selling_price"] == {"amount": Decimal("49.99"), "currency": "EUR"}
    assert (values["tax_rate_id"], values["unit_of_measure_id"]) == (uid(70), uid(40))
    assert (values["product_category_id"], values["stock"]) == (uid(45), {"amount": Decimal("12.5")})
    assert values["custom_fields"] == {uid(904): ["rood", "blauw"], uid(905): True}


def test_the_index_costs_a_call_per_page_and_a_look(focus):
    focus.things["products"] = [recorded("product", id=uid(n), code=f"C{n}") for n in range(250)]

    rows = list(make_target(focus).index())

    assert (len(rows), rows[7].natural_key) == (250, "C7")
    looks = [body["page"]["size"] for body in focus.bodies("products.list")]
    assert looks == [100, 100, 1, 100, 1]  # one row to see that nothing moved up


def test_a_list_that_cannot_be_paged_is_read_once(focus):
    rows = [recorded("product", id=uid(n)) for n in range(2)]
    focus.answers["products.list"] = lambda body: reply({"data": rows})

    assert len(list(make_target(focus, page_size=2).index())) == 2


@pytest.mark.parametrize(
    ("wanted", "found"), [("LAMP-1", ["LAMP-1"]), ("LAMP-2", ["lamp-2", "Lamp-2"]), ("LAMP", []), (" ", [])]
)
def test_a_code_is_found_exactly_and_else_by_its_letters(focus, wanted, found):
    codes = ["LAMP-1", "lamp-1", "LAMP-10", "lamp-2", "Lamp-2", None]
    focus.things["products"] = [recorded("product", id=uid(n), code=code) for n, code in enumerate(codes)]

    assert [row.natural_key for row in make_target(focus).find("code", wanted)] == found


def test_only_a_product_made_since_then_is_what_the_create_left(focus):
    old = recorded("product", id=uid(1), added_at="2026-02-01T00:00:00+00:00")
    new = recorded("product", id=uid(2), added_at="2026-03-01T11:59:30+00:00")
    focus.things["products"] = [old, new]
    sent = Sent("ref", "LAMP-1", {"code": "LAMP-1"}, datetime(2026, 3, 1, 12, tzinfo=UTC))

    assert [row.id for row in make_target(focus).find_created(sent)] == [uid(2)]


def test_a_create_without_clear_answer_is_unknown(focus):
    target = make_target(focus)
    focus.answers["products.add"] = lambda body: refusal(500, "oops")

    with pytest.raises(OutcomeUnknown):
        target.create({"code": "A"}, reference="r")


def test_a_refusal_names_every_title_and_the_field(focus):
    target = make_target(focus)
    focus.answers["products.add"] = lambda body: refusal(400, "id invalid uuid", "oneOf rule failed", field="unit")

    with pytest.raises(Rejected, match="id invalid uuid; oneOf rule failed") as caught:
        target.create({"code": "A"}, reference="r")

    assert caught.value.field == "unit"


@pytest.mark.parametrize("has_stock", [True, False])
def test_fields_hold_the_accounts_custom_fields_and_stock_where_it_is_kept(focus, has_stock):
    product = recorded("product")
    focus.things["products"] = [product if has_stock else {k: v for k, v in product.items() if k != "stock"}]

    fields = {field.path: field for field in make_target(focus).fields()}

    assert ("stock.amount" in fields) is has_stock
    assert fields[f"custom_fields.{uid(904)}"].options == ("Rood", "Blauw")
    assert f"custom_fields.{uid(906)}" not in fields
    assert [path for path, field in fields.items() if field.is_required] == ["code", "name"]


def test_the_default_map_writes_only_known_fields(focus):
    paths = {field.path for field in make_target(focus).fields()}

    assert {field.target for field in PRODUCT_MAP.fields} <= paths
