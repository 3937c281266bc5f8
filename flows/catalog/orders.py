"""Orders: won deals of a CRM become sales orders or customer invoices of an ERP, with their customers.

Steps for an order that was not sent before: customer (found by the ladder, made, or the default one), items (all must
exist), lines with every discount folded in, totals as the target will compute them; only then is it planned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from apicenter.errors import MappingError
from connectors.base import Existing, SourceRecord
from connectors.core import Order, OrderLine, Totals
from connectors.maps import NoPair
from flows import store
from flows.catalog.base import Ensured, FlowKind, Resolved, TableSpec, with_resolved
from flows.catalog.customers import CUSTOMER_TABLES, CustomerSettings, resolve_customers
from flows.lookup import look_up
from flows.totals import compare, predict, spread_discount

if TYPE_CHECKING:
    from flows.work import Work

CENT_PER_LINE = Decimal("0.01")
Rates = Callable[[str, str], Decimal | None]


class SendAs(StrEnum):
    """What an order becomes."""

    SALES_ORDER = "sales_order"
    CUSTOMER_INVOICE = "customer_invoice"


class MissingProduct(StrEnum):
    """What happens to a line whose product the target does not have."""

    BLOCK = "block"
    FALLBACK_ITEM = "fallback_item"


class OrderSettings(CustomerSettings):
    """Settings of an orders flow."""

    send_as: SendAs = SendAs.SALES_ORDER
    order_type: str = "SO"
    branch: str = ""
    warehouse: str = ""
    hold: bool = True
    default_customer: str = ""
    force_default_customer: bool = False
    missing_product: MissingProduct = MissingProduct.BLOCK
    fallback_item: str = ""
    text_line_item: str = ""  # the item that carries lines without a product
    totals_tolerance: Decimal = Field(Decimal("0.05"), ge=0)


@dataclass(frozen=True, slots=True)
class Held:
    """Why an order cannot be planned yet."""

    code: str
    params: Mapping[str, str]


class OrdersFlow(FlowKind):
    key = "orders"
    title = _("Orders")
    source_kind = "orders"
    resources = ("orders", "customers")
    unique_keys = ("orders",)
    settings_model = OrderSettings
    tables = (
        TableSpec("vat", _("VAT on order lines"), "tax_rates", "vat_categories"),
        TableSpec("unit", _("Units"), "units_of_measure", "units", NoPair.DEFAULT),
        TableSpec(
            "branch", _("Branch per department"), "departments", "branches", NoPair.DEFAULT, default_setting="branch"
        ),
        *CUSTOMER_TABLES,
    )

    def target_kind(self, kind: str, settings: Any) -> str:
        if kind != self.key:
            return kind
        return "customer_invoices" if settings.send_as is SendAs.CUSTOMER_INVOICE else "sales_orders"

    def updates(self, kind: str, settings: Any) -> bool:
        return kind == "customers" and settings.update_customers

    def resolve(self, work: Work, kind: str, records: Sequence[SourceRecord]) -> list[Resolved]:
        settings = work.settings
        assert isinstance(settings, OrderSettings)
        if kind == "customers":
            return resolve_customers(work, kind, records, settings.ladder)
        customers = self._customers(work, settings, records)
        items = self._items(work, settings, records)
        bought_by = [_customer_of(_order(record), settings, customers).target_id for record in records]
        rates = work.target(self.key).vat_rates(filter(None, bought_by))
        resolved = [self._resolve_one(work, settings, record, customers, items, rates) for record in records]
        found = work.target_side.api.overlap(partial(self._find_existing, work), resolved)
        return [replace(one, existing=tuple(existing)) for one, existing in zip(resolved, found, strict=True)]

    def _find_existing(self, work: Work, one: Resolved) -> list[Existing]:
        """Look whether the target has the order already under our reference, though we do not know of it."""
        values = one.record.raw.get("resolved")
        since = _order(one.record).ordered_at or one.record.modified_at
        if one.code or not values or since is None:
            return []
        target = work.target(self.key)
        return target.find_by_reference(values["reference"], customer=values["customer_id"], since=since)

    def _customers(self, work: Work, settings: OrderSettings, records: Sequence[SourceRecord]) -> dict[str, Ensured]:
        if settings.force_default_customer and settings.default_customer:
            return {}
        carried = [work.source.carried(record, "customers") for record in records]
        unique = {customer.key: customer for customer in carried if customer is not None}
        return work.ensure(work, "customers", list(unique.values())) if unique else {}

    def _items(self, work: Work, settings: OrderSettings, records: Sequence[SourceRecord]) -> Mapping[str, str]:
        """Return how the target spells the item of each product key and SKU that the orders name."""
        lines = [line for record in records for line in _order(record).lines]
        paired = store.source_of_target(work, "products", [line.product_key for line in lines if line.product_key])
        wanted = {line.sku for line in lines if line.sku and line.product_key not in paired}
        wanted |= set(filter(None, (settings.fallback_item, settings.text_line_item)))
        wanted |= set(paired.values())
        unknown = sorted(wanted - work.found.keys())
        if unknown:
            work.found.update(work.target(self.key).existing_keys(unknown))
        spelled = work.found
        by_key = {key: spelled[sku] for key, sku in paired.items() if sku in spelled}
        return {**spelled, **by_key}

    def _resolve_one(
        self,
        work: Work,
        settings: OrderSettings,
        record: SourceRecord,
        customers: Mapping[str, Ensured],
        items: Mapping[str, str],
        rates: Rates,
    ) -> Resolved:
        order = _order(record)
        customer = _customer_of(order, settings, customers)
        if not customer.target_id:
            what = order.customer.name if order.customer else ""
            code = customer.code or "customer.missing"
            params = {"what": what, "dependency": order.customer.key if order.customer else ""}
            return Resolved(record, code=code, params=params, retry_at=customer.retry_at)
        lines = _resolve_lines(order, settings, items, system=work.system)
        rate = partial(_booked_rate, work, rates, customer.target_id)
        held = lines if isinstance(lines, Held) else _check_totals(order, lines, rate, settings)
        if held is not None:
            return Resolved(record, code=held.code, params=held.params)
        return Resolved(
            with_resolved(
                record,
                customer_id=customer.target_id,
                reference=work.reference(self.key, record.key),
                order_type=settings.order_type,
                branch=settings.branch or None,
                warehouse=settings.warehouse or None,
                hold=settings.hold,
                lines=lines,
            )
        )


def _order(record: SourceRecord) -> Order:
    assert isinstance(record.core, Order)
    return record.core


def _customer_of(order: Order, settings: OrderSettings, customers: Mapping[str, Ensured]) -> Ensured:
    if settings.default_customer and (settings.force_default_customer or order.customer is None):
        return Ensured(settings.default_customer)
    return customers.get(order.customer.key, Ensured()) if order.customer else Ensured()


def _resolve_lines(
    order: Order, settings: OrderSettings, items: Mapping[str, str], *, system: str
) -> list[dict[str, Any]] | Held:
    """Return what the target needs to know about each line beyond what the order says, or why it cannot."""
    spread = spread_discount(order.lines, order.discounts, currency=order.currency) if order.discounts else None
    resolved: list[dict[str, Any]] = []
    for index, line in enumerate(order.lines):
        percent = spread[index].percent if spread else line.discount_percent
        item = _item_for(line, settings, items)
        if item is None:
            if line.product_key is None:
                return Held("line.without_product", {"text": line.text[:80]})
            return Held("product.missing", {"sku": line.sku or line.text[:80], "system": system})
        resolved.append({"item": item, "discount_percent": percent, "text_only": line.product_key is None})
    return resolved


def _item_for(line: OrderLine, settings: OrderSettings, items: Mapping[str, str]) -> str | None:
    if line.product_key is None:
        return items.get(settings.text_line_item)
    found = items.get(line.product_key) or items.get(line.sku or "")
    if found is None and settings.missing_product is MissingProduct.FALLBACK_ITEM:
        return items.get(settings.fallback_item)
    return found


def _booked_rate(work: Work, rates: Rates, customer_id: str, line: OrderLine) -> Decimal | None:
    """Return the VAT rate the target will book for a line; where it cannot be told, the source's."""
    try:
        code = look_up("vat", work.tables.get("vat"), line.vat_code)
    except MappingError:
        return line.vat_rate  # planning holds the order and names the pair that is missing
    rate = rates(customer_id, code) if isinstance(code, str) else None
    return line.vat_rate if rate is None else rate


def _check_totals(
    order: Order,
    lines: Sequence[Mapping[str, Any]],
    rate: Callable[[OrderLine], Decimal | None],
    settings: OrderSettings,
) -> Held | None:
    """Compute the order as the target will, with its VAT and the discounts on the lines, and compare it."""
    sent = [
        line.model_copy(update={"discount_percent": resolved["discount_percent"], "vat_rate": rate(line)})
        for line, resolved in zip(order.lines, lines, strict=True)
    ]
    tolerance = max(CENT_PER_LINE * len(sent), settings.totals_tolerance)
    booked = predict(sent, (), currency=order.currency)
    difference = compare(order.totals, booked, tolerance=tolerance)
    if difference is None:
        return None
    if difference.is_of_document:
        return Held("totals.differ", {**_amounts("source", order.totals), **_amounts("target", booked)})
    part = difference.parts[0]
    percent = f"{(part.rate or 0) * 100:f}".rstrip("0").rstrip(".")
    return Held(
        "totals.rates_differ", {"percent": percent, "source": f"{part.source:.2f}", "target": f"{part.target:.2f}"}
    )


def _amounts(side: str, totals: Totals) -> dict[str, str]:
    return {side: f"{totals.including:.2f}", f"{side}_vat": f"{totals.including - totals.excluding:.2f}"}
