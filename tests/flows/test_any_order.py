"""Any order the sandbox can produce: booked with its totals, or held with a cause we name. Never an exception.

The documents have the shapes of the sandbox's Teamleader; they are read, resolved, checked and mapped as in a run, and
booked by the arithmetic of the sandbox's Visma.net.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from apicenter.causes import CAUSES
from apicenter.errors import RecordError
from connectors.core import Order, OrderLine, Totals
from connectors.currencies import decimals_of
from connectors.maps import NoPair, ValueTableData
from connectors.sandbox.seed import documents
from connectors.sandbox.seed.documents import Document, Line
from connectors.sandbox.seed.records import uid
from connectors.sandbox.seed.teamleader_settings import RATES
from connectors.sandbox.visma_net.totals import VatRule, add_up, line_amount
from connectors.teamleader.read_lines import read_currency, read_discounts, read_lines, read_totals
from connectors.visma_net.order_map import INVOICE_MAP, ORDER_MAP
from flows.catalog.base import with_resolved
from flows.catalog.cent_line import CentLine, cent_line
from flows.catalog.document_settings import DiscountsAs
from flows.catalog.order_settings import OrderSettings
from flows.catalog.sales_lines import Held, Items, check_totals, resolve_lines, tolerance_of
from flows.documents.extra_lines import extra_lines
from flows.maps.mapping import build, compile_map
from flows.maps.sources import ITEMS
from tests.flows.made_orders import SOLD, drawn_document
from tests.flows.records import make_order

TEXT_ITEM, CENTS_ITEM, DISCOUNT_ITEM = "SRV-1", "SRV-2", "SRV-3"
ITEM_NAMES = {name: name for name in (*(one.code for one in SOLD), TEXT_ITEM, CENTS_ITEM, DISCOUNT_ITEM)}
PRODUCTS = {uid("product", one.name): {"code": one.code} for one in SOLD}
TAX_RATES = {
    uid("taxRate", f"{department}/{name}"): {"rate": str(rate)}
    for department, by_name in RATES.items()
    for name, rate in by_name.items()
}
CURRENCIES = ("EUR", "SEK", "USD", "JPY", "TND")
MAPS = {"orderLines": compile_map(ORDER_MAP), "invoiceLines": compile_map(INVOICE_MAP)}
TABLES = {
    name: ValueTableData(name=name, rows={}, no_pair=NoPair.AS_IS) for one in MAPS.values() for name in one.tables
}
NO_RATE = Decimal(0)


def amounts(low: int, high: int) -> st.SearchStrategy[Decimal]:
    """Numbers with 0 to 4 decimals."""
    return st.integers(0, 4).flatmap(lambda places: st.decimals(low, high, places=places))


def line_of(department: str) -> st.SearchStrategy[Line]:
    return st.builds(
        Line,
        description=st.sampled_from(["Lamp", "", "Plaatsing ’s morgens"]),
        quantity=amounts(-20, 500),
        price=amounts(-200, 9_000),
        rate=st.sampled_from(list(RATES[department])),
        product=st.sampled_from([*SOLD, None, None]),
        discount=st.just(Decimal(0)) | st.decimals(0, 100, places=2),
        section=st.sampled_from(["", "Indoor"]),
    )


DOCUMENTS = st.sampled_from(list(RATES)).flatmap(
    lambda department: st.builds(
        Document,
        lines=st.lists(line_of(department), max_size=12),
        department=st.just(department),
        discounts=st.lists(st.tuples(st.just("Reseller"), st.decimals(0, 100, places=2)), max_size=3).map(tuple),
        currency=st.sampled_from(CURRENCIES),
    )
)
SETTINGS = st.builds(
    OrderSettings,
    text_line_item=st.sampled_from([TEXT_ITEM, TEXT_ITEM, ""]),
    discounts=st.sampled_from(list(DiscountsAs)),
    discount_item=st.just(DISCOUNT_ITEM),
    totals_tolerance=st.sampled_from([Decimal(0), Decimal("0.05"), Decimal(1)]),
    cent_line_item=st.sampled_from(["", CENTS_ITEM]),
    cent_line_vat=st.sampled_from(["", "ZERO"]),
)


@dataclass(frozen=True)
class Booked:
    """What became of an order, and of how much it may differ."""

    source: Totals
    target: Totals
    tolerance: Decimal


def order_of(document: Document) -> Order:
    """Read a document as a run reads the quotation of a deal."""
    total = documents.totals(document)
    body = {
        "grouped_lines": documents.grouped_lines(document, "quotation"),
        "discounts": documents.discounts(document),
        "currency": document.currency,
        "total": total,
    }
    order = make_order().core
    assert isinstance(order, Order)
    return order.model_copy(
        update={
            "order_date": date(2026, 11, 20),
            "currency": read_currency(body),
            "lines": read_lines(body, products=PRODUCTS, tax_rates=TAX_RATES),
            "discounts": read_discounts(body),
            "totals": read_totals(body),
        }
    )


def rate_of(*, is_exempt: bool) -> Any:
    """What Visma.net taxes a line at: nothing in an exempt zone, else what the category stands for."""

    def rate(line: OrderLine, category: str | None) -> Decimal:
        found = NO_RATE if is_exempt or category == "ZERO" else line.vat_rate
        return found or NO_RATE

    return rate


def process(
    order: Order, chosen: OrderSettings, *, name: str = "orderLines", is_exempt: bool = False
) -> Booked | Held | RecordError:
    """Resolve, check, map and book an order; what the engine holds it for comes back."""
    try:
        return _process(order, chosen, name, is_exempt=is_exempt)
    except RecordError as error:
        return error


def _process(order: Order, chosen: OrderSettings, name: str, *, is_exempt: bool) -> Booked | Held:
    items, rate = Items(ITEM_NAMES, {}), rate_of(is_exempt=is_exempt)
    lines = resolve_lines(order, chosen, items, text_item=chosen.text_line_item, system="Visma.net ERP")
    if isinstance(lines, Held):
        return lines
    if held := check_totals(order, lines, rate, chosen):
        return held
    sent: list[OrderLine] = [*order.lines, *[line for line, _item in extra_lines(order, chosen)]]
    cents = cent_line(order, lines, rate, chosen, items, system="Visma.net ERP")
    if isinstance(cents, CentLine):
        sent, lines = [*sent, cents.line], [*lines, cents.resolved]
    assert not isinstance(cents, Held)
    record = with_resolved(
        replace(make_order(), core=order), customer_id="10001", reference="R", lines=lines, **{ITEMS: sent}
    )
    payload = build(MAPS[name], record, tables=TABLES, kind="create").payload
    rates = {line.vat_code: rate(line, None) for line in order.lines} | {"ZERO": NO_RATE, None: NO_RATE}
    return Booked(order.totals, booked(payload[name], rates, order.currency), tolerance_of(order, chosen))


def booked(lines: Iterable[Mapping[str, Any]], rates: Mapping[str | None, Decimal], currency: str) -> Totals:
    """Book the lines of a payload as the sandbox does."""
    rows = []
    for line in lines:
        percent, discount = (Decimal(str(line.get(name) or 0)) for name in ("discountPercent", _discount_name(line)))
        assert abs(percent) <= 100, "the sandbox refuses such a discount"
        net, _reduced = line_amount(
            Decimal(str(line["quantity"])),
            Decimal(str(line["unitPrice"] if "unitPrice" in line else line["unitPriceInCurrency"])),
            percent=percent,
            discount=discount,
            currency=currency,
        )
        code = str(line.get("taxCategoryId") or line.get("vatCodeId"))
        rows.append((VatRule(code, rates.get(code, NO_RATE) * 100, is_exempt=False), net))
    totals = add_up(rows, currency=currency)
    return Totals(excluding=totals.taxable, including=totals.total)


def _discount_name(line: Mapping[str, Any]) -> str:
    return "discountAmount" if "discountAmount" in line else "discountAmountInCurrency"


def agree(one: Booked) -> bool:
    parts = [
        (one.source.excluding, one.target.excluding),
        (one.source.including, one.target.including),
        (one.source.including - one.source.excluding, one.target.including - one.target.excluding),
    ]
    return all(abs(ours - theirs) <= one.tolerance for ours, theirs in parts)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(DOCUMENTS, SETTINGS, st.sampled_from(list(MAPS)), st.booleans())
def test_any_order_is_booked_with_its_totals_or_held_with_a_cause(
    document: Document, chosen: OrderSettings, name: str, is_exempt: bool
):
    found = process(order_of(document), chosen, name=name, is_exempt=is_exempt)

    assert found.code in CAUSES if isinstance(found, Held | RecordError) else agree(found)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(DOCUMENTS, st.integers(-4, 4), st.sampled_from(["", "ZERO"]), st.sampled_from([Decimal(0), Decimal("0.05")]))
def test_a_line_for_cents_makes_both_totals_equal_and_never_exceeds_the_tolerance(
    document: Document, units: int, category: str, tolerance: Decimal
):
    order = order_of(document)
    off = Decimal(units).scaleb(-decimals_of(document.currency))
    totals = Totals(excluding=order.totals.excluding + off, including=order.totals.including + off)
    chosen = OrderSettings(
        text_line_item=TEXT_ITEM, cent_line_item=CENTS_ITEM, cent_line_vat=category, totals_tolerance=tolerance
    )

    found = process(order.model_copy(update={"totals": totals}), chosen)

    if abs(off) > max(tolerance, Decimal("0.01") * len(order.lines)):
        assert isinstance(found, Held)
    else:
        assert isinstance(found, Booked)
        assert agree(found)
        assert not category or found.source.including == found.target.including


def test_an_order_of_five_hundred_lines_is_booked_to_the_cent():
    document = drawn_document(Random("five hundred"), lines=500)

    found = process(order_of(document), OrderSettings(text_line_item=TEXT_ITEM))

    assert isinstance(found, Booked)
    assert (found.source.excluding, found.source.including) == (found.target.excluding, found.target.including)
