"""Lines of a sales order: what an update may say about them, and what the item adds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from connectors.sandbox.models import Account, Thing
from connectors.sandbox.visma_net import store
from connectors.sandbox.visma_net.inventory import SELLABLE
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.subaccounts import find_subaccount, short_of
from connectors.sandbox.visma_net.totals import line_amount
from connectors.sandbox.visma_net.wire import JSONDict, number

DEFAULT_WAREHOUSE = "GHENT"
NUMBERS = ("quantity", "unitPrice", "discountPercent", "discountAmount", "unitCost")
TEXTS = ("lineDescription", "externalLink", "note", "alternateID", "reasonCode", "requestedOn", "shipOn")
FLAGS = ("manualDiscount", "freeItem", "completed", "commissionable")


def sellable_items(account: Account, codes: list[str]) -> Mapping[str, Thing]:
    """Return the items by number. Raises Refused for one that is unknown or may not be sold."""
    found = store.find_many(account, "inventory", codes)
    for code in codes:
        thing = found.get(store.key_of(code))
        if thing is None:
            raise Refused(
                f"'Inventory ID' cannot be found in the system: '{code}'.",
                code="1804-InventoryIdNotFound",
                inventoryId=code,
            )
        if thing.body["status"] not in SELLABLE:
            raise Refused(
                f"The inventory item '{code}' is {thing.body['status']} and cannot be sold.",
                code="1806-InvalidInventoryStatus",
                about={"inventoryId": code, "status": thing.body["status"]},
            )
    return found


def apply_lines(account: Account, order: JSONDict, changes: list[JSONDict]) -> None:
    """Insert, update and delete lines. A new line says Insert, an old one its number."""
    changes = [_naming_its_item(order, row) for row in changes]
    codes = [str(row["inventoryNumber"]) for row in changes if row.get("inventoryNumber")]
    items = sellable_items(account, codes)
    _check_places(account, changes)
    for index, change in enumerate(changes):
        subaccount = find_subaccount(account, change.get("subaccount"))
        change |= {"subaccount": short_of(subaccount)} if subaccount else {}
        operation = change.get("operation")
        if operation == "Insert":
            order["lines"].append(_new_line(order, items, change, index))
            continue
        if operation not in ("Update", "Delete"):
            raise Refused(f"The operation of line {index + 1} must be Insert, Update or Delete.")
        line = _existing(order, change.get("lineNbr"))
        if operation == "Delete":
            order["lines"].remove(line)
        else:
            _change(order, line, change, items)


def _naming_its_item(order: JSONDict, change: JSONDict) -> JSONDict:
    """A change of unit is checked against the item, which an update need not name."""
    if change.get("operation") != "Update" or not change.get("uom") or change.get("inventoryNumber"):
        return change
    return {**change, "inventoryNumber": _existing(order, change.get("lineNbr"))["inventory"]["number"]}


def _new_line(order: JSONDict, items: Mapping[str, Thing], change: JSONDict, index: int) -> JSONDict:
    code = change.get("inventoryNumber")
    if not code:
        raise Refused(f"'Inventory ID' of line {index + 1} cannot be empty.", code="1803-MissingInventoryId")
    item = items[store.key_of(str(code))].body
    order["_lastLine"] += 1
    rate = Decimal(str(order["exchangeRate"]))
    line: JSONDict = {
        "lineNbr": order["_lastLine"],
        "sortOrder": order["_lastLine"],
        "operation": "Issue",
        "inventory": {"number": item["inventoryNumber"], "description": item["description"]},
        "warehouse": None,
        "uom": item["salesUnit"],
        "quantity": Decimal(0),
        "qtyOnShipments": 0,
        "unitCost": item["currentCost"],
        "unitPrice": (Decimal(str(item["defaultPrice"])) / rate).quantize(Decimal("0.0001")),
        "discountPercent": Decimal(0),
        "discountAmount": Decimal(0),
        "manualDiscount": False,
        "freeItem": False,
        "completed": False,
        "commissionable": True,
        "lineDescription": item["description"],
        "taxCategory": item["vatCode"]["id"],
        "externalLink": None,
        "note": "",
        "branchNumber": order["branchNumber"],
    }
    if item["stockItem"]:
        preferred = order["preferredWarehouse"] or {"id": DEFAULT_WAREHOUSE, "description": None}
        line["warehouse"] = dict(preferred)
    _change(order, line, change, items)
    return line


def _change(order: JSONDict, line: JSONDict, change: JSONDict, items: Mapping[str, Thing]) -> None:
    if change.get("inventoryNumber"):
        item = items[store.key_of(str(change["inventoryNumber"]))].body
        line["inventory"] = {"number": item["inventoryNumber"], "description": item["description"]}
        _check_unit(item, change.get("uom"))
    for name in (*TEXTS, *FLAGS):
        if change.get(name) is not None:
            line[name] = change[name]
    for name in NUMBERS:
        if change.get(name) is not None:
            line[name] = number(change[name], name=f"lines.{name}")
    if change.get("uom"):
        line["uom"] = change["uom"]
    if change.get("taxCategory"):
        line["taxCategory"] = change["taxCategory"]
    if change.get("warehouse"):
        line["warehouse"] = {"id": change["warehouse"], "description": None}
    if change.get("_salesAccount"):
        line["_salesAccount"] = change["_salesAccount"]
    if change.get("subaccount"):
        line["subaccount"] = change["subaccount"]
    if change.get("branchNumber"):
        line["branchNumber"] = {"number": change["branchNumber"], "name": None}
    _price(line, str(order["currency"]))


def _price(line: JSONDict, currency: str) -> None:
    """Work out the amount: quantity times price, less the discount, to the cent."""
    quantity, price, percent, discount = (
        Decimal(str(line[name])) for name in ("quantity", "unitPrice", "discountPercent", "discountAmount")
    )
    if abs(percent) > 100:
        raise Refused("'Discount percent' must be between -100 and 100.", discountPercent=str(percent))
    net, reduced = line_amount(quantity, price, percent=percent, discount=discount, currency=currency)
    line["discountAmount"] = reduced
    line["extPrice"] = line["unbilledAmount"] = net
    line["discUnitPrice"] = price * (1 - percent / 100)
    line["openQty"] = quantity


def _check_unit(item: JSONDict, unit: str | None) -> None:
    known = {item["baseUnit"], item["salesUnit"], item["purchaseUnit"]}
    known |= {row["fromUnit"] for row in item["inventoryUnits"]}
    if unit and unit not in known:
        raise Refused(
            f"'UOM' cannot be found in the system: '{unit}' of {item['inventoryNumber']}.",
            code="1808-InvalidUnitOfMeasure",
            unitOfMeasure=unit,
        )


def _check_places(account: Account, changes: list[JSONDict]) -> None:
    for kind, name, field, code in (
        ("warehouse", "warehouse", "Warehouse", "1802-InvalidWarehouseId"),
        ("branch", "branchNumber", "Branch", "1300-InvalidBranchId"),
        ("account", "_salesAccount", "Sales account", "1810-InvalidAccountId"),
    ):
        for value in {str(row[name]) for row in changes if row.get(name)}:
            store.lookup(account, kind, value, field=field, code=code)


def _existing(order: JSONDict, line_number: object) -> JSONDict:
    for line in order["lines"]:
        if line["lineNbr"] == line_number:
            return line
    raise Refused(f"The line '{line_number}' cannot be found.", code="1800-LineNotFound", lineId=str(line_number))
