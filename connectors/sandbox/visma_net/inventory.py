"""Items: list with expansions and filters, single, create, change, cross references, stock per warehouse."""

from __future__ import annotations

import json
from typing import Any

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Account, Thing
from connectors.sandbox.visma_net import fields, store
from connectors.sandbox.visma_net.asking import Ask, Route
from connectors.sandbox.visma_net.listing import OPERATORS, Listing, body_of, list_things
from connectors.sandbox.visma_net.refusal import Refused, not_found
from connectors.sandbox.visma_net.wire import JSONDict, number, read_time, stamp

SELLABLE = ("Active", "NoPurchases", "NoRequest")
STATUSES = (*SELLABLE, "NoSales", "Inactive", "MarkedForDeletion", "Unknown")
STOCKED = ("FinishedGoodItem", "ComponentPartItem", "SubassemblyItem")
EXPANSIONS = {
    "expandCrossReference": "crossReferences",
    "expandAttachment": "attachments",
    "expandAttribute": "attributes",
    "expandWarehouseDetail": "warehouseDetails",
    "expandAccountInformation": "accountInformation",
    "expandInventoryUnits": "inventoryUnits",
    "expandSupplierDetails": "supplierDetails",
    "expandSalesCategories": "salesCategories",
    "expandNote": "note",
}
FILTERS = (
    "alternateID", "attributes", "salesCategory", "inventoryTypes", "addCostPriceStatistics",
    "availabilityLastModifiedDateTime", "availabilityLastModifiedDateTimeCondition",
    "attachmentLastModifiedDateTime", "attachmentLastModifiedDateTimeCondition",
)  # fmt: skip
CROSS_REFERENCES = ("CPN", "VPN", "Global", "Barcode")


def _expanded(ask: Ask, body: JSONDict) -> JSONDict:
    """Every part comes unless the caller says no; cost statistics only when asked for."""
    for parameter, part in EXPANSIONS.items():
        if not ask.flag(parameter, default=True):
            body.pop(part, None)
    if not ask.flag("addCostPriceStatistics", default=False):
        body.pop("costPriceStatistics", None)
    return body


def _passes(ask: Ask, body: JSONDict) -> bool:
    """The filters that look into lists."""
    alternate, category = ask.text("alternateID"), ask.text("salesCategory")
    if alternate and all(row["alternateID"] != alternate for row in body["crossReferences"]):
        return False
    if category and all(str(row["categoryId"]) != category for row in body["salesCategories"]):
        return False
    return has_attributes(ask, body) and _has_fresh_stock(ask, body)


def has_attributes(ask: Ask, body: JSONDict) -> bool:
    """Compare with ?attributes={"COLOUR":"RED"}: exact, all of them."""
    text = ask.text("attributes")
    if text is None:
        return True
    try:
        wanted = json.loads(text)
    except ValueError as error:
        raise Refused("The attributes filter is not valid JSON.") from error
    values = {row["id"]: row["value"] for row in body["attributes"]}
    return all(values.get(name) == str(value) for name, value in wanted.items())


def _has_fresh_stock(ask: Ask, body: JSONDict) -> bool:
    text, operator = (
        ask.text("availabilityLastModifiedDateTime"),
        ask.text("availabilityLastModifiedDateTimeCondition"),
    )
    bound = read_time(text) if text and operator in OPERATORS else None
    if bound is None:
        return True
    moments = [row["lastModifiedDateTime"] for row in body["warehouseDetails"]]
    limit = stamp(bound)
    checks = {">": limit.__lt__, ">=": limit.__le__, "<": limit.__gt__, "<=": limit.__ge__}
    return any(checks[str(operator)](moment) for moment in moments)


def _needs_sieve(ask: Ask) -> bool:
    return any(ask.text(name) for name in FILTERS if name != "inventoryTypes")


_PLAIN = Listing(
    "inventory",
    cap=5000,
    filters={
        "inventoryNumber": "key__iexact",
        "status": "body__status",
        "description": "body__description__icontains",
    },
    version_name="timestamp",
    show=_expanded,
)
_SIEVED = Listing(
    "inventory",
    cap=5000,
    filters=_PLAIN.filters,
    version_name="timestamp",
    show=_expanded,
    sieve=_passes,
)


def list_items(ask: Ask) -> Reply:
    kinds = ask.many("inventoryTypes")
    only = {"body__type__in": kinds} if kinds else {}
    return list_things(ask, _SIEVED if _needs_sieve(ask) else _PLAIN, only=only)


def get_item(ask: Ask) -> Reply:
    return Reply(200, body_of(_item(ask), _PLAIN))


def create_item(ask: Ask) -> Reply:
    body = ask.payload(fields.INVENTORY)
    code = str(body.get("inventoryNumber") or "").strip()
    if not code:
        raise Refused("'Inventory ID' cannot be empty.")
    if store.find(ask.account, "inventory", code):
        raise Refused(f"An inventory item with the number '{code}' already exists.")
    if not body.get("description"):
        raise Refused("'Description' cannot be empty.")
    if not body.get("itemClass"):
        raise Refused("'Item class' cannot be empty.")
    item_class = store.lookup(ask.account, "item_class", body["itemClass"], field="Item class")
    kind = body.get("type") or item_class.body["type"]
    item = new_item(code, item_id=_next_id(ask.account), kind=kind, unit=item_class.body["_unit"])
    item |= {"vatCode": store.reference(ask.account, "vat_category", item_class.body["_vat"])}
    _change(ask.account, item, body)
    store.add(ask.account, "inventory", code, item)
    return Reply(201, None, ask.location(f"v1/inventory/{code}"))


def change_item(ask: Ask) -> Reply:
    thing = _item(ask)
    body = ask.payload(fields.INVENTORY)
    _change(ask.account, thing.body, body)
    store.save(thing)
    return Reply(204)


def new_item(code: str, *, item_id: int, kind: str, unit: str) -> JSONDict:
    """Return an empty item, every list in place."""
    return {
        "inventoryId": item_id,
        "inventoryNumber": code,
        "status": "Active",
        "type": kind,
        "description": "",
        "body": "",
        "itemClass": None,
        "postingClass": {"id": "GOODS", "description": "Goods"},
        "vatCode": None,
        "defaultPrice": 0,
        "currentCost": 0,
        "lastCost": 0,
        "recommendedPrice": 0,
        "baseUnit": unit,
        "salesUnit": unit,
        "purchaseUnit": unit,
        "stockItem": kind in STOCKED,
        "kitItem": False,
        "crossReferences": [],
        "attachments": [],
        "attributes": [],
        "warehouseDetails": [],
        "inventoryUnits": [],
        "supplierDetails": [],
        "salesCategories": [],
        "note": "",
    }


def _next_id(account: Account) -> int:
    last = int(account.counters.get("inventoryId", 9000)) + 1
    account.counters["inventoryId"] = last
    account.save(update_fields=["counters"])
    return last


def _item(ask: Ask) -> Thing:
    if "id" not in ask.keys:
        return store.get(ask.account, "inventory", ask.keys["number"], what="The inventory item")
    rows = Thing.objects.filter(account=ask.account, kind="inventory")
    text = ask.keys["id"]
    thing = rows.filter(body__inventoryId=int(text)).first() if text.isdigit() else None
    if thing is None:
        raise not_found("The inventory item", text)
    return thing


def _change(account: Account, item: JSONDict, changes: JSONDict) -> None:
    """Write what an update names; what it leaves out stays."""
    if changes.get("status", "Active") not in STATUSES:
        raise Refused(f"Error converting value '{changes['status']}' to type 'InventoryStatus'. Path 'status.value'.")
    for name in ("status", "description", "body", "baseUnit", "salesUnit", "purchaseUnit", "kitItem", "note"):
        if name in changes:
            item[name] = changes[name]
    if "defaultPrice" in changes:
        item["defaultPrice"] = number(changes["defaultPrice"], name="defaultPrice.value")
    if "itemClass" in changes:
        item_class = store.lookup(account, "item_class", changes["itemClass"], field="Item class")
        item["itemClass"] = {name: item_class.body[name] for name in ("id", "description", "type")}
    if "vatCode" in changes:
        store.lookup(account, "vat_category", changes["vatCode"], field="VAT category")
        item["vatCode"] = store.reference(account, "vat_category", changes["vatCode"])
    for name in ("defaultWarehouse", "defaultIssueFrom", "defaultReceiptTo"):
        if name in changes:
            store.lookup(account, "warehouse", changes[name], field="Warehouse")
            item[name] = store.reference(account, "warehouse", changes[name])
    item["attributes"] = with_attributes(account, item["attributes"], changes.get("attributeLines") or ())
    for row in changes.get("crossReferences") or ():
        _change_cross_reference(item, row)


def with_attributes(account: Account, values: list[JSONDict], lines: Any) -> list[JSONDict]:
    """Return the attribute values with the lines of an update in them; an unknown attribute is refused."""
    by_id = {row["id"]: row for row in values}
    for line in lines:
        name = line.get("attributeId")
        attribute = store.lookup(account, "attribute", name, field="Attribute ID")
        by_id[name] = {
            "id": name,
            "value": line.get("attributeValue"),
            "description": attribute.body["description"],
        }
    return list(by_id.values())


def _change_cross_reference(item: JSONDict, row: JSONDict) -> None:
    if row.get("alternateType") not in CROSS_REFERENCES:
        raise Refused("'Alternate type' cannot be empty.")
    key = (row["alternateType"], row.get("alternateID"))
    kept = [old for old in item["crossReferences"] if (old["alternateType"], old["alternateID"]) != key]
    if row.get("operation") != "Delete":
        kept.append(
            {
                "alternateType": row["alternateType"],
                "alternateID": row.get("alternateID"),
                "description": row.get("description") or "",
                "uom": row.get("uom") or item["baseUnit"],
            }
        )
    item["crossReferences"] = kept


def list_cross_references(ask: Ask) -> Reply:
    return Reply(200, _item(ask).body["crossReferences"])


def add_cross_reference(ask: Ask) -> Reply:
    thing = _item(ask)
    row = ask.payload()
    _change_cross_reference(thing.body, row)
    store.save(thing)
    path = f"v1/inventory/{thing.body['inventoryNumber']}/crossReferences/{row['alternateType']}/{row['alternateID']}"
    return Reply(201, None, ask.location(path))


def summarize_stock(ask: Ask) -> Reply:
    item = _item(ask).body
    wanted = ask.text("warehouse")
    rows = [row for row in item["warehouseDetails"] if wanted in (None, row["warehouse"])]
    summaries = [
        {
            "inventory": {"number": item["inventoryNumber"], "description": item["description"]},
            "warehouse": store.reference(ask.account, "warehouse", row["warehouse"]),
            "available": row["available"],
            "availableForShipment": row["availableForShipment"],
            "onHand": row["quantityOnHand"],
            "baseUnit": item["baseUnit"],
            "estimatedUnitCost": item["currentCost"],
        }
        for row in rows
    ]
    return Reply(200, summaries)


ROUTES = (
    Route("GET", "v1/inventory", list_items, (*_PLAIN.query, *FILTERS, *EXPANSIONS)),
    Route("POST", "v1/inventory", create_item),
    Route("GET", "v1/inventory/{number}", get_item),
    Route("PUT", "v1/inventory/{number}", change_item),
    Route("GET", "v1/inventory/internal/{id}", get_item),
    Route("PUT", "v1/inventory/internal/{id}", change_item),
    Route("GET", "v1/inventory/{number}/crossReferences", list_cross_references),
    Route("POST", "v1/inventory/{number}/crossReferences", add_cross_reference),
    Route("GET", "v1/inventorysummary/{number}", summarize_stock, ("warehouse", "location")),
)
