"""Inventory rows as products. Pure: everything needed stands in the row, the base currency under `organization`."""

from __future__ import annotations

from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apicenter.errors import RecordError
from connectors.base import ReadRecord, SourceRecord, Unreadable
from connectors.core import JSONDict, Money, Product
from connectors.visma_net.read_values import SYSTEM, read_decimal, read_id, read_rows, read_text, read_time
from connectors.visma_net.sales_prices import class_prices

SELLABLE = frozenset({"Active", "NoPurchases", "NoRequest"})
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
EAN_TYPES = ("Barcode", "Global")


def with_currency(row: JSONDict, currency: str) -> JSONDict:
    """Return the row as it is kept: with the currency its prices are in, without the counters of the page."""
    kept = {name: value for name, value in row.items() if name != "metadata"}
    return {**kept, "organization": {"baseCurrency": currency}}


def read_product_record(raw: JSONDict, zone: tzinfo = UTC) -> ReadRecord:
    """Return the row as record, or as one that cannot be read: the others go on."""
    modified_at = read_time(raw.get("lastModifiedDateTime"), zone)
    number = read_text(raw.get("inventoryNumber")) or ""
    key = item_key(raw) or number
    try:
        product = read_product(raw)
    except RecordError as error:
        return Unreadable(key=key, natural_key=number, error=error, raw=raw, modified_at=modified_at)
    return SourceRecord(
        key=key, natural_key=product.sku, core=product, raw=raw, modified_at=modified_at, label=product.name
    )


def item_key(raw: JSONDict) -> str | None:
    """Return what an item is known by for good: its id survives a new number."""
    return read_text(raw.get("inventoryId")) or read_text(raw.get("inventoryNumber"))


def read_product(raw: JSONDict) -> Product:
    """Return the core product. Raises RecordError for a row without number or with a read error of the ERP."""
    sku = read_text(raw.get("inventoryNumber"))
    if problem := read_text(raw.get("errorInfo")):
        raise _unreadable(problem)
    if sku is None:
        raise _unreadable(_("it has no item number"))
    currency = raw["organization"]["baseCurrency"]
    status = read_text(raw.get("status"))
    unit = read_text(raw.get("salesUnit")) or read_text(raw.get("baseUnit"))
    first_category = next(iter(read_rows(raw.get("salesCategories"))), {})
    cost = raw.get("currentCost") if raw.get("currentCost") is not None else raw.get("lastCost")
    return Product(
        sku=sku,
        name=read_text(raw.get("description")) or sku,
        long_text=read_text(raw.get("body")),
        price=_money(raw.get("defaultPrice"), currency),
        list_price=_money(raw.get("recommendedPrice"), currency),
        class_prices=class_prices(raw.get("salesPrices") or {}, unit=unit, currency=currency),
        cost=_money(cost, currency),
        vat_code=read_id(raw.get("vatCode")),
        vat_rate=read_decimal(raw.get("vatRate")),
        unit=unit,
        category=read_id(raw.get("itemClass")),
        category_name=read_id(raw.get("itemClass"), "description"),
        sales_category=read_id(first_category, "categoryId"),
        sales_category_name=read_id(first_category, "description"),
        image=_image(raw.get("attachments")),
        ean=_ean(raw.get("crossReferences")),
        kind=read_text(raw.get("type")),
        status=status,
        is_sellable=status in SELLABLE,
        stock=_stock(raw),
        attributes={
            code: read_text(row.get("value"))
            for row in read_rows(raw.get("attributes"))
            if (code := read_text(row.get("id")))
        },
    )


def _unreadable(what: str) -> RecordError:
    return RecordError("record.unreadable", system=SYSTEM, what=what)


def _money(value: Any, currency: str) -> Money | None:
    amount = read_decimal(value)
    return None if amount is None else Money(amount=amount, currency=currency)


def _ean(references: Any) -> str | None:
    found = {read_text(row.get("alternateType")): row for row in reversed(read_rows(references))}
    codes = (read_text(found[kind].get("alternateID")) for kind in EAN_TYPES if kind in found)
    return next((code for code in codes if code), None)


def _image(attachments: Any) -> str | None:
    """Return the name of the first attachment that is a picture: no field says which one it is."""
    names = (read_text(row.get("name")) or "" for row in read_rows(attachments))
    return next((name for name in names if name.lower().endswith(PICTURES)), None)


def _stock(raw: JSONDict) -> Decimal | None:
    """Return what is available over all warehouses; what is not kept in stock has no stock rather than none left."""
    if raw.get("stockItem") is False or not isinstance(raw.get("warehouseDetails"), list):
        return None
    amounts = (read_decimal(row.get("available")) for row in read_rows(raw["warehouseDetails"]))
    return sum((amount for amount in amounts if amount is not None), Decimal(0))
