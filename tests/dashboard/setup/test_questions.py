"""The questions of the set-up: what is asked, what is stored, what is refused."""

from __future__ import annotations

import pytest
from django.test import Client

from apicenter.organizations.models import Organization
from flows.models import Flow, ValueRow, ValueTable
from tests.dashboard.setup_site import QUESTIONS, SETTINGS, settings_of
from tests.factories import inside

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("flows_chosen")]


def test_only_what_is_not_certain_is_asked(client: Client, organization: Organization):
    asked = {flow.flow.kind: flow for flow in client.get(QUESTIONS).context["asked"]}

    vat = next(table for table in asked["products"].tables if table.table.name == "vat")
    assert {row.keys[0] for row in vat.rows} == {"0", "21"}
    assert {row.key for row in vat.settled} == {"12", "6"}
    labels = [(row.label, row.group) for table in asked["orders"].tables for row in table.rows if row.group]
    assert len(set(labels)) == len(labels)  # two departments have a rate of the same name


def test_an_answer_is_stored_and_another_value_is_not(client: Client, organization: Organization):
    question = client.get(QUESTIONS).context["asked"][0].tables[0]
    first, second = question.rows
    value = question.options[0].value

    client.post(f"/setup/tables/{question.table.pk}/", {first.name: value, second.name: "no such rate"})

    with inside(organization):
        rows = {row.key: row for row in ValueRow.objects.filter(table=question.table)}
    assert (rows[first.keys[0]].value, rows[first.keys[0]].is_confirmed) == (value, True)
    assert (rows[second.keys[0]].value, rows[second.keys[0]].is_confirmed) == ("", False)


def test_a_suggestion_can_be_turned_down(client: Client, organization: Organization):
    tables = client.get(QUESTIONS).context["asked"][0].tables
    question = next(table for table in tables if table.suggested_count)
    row = next(row for row in question.rows if row.is_suggested)

    client.post(f"/setup/tables/{question.table.pk}/", {row.name: ""})

    with inside(organization):
        assert ValueRow.objects.get(table=question.table, key=row.keys[0]).value == ""


def test_one_row_is_saved_as_soon_as_it_is_chosen(client: Client, organization: Organization):
    question = client.get(QUESTIONS).context["asked"][0].tables[0]
    row, value = question.rows[0], question.options[0].value

    response = client.post(f"/setup/tables/{question.table.pk}/", {row.name: value}, headers={"hx-request": "true"})

    part = response.content.decode()
    assert part.startswith("<tr>")
    assert "answered" in part
    assert 'hx-swap-oob="true"' in part


def test_a_group_of_countries_fills_all_its_rows(client: Client, organization: Organization):
    tables = client.get(QUESTIONS).context["asked"][1].tables
    zones = next(table for table in tables if table.table.name == "vat_zone")

    client.post(f"/setup/tables/{zones.table.pk}/", {"group-home": "BE", "group-eu-company": "EU"})

    with inside(organization):
        rows = dict(ValueRow.objects.filter(table=zones.table).values_list("key", "value"))
    assert rows["BE|*"] == "BE"
    assert (rows["FR|eu_business"], rows["NL|eu_business"], len(rows)) == ("EU", "EU", 27)


def test_settings_are_checked_against_the_other_system_and_kept(client: Client, organization: Organization):
    path, flow = settings_of(organization)
    chosen = {
        "settings-orders-text_line_item": "SRV-10085",
        "settings-orders-branch_on": "on",
        "settings-orders-branch_value": "2",
    }

    client.post(path, SETTINGS | chosen)

    with inside(organization):
        flow.refresh_from_db()
        assert (flow.settings["text_line_item"], flow.settings["hold"]) == ("SRV-10085", False)
        assert ValueTable.objects.get(flow=flow, name="branch").default == "2"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"settings-orders-text_line_item": "NO-SUCH-ITEM"}, "There is no item “NO-SUCH-ITEM” in Visma.net ERP."),
        ({"settings-orders-collective_customer": "NOBODY"}, "There is no customer “NOBODY” in Visma.net ERP."),
        ({"settings-orders-missing_product": "fallback_item"}, "Name the item that is used instead."),
        ({"settings-orders-order_type": "XX"}, "Select a valid choice."),
    ],
)
def test_a_wrong_setting_is_told_at_its_field(
    client: Client, organization: Organization, wrong: dict[str, str], sentence: str
):
    path, flow = settings_of(organization)

    page = client.post(path, SETTINGS | wrong).content.decode()

    assert sentence in page
    assert 'aria-invalid="true"' in page
    with inside(organization):
        assert Flow.objects.get(pk=flow.pk).settings == flow.settings
