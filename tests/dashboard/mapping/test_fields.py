"""Which fields are sent, and when."""

from __future__ import annotations

import pytest
from django.test import Client

from connectors.maps import When
from tests.dashboard.company import Company
from tests.dashboard.mapping.editor import draft_of, edit, field_of, page_of

pytestmark = pytest.mark.django_db


def test_the_boxes_go_through_what_a_field_can_be(client: Client, company: Company):
    seen = []
    for do in ("toggle_update", "toggle_create", "toggle_create", "toggle_update"):
        edit(client, company, do)
        seen.append(field_of(company).when)

    assert seen == [When.ON_CREATE, When.NEVER, When.ON_CREATE, When.ALWAYS]


def test_hand_edits_may_win(client: Client, company: Company):
    edit(client, company, "when", on_create="on", on_update="on", mode="if_untouched")

    assert field_of(company).when is When.IF_UNTOUCHED


def test_a_field_that_is_not_mapped_yet_is_opened_and_filled(client: Client, company: Company):
    page = client.get(page_of(company, "?add=description")).context["page"]
    assert page.inspector.row.title == "Description"

    edit(client, company, "source", place="products||description", source="long_text")

    assert field_of(company, "description").source == "long_text"


def test_a_field_is_removed_and_brought_back(client: Client, company: Company):
    edit(client, company, "remove")
    page = client.get(page_of(company)).context["page"]
    row = next(row for row in page.rows if row.title == "Name")
    assert (row.is_missing, row.was.path, page.can_publish) == (True, "name", False)

    edit(client, company, "revert")

    assert not draft_of(company).has_changes


def test_the_key_is_always_sent(client: Client, company: Company):
    answer = edit(client, company, "remove", place="products||code")

    assert "always sent" in answer.content.decode()
    assert not draft_of(company).has_changes


def test_the_filters_show_problems_and_changes_only(client: Client, company: Company):
    edit(client, company, "toggle_update")

    changed = client.get(page_of(company, "?show=changed")).context["page"]
    problems = client.get(page_of(company, "?show=problems")).context["page"]

    assert [row.title for row in changed.rows] == ["Name"]
    assert [row.title for row in problems.rows] == []


def test_new_fields_are_offered_and_added_with_one_click(client: Client, company: Company):
    page = client.get(page_of(company)).content.decode()

    answer = client.post(page_of(company, "draft/new/"), headers={"HX-Request": "true"})

    assert 'id="new-fields"' in page
    assert 'id="new-fields"' not in answer.content.decode()
    assert draft_of(company).has_changes


@pytest.mark.parametrize("place", ["", "nothing", "orders||name", "products|lines|name", "products||"])
def test_a_field_of_nothing_is_refused(client: Client, company: Company, place: str):
    assert edit(client, company, "source", place=place, source="name").status_code == 422
    assert not draft_of(company).has_changes
