"""Custom field values in the form of their type."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apicenter.errors import MappingError
from connectors.teamleader.custom_fields import write_custom_fields

OPTIONS = {"options": [{"id": "1", "value": "Rood"}, {"id": "2", "value": "Blauw"}]}


def write(kind, value, **configuration):
    definition = {"id": "f", "label": "Veld", "type": kind, "configuration": {**OPTIONS, **configuration}}
    return write_custom_fields({"f": value}, {"f": definition})[0]["value"]


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("single_line", 12, "12"),
        ("multi_line", ["a", "b"], "a, b"),
        ("single_line", True, "true"),
        ("integer", "12.0", 12),
        ("number", "1.50", Decimal("1.50")),
        ("money", Decimal("9.99"), Decimal("9.99")),
        ("boolean", "Ja", True),
        ("boolean", 0, False),
        ("date", "2026-03-01T10:00:00+00:00", "2026-03-01"),
        ("date", date(2026, 3, 1), "2026-03-01"),
        ("single_select", "rood", "Rood"),
        ("multi_select", "rood,Blauw", ["Rood", "Blauw"]),
        ("multi_select", ["Blauw"], ["Blauw"]),
        ("company", "c1", {"type": "company", "id": "c1"}),
        ("user", {"type": "x", "id": "u1"}, {"type": "user", "id": "u1"}),
        ("integer", "", None),
        ("url", None, None),
    ],
)
def test_a_value_takes_the_form_of_its_type(kind, value, written):
    assert write(kind, value) == written


def test_a_new_option_passes_where_the_field_allows_it():
    assert write("single_select", "Groen", extra_option_allowed=True) == "Groen"


@pytest.mark.parametrize(
    ("kind", "value"), [("number", "NaN"), ("date", "1 maart"), ("boolean", "misschien"), ("single_select", "Groen")]
)
def test_a_value_that_does_not_fit_names_the_field(kind, value):
    with pytest.raises(MappingError) as caught:
        write(kind, value)

    assert caught.value.field == "Veld"
