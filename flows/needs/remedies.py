"""What solves a cause on the spot. Each remedy is stored as a rule, and everything it solves is sent again."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from pydantic import ValidationError

from apicenter.audit import record_change
from connectors.services import open_connector
from flows.catalog.mutation_settings import ACCOUNT_SETTINGS
from flows.catalog.sales_lines import MissingProduct
from flows.catalog.selling import ITEM_TABLE
from flows.engine import rulings
from flows.models import Binding, Flow, RunRecord
from flows.needs import replays
from flows.needs.cause_tasks import How, deciding
from flows.services import kind_of
from flows.tables.value_tables import RowEdit, ensure_table, save_rows

State = RunRecord.State
# The setting that solves a cause, where one does.
SETTING_FOR: dict[str, str] = {
    "line.without_product": "text_line_item",
    "customer.missing": "default_customer",
    "totals.differ": "totals_tolerance",
    "totals.rates_differ": "totals_tolerance",
    "ledger.no_receivable": "receivable_account",
    "ledger.no_revenue": "revenue_account",
    "ledger.no_vat": "vat_account",
    "ledger.no_shipping": "shipping_account",
    "ledger.no_discount": "discount_account",
    "ledger.no_rounding": "rounding_account",
}
ITEM_SETTINGS = ("text_line_item", "fallback_item")
SIMILAR = 5
PREFIX = 3
MOST_COMPARED = 300


class NotPossible(ValueError):
    """What was entered cannot be used; the text says why, to a person."""


def use_item_instead(flow: Flow, asked: str, item: str) -> int:
    """Send another item wherever this one is ordered, from now on. Returns how many records are sent.

    Raises NotPossible if there is no such item, RetryableError or FlowError if that cannot be found out.
    """
    spelled = find_item(flow, item)
    with deciding(How.ITEM):
        save_rows(ensure_table(flow, ITEM_TABLE), [RowEdit(asked, spelled, key_label=asked, value_label=spelled)])
        return _send(flow, "product.missing", sku=asked)


def use_fallback_item(flow: Flow, item: str = "") -> int:
    """Send the fallback item for every product that the target does not have. Raises like `use_item_instead`."""
    item = item or str(flow.settings.get("fallback_item") or "")
    if not item:
        raise NotPossible(_("Name the item that is used instead."))
    values = {"missing_product": MissingProduct.FALLBACK_ITEM.value, "fallback_item": find_item(flow, item)}
    with deciding(How.SETTING):
        _store_settings(flow, values)
        return _send(flow, "product.missing")


def fill_in(flow: Flow, setting: str, value: str) -> int:
    """Change the one setting that records are held for, and send them. Raises like `use_item_instead`."""
    value = value.strip()
    if not value:
        raise NotPossible(_("Fill in a value first."))
    if setting in ITEM_SETTINGS:
        value = find_item(flow, value)
    if setting in ACCOUNT_SETTINGS.values():
        ensure_account(flow, value)
    codes = [code for code, name in SETTING_FOR.items() if name == setting]
    with deciding(How.SETTING):
        _store_settings(flow, {setting: value})
        return sum(_send(flow, code) for code in codes)


def find_item(flow: Flow, item: str) -> str:
    """Return how the target spells an item. Raises NotPossible, RetryableError, FlowError."""
    item = item.strip()
    kind = kind_of(flow)
    chosen = kind.settings_model.model_validate(flow.settings)
    with open_connector(flow.target, is_interactive=True) as connector:
        target = connector.target(kind.target_kind(kind.key, chosen))
        spelled = target.existing_keys([item]) if item and target.knows_items else {}
        if item not in spelled:
            raise NotPossible(
                _("There is no item “%(item)s” in %(system)s.") % {"item": item, "system": connector.title}
            )
    return spelled[item]


def ensure_account(flow: Flow, number: str) -> None:
    """Raise NotPossible if the target has no such ledger account; RetryableError, FlowError if it cannot tell."""
    with open_connector(flow.target, is_interactive=True) as connector:
        if number not in {option.value for option in connector.options("accounts")}:
            raise NotPossible(
                _("There is no ledger account “%(account)s” in %(system)s.")
                % {"account": number, "system": connector.title}
            )


def similar_items(flow: Flow, asked: Iterable[str]) -> dict[str, list[str]]:
    """Return, for each of these, items of the target that are called much like it, of those we know; the closest
    first. One query for all."""
    beginnings = {item: item[:PREFIX].casefold() for item in asked if item}
    near = [Q(natural_key__startswith=beginning) for beginning in set(beginnings.values())]
    if not near:
        return {}
    known = Binding.objects.filter(from_connection=flow.target_id, kind="products").exclude(natural_key="")
    rows = known.filter(reduce(or_, near)).values_list("natural_key", "number")[: MOST_COMPARED * len(near)]
    spelled = {key: number or key for key, number in rows}
    return {item: _closest(item.casefold(), beginning, spelled) for item, beginning in beginnings.items()}


def _closest(asked: str, beginning: str, spelled: Mapping[str, str]) -> list[str]:
    known = [key for key in spelled if key.startswith(beginning) and key != asked][:MOST_COMPARED]
    return [spelled[key] for key in difflib.get_close_matches(asked, known, n=SIMILAR, cutoff=0.6)]


def send_again(records: Sequence[RunRecord]) -> int:
    """Send records that need somebody again, or that were set aside. Returns how many."""
    with deciding(How.SENT):
        return replays.replay(RunRecord.objects.filter(pk__in=[record.pk for record in records]))


def rule(records: Sequence[RunRecord], answer: str) -> int:
    """Say what becomes of records whose cause leaves it to a person. Returns how many go on. Raises NotAChoice."""
    with deciding(How.RULED), transaction.atomic():
        return sum(rulings.rule(record, answer) for record in records)


def set_aside(records: Sequence[RunRecord], *, who: str, why: str = "") -> int:
    """Take records off the list without sending them. Returns how many."""
    with deciding(How.ASIDE):
        return replays.set_aside_all(records, who=who, why=why)


def take_back(records: QuerySet[RunRecord]) -> int:
    """Have records that were set aside need somebody again. Returns how many."""
    with deciding(How.ASIDE):
        return replays.take_back(records)


def forget_links(records: Sequence[RunRecord], *, who: str) -> int:
    """Give up pairs whose record is gone in the target; nothing is sent. Returns how many."""
    with deciding(How.ASIDE):
        return replays.forget_links(records, who=who)


def choose(record: RunRecord, target_id: str) -> int:
    """Say which of the records that fit it is the one. Returns how many are sent. Raises NotAChoice."""
    with deciding(How.CHOSEN):
        return replays.choose(record, target_id)


def create_new(record: RunRecord) -> int:
    """Say that it is none of those that fit. Returns how many are sent. Raises NotAChoice."""
    with deciding(How.CREATED):
        return replays.create_new(record)


def _send(flow: Flow, code: str, **params: str) -> int:
    held = RunRecord.objects.filter(flow=flow, state=State.NEEDS_YOU, code=code).values_list("pk", "params")
    wanted = [pk for pk, its in held if all(its.get(name) == value for name, value in params.items())]
    return replays.replay(RunRecord.objects.filter(pk__in=wanted))


def _store_settings(flow: Flow, values: dict[str, Any]) -> None:
    with transaction.atomic():
        flow = Flow.objects.select_for_update(of=("self",)).get(pk=flow.pk)
        try:
            model = kind_of(flow).settings_model.model_validate(flow.settings)
            chosen = model.with_values(values).model_dump(mode="json")
        except ValidationError as error:
            raise NotPossible(str(error.errors()[0]["msg"])) from error
        before = {name: flow.settings.get(name) for name in values}
        record_change(
            "flow.setting_fixed", subject=flow.name, before=before, after={name: chosen[name] for name in values}
        )
        flow.settings = chosen
        flow.save(update_fields=["settings"])
