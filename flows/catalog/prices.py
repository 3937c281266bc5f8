"""Which of an item's prices is sent, and how: chosen by the settings of a products flow. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from apicenter.errors import RecordError
from connectors.core import ListPrice, Money, Product
from connectors.maps import ValueTableData
from flows.transforms.numbers import rounded


class PriceSource(StrEnum):
    """Where the price of a product comes from."""

    DEFAULT = "default_price"
    RECOMMENDED = "recommended_price"
    PRICE_CLASS = "price_class"


def chosen_price(product: Product, source: PriceSource, price_class: str) -> Money | None:
    """Return the price as the source holds it. Where an item has none of that kind its default price counts, as it
    does for the customers of the ERP."""
    found = {
        PriceSource.DEFAULT: product.price,
        PriceSource.RECOMMENDED: product.list_price,
        PriceSource.PRICE_CLASS: product.class_prices.get(price_class),
    }[source]
    return product.price if found is None else found


def without_vat(price: Money, product: Product) -> Money:
    """Return a price that includes VAT without it. Raises RecordError where the rate is not known for sure."""
    if product.vat_rate is None:
        raise RecordError("vat.rate_unknown", value=product.vat_code or "–")
    return price.model_copy(update={"amount": price.amount / (1 + product.vat_rate)})


def rounded_price(price: Money, decimals: int) -> Money:
    return price.model_copy(update={"amount": rounded(price.amount, decimals)})


def ensure_currency(price: Money, account: str, system: str) -> None:
    """Raise RecordError for a price in another currency than the target's account keeps."""
    if account and price.currency.upper() != account.upper():
        raise RecordError("currency.other", currency=price.currency, account=account, system=system)


def list_prices(product: Product, table: ValueTableData | None, decimals: int) -> tuple[ListPrice, ...]:
    """Return the price for each price list that a price class of the item is paired with."""
    paired: Mapping[str, str | None] = table.rows if table else {}
    return tuple(
        ListPrice(price_list_id=price_list, price=rounded_price(product.class_prices[code], decimals))
        for code, price_list in paired.items()
        if price_list and code in product.class_prices
    )
