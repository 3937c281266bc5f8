"""What an orders flow can be told: what an order becomes, which orders are sent, and what follows once they are."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext as _

from connectors.choice import OrderChoice, SendsWhen, Several
from flows.catalog.after import AfterChange, AfterLoss
from flows.catalog.presets import Preset
from flows.catalog.selling import SalesSettings


class SendAs(StrEnum):
    """What an order becomes."""

    SALES_ORDER = "sales_order"
    CUSTOMER_INVOICE = "customer_invoice"
    CASH_SALE = "cash_sale"
    FINANCIAL_MUTATION = "financial_mutation"


class NoQuotation(StrEnum):
    """What happens to a deal that should be an order and has no accepted quotation."""

    SKIP = "no_quotation_skip"
    ESTIMATE = "no_quotation_estimate"  # one line with the deal's estimated value


class Recurring(StrEnum):
    """What happens to lines that come back every month or year."""

    SEND = "recurring_send"
    DROP = "recurring_drop"  # the order is sent without them
    SKIP = "recurring_skip"  # an order with such a line is left out


class StockCheck(StrEnum):
    """Whether stock is looked at before an order is sent."""

    OFF = "stock_off"
    NOTE = "stock_note"  # the order is sent, and its record says what is short
    WAIT = "stock_wait"  # it waits until there is enough
    HOLD = "stock_hold"


class OrderSettings(SalesSettings):
    """Settings of an orders flow."""

    send_as: SendAs = SendAs.SALES_ORDER
    order_type: str = "SO"
    warehouse: Preset = Preset()
    ship_via: Preset = Preset()
    shipping_terms: Preset = Preset()
    delivers_to_customer: bool = True
    hold: bool = True
    sends_when: SendsWhen = SendsWhen.WON
    phases: tuple[str, ...] = ()
    several_accepted: Several = Several.ALL
    no_quotation: NoQuotation = NoQuotation.SKIP
    estimate_item: str = ""  # empty: the item that carries lines without a product
    recurring_lines: Recurring = Recurring.SEND
    stock_check: StockCheck = StockCheck.OFF
    after_change: AfterChange = AfterChange.IGNORE
    after_loss: AfterLoss = AfterLoss.IGNORE

    @property
    def arrives_on_hold(self) -> bool:
        return self.hold

    def problem(self) -> str:
        if self.sends_when is SendsWhen.PHASE and not self.phases:
            return _("Choose the phases in which an order is sent.")
        if self.send_as is SendAs.CASH_SALE and not self.can_sell_for_cash:
            return _("A cash sale needs a payment method and a cash account.")
        return super().problem()

    @property
    def choice(self) -> OrderChoice:
        """What the source reads as orders."""
        return OrderChoice(
            when=self.sends_when,
            phases=frozenset(self.phases),
            several=self.several_accepted,
            takes_estimates=self.no_quotation is NoQuotation.ESTIMATE,
        )
