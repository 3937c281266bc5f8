"""Products in full."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from connectors.core import JSONDict, Product
from connectors.teamleader.read_values import (
    read_custom_fields,
    read_decimal,
    read_id,
    read_money,
    reading,
    unreadable,
)


def read_product(raw: JSONDict) -> Product:
    """Read {"product": …}. Raises RecordError, also for one without a code: nothing identifies it elsewhere."""
    with reading():
        product = raw["product"]
        code = (product.get("code") or "").strip()
        if not code:
            raise unreadable(_("it has no code"))
        stock = (product.get("stock") or {}).get("amount")
        return Product(
            sku=code,
            name=product.get("name") or code,
            long_text=product.get("description"),
            price=read_money(product.get("selling_price")),
            cost=read_money(product.get("purchase_price")),
            vat_code=read_id(product.get("tax")),
            unit=read_id(product.get("unit")),
            category=read_id(product.get("product_category")),
            stock=None if stock is None else read_decimal(stock),
            attributes={key: _text(value) for key, value in read_custom_fields(product.get("custom_fields")).items()},
        )


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)
