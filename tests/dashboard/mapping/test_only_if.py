"""Rows of “only if” in the editor."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.dashboard.company import Company
from tests.dashboard.mapping.editor import draft_of, edit, field_of, page_of, text_of

pytestmark = pytest.mark.django_db
ONLY_IF = {"index": "new", "if-0-field": "vat_code", "if-0-op": "eq", "if-0-value": "BE21", "gives": "constant"}


def test_rows_of_only_if_are_added_changed_moved_and_removed(client: Client, company: Company):
    edit(client, company, "case", **ONLY_IF, constant="High")
    edit(
        client,
        company,
        "case",
        **{**ONLY_IF, "if-0-op": "in", "if-0-value": "BE6, BE12", "gives": "source"},
        source="sku",
    )
    edit(client, company, "move_case", index="1", to="up")
    edit(client, company, "case", **{**ONLY_IF, "index": "1", "gives": "nothing"})

    first, second = field_of(company).cases
    assert (first.source, first.when["rules"][0]["value"]) == ("sku", ["BE6", "BE12"])
    assert (second.source, second.constant) == ("", None)

    edit(client, company, "remove_case", index="0")
    assert field_of(company).cases == (second,)


def test_the_row_that_fits_the_record_is_shown_with_what_it_comes_to(client: Client, company: Company):
    edit(client, company, "case", **ONLY_IF, constant="Named by a row")

    page = text_of(client, page_of(company, "?field=name"))
    assert "this record" in page
    assert page.count("Named by a row") >= 4  # the chip, the row, its box, the result


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"if-0-field": ""}, "Choose the field to compare."),
        ({"if-0-value": ""}, "Fill in a value."),
        ({"constant": ""}, "Fill in the value."),
        ({"gives": "source"}, "Choose a source first."),
        ({"if-0-field": "name", "if-0-op": "matches", "if-0-value": "("}, "This pattern cannot be read."),
    ],
)
def test_a_row_that_says_nothing_is_refused_and_kept_in_its_boxes(
    client: Client, company: Company, sent: dict[str, str], said: str
):
    response = edit(client, company, "case", **{**ONLY_IF, "constant": "Kept", **sent})

    assert response.status_code == 422
    assert said in response.content.decode()
    assert sent.get("constant", "Kept") in response.content.decode()
    assert field_of(company).cases == ()


def test_a_row_of_only_if_stands_in_the_history(client: Client, company: Company):
    edit(client, company, "case", **ONLY_IF, constant="High")
    client.post(page_of(company, "publish/now/"), {"note": "Names", "version": draft_of(company).version})

    assert "is “BE21”: High" in text_of(client, page_of(company, "history/"))
