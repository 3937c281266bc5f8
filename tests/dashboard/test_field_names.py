"""Fields, values and causes as people read them: by name, in the reader's way of writing numbers and days."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from apicenter.organizations.models import AuditEntry
from connectors.base import FieldInfo, FieldType
from connectors.maps import FieldMap
from connectors.registry import all_connectors
from dashboard.audit_words import changes_of
from dashboard.flow_settings.setting_words import settings_in_order
from dashboard.mapping.words import EXPRESSION_TITLES, RESOLVED_TITLES
from dashboard.needs.fixes import cause_sentence
from dashboard.record.field_lines import field_lines, readable
from dashboard.record.field_names import FieldNames
from flows.catalog.registry import FLOW_KINDS
from flows.maps.changes import each_field
from flows.maps.field_lists import keep_fields
from flows.maps.sources import RESOLVED
from flows.models import Flow, MapVersion
from tests.factories import inside, make_connection, make_flow, make_organization, make_record, make_run

pytestmark = pytest.mark.django_db
LINES = {
    "fields": [{"target": "date", "source": "order_date"}],
    "lists": {
        "orderLines": [
            {"target": "inventoryId", "source": "resolved.item"},
            {"target": "taxCategoryId", "source": "vat_code", "table": "vat"},
        ]
    },
}


@pytest.fixture
def orders() -> Iterator[Flow]:
    with inside(make_organization()):
        yield make_flow("orders", maps={"orders": LINES})


def shipped_fields() -> Iterator[FieldMap]:
    """Yield every field of the maps that our connectors start with."""
    for connector in all_connectors():
        for target in connector.targets.values():
            for kind in {name for one in FLOW_KINDS.values() for name in one.resources}:
                yield from (field for _place, field, _at in each_field({kind: target.map_for(kind)}))


def test_everything_our_own_maps_are_made_from_has_a_name():
    fields = list(shipped_fields())
    sources = {part.strip() for field in fields for part in (field.source or "").split("|")}
    looked_up = {source.removeprefix(RESOLVED) for source in sources if source.startswith(RESOLVED)}

    assert {field.expression for field in fields if field.expression} - EXPRESSION_TITLES.keys() == set()
    assert looked_up - RESOLVED_TITLES.keys() == set()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("orderLines[2].taxCategoryId", "Line 2 › VAT category"),
        ("billing.address.city", "Billing address › City"),
        ("customer.refNo", "External reference"),
        ("note", "Note"),  # lines have one too, but go by their number
        ("nobody.knowsIt", "Nobody › knows it"),
    ],
)
def test_a_field_goes_by_its_name(orders: Flow, path: str, name: str):
    assert FieldNames.of(orders, "orders").target(path) == name


def test_the_fields_of_lines_stand_line_by_line(orders: Flow):
    rows = [{"inventoryId": "A", "taxCategoryId": "21"}, {"inventoryId": "B", "taxCategoryId": "21"}]
    version = MapVersion.objects.create(flow=orders, number=2, maps={"orders": LINES})
    record = make_record(make_run(orders), "1", kind="orders", state="created", map_version=version)

    lines = field_lines(record, {"fields": {"orderLines": rows, "date": "2026-11-17"}}, {})

    assert [(line.title, line.sent, line.rule) for line in lines] == [
        ("Date", "17 Nov 2026", "Closing date"),
        ("Line 1 › Item", "A", "The item's number there"),
        ("Line 1 › VAT category", "21", "VAT rate, table VAT on order lines"),
        ("Line 2 › Item", "B", "The item's number there"),
        ("Line 2 › VAT category", "21", "VAT rate, table VAT on order lines"),
    ]


@pytest.mark.parametrize(
    ("value", "kind", "language", "text"),
    [
        (1234.5, FieldType.MONEY, "fr", "1\u202f234,50"),
        (Decimal("1234.5"), FieldType.MONEY, "nl", "1.234,50"),
        (4.0, FieldType.NUMBER, "en", "4"),
        (0.0, FieldType.NUMBER, "en", "0"),
        ("2026-11-17T00:00:00Z", FieldType.DATE, "nl", "17 nov 2026"),
        ("soon", FieldType.DATE, "en", "soon"),
        ([], FieldType.LIST, "en", ""),
        ("4.0", FieldType.TEXT, "fr", "4.0"),
    ],
)
def test_a_value_is_written_as_its_reader_writes_it(value: Any, kind: FieldType, language: str, text: str):
    with translation.override(language):
        assert readable(value, "", {}, FieldInfo("x", "X", kind)).replace("\xa0", "\u202f") == text


@pytest.mark.parametrize(
    ("code", "params", "said"),
    [
        ("mapping.required", {"field": "orderLines[2].taxCategoryId"}, "“Line 2 › VAT category”"),
        ("attribute.unknown", {"field": "COLOUR"}, "“COLOUR”"),
        ("totals.rates_differ", {"percent": "21", "source": "1234.5", "target": "1200.00"}, "1,234.50 in the source"),
        ("period.closed", {"date": "2026-10-11"}, "11 Oct 2026"),
        ("order.changed", {"order": "12", "system": "Visma.net", "status": "Hold"}, "Visma.net (on hold)"),
    ],
)
def test_a_cause_speaks_of_fields_amounts_and_days_as_people_do(
    orders: Flow, code: str, params: dict[str, str], said: str
):
    assert said in cause_sentence(orders, code, params)


def test_a_field_that_was_chosen_in_the_settings_goes_by_its_name():
    with inside(make_organization()):
        ends = {"source": make_connection("visma_net"), "target": make_connection("teamleader")}
        chosen, unknown = "6956206e-3c42-560e-962f-02ea80655cee", "58e97b7a-b1d3-5d75-916a-ee407d576423"
        flow = make_flow("order_status", **ends, settings={"number_field": chosen, "status_field": unknown}, maps={})
        keep_fields(flow.target, "target:deals", [FieldInfo(f"custom_fields.{chosen}", "Our number", is_custom=True)])

        words = dict(settings_in_order(flow))

    assert (words["Order number goes into"], words["Status goes into"]) == ("Our number", "chosen")
    assert words["Tracking number goes into"] == "not written"


def test_the_trail_speaks_of_forms_kinds_and_environments_in_words():
    after = {"environment": "sandbox", "tenant_id": "cb8d4386", "kind": "products", "partner": "5ea1218c"}
    with inside(make_organization()):
        entry = AuditEntry(action="connection.made", after=after)

    assert [(change.field, change.after) for change in changes_of(entry)] == [
        ("Environment", "Sandbox"),
        ("Tenant id", "cb8d4386"),
        ("Kind", "Product"),
    ]
