"""What a field is made from: a source, several, an expression, a table, a look-up."""

from __future__ import annotations

import pytest
from django.test import Client

from connectors.maps import Step, When
from dashboard.mapping.words import step_words
from flows.models import ValueRow
from tests.dashboard.company import Company
from tests.dashboard.mapping.editor import NAME, draft_of, edit, field_of, page_of, text_of
from tests.factories import inside

pytestmark = pytest.mark.django_db


def test_rows_stand_under_the_targets_own_headings_with_their_result(client: Client, company: Company):
    page = client.get(page_of(company, "?as=new")).context["page"]

    titles = {group.title: [row.title for row in group.rows] for group in page.groups}
    assert titles["Identity"] == ["Product code", "Name"]
    assert {row.title: row.outcome.text for row in page.rows}["Name"] == "Vloerlamp Lund, eik"
    assert page.sample.row.natural_key == "VV-77"


def test_the_panel_offers_every_source_with_its_value(client: Client, company: Company):
    page = text_of(client, page_of(company, "?field=name"))

    assert "Suggestions" in page
    assert "339.0" in page
    assert "raw.vatCode.id" in page
    assert "Cut the text after this many characters." in page


def test_a_chosen_source_goes_to_the_draft(client: Client, company: Company):
    answer = edit(client, company, "source", source="long_text", query="?field=name")

    assert answer["Location"] == page_of(company, "?field=name")
    assert field_of(company).source == "long_text"
    assert field_of(company).steps, "the functions stay"


def test_a_second_source_is_added_and_joined(client: Client, company: Company):
    edit(client, company, "source", source="sku", also="on")
    edit(client, company, "source", source="title", also="on")

    field = field_of(company)
    assert field.source == "name | sku | title"
    assert [step.fn for step in field.steps] == ["join", "truncate"]


def test_htmx_gets_the_editor_alone(client: Client, company: Company):
    data = {"place": NAME, "version": 0, "do": "toggle_update"}

    answer = client.post(page_of(company, "edit/?field=name"), data, headers={"hx-request": "true"})

    assert answer.content.decode().lstrip().startswith('<div class="editor')
    assert field_of(company).when is When.ON_CREATE


def test_a_wrong_expression_is_told_and_not_saved(client: Client, company: Company):
    answer = edit(client, company, "expression", expression="name ||", query="?field=name")

    assert "the expression cannot be read" in answer.content.decode().lower()
    assert not draft_of(company).has_changes


def test_an_expression_and_a_fixed_value_take_the_place_of_the_source(client: Client, company: Company):
    edit(client, company, "expression", expression="name || sku")
    assert (field_of(company).source, field_of(company).expression) == ("", "name || sku")

    edit(client, company, "constant", constant="12")
    assert (field_of(company).expression, field_of(company).constant) == ("", "12")


def test_a_number_field_gets_a_number(client: Client, company: Company):
    edit(client, company, "constant", place="products||purchase_price.amount", constant="12,5")

    assert field_of(company, "purchase_price.amount").constant == 12.5


def test_a_value_table_is_put_behind_and_its_pair_set(client: Client, company: Company):
    edit(client, company, "table", place="products||tax_rate_id", table="vat")
    data = {"table": "vat", "key": "BE21", "value": "low"}

    client.post(page_of(company, "pair/?field=tax_rate_id"), data)

    with inside(company.organization):
        assert ValueRow.objects.get(table__flow=company.products, key="BE21").value == "low"


def test_a_look_up_offers_what_the_target_has_and_is_checked_before_it_goes_live(client: Client, company: Company):
    edit(client, company, "add_step", fn="look_up")

    page = text_of(client, page_of(company, "?field=name"))
    assert "Choose what to look in: Teamleader Focus does not have it." in page  # the example is of the other system
    assert '<option value="payment_terms">Payment terms</option>' in page
    assert '<option value="products.code">Products by code</option>' in page

    at = len(field_of(company).steps) - 1
    edit(client, company, "step", index=at, **{"arg-where": "payment_terms", "arg-give": "name"})
    page = text_of(client, page_of(company, "?field=name"))
    assert "Choose what to look in" not in page
    assert field_of(company).steps[at].args == {"where": "payment_terms", "give": "name"}


def test_a_look_up_names_its_list_and_what_is_taken_of_it():
    step = Step.model_validate({"fn": "look_up", "args": {"where": "carriers", "give": "name"}})

    assert step_words(step) == "Look up in the other system: Shipping methods, Name"
