"""Whether, and against what, the totals of a document are compared once it stands in the target. Pure."""

from __future__ import annotations

from enum import StrEnum

from connectors.core import SalesDocument, Totals
from flows.catalog.base import FlowSettings
from flows.catalog.sales_lines import LineSettings, tolerance_of
from flows.documents.extra_lines import shipping_line
from flows.documents.totals import Expected, predict


class CheckAfter(StrEnum):
    """When the totals of a document are read back after it was made: one more call per document."""

    ON_HOLD = "check_on_hold"  # as long as documents arrive on hold, where somebody can still put them right
    ALWAYS = "check_always"
    OFF = "check_off"

    def asks(self, *, arrives_on_hold: bool) -> bool:
        return self is CheckAfter.ALWAYS or (self is CheckAfter.ON_HOLD and arrives_on_hold)


class CheckSettings(FlowSettings):
    """Settings of what is done about cents, before and after a document is made."""

    check_after: CheckAfter = CheckAfter.ON_HOLD
    cent_line_item: str = ""  # the item of a line that takes up tolerated cents; empty: there is no such line
    cent_line_account: str = ""  # or the ledger account, on documents whose lines need no item
    cent_line_text: str = ""
    cent_line_vat: str = ""  # a VAT category of the target; empty: that of the document's lines


def expected_of(document: SalesDocument, settings: LineSettings) -> Expected | None:
    """Return what a document has to come to in the target: with the shipping that a field of it names.

    None where that cannot be told from the document alone: the VAT of such shipping is chosen by a setting.
    """
    shipping = shipping_line(document, settings)
    if shipping is not None and settings.shipping_vat:
        return None
    totals = document.totals
    if shipping is not None:
        added = predict([shipping], (), currency=document.currency)
        totals = Totals(excluding=totals.excluding + added.excluding, including=totals.including + added.including)
    return Expected(totals, tolerance_of(document, settings), document.currency)
