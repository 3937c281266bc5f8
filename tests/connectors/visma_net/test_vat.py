"""The rate Visma.net books: what the category and the customer's zone have in common."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.visma_net.vat import rate_of


def make_tax(vat_id: str, rate: Any, *zones: str, **changes: Any) -> dict[str, Any]:
    schedules = [{"startDate": "2020-01-01", "vatRate": 19}, {"startDate": "2024-01-01", "vatRate": rate}]
    return {"vatId": vat_id, "schedules": schedules, "zones": [{"id": zone} for zone in zones], **changes}


def make_category(*vat_ids: str, **changes: Any) -> dict[str, Any]:
    return {"vatCategoryLines": [{"vatId": vat_id} for vat_id in vat_ids], **changes}


TAXES = [
    make_tax("21", 21, "BE"),
    make_tax("6", 6, "BE"),
    make_tax("EU0", 0, "EU"),
    make_tax("RC", 21, "RC", reverseVat=True),
]


@pytest.mark.parametrize(
    ("category", "zone", "rate"),
    [
        (make_category("21"), "BE", Decimal("0.21")),
        (make_category("21", "EU0"), "EU", Decimal(0)),
        (make_category("21"), "EU", Decimal(0)),
        (make_category("21", "6"), "BE", Decimal("0.27")),
        (make_category("6", excludeListedTaxes=True), "BE", Decimal("0.21")),
        (make_category("RC"), "RC", Decimal(0)),
    ],
)
def test_a_line_gets_the_taxes_that_category_and_zone_share(category: dict[str, Any], zone: str, rate: Decimal):
    assert rate_of(category, zone, TAXES) == rate


def test_nothing_is_said_where_no_tax_names_its_zones():
    assert rate_of(make_category("21"), "BE", [make_tax("21", 21)]) is None


def test_nothing_is_said_of_a_tax_without_a_rate():
    assert rate_of(make_category("21"), "BE", [{"vatId": "21", "zones": [{"id": "BE"}]}]) is None
