"""The settings of a flow that the set-up asks for: all but those that hardly anybody changes before the first run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.base import Connector, Option
from dashboard.flow_settings import setting_form
from dashboard.flow_settings.setting_form import SettingLine
from dashboard.flow_settings.setting_form import items_for as items_for
from flows.models import Flow
from flows.services import kind_of

ASKED = (
    "counterpart",
    "warehouses",
    "stock_count",
    "send_as",
    "sends_when",
    "phases",
    "only_paid",
    "credit_notes",
    "arrival",
    "number_from",
    "cash_payment_method",
    "cash_account",
    "update_existing",
    "only_sellable",
    "kinds",
    "price_source",
    "price_class",
    "price_includes_vat",
    "category_from",
    "send_price_lists",
    "order_type",
    "branch",
    "warehouse",
    "hold",
    "mutation_type",
    "receivable_account",
    "revenue_account",
    "vat_account",
    "discount_account",
    "shipping_account",
    "shipping_items",
    "rounding_account",
    "mutation_status",
    "text_line_item",
    "missing_product",
    "fallback_item",
    "update_customers",
    "ladder",
    "send_contacts",
    "collective_customer",
    "default_customer",
    "totals_tolerance",
    "default_credit_terms",
    "number_field",
    "status_field",
    "tracking_field",
    "tracking_link_field",
    "tracking_address",
    "invoice_field",
    "deal_phase",
    "payment_method",
)


def questions_for(flow: Flow) -> list[str]:
    """Return what is asked for this kind of flow."""
    known = kind_of(flow).settings_model.model_fields
    return [name for name in ASKED if name in known]


class SettingForm(setting_form.SettingForm):
    """The settings of one flow as the set-up asks for them."""

    def __init__(
        self,
        flow: Flow,
        lists: Mapping[str, list[Option]],
        items: list[tuple[str, str]],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(flow, lists, items, data, names=questions_for(flow))

    @property
    def lines(self) -> list[SettingLine]:
        """The questions in the order they are asked."""
        return list(self._lines())


def lists_for(flow: Flow, connector: Connector) -> dict[str, list[Option]]:
    """Return the reference lists that the questions choose from, live. Raises RetryableError, FlowError."""
    return setting_form.lists_for(flow, connector, questions_for(flow))
