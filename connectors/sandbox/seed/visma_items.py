"""The catalogue as Visma.net's inventory, and the tables that belong to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.sandbox.seed.catalog import ENERGY_CLASSES, WAREHOUSES, Item, items
from connectors.sandbox.seed.records import Body, Record, uid
from connectors.sandbox.seed.words import COLOURS, FAMILIES, ROOMS
from connectors.sandbox.visma_net.inventory import new_item
from connectors.sandbox.visma_net.wire import for_json, stamp, to_milliseconds

VAT_NAMES = {"21": "Standard rate 21 %", "12": "Parking rate 12 %", "6": "Reduced rate 6 %", "0": "Zero rate"}
# attribute: description, control, values
ATTRIBUTES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "COLOUR": ("Colour", "Combo", COLOURS),
    "MATERIAL": ("Material", "Text", ()),
    "ENERGY": ("Energy class", "Combo", ENERGY_CLASSES),
    "DIMMABLE": ("Dimmable", "Checkbox", ()),
    "WATT": ("Power (W)", "Text", ()),
    "LAUNCHED": ("On the market since", "Datetime", ()),
    "ROOMS": ("Rooms", "MultiSelectCombo", ROOMS),
    "TLID": ("CRM number", "Text", ()),
}
# sales category: name, parent, item classes in it
CATEGORIES: dict[int, tuple[str, int, tuple[str, ...]]] = {
    1: ("Lighting", 0, ("CABLE", "PART")),
    2: ("Pendant lamps", 1, ("PENDANT",)),
    3: ("Table and wall lamps", 1, ("TABLELAMP", "WALLLAMP")),
    4: ("Light sources", 1, ("BULB",)),
    5: ("Furniture", 0, ()),
    6: ("Seating", 5, ("CHAIR",)),
    7: ("Tables", 5, ("TABLE",)),
    8: ("Living", 0, ("TEXTILE", "BOOK", "PLANT")),
}
CLASS_CATEGORY = {item_class: number for number, row in CATEGORIES.items() for item_class in row[2]}
FIRST_ID = 2001
# price class: share of the default price
PRICE_CLASSES = {"RESELLER": Decimal("0.82"), "ARCHITECT": Decimal("0.9")}
CENT = Decimal("0.01")


def records(now: datetime) -> Iterator[Record]:
    """Items changed over the last 200 days, the tables long before."""
    old = now - timedelta(days=400)
    catalogue = items()
    for index, item in enumerate(catalogue):
        moment = to_milliseconds(now - timedelta(hours=2 + index * 200 * 24 / len(catalogue), milliseconds=index))
        body = item_body(item, item_id=FIRST_ID + index, stock_at=moment + timedelta(minutes=30))
        yield Record("inventory", item.number.upper(), body, moment - timedelta(days=30), moment)
    yield from _sales_prices(catalogue, now)
    for body in _item_classes():
        yield Record("item_class", body["id"], body, old, old)
    for name in ATTRIBUTES:
        yield Record("attribute", name, _attribute(name), old, old)
    for number in CATEGORIES:
        yield Record("sales_category", str(number), _category(number), old, old)
    for source, rate in (("BOX", 10), ("SET", 4)):
        unit = {"fromUnit": source, "toUnit": "PCS", "unitMultDiv": "Multiply", "unitRate": rate}
        yield Record("unit", f"{source}/PCS", unit, old, old)
    for name in ("PCS", "M", "HOUR"):
        unit = {"fromUnit": name, "toUnit": name, "unitMultDiv": "Multiply", "unitRate": 1}
        yield Record("unit", f"{name}/{name}", unit, old, old)


def item_body(item: Item, *, item_id: int, stock_at: datetime | None = None) -> Body:
    """Return an item of the catalogue as the inventory holds it."""
    body = new_item(item.number, item_id=item_id, kind=item.kind, unit=item.unit)
    body |= {
        "status": item.status,
        "description": item.name,
        "body": item.html,
        "itemClass": {"id": item.item_class, "description": item.class_name, "type": item.kind},
        "vatCode": {"id": item.vat_category, "description": VAT_NAMES[item.vat_category]},
        "defaultPrice": item.price,
        "recommendedPrice": (item.price * Decimal("1.15")).quantize(Decimal("0.01")),
        "currentCost": item.cost,
        "lastCost": item.cost,
        "attributes": [
            {"id": name, "value": value, "description": ATTRIBUTES[name][0]} for name, value in item.attributes.items()
        ],
        "warehouseDetails": [_stock(name, count, stock_at) for name, count in item.stock.items()],
        "salesCategories": _categories_of(item),
        "attachments": [{"id": uid("image", item.number), "name": f"{item.number.lower()}.jpg", "revision": 1}]
        if item_id % 5
        else [],
    }
    if item.ean:
        body["crossReferences"] = [
            {"alternateType": "Barcode", "alternateID": item.ean, "description": "EAN", "uom": item.unit}
        ]
    if item.item_class == "BULB":
        body["inventoryUnits"] = [{"fromUnit": "BOX", "toUnit": "PCS", "unitMultDiv": "Multiply", "unitRate": 10}]
    if item.stock:
        body["defaultWarehouse"] = {"id": "GHENT", "description": WAREHOUSES["GHENT"]}
        body["costPriceStatistics"] = {"averageCost": item.cost, "lastCost": item.cost}
    stored: Body = for_json(body)
    return stored


def _sales_prices(catalogue: list[Item], now: datetime) -> Iterator[Record]:
    """Every fourth item has its own price for two classes of customers; some are of yesterday, some of next month."""
    at = to_milliseconds(now - timedelta(days=210))
    number = 0
    for index, item in list(enumerate(catalogue))[::4]:
        for code, share in PRICE_CLASSES.items():
            for price in _prices_of(index, item.price * share, now):
                number += 1
                body = {
                    "recordId": number,
                    "priceType": "CustomerPriceClass",
                    "priceCode": code,
                    "inventoryId": item.number,
                    "description": item.name,
                    "uoM": item.unit,
                    "currency": "EUR",
                    "promotion": False,
                    **price,
                }
                yield Record("sales_price", str(number), for_json(body), at, at)


def _prices_of(index: int, price: Decimal, now: datetime) -> Iterator[Body]:
    begun, next_month = now - timedelta(days=210), now + timedelta(days=30)
    yield {"price": price.quantize(CENT), "breakQty": 0, "effectiveDate": stamp(begun)}
    if index % 8 == 0:
        yield {"price": (price * Decimal("0.9")).quantize(CENT), "breakQty": 10, "effectiveDate": stamp(begun)}
    if index % 12 == 0:
        yield {"price": (price * Decimal("1.05")).quantize(CENT), "breakQty": 0, "effectiveDate": stamp(next_month)}
    if index % 20 == 0:
        past = {"effectiveDate": stamp(begun - timedelta(days=365)), "expirationDate": stamp(begun - timedelta(days=1))}
        yield {"price": (price * Decimal("0.95")).quantize(CENT), "breakQty": 0, **past}


def _stock(warehouse: str, count: int, at: datetime | None) -> Body:
    return {
        "isDefault": warehouse == "GHENT",
        "warehouse": warehouse,
        "quantityOnHand": count,
        "available": max(count - count // 10, 0),  # some of it is promised to orders
        "availableForShipment": max(count - count // 10, 0),
        "lastModifiedDateTime": stamp(at) if at else None,
    }


def _categories_of(item: Item) -> list[Body]:
    number = CLASS_CATEGORY.get(item.item_class)
    return [{"categoryId": number, "description": CATEGORIES[number][0]}] if number else []


def _item_classes() -> Iterator[Body]:
    for family in FAMILIES:
        names = ("COLOUR", "MATERIAL", *(("ENERGY", "DIMMABLE", "WATT") if family.is_electric else ()), "LAUNCHED")
        yield {
            "id": family.item_class,
            "description": family.class_name,
            "type": family.kind,
            "attributes": [
                {
                    "attributeId": name,
                    "description": ATTRIBUTES[name][0],
                    "sortOrder": place,
                    "required": False,
                    "attributeType": ATTRIBUTES[name][1],
                }
                for place, name in enumerate(names, 1)
            ],
            "_unit": family.unit,
            "_vat": family.vat_category,
        }


def _attribute(name: str) -> Body:
    description, control, values = ATTRIBUTES[name]
    return {
        "attributeID": name,
        "description": description,
        "controlType": control,
        "internal": False,
        "details": [
            {"valueId": value.upper(), "description": value.capitalize(), "sortOrder": place, "disabled": False}
            for place, value in enumerate(values, 1)
        ],
    }


def _category(number: int) -> Body:
    description, parent, _ = CATEGORIES[number]
    children = [_category(child) for child, row in CATEGORIES.items() if row[1] == number]
    body = {"categoryID": number, "description": description, "parentID": parent, "sortOrder": number}
    return {**body, "subCategories": children}
