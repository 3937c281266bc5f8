"""Value tables, as a program fills them."""

from __future__ import annotations

import pytest

from tests.dashboard.api.answers import error_of
from tests.dashboard.api_client import Program
from tests.dashboard.company import Company

pytestmark = pytest.mark.django_db


def test_a_row_sends_what_waited_for_it(program: Program, company: Company):
    edit = {"rows": [{"key": "c6b8", "value": "FR055", "key_label": "FR 5.5 %"}], "remove": ["BE 6 %"]}

    answer = program.call("PATCH", f"tables/{company.vat.pk}/rows/", edit).json()

    assert (answer["changed"], answer["sent"]) == (2, 4)
    assert {row["key"] for row in answer["table"]["rows"]} == {"BE 21 %", "FR 20 %", "c6b8"}


def test_a_row_without_value_must_say_that_it_means_it(program: Program, company: Company):
    path = f"tables/{company.vat.pk}/rows/"

    assert error_of(program.call("PATCH", path, {"rows": [{"key": "c6b8"}]})) == (400, "validation_failed")
    assert program.call("PATCH", path, {"rows": [{"key": "c6b8", "sends_empty": True}]}).status_code == 200


def test_the_rule_for_values_without_row_is_changed(program: Program, company: Company):
    answer = program.call("PATCH", f"tables/{company.vat.pk}/no-pair/", {"rule": "default", "default": "BE21"})

    assert answer.json()["table"]["no_pair"] == "default"
    assert error_of(program.call("PATCH", f"tables/{company.vat.pk}/no-pair/", {"rule": "guess"}))[0] == 400
