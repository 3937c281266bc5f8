"""Reading from the fake Teamleader: lists, single records, filters, and how it words refusals."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox import services
from connectors.sandbox.seed.records import uid
from connectors.sandbox.seed.teamleader_settings import BELGIUM
from connectors.sandbox.teamleader.resources import RESOURCES
from tests.connectors.sandbox.caller import NIL, SITE, Caller, title

INFO = [resource for resource in RESOURCES if resource.has_info]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_every_list_keeps_the_contract_and_hides_what_only_info_tells(call: Caller, resource: Any):
    rows = call.data(f"{resource.name}.list")

    assert rows
    hidden = {name for name in resource.info_only if "." not in name} | set(resource.optional)
    assert not [name for row in rows for name in row if name in hidden or name.startswith("_")]


@pytest.mark.parametrize("resource", INFO, ids=lambda resource: resource.name)
def test_every_seeded_record_keeps_the_contract(call: Caller, resource: Any):
    for key in call.account.things.filter(kind=resource.kind).values_list("key", flat=True):
        assert call.data(f"{resource.name}.info", {"id": key})["id"] == key


def test_users_me_names_the_account(call: Caller):
    assert call.data("users.me")["account"] == {"type": "account", "id": str(call.account.remote_id)}


def test_a_page_has_twenty_rows_and_no_meta_unless_asked(call: Caller):
    answer = call("companies.list").json()

    assert len(answer["data"]) == 20
    assert "meta" not in answer


def test_paging_reaches_every_row_once(call: Caller):
    rows = call.every("products")

    assert len({row["id"] for row in rows}) == len(rows) == 124


def test_pagination_comes_on_request_where_it_is_supported(call: Caller):
    asked = {"includes": "pagination", "page": {"size": 5, "number": 2}}

    assert call("companies.list", asked).json()["meta"] == {"page": {"size": 5, "number": 2}, "matches": 42}
    assert "meta" not in call("contacts.list", asked).json()


def test_a_page_above_the_cap_is_cut_or_refused(call: Caller):
    big = {"page": {"size": 500}}
    clamped = call("products.list", big, is_checked=False)
    services.set_options(call.account, page_cap_mode="reject")

    assert len(clamped.json()["data"]) == 100
    assert call("products.list", big).status_code == 400


def test_the_default_payment_term_is_in_meta(call: Caller):
    answer = call("paymentTerms.list").json()

    assert answer["meta"]["default"] in [row["id"] for row in answer["data"]]


def test_custom_fields_are_in_lists_on_request(call: Caller):
    rows = call.data("companies.list", {"includes": "custom_fields,price_list"})

    assert all("custom_fields" in row and "price_list" in row for row in rows)


def test_related_contacts_come_on_request(call: Caller):
    company = {"id": uid("company", 1)}

    assert "related_contacts" not in call.data("companies.info", company)
    related = call.data("companies.info", {**company, "includes": "related_contacts"})["related_contacts"]
    assert [entry["id"] for entry in related] == [uid("contact", 1)]


FILTERS = [
    ("products", {"term": "plafonnière"}, 1),
    ("products", {"term": "OLD-"}, 2),
    ("products", {"ids": [uid("product", "OLD-0417"), NIL]}, 1),
    ("companies", {"vat_number": "BE0900414970"}, 1),
    ("companies", {"vat_number": "be 0900.414.970"}, 1),
    ("companies", {"email": {"type": "primary", "email": "INFO@atelierlumen.example"}}, 1),
    ("companies", {"term": "zuiderlicht"}, 1),
    ("companies", {"tags": ["customer", "no"]}, 1),
    ("companies", {"status": "deactivated"}, 0),
    ("contacts", {"company_id": uid("company", 8)}, 2),
    ("contacts", {"term": "françois dub"}, 1),
    ("contacts", {"tags": ["customer", "newsletter"]}, 6),
    ("deals", {"status": ["won"]}, 46),
    ("deals", {"status": ["open", "lost"]}, 12),
    ("deals", {"pipeline_ids": [uid("dealPipeline", "Projects")]}, 0),
    ("deals", {"estimated_closing_date": None}, 0),
    ("dealPhases", {"deal_pipeline_id": uid("dealPipeline", "Sales")}, 7),
    ("dealPipelines", {"status": ["pending_deletion"]}, 0),
    ("customFieldDefinitions", {"context": "sale"}, 7),
    ("taxRates", {"department_id": uid("department", BELGIUM)}, 7),
    ("productCategories", {"department_id": uid("department", BELGIUM)}, 6),
    ("paymentMethods", {"status": ["archived"]}, 1),
    ("invoices", {"status": ["draft"]}, 1),
    ("invoices", {"status": ["matched"]}, 5),
    ("invoices", {"deal_id": NIL}, 0),
    ("invoices", {"invoice_date_after": "2100-01-01"}, 0),
    ("creditNotes", {"invoice_id": uid("invoice", 1)}, 1),
    ("quotations", {"ids": [uid("quotation", "1/0")]}, 1),
    ("orders", {"ids": [uid("order", 1)]}, 1),
]


@pytest.mark.parametrize(("name", "asked", "count"), FILTERS, ids=lambda value: str(value)[:40])
def test_filters_keep_what_they_name(call: Caller, name: str, asked: dict[str, Any], count: int):
    body = {"filter": asked, "page": {"size": 100}}

    assert len(call.data(f"{name}.list", body)) == count


def test_updated_since_includes_its_own_instant(call: Caller):
    newest = max(call.every("products"), key=lambda row: row["updated_at"])

    rows = call.data("products.list", {"filter": {"updated_since": newest["updated_at"]}})

    assert [row["id"] for row in rows] == [newest["id"]]
    assert newest["updated_at"].endswith("+00:00")


def test_a_timestamp_in_zulu_time_is_refused(call: Caller):
    assert call("products.list", {"filter": {"updated_since": "2026-01-01T00:00:00Z"}}).status_code == 400


def test_deals_come_newest_first_unless_sorted(call: Caller):
    default = [row["created_at"] for row in call.every("deals")]
    oldest = [row["created_at"] for row in call.every("deals", sort=[{"field": "created_at", "order": "asc"}])]

    assert default == sorted(default, reverse=True)
    assert oldest == sorted(oldest)


SORTS = [("companies", "name"), ("companies", "updated_at"), ("contacts", "name"), ("deals", "weighted_value"),
         ("invoices", "invoice_date"), ("taxRates", "rate"), ("departments", "default_department"),
         ("customFieldDefinitions", "label")]  # fmt: skip


@pytest.mark.parametrize(("name", "field"), SORTS)
def test_sorting_turns_round(call: Caller, name: str, field: str):
    up = call.data(f"{name}.list", {"sort": [{"field": field, "order": "asc"}], "page": {"size": 100}})
    down = call.data(f"{name}.list", {"sort": [{"field": field, "order": "desc"}], "page": {"size": 100}})

    assert len(up) == len(down)
    assert up != down


def test_an_unknown_sort_field_is_refused(call: Caller):
    assert call("companies.list", {"sort": [{"field": "city"}]}).status_code == 400


def test_a_misspelt_filter_returns_everything_unless_strict(call: Caller):
    misspelt = {"filter": {"updatedsince": "2026-01-01T00:00:00+00:00"}}
    lenient = call("products.list", misspelt)
    services.set_options(call.account, strict=True)

    assert len(lenient.json()["data"]) == 20
    assert title(call("products.list", misspelt)) == "filter.updatedsince is not a known key"


def test_an_invalid_id_names_the_field(call: Caller):
    answer = call("products.info", {"id": "17"})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"code": 0, "title": "id invalid uuid", "status": 400, "meta": {"field": "id"}}]


@pytest.mark.parametrize("method", ["contacts.info", "products.update", "products.delete", "deals.info"])
def test_an_unknown_id_is_404(call: Caller, method: str):
    assert call(method, {"id": NIL}).status_code == 404


def test_an_unknown_method_is_404(call: Caller):
    assert call("dealPhases.duplicate", is_checked=False).status_code == 404


def test_reading_by_get_still_works_and_writing_does_not(call: Caller):
    listed = call.client.get(f"{SITE}/api/products.list?page[size]=3&filter[term]=OLD-").json()["data"]
    one = call.client.get(f"{SITE}/api/products.info?id={listed[0]['id']}").json()["data"]

    assert len(listed) == 2
    assert one["id"] == listed[0]["id"]
    assert call.client.get(f"{SITE}/api/products.add?name=x").status_code == 405


def test_the_api_version_comes_back(call: Caller):
    assert call("users.me", **{"X-Api-Version": "2022-09-15"})["X-Api-Version"] == "2022-09-15"
    assert call("products.info", {"id": "x"})["X-Api-Version"] == "2023-09-26"


def test_a_credit_note_can_come_as_a_list(call: Caller):
    services.set_options(call.account, credit_note_as_list=True)

    assert isinstance(call.data("creditNotes.info", {"id": uid("creditNote", 1)}), list)


def test_unit_prices_can_carry_the_currency(call: Caller):
    services.set_options(call.account, unit_price_currency=True)

    lines = call.data("quotations.info", {"id": uid("quotation", "1/0")})["grouped_lines"][0]["line_items"]

    assert {line["unit_price"]["currency"] for line in lines} == {"EUR"}
