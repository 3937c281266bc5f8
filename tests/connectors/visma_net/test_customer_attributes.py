"""Attributes of a customer: only those of its class, each by its type; what does not fit names the field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from apicenter.errors import MappingError
from connectors.visma_net.customer_attributes import attribute_lines

OPTIONS = [{"id": "RET", "description": "Retail"}, {"id": "PRO", "description": "Project"}]
CLASSES: list[dict[str, Any]] = [
    {
        "id": "BE",
        "attributes": [
            {"attributeId": "TEXT"},
            {"attributeId": "KIND", "attributeType": "Combo", "details": OPTIONS},
            {"attributeId": "KINDS", "attributeType": "MultiSelectCombo", "details": OPTIONS},
            {"attributeId": "VIP", "attributeType": "Checkbox"},
            {"attributeId": "SINCE", "attributeType": "Datetime"},
        ],
    },
    {"id": "EU", "attributes": []},
]


@pytest.mark.parametrize(
    ("code", "value", "written"),
    [
        ("TEXT", "plain", "plain"),
        ("TEXT", ["a", "b"], "a, b"),
        ("KIND", "retail", "RET"),  # people type the words, the ERP wants the id
        ("KIND", "pro", "PRO"),
        ("KINDS", ["Project", "Retail"], "PRO,RET"),
        ("VIP", True, "1"),
        ("VIP", "nee", "0"),
        ("SINCE", date(2026, 2, 14), "2026-02-14"),
    ],
)
def test_a_value_is_written_by_its_type(code: str, value: Any, written: str):
    assert attribute_lines({code: value}, CLASSES, "BE") == [{"attributeId": code, "attributeValue": written}]


@pytest.mark.parametrize(
    ("code", "value", "class_id", "cause", "params"),
    [
        ("TEXT", "x", "EU", "attribute.unknown", {"customer_class": "EU"}),
        ("KIND", "Wholesale", "BE", "attribute.no_value", {"value": "Wholesale", "known": "RET, PRO"}),
        ("VIP", "perhaps", "BE", "attribute.no_value", {"value": "perhaps"}),
        ("SINCE", "soon", "BE", "attribute.no_value", {"value": "soon"}),
    ],
)
def test_what_does_not_fit_is_said_of_its_field(
    code: str, value: Any, class_id: str, cause: str, params: dict[str, str]
):
    with pytest.raises(MappingError) as raised:
        attribute_lines({code: value}, CLASSES, class_id)

    assert (raised.value.code, raised.value.field) == (cause, f"attributes.{code}")
    assert params.items() <= raised.value.params.items()


def test_of_a_known_customer_the_class_is_not_asked_for():
    assert attribute_lines({"TEXT": "x"}, CLASSES, None)
