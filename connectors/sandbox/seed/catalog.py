"""The range of an invented lighting and interior wholesaler: what both fake systems sell.

Every item draws from a random source seeded by its own position, so a longer catalogue starts with a shorter one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from random import Random

from connectors.sandbox.seed.words import COLOURS, FAMILIES, MATERIALS, ROOMS, SENTENCES, Family

WAREHOUSES = {"GHENT": "Main warehouse Ghent", "OSLO": "Warehouse Oslo", "SHOWROOM": "Showroom Antwerp"}
ENERGY_CLASSES = ("A", "B", "C", "D", "E", "F", "G")
STOCKED = ("FinishedGoodItem", "ComponentPartItem")


@dataclass(frozen=True)
class Item:
    """One article, in Visma.net's words where the two systems differ."""

    number: str
    name: str
    html: str
    item_class: str
    class_name: str
    vat_category: str
    unit: str
    price: Decimal
    cost: Decimal
    ean: str
    attributes: dict[str, str]
    kind: str
    status: str
    stock: dict[str, int]

    @property
    def is_sellable(self) -> bool:
        return self.status in ("Active", "NoPurchases", "NoRequest")


def items(count: int = 520) -> list[Item]:
    """Return the first `count` items of the catalogue, the same ones every time."""
    return list(_items(count))


@lru_cache(maxsize=4)
def _items(count: int) -> tuple[Item, ...]:
    return tuple(_item(index) for index in range(count))


def _item(index: int) -> Item:
    draw = Random(f"catalogue item {index}")  # noqa: S311 - made-up goods, not secrets
    family = draw.choices(FAMILIES, weights=[family.weight for family in FAMILIES])[0]
    colour = draw.choice(COLOURS)
    material = draw.choice(MATERIALS)
    name = f"{draw.choice(family.series)} {draw.choice(family.nouns)}"
    if family.kind in STOCKED:
        name = f"{name} {draw.choice(family.sizes)}, {colour.lower()}"
    return Item(
        number=f"{family.prefix}-{10001 + index * 7}",
        name=name,
        html=_html(draw, index, name, material=material, colour=colour),
        item_class=family.item_class,
        class_name=family.class_name,
        vat_category=family.vat_category,
        unit=family.unit,
        price=(price := _price(draw, index, family)),
        cost=(price * Decimal(draw.randint(42, 68)) / 100).quantize(Decimal("0.01")),
        ean=_ean(index) if family.kind in STOCKED and draw.random() > 0.09 else "",
        attributes=_attributes(draw, family, colour=colour, material=material),
        kind=family.kind,
        status=_status(index),
        stock=_stock(draw, family),
    )


def _price(draw: Random, index: int, family: Family) -> Decimal:
    """Most end on .00, .50 or .95; every fortieth has four decimals, as goods by the metre do."""
    base = Decimal(draw.randint(family.price_from, family.price_to))
    if index % 40 == 7:
        return base + Decimal(draw.randint(1, 9999)) / 10000
    return base + Decimal(draw.choice(("0.00", "0.50", "0.95", "0.90")))


def _status(index: int) -> str:
    """Four in a hundred cannot be sold, two more cannot be bought: fixed places, so that tests can count them."""
    return {13: "Inactive", 38: "NoSales", 63: "MarkedForDeletion", 88: "Inactive", 50: "NoPurchases"}.get(
        index % 100, "Active"
    )


def _stock(draw: Random, family: Family) -> dict[str, int]:
    if family.kind not in STOCKED:
        return {}
    main = 0 if draw.random() < 0.12 else draw.randint(1, 400)
    return {"GHENT": main, "OSLO": draw.choice((0, 0, 4, 12, 36)), "SHOWROOM": draw.choice((0, 0, 1, 2))}


def _attributes(draw: Random, family: Family, *, colour: str, material: str) -> dict[str, str]:
    if family.kind not in STOCKED:
        return {}
    values = {"COLOUR": colour.upper(), "MATERIAL": material}
    if family.is_electric:
        values["ENERGY"] = draw.choice(ENERGY_CLASSES)
        values["DIMMABLE"] = draw.choice(("0", "1"))
        values["WATT"] = str(draw.choice((4, 6, 8, 12, 18, 24, 40)))
    if draw.random() < 0.5:
        values["LAUNCHED"] = f"{draw.randint(2019, 2026)}-{draw.randint(1, 9):02}-{draw.randint(1, 28):02}"
    if draw.random() < 0.3:
        values["ROOMS"] = ",".join(sorted(draw.sample(ROOMS, 2)))
    return values


def _html(draw: Random, index: int, name: str, *, material: str, colour: str) -> str:
    if index % 17 == 5:
        return ""
    points = [f"Material: {material}", f"Colour: {colour}", *draw.sample(SENTENCES, 2)]
    text = (
        f"<p><strong>{name}</strong> &ndash; {draw.choice(SENTENCES)}</p>"
        f"<ul>{''.join(f'<li>{point}</li>' for point in points)}</ul>"
        f'<p>{draw.choice(SENTENCES)}<br/>See the <a href="https://www.lichtlys.example/p/{10001 + index * 7}">'
        "data sheet</a>.</p>"
    )
    if index % 130 == 21:  # longer than most CRMs take
        text += "".join(f"<p>{sentence}</p>" for sentence in draw.choices(SENTENCES, k=140))
    return text


def _ean(index: int) -> str:
    """Return a valid EAN-13 with a Belgian prefix."""
    digits = f"5412345{index + 1:05}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
