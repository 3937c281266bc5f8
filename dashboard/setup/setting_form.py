"""The settings of a flow that only a person can know, made from the flow's typed settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django import forms
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from connectors.base import Connector, Option, SourceRecord, Window
from connectors.core import Product
from dashboard.words import SETTINGS, readable_value
from flows.catalog.orders import MissingProduct
from flows.models import Flow, ValueTable
from flows.services import kind_of

LONGEST = 100
SUGGESTED_ITEMS = 40
CARRIES_TEXT = frozenset({"NonStockItem", "ServiceItem"})


@dataclass(frozen=True, slots=True)
class Question:
    """One setting as a person is asked for it."""

    name: str
    why: Promise
    list_name: str = ""  # a reference list of the target to choose from
    empty: Promise | None = None  # what it means to leave it open
    is_item: bool = False


QUESTIONS: tuple[Question, ...] = (
    Question("order_type", gettext_lazy("The type that new orders get."), list_name="sales_order_types"),
    Question(
        "branch",
        gettext_lazy("Used where the department of a deal has no branch of its own."),
        list_name="branches",
        empty=gettext_lazy("the main branch"),
    ),
    Question("hold", gettext_lazy("An order on hold is not shipped or invoiced before somebody releases it.")),
    Question(
        "text_line_item",
        gettext_lazy("Lines of a quotation without a product travel under this item. Without one such orders wait."),
        is_item=True,
    ),
    Question("missing_product", gettext_lazy("For a line whose product is not in the other system.")),
    Question(
        "fallback_item", gettext_lazy("Only if another item is used for products that are missing."), is_item=True
    ),
    Question("default_customer", gettext_lazy("The number of the customer for orders that name none. Usually empty.")),
    Question(
        "default_credit_terms",
        gettext_lazy("Used where the payment terms of a customer have no counterpart."),
        list_name="credit_terms",
        empty=gettext_lazy("as the customer class says"),
    ),
)


def questions_for(flow: Flow) -> list[Question]:
    """Return what is asked for this kind of flow."""
    known = kind_of(flow).settings_model.model_fields
    return [question for question in QUESTIONS if question.name in known]


class SettingForm(forms.Form):
    """The settings of one flow."""

    def __init__(
        self,
        flow: Flow,
        lists: Mapping[str, list[Option]],
        items: list[tuple[str, str]],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, prefix=f"settings-{flow.kind}", initial=flow.settings)
        self.flow = flow
        self.items = items
        self.asked = questions_for(flow)
        for question in self.asked:
            self.fields[question.name] = self._field(question, lists)

    @property
    def items_id(self) -> str:
        return f"items-{self.flow.kind}"

    def _field(self, question: Question, lists: Mapping[str, list[Option]]) -> forms.Field:
        texts: dict[str, Any] = {"label": SETTINGS[question.name], "help_text": question.why}
        if question.name == "missing_product":
            choices = [(one.value, readable_value(one).capitalize()) for one in MissingProduct]
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **texts)
        if question.name == "hold":
            return forms.BooleanField(required=False, **texts)
        if question.list_name:
            return forms.ChoiceField(
                choices=self._choices(question, lists[question.list_name]),
                required=question.empty is None,
                **texts,
            )
        attributes = {"list": self.items_id} if question.is_item else {}
        widget = forms.TextInput(attrs={"autocomplete": "off", **attributes})
        return forms.CharField(required=False, max_length=LONGEST, widget=widget, **texts)

    def _choices(self, question: Question, options: list[Option]) -> list[tuple[str, str]]:
        chosen = str(self.initial.get(question.name) or "")
        known = {option.value: option.label for option in options}
        kept = {chosen: chosen} if chosen and chosen not in known else {}
        empty = [("", str(question.empty))] if question.empty is not None else []
        return [*empty, *kept.items(), *known.items()]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("missing_product") == MissingProduct.FALLBACK_ITEM and not values.get("fallback_item"):
            self.add_error("fallback_item", _("Name the item that is used instead."))
        return values

    def find_items(self, connector: Connector) -> None:
        """Look the items up where they must exist. Raises RetryableError, FlowError."""
        named = {question.name: self.cleaned_data.get(question.name, "") for question in self.asked if question.is_item}
        wanted = {name: value for name, value in named.items() if value}
        if not wanted:
            return
        kind = kind_of(self.flow)
        chosen = kind.settings_model.model_validate(self.flow.settings)
        spelled = connector.target(kind.target_kind(kind.key, chosen)).existing_keys(sorted(set(wanted.values())))
        for name, value in wanted.items():
            if value in spelled:
                self.cleaned_data[name] = spelled[value]
            else:
                problem = _("There is no item “%(item)s” in %(system)s.")
                self.add_error(name, problem % {"item": value, "system": connector.title})

    def save(self) -> bool:
        """Store the settings; False, with the errors at their fields, when the flow does not accept them."""
        model = kind_of(self.flow).settings_model
        try:
            chosen = model.model_validate({**self.flow.settings, **self.cleaned_data})
        except ValidationError as error:
            for problem in error.errors():
                name = str(problem["loc"][0]) if problem["loc"] else ""
                self.add_error(name if name in self.fields else None, problem["msg"])
            return False
        with transaction.atomic():
            self.flow.settings = chosen.model_dump(mode="json")
            self.flow.save(update_fields=["settings"])
            for spec in kind_of(self.flow).table_specs(chosen):
                if spec.default_setting:  # the table keeps a copy, which is what the mapping reads
                    default = str(getattr(chosen, spec.default_setting) or "")
                    ValueTable.objects.filter(flow=self.flow, name=spec.name).update(default=default)
        return True


def lists_for(flow: Flow, connector: Connector) -> dict[str, list[Option]]:
    """Return the reference lists that the questions choose from, live. Raises RetryableError, FlowError."""
    names = {question.list_name for question in questions_for(flow) if question.list_name}
    return {name: connector.options(name) if name in connector.option_lists else [] for name in sorted(names)}


def items_for(flow: Flow, connector: Connector) -> list[tuple[str, str]]:
    """Return items that could carry a line of text, as (number, name), to choose from while one types."""
    if not any(question.is_item for question in questions_for(flow)) or "products" not in connector.sources:
        return []
    page = connector.source("products").page(Window(), None)
    found = (
        (record.natural_key, record.label)
        for record in page.records
        if isinstance(record, SourceRecord) and isinstance(record.core, Product) and record.core.kind in CARRIES_TEXT
    )
    return list(islice(found, SUGGESTED_ITEMS))
