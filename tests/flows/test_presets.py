"""Presets: one form for nearly every setting, and one place that works out what it comes to."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.apps import apps
from pydantic import ValidationError

from apicenter.errors import MappingError
from connectors.maps import FieldMap, NoPair, ResourceMap, ValueTableData
from flows.catalog.customers import CustomerSettings
from flows.catalog.orders import OrderSettings, OrdersFlow
from flows.catalog.presets import Preset
from flows.engine.work import tables_of
from flows.flow_settings import change_settings
from flows.maps.changes import with_preset_fields
from flows.maps.lookup import look_up
from flows.maps.paths import MISSING
from flows.models import Flow, RunRecord, ValueTable
from flows.tables.value_tables import set_no_pair, undo
from tests.factories import inside, make_flow, make_held_record, make_organization, make_run, make_table

ROWS = ValueTableData(name="branch", rows={"north": "1", "south": None})
ON: dict[str, Any] = {"is_on": True, "value": "9"}


@pytest.mark.parametrize(
    ("parts", "asked", "sent"),
    [
        ({}, "north", MISSING),
        ({}, None, MISSING),
        (ON, "north", "9"),
        (ON, None, "9"),
        ({"value": "9"}, "north", MISSING),  # off: kept and not used
        ({"uses_table": True}, "north", "1"),
        ({"uses_table": True}, "west", None),
        ({"uses_table": True}, None, None),
        ({**ON, "uses_table": True}, "north", "1"),
        ({**ON, "uses_table": True}, "south", None),  # nothing on purpose
        ({**ON, "uses_table": True}, "west", "9"),
        ({**ON, "uses_table": True, "no_pair": "as_is"}, "west", "west"),
        ({**ON, "uses_table": True, "no_pair": "block"}, None, "9"),
        ({**ON, "uses_table": True, "is_forced": True}, "north", "9"),
    ],
)
def test_what_a_preset_comes_to(parts: dict[str, Any], asked: str | None, sent: Any):
    assert look_up("branch", Preset.model_validate(parts).under(ROWS), asked) == sent


def test_a_value_without_a_pair_is_held_where_the_preset_says_so():
    preset = Preset(is_on=True, value="9", uses_table=True, no_pair=NoPair.BLOCK)

    with pytest.raises(MappingError) as caught:
        look_up("branch", preset.under(ROWS), "west")

    assert caught.value.code == "value.no_pair"


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"is_on": True}, "Name the value"),
        ({"is_forced": True, "value": "9"}, "switched on"),
        ({"vaule": "9"}, "not permitted"),
        ({"value": "9" * 101}, "at most 100"),
    ],
)
def test_a_preset_that_makes_no_sense_is_refused(parts: dict[str, Any], sentence: str):
    with pytest.raises(ValidationError, match=sentence):
        OrderSettings(branch=parts)  # type: ignore[arg-type]


def test_parts_that_are_not_given_keep_what_they_are():
    chosen = OrderSettings().with_values({"branch": {**ON, "no_pair": "block"}}).with_values({"branch": {"value": "8"}})

    assert chosen.branch == Preset(is_on=True, value="8", uses_table=True, no_pair=NoPair.BLOCK)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("text", "is_on"), [("2", True), ("", False)])
def test_a_text_is_short_for_a_value_that_is_on(text: str, is_on: bool):
    assert CustomerSettings.model_validate({"default_credit_terms": text}).default_credit_terms == Preset(
        is_on=is_on, value=text, uses_table=True
    )


def test_what_was_two_settings_is_read_as_one():
    chosen = OrderSettings.model_validate({"default_customer": "10015", "force_default_customer": True})
    unnamed = OrderSettings.model_validate({"default_customer": "", "force_default_customer": True})

    assert chosen.default_customer == Preset(is_on=True, value="10015", is_forced=True)
    assert unnamed.default_customer == Preset()


USUAL = ResourceMap(fields=(FieldMap(target="ship.house", source="resolved.keys.warehouse", table="warehouse"),))


@pytest.mark.parametrize(
    ("fields", "added"),
    [
        ((), True),
        ((FieldMap(target="ship.house", source="resolved.warehouse"),), True),
        ((FieldMap(target="ship.house", source="department", table="branch"),), False),
        ((FieldMap(target="ship", source="raw.ship"),), False),
        (USUAL.fields, False),
    ],
)
def test_a_map_of_earlier_times_gets_the_field_and_keeps_what_a_person_mapped(
    fields: tuple[FieldMap, ...], added: bool
):
    found = with_preset_fields(ResourceMap(fields=fields), USUAL, {"warehouse": "warehouse"})

    assert (found.fields if found else None) == (USUAL.fields if added else None)


@pytest.fixture
def flow(db: None) -> Flow:
    with inside(make_organization()):
        return make_flow("orders", maps={"orders": {"fields": []}})


def test_a_setting_that_is_switched_on_is_sent_from_then_on(flow: Flow):
    with inside(flow.organization):
        change_settings(flow, {"warehouse": {"is_on": True, "value": "1"}})

        flow.refresh_from_db()
        assert flow.map_version is not None
        targets = [one["target"] for one in flow.map_version.maps["orders"]["fields"]]
        assert targets == ["shipping.preferredWarehouseId"]
        assert look_up("warehouse", tables_of(flow)["warehouse"], None) == "1"


def test_what_a_preset_solves_is_sent_again(flow: Flow):
    with inside(flow.organization):
        make_table(flow, "vat")
        params = {"table": "vat", "value": "21"}
        held = make_held_record(make_run(flow), "A", code="vat.no_pair", params=params)

        changed = change_settings(flow, {"vat_category": {"is_on": True, "value": "2", "no_pair": "default"}})

        held.refresh_from_db()
    assert changed.sent == 1
    assert held.state == RunRecord.State.WAITING


def test_the_page_of_the_table_and_the_setting_are_one(flow: Flow):
    with inside(flow.organization):
        table = make_table(flow, "branch", no_pair="default")

        change = set_no_pair(table, NoPair.DEFAULT, default="2")
        flow.refresh_from_db()
        chosen = OrderSettings.model_validate(flow.settings).branch
        undo(table, change.undo)
        flow.refresh_from_db()

    assert chosen == Preset(is_on=True, value="2", uses_table=True)
    assert OrderSettings.model_validate(flow.settings).branch == Preset(value="2", uses_table=True)


def test_each_preset_of_a_kind_has_at_most_one_table():
    names = [spec.preset for spec in OrdersFlow.tables if spec.preset]

    assert len(set(names)) == len(names)
    assert set(names) <= OrderSettings().presets.keys()


def test_settings_and_rules_of_tables_of_earlier_times_become_presets(flow: Flow):
    older = {"order_type": "SO", "branch": "2", "default_customer": "10015", "force_default_customer": True}
    with inside(flow.organization):
        Flow.objects.filter(pk=flow.pk).update(settings={**older, "warehouse": ""})
        make_table(flow, "vat", no_pair="default", default="3")
        make_table(flow, "branch", no_pair="block", default="2")
        make_table(flow, "unit", no_pair="as_is")

        importlib.import_module("flows.migrations.0009_presets").make_presets(apps, None)

        flow.refresh_from_db()
        chosen = OrderSettings.model_validate(flow.settings)
        assert ValueTable.objects.count() == 3
    assert chosen.branch == Preset(is_on=True, value="2", uses_table=True, no_pair=NoPair.BLOCK)
    assert chosen.vat_category == Preset(is_on=True, value="3", uses_table=True)
    assert chosen.unit == Preset(uses_table=True, no_pair=NoPair.AS_IS)
    assert chosen.default_customer == Preset(is_on=True, value="10015", is_forced=True)
    assert chosen.warehouse == Preset()
