"""A form made from a flow's typed settings: all of them, or those that a page asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice, product
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from pydantic import ValidationError

from apicenter.errors import RecordError
from connectors.base import Connector, Option, SourceRecord, Window
from connectors.choice import SendsWhen
from connectors.core import Product
from dashboard.flow_settings.preset_field import PresetField
from dashboard.flow_settings.preset_tables import preset_tables
from dashboard.flow_settings.setting_fields import RankField, field_for
from dashboard.flow_settings.setting_words import GROUPS, asking_of, setting_order, setting_title
from dashboard.words import readable_value
from flows.catalog.document_settings import DiscountsAs
from flows.catalog.mutation_settings import JOURNAL, MutationSettings, missing_accounts
from flows.catalog.order_settings import SendAs
from flows.catalog.presets import is_preset, value_in
from flows.catalog.prices import PriceSource
from flows.catalog.sales_lines import MissingProduct
from flows.flow_settings import Changed, SettingError, change_settings, chosen_settings, default_settings
from flows.maps.field_lists import source_fields
from flows.models import Flow
from flows.services import kind_of
from flows.tables.option_lists import read_lists

SUGGESTED_ITEMS = 40
MOST_AT_ONCE = 12  # settings; a longer page begins with its groups folded
SERVICE_ITEMS = "service_items"
INACTIVE = "Inactive"  # a customer that nothing can be booked on
COMBINED, NEVER = "+", "-"  # between the choices of two settings; where no choice fits
CARRIES_TEXT = frozenset({"NonStockItem", "ServiceItem"})


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting on the page: its box, and whether it differs from what is usual."""

    name: str
    field: BoundField
    is_changed: bool
    usual: str  # the default in words
    fits: str = ""  # the choices of the settings that decide it with which it plays a part
    is_idle: bool = False  # plays no part as the form stands

    @property
    def is_group(self) -> bool:
        """Whether it is a set of boxes with a common title instead of a label."""
        return getattr(self.field.field.widget, "input_type", "") in {"radio", "checkbox"} and not self.is_switch

    @property
    def is_preset(self) -> bool:
        return isinstance(self.field.field, PresetField)

    @property
    def is_switch(self) -> bool:
        return isinstance(self.field.field, forms.BooleanField)

    @property
    def is_ranked(self) -> bool:
        return isinstance(self.field.field, RankField)


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """Settings that belong together."""

    key: str
    title: str
    lines: list[SettingLine]
    is_short: bool = True  # whether all groups together fit on a page that is read at once

    @property
    def shown(self) -> int:
        """How many of them play a part as the form stands."""
        return sum(not line.is_idle for line in self.lines)

    @property
    def changed(self) -> int:
        """How many of those are not as usual."""
        return sum(line.is_changed and not line.is_idle for line in self.lines)

    @property
    def has_errors(self) -> bool:
        return any(line.field.errors for line in self.lines)

    @property
    def is_open(self) -> bool:
        return self.has_errors or self.is_short or self.changed > 0


class SettingForm(forms.Form):
    """The settings of one flow; `names` are asked for in that order, all of them if None."""

    def __init__(
        self,
        flow: Flow,
        lists: Mapping[str, list[Option]],
        items: list[tuple[str, str]],
        data: Mapping[str, Any] | None = None,
        *,
        names: Sequence[str] | None = None,
    ) -> None:
        chosen = chosen_settings(flow).model_dump(mode="json")
        super().__init__(data, prefix=f"settings-{flow.kind}", initial=chosen)
        self.flow = flow
        self.items = items
        model = kind_of(flow).settings_model.model_fields
        self.asked = [name for name in (model if names is None else names) if name in model]
        tables = preset_tables(flow)
        for name in self.asked:
            asking = asking_of(name)
            self.fields[name] = field_for(
                model[name],
                asking,
                {"label": setting_title(name), "help_text": asking.why},
                initial=chosen[name],
                options=lists.get(asking.list_key) if asking.list_key else None,
                items_id=self.items_id,
                table=tables.get(name),
            )

    @property
    def items_id(self) -> str:
        return f"items-{self.flow.kind}"

    @property
    def groups(self) -> list[SettingGroup]:
        """The settings as the page shows them, group by group."""
        lines = sorted(self._lines(), key=lambda line: setting_order(line.name))
        by_group = groupby(lines, key=lambda line: asking_of(line.name).group)
        is_short = sum(not line.is_idle for line in lines) <= MOST_AT_ONCE
        return [SettingGroup(key, str(GROUPS[key]), list(found), is_short) for key, found in by_group]

    def _lines(self) -> Iterator[SettingLine]:
        usual, chosen = default_settings(self.flow), chosen_settings(self.flow)
        for name in self.asked:
            default, value = getattr(usual, name), getattr(chosen, name)
            is_idle = self.is_idle(name) and not self[name].errors
            yield SettingLine(name, self[name], value != default, _usual_words(name, default), self.fits(name), is_idle)

    def is_idle(self, name: str) -> bool:
        """Whether a setting plays no part with what is chosen on the form, saved or not."""
        standing = COMBINED.join(str(self[driver].value()) for driver in self._drivers)
        return name in self._idle.get(standing, frozenset())

    def fits(self, name: str) -> str:
        """Return, with blanks between, the choices with which a setting plays a part; "" if it always does."""
        fitting = [choice for choice, idle in self._idle.items() if name not in idle]
        return "" if len(fitting) == len(self._idle) else " ".join(fitting) or NEVER

    @property
    def deciding(self) -> str:
        """The names of the boxes that decide which settings play a part, with blanks between."""
        return " ".join(self.add_prefix(name) for name in self._drivers)

    @property
    def _drivers(self) -> list[str]:
        return [name for name in kind_of(self.flow).drivers if name in self.fields]

    @cached_property
    def _idle(self) -> dict[str, frozenset[str]]:
        """What plays no part, by each combination of choices that decides it."""
        kind, chosen = kind_of(self.flow), chosen_settings(self.flow)
        choices = [[str(value) for value, _label in self.fields[name].choices] for name in self._drivers]  # type: ignore[attr-defined]
        return {
            COMBINED.join(values): kind.idle_settings(chosen.with_values(dict(zip(self._drivers, values, strict=True))))
            for values in product(*choices)
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("price_source") == PriceSource.PRICE_CLASS and values.get("price_class") == "":
            self.add_error("price_class", _("Choose the price class."))
        if values.get("image_field") and values.get("image_pattern") == "":
            self.add_error("image_pattern", _("Fill in the address of the pictures."))
        if values.get("short_text_field") and values.get("short_text_attribute") == "":
            self.add_error("short_text_attribute", _("Choose the attribute with the short text."))
        if values.get("discounts") == DiscountsAs.LINE and values.get("discount_item") == "":
            self.add_error("discount_item", _("Name the item that discounts travel under."))
        if values.get("shipping_field") and values.get("shipping_item") == "":
            self.add_error("shipping_item", _("Name the item that shipping costs travel under."))
        if values.get("missing_product") == MissingProduct.FALLBACK_ITEM and values.get("fallback_item") == "":
            self.add_error("fallback_item", _("Name the item that is used instead."))
        if values.get("send_as") == SendAs.CASH_SALE:
            for name in ("cash_payment_method", "cash_account"):
                if values.get(name) == "":
                    self.add_error(name, _("A cash sale cannot be booked without it."))
        if values.get("sends_when") == SendsWhen.PHASE and not values.get("phases", True):
            self.add_error("phases", _("Tick the phases in which an order is sent."))
        for name in self._missing_accounts(values):
            self.add_error(name, _("Choose this ledger account: financial mutations need it."))
        return values

    def _missing_accounts(self, values: Mapping[str, Any]) -> list[str]:
        kind = kind_of(self.flow)
        try:
            chosen = chosen_settings(self.flow).with_values(values)
        except ValidationError:
            return []  # told at the fields themselves
        if not isinstance(chosen, MutationSettings) or kind.target_kind(kind.key, chosen) != JOURNAL:
            return []
        return [name for name in missing_accounts(chosen) if name in self.fields and name not in self.errors]

    @property
    def new_items(self) -> dict[str, str]:
        """The items that are named now and were not before: they must exist."""
        return self._newly_named("is_item")

    @property
    def new_customers(self) -> dict[str, str]:
        """The customers that are named now and were not before: they must exist, and be active."""
        return self._newly_named("is_customer")

    def _newly_named(self, what: str) -> dict[str, str]:
        return {
            name: value
            for name in self.asked
            if getattr(asking_of(name), what)
            and (value := value_in(self.cleaned_data.get(name)))
            and value != value_in(self.initial.get(name))
        }

    def find_named(self, connector: Connector) -> None:
        """Look newly named items and customers up where they must exist. Raises RetryableError, FlowError."""
        self._find_items(connector)
        if connector.files is None:  # a file knows the customers that flows wrote, and no others
            self._find_customers(connector)

    def _find_items(self, connector: Connector) -> None:
        wanted = self.new_items
        if not wanted:
            return
        kind = kind_of(self.flow)
        chosen = chosen_settings(self.flow)
        spelled = connector.target(kind.target_kind(kind.key, chosen)).existing_keys(sorted(set(wanted.values())))
        for name, value in wanted.items():
            if value in spelled:
                given = self.cleaned_data[name]
                self.cleaned_data[name] = {**given, "value": spelled[value]} if is_preset(given) else spelled[value]
            else:
                problem = _("There is no item “%(item)s” in %(system)s.")
                self.add_error(name, problem % {"item": value, "system": connector.title})

    def _find_customers(self, connector: Connector) -> None:
        for name, value in self.new_customers.items():
            words = {"customer": value, "system": connector.title}
            try:
                status = str(connector.target("customers").read(value).get("status") or "")
            except RecordError:
                self.add_error(name, _("There is no customer “%(customer)s” in %(system)s.") % words)
                continue
            if status == INACTIVE:
                self.add_error(name, _("Customer “%(customer)s” is inactive in %(system)s.") % words)

    def save(self) -> Changed | None:
        """Store the settings; None, with the errors at their fields, when the flow does not accept them.

        Raises RetryableError or FlowError when a list that a new value table needs cannot be read.
        """
        values = {name: self.cleaned_data[name] for name in self.asked}
        try:
            return change_settings(self.flow, values)
        except ValidationError as error:
            for problem in error.errors():
                name = str(problem["loc"][0]) if problem["loc"] else ""
                self.add_error(name if name in self.fields else None, _("This value does not fit."))
        except SettingError as error:
            self.add_error(None, str(error))
        return None


def _usual_words(name: str, default: Any) -> str:
    if default in ("", None):
        return str(asking_of(name).empty or _("empty"))
    return readable_value(default)


def lists_for(flow: Flow, connector: Connector, names: Sequence[str] | None = None) -> dict[str, list[Option]]:
    """Return the reference lists that settings are chosen from, live. Raises RetryableError, FlowError."""
    asked = names if names is not None else list(kind_of(flow).settings_model.model_fields)
    if any(spec.sources for spec in kind_of(flow).tables):
        source_fields(flow, flow.kind)  # read now, so that the form finds the fields of the account
    askings = [asking_of(name) for name in asked]
    wanted = {asking.list_name for asking in askings} - {""}
    found = {name: connector.options(name) if name in connector.option_lists else [] for name in sorted(wanted)}
    theirs = read_lists(flow.source, sorted({asking.source_list for asking in askings} - {""}))
    return found | {f"source:{name}": list(one.options) for name, one in theirs.items() if one.is_read}


def items_for(flow: Flow, connector: Connector) -> list[tuple[str, str]]:
    """Return items that could carry a line of text, as (number, name), to choose from while one types."""
    if not any(asking_of(name).is_item for name in kind_of(flow).settings_model.model_fields):
        return []
    if SERVICE_ITEMS in connector.option_lists:
        return [(option.value, option.label) for option in connector.options(SERVICE_ITEMS)]
    if "products" not in connector.sources:
        return []
    page = connector.source("products").page(Window(), None)
    found = (
        (record.natural_key, record.label)
        for record in page.records
        if isinstance(record, SourceRecord) and isinstance(record.core, Product) and record.core.kind in CARRIES_TEXT
    )
    return list(islice(found, SUGGESTED_ITEMS))
