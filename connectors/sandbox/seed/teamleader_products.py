"""The 124 products of the fake Teamleader account: 120 that Visma.net sells too, and four it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from connectors.sandbox.seed.catalog import Item, items
from connectors.sandbox.seed.records import Body, Record, link, money, stamp, uid
from connectors.sandbox.seed.teamleader_settings import (
    BELGIUM,
    CATEGORIES,
    COLOURS_FIELD,
    EAN_FIELD,
    ENERGY_FIELD,
    custom_field,
    rate_link,
)

SHARED = 120
UNKNOWN = (
    ("OLD-0417", "Plafonnière Zomer, messing", "129.00"),
    ("OLD-0522", "Wandlamp Étoile", "84.50"),
    ("MAATWERK", "Made-to-measure shade", "245.00"),
    ("XTR 99/B", "Extra cable, textile, 1 m", "6.75"),
)


@dataclass(frozen=True)
class Product:
    """What a quotation line takes from a product."""

    name: str  # of its id
    code: str
    title: str
    price: Decimal
    cost: Decimal
    unit: str


def shared_items() -> list[Item]:
    """The items Teamleader knows: every fourth that can be sold."""
    return [item for item in items() if item.is_sellable][::4][:SHARED]


@cache  # each of a hundred deals draws from them
def products() -> tuple[Product, ...]:
    """The shared ones first, then the four that Visma.net lacks."""
    known = (_shared(index, item) for index, item in enumerate(shared_items()))
    unknown = ((code, title, Decimal(price)) for code, title, price in UNKNOWN)
    return (*known, *(Product(code, code, title, price, price / 2, "piece") for code, title, price in unknown))


def records(now: datetime) -> list[Record]:
    described = {item.number: item for item in shared_items()}
    return [_record(index, product, described.get(product.name), now) for index, product in enumerate(products())]


def _shared(index: int, item: Item) -> Product:
    """Some drifted since they were typed in: other letter case, other name, last year's price."""
    cents = Decimal("0.01")
    return Product(
        name=item.number,
        code=item.number.lower() if index % 15 == 4 else item.number,
        title=f"{item.name} (old collection)" if index % 13 == 6 else item.name,
        price=((item.price * Decimal("0.95")) if index % 9 == 2 else item.price).quantize(cents, ROUND_HALF_UP),
        cost=item.cost,
        unit=_unit(item),
    )


def _unit(item: Item) -> str:
    return {"METER": "m", "M": "m", "M2": "m²", "HOUR": "hour", "SET": "set", "BOX": "box"}.get(
        item.unit.upper(), "piece"
    )


def _record(index: int, product: Product, item: Item | None, now: datetime) -> Record:
    created_at = now - timedelta(days=360 - index, minutes=index)
    modified_at = now - timedelta(days=180 - index, hours=index % 24)
    fields: list[Body] = []
    if item and item.ean:
        fields.append(custom_field("product", EAN_FIELD, item.ean))
    if item and "COLOUR" in item.attributes and index % 2:
        fields.append(custom_field("product", COLOURS_FIELD, item.attributes["COLOUR"].capitalize()))
    if item and "ENERGY" in item.attributes:
        fields.append(custom_field("product", ENERGY_FIELD, item.attributes["ENERGY"]))
    body: Body = {
        "id": uid("product", product.name),
        "name": product.title,
        "description": f"**{product.title}**\n\n- from our catalogue\n- ask for *samples*" if index % 3 else None,
        "code": product.code,
        "purchase_price": money(product.cost),
        "selling_price": money(product.price),
        "unit": link("unitOfMeasure", product.unit),
        "tax": rate_link(BELGIUM, "21%"),
        "suppliers": [],
        "custom_fields": fields,
        "price_list_prices": [{"price_list": link("priceList", "Resellers"), "price": money(product.price)}]
        if index % 8 == 0
        else [],
        "product_category": link("productCategory", tuple(CATEGORIES)[index % 5]) if index % 7 else None,
        "stock": {"amount": sum(item.stock.values()) if item and item.stock else None},
        "configuration": {"stock_threshold": None},
        "added_at": stamp(created_at),
        "updated_at": stamp(modified_at),
    }
    return Record("product", body["id"], body, created_at, modified_at)
