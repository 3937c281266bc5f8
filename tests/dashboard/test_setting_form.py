"""Settings as a form: for every kind of flow there is, whatever its types are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from apicenter.errors import NotFound
from connectors.base import Option
from connectors.registry import connector_class
from dashboard.flow_settings.preset_field import PARTS
from dashboard.flow_settings.setting_form import SettingForm
from dashboard.flow_settings.setting_words import ASKINGS, GROUPS, asking_of
from flows.catalog.order_settings import OrderSettings, SendAs
from flows.catalog.registry import FLOW_KINDS
from flows.flow_settings import chosen_settings
from flows.models import Flow
from flows.services import kind_of
from tests.factories import inside, make_flow, make_organization

pytestmark = pytest.mark.django_db
ON_10001 = {"is_on": True, "value": "10001"}
STOLEN = {"is_on": True, "value": "stolen", "uses_table": True}
LISTS = {asking.list_name: [Option("A", "List A"), Option("SO", "Sales order")] for asking in ASKINGS.values()}


def make(kind: str, **values: Any) -> Flow:
    return make_flow(kind, maps={kind: {"fields": []}}, **values)


def posted(form: SettingForm, **changes: Any) -> QueryDict:
    """Return what a browser sends when nothing but these is changed."""
    data = QueryDict(mutable=True)
    for name in form.asked:
        value = changes.get(name, form.initial[name])
        key = form.add_prefix(name)
        if isinstance(value, dict):
            ticked = {part: "on" for part, stored in PARTS.items() if value.get(stored) is True}
            texts = {part: value[stored] for part, stored in PARTS.items() if isinstance(value.get(stored), str)}
            data.update({f"{key}_{part}": one for part, one in {**ticked, **texts}.items()})
        elif hasattr(form.fields[name].widget, "widgets"):
            for index, one in enumerate(value):
                data[f"{key}_{index}"] = one
        elif isinstance(value, list | tuple):
            data.setlist(key, list(value))
        elif value is True:
            data[key] = "on"
        elif value not in (False, None):
            data[key] = str(value)
    return data


@pytest.mark.parametrize("kind", sorted(FLOW_KINDS))
def test_every_setting_of_every_kind_is_asked_and_comes_back_as_it_was(kind: str):
    organization = make_organization()
    with inside(organization):
        flow = make(kind)
        form = SettingForm(flow, LISTS, [])
        sent = SettingForm(flow, LISTS, [], posted(form))

        assert set(form.fields) == set(kind_of(flow).settings_model.model_fields)
        assert sent.is_valid(), sent.errors
        changed = sent.save()

        assert changed is not None
        assert changed.names == frozenset()
        assert [line.name for group in form.groups for line in group.lines if line.is_changed] == []


@pytest.mark.parametrize("kind", sorted(FLOW_KINDS))
def test_every_setting_has_words_and_a_group(kind: str):
    for name in FLOW_KINDS[kind].settings_model.model_fields:
        assert str(asking_of(name).why), f"{name} has no sentence of help"
        assert asking_of(name).group in GROUPS


@pytest.mark.parametrize(
    ("kind", "name", "value", "stored"),
    [
        ("products", "only_sellable", False, False),
        ("products", "kinds", ["ServiceItem"], ["ServiceItem"]),
        ("customers", "ladder", ["email", "vat_number", ""], ["email", "vat_number"]),
        ("orders", "totals_tolerance", "0.10", "0.10"),
    ],
)
def test_each_type_of_setting_is_stored(kind: str, name: str, value: Any, stored: Any):
    organization = make_organization()
    with inside(organization):
        flow = make(kind)
        form = SettingForm(flow, LISTS, [], posted(SettingForm(flow, LISTS, []), **{name: value}))

        assert form.is_valid(), form.errors
        form.save()

        flow.refresh_from_db()
        assert flow.settings[name] == stored
        usual = kind_of(flow).settings_model().model_dump(mode="json")[name]
        marked = [line.name for group in SettingForm(flow, LISTS, []).groups for line in group.lines if line.is_changed]
        assert marked == ([name] if stored != usual else [])


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("totals_tolerance", "-1", "greater than or equal to 0"),
        ("totals_tolerance", "much", "Enter a number."),
        ("order_type", "XX", "Select a valid choice."),
        ("ladder", ["email", "email", ""], "Choose each of them once."),
        ("ladder", ["", "", ""], "Choose at least one."),
        ("missing_product", "fallback_item", "Name the item that is used instead."),
        ("branch", {"is_on": True, "value": ""}, "Name the value that is used, or switch it off."),
        ("branch", {"is_on": True, "value": "XX"}, "Select a valid choice."),
    ],
)
def test_a_wrong_value_is_told_in_plain_words_and_kept_in_its_box(name: str, value: Any, sentence: str):
    organization = make_organization()
    with inside(organization):
        flow = make("orders")
        form = SettingForm(flow, LISTS, [], posted(SettingForm(flow, LISTS, []), **{name: value}))

        assert not form.is_valid()
        assert sentence in " ".join(error for errors in form.errors.values() for error in errors)


def test_what_cannot_be_read_now_keeps_its_value():
    organization = make_organization()
    with inside(organization):
        flow = make("orders", settings={"branch": "2", "order_type": "SX"})
        form = SettingForm(flow, {}, [], posted(SettingForm(flow, {}, []), branch=STOLEN, hold=False))

        assert form.is_valid(), form.errors
        form.save()

        chosen = chosen_settings(flow)
    assert (chosen.branch.value, chosen.order_type, chosen.hold) == ("2", "SX", False)  # type: ignore[attr-defined]
    assert chosen.totals_tolerance == Decimal("0.05")  # type: ignore[attr-defined]


def test_a_preset_is_stored_part_by_part_and_what_is_not_asked_stays():
    organization = make_organization()
    with inside(organization):
        flow = make("orders", settings={"branch": "SO"})
        wanted = {"is_on": True, "value": "A", "is_forced": True, "uses_table": True, "no_pair": "block"}
        form = SettingForm(flow, LISTS, [], posted(SettingForm(flow, LISTS, []), branch=wanted))
        assert form.is_valid(), form.errors
        form.save()

        again = SettingForm(flow, LISTS, [], posted(SettingForm(flow, LISTS, []), default_customer=ON_10001))
        assert again.is_valid(), again.errors
        again.save()

        flow.refresh_from_db()
    assert flow.settings["branch"] == {**wanted, "source": ""}
    assert flow.settings["default_customer"]["value"] == "10001"


def test_only_newly_named_items_are_looked_up():
    organization = make_organization()
    with inside(organization):
        flow = make("orders", settings={"text_line_item": "TXT"})
        form = SettingForm(flow, LISTS, [], posted(SettingForm(flow, LISTS, []), fallback_item="X"))

        assert form.is_valid()
        assert form.new_items == {"fallback_item": "X"}


class Debtors:
    """A target that knows an active customer and an inactive one, and counts how often it is asked."""

    files, title = None, "Visma.net ERP"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def target(self, kind: str) -> Debtors:
        assert kind == "customers"
        return self

    def read(self, number: str) -> dict[str, str]:
        self.asked.append(number)
        if number not in ("10001", "10002"):
            raise NotFound(system=self.title, what=number)
        return {"status": "Active" if number == "10001" else "Inactive"}


@pytest.mark.parametrize(
    ("number", "problem"),
    [("10001", ""), ("10002", "Customer “10002” is inactive in"), ("10003", "There is no customer “10003” in")],
)
@pytest.mark.parametrize("name", ["collective_customer", "default_customer"])
def test_a_customer_that_stands_for_others_must_be_there_and_active(name: str, number: str, problem: str):
    with inside(make_organization()):
        flow, debtors = make("orders"), Debtors()
        value = number if name == "collective_customer" else {"is_on": True, "value": number}
        form = SettingForm(flow, LISTS, [], posted(SettingForm(flow, LISTS, []), **{name: value}))
        assert form.is_valid(), form.errors

        form.find_named(debtors)  # type: ignore[arg-type]

    assert problem in " ".join(form.errors.get(name, [""]))
    assert (form.errors == {}) is (problem == "")
    assert debtors.asked == [number]


def test_a_page_may_ask_for_a_few_only():
    organization = make_organization()
    with inside(organization):
        form = SettingForm(make("orders"), LISTS, [], names=["hold", "order_type", "not there"])

    assert list(form.fields) == ["hold", "order_type"]


def shown(form: SettingForm) -> set[str]:
    return {line.name for group in form.groups for line in group.lines if not line.is_idle}


@pytest.mark.parametrize(
    ("send_as", "plays_a_part", "plays_none"),
    [
        ("sales_order", {"order_type", "hold", "ship_via", "text_line_item"}, {"ledger", "cash_account"}),
        ("customer_invoice", {"hold", "project", "line_account"}, {"order_type", "warehouse", "mutation_type"}),
        ("cash_sale", {"cash_account", "line_account"}, {"order_type", "document_payment_method", "ledger"}),
        ("financial_mutation", {"ledger", "branch", "vat_category"}, {"order_type", "hold", "ladder", "stock_check"}),
    ],
)
def test_only_settings_that_play_a_part_are_shown(send_as: str, plays_a_part: set[str], plays_none: set[str]):
    with inside(make_organization()):
        names = shown(SettingForm(make("orders", settings={"send_as": send_as}), LISTS, []))

    assert plays_a_part <= names
    assert not plays_none & names


def test_what_is_chosen_on_the_form_decides_before_it_is_saved():
    with inside(make_organization()):
        flow = make("orders")
        usual = SettingForm(flow, LISTS, [])
        form = SettingForm(flow, LISTS, [], posted(usual, send_as="cash_sale"))
        fits = {line.name: line.fits for group in form.groups for line in group.lines}

        assert not form.is_valid()
        assert "cash_account" in shown(form) - shown(usual)
        assert set(fits["cash_account"].split()) == {f"cash_sale+{one}" for one in ("simple", "recommended", "complex")}
        assert "financial_mutation+simple" not in fits["vat_account"]
        assert fits["send_as"] == ""


@pytest.mark.parametrize("send_as", list(SendAs))
def test_no_setting_that_fills_a_usual_field_counts_as_playing_no_part(send_as: SendAs):
    kind, settings = FLOW_KINDS["orders"], OrderSettings().model_copy(update={"send_as": send_as})
    written = connector_class("visma_net").targets[kind.target_kind("orders", settings)].map_for("orders")
    rows = [*written.fields, *(row for rows in written.lists.values() for row in rows)]
    used = {str(part) for row in rows for part in (row.table, row.source, row.expression) if part}

    fed = {spec.preset for spec in kind.tables if spec.preset and spec.name in used}
    fed |= {name for name, source in kind.setting_values.items() if source in used}
    fed |= {name for name in OrderSettings.model_fields if f"resolved.{name}" in used}

    idle = kind.idle_settings(settings)
    assert fed & idle == ({"hold"} if send_as is SendAs.FINANCIAL_MUTATION else set())  # that has a status of its own
