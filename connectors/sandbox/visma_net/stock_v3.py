"""Bulk lists of the order service: availability of many items in one call, and customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Thing
from connectors.sandbox.visma_net.asking import Ask, Route
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.wire import JSONDict, read_zoned_time, stamp


def page_reply(ask: Ask, rows: Sequence[Any], *, default_size: int = 100, cap: int = 1000) -> Reply:
    """Answer one page; the first has index 0, and nextPage is there while more follow."""
    size = min(ask.integer("pageSize", default=default_size, least=1), cap)
    index = ask.integer("pageIndex", default=0, least=0)
    page = list(rows[index * size : (index + 1) * size])
    more = (index + 1) * size < len(rows)
    path = ask.incoming.path
    next_page = f"{ask.base_url}{path}?pageIndex={index + 1}&pageSize={size}" if more else None
    return Reply(200, {"value": page, "totalCount": len(rows), "nextPage": next_page})


def since_of(ask: Ask) -> str | None:
    """Return the modifiedSince bound as the text our records carry."""
    text = ask.text("modifiedSince")
    if text is None:
        return None
    moment = read_zoned_time(text)
    if moment is None:
        raise Refused(f"The value '{text}' is not valid.", modifiedSince=text)
    return stamp(moment)


def list_availability(ask: Ask) -> Reply:
    since = since_of(ask)
    rows = Thing.objects.filter(account=ask.account, kind="inventory").order_by("key")
    wanted = ask.many("inventoryId")
    if wanted:
        rows = rows.filter(key__in=[code.upper() for code in wanted])
    found = [_availability(row.body, warehouses=ask.many("warehouseId"), since=since) for row in rows]
    return page_reply(ask, [row for row in found if row["availability"]], default_size=10_000, cap=10_000)


def _availability(item: JSONDict, *, warehouses: list[str], since: str | None) -> JSONDict:
    return {
        "inventoryId": item["inventoryNumber"],
        "internalId": item["inventoryId"],
        "description": item["description"],
        "baseUnit": item["baseUnit"],
        "availability": [
            {
                "warehouseId": row["warehouse"],
                "lastModified": f"{row['lastModifiedDateTime']}Z",
                "quantityOnHand": row["quantityOnHand"],
                "quantityAvailable": row["available"],
                "quantityAvailableForShipment": row["availableForShipment"],
                "estimatedUnitCost": item["currentCost"],
            }
            for row in item["warehouseDetails"]
            if (not warehouses or row["warehouse"] in warehouses)
            and (not since or row["lastModifiedDateTime"] >= since)
        ],
    }


def list_customers(ask: Ask) -> Reply:
    """The filter is looked for in number, name, GLN and VAT number."""
    text = (ask.text("filter") or "").lower()
    rows = [row.body for row in Thing.objects.filter(account=ask.account, kind="customer").order_by("key")]
    names = ("number", "name", "gln", "vatRegistrationId")
    found = [body for body in rows if any(text in str(body.get(name) or "").lower() for name in names)]
    return page_reply(ask, [_customer(body) for body in found])


def _customer(body: JSONDict) -> JSONDict:
    address = body["mainAddress"]
    return {
        "id": body["number"],
        "internalId": body["internalId"],
        "name": body["name"],
        "status": body["status"],
        "customerClassId": body["customerClass"]["id"],
        "currencyId": body["currencyId"],
        "addressLine1": address["addressLine1"],
        "addressLine2": address["addressLine2"],
        "postalCode": address["postalCode"],
        "country": address["country"]["id"],
        "defaultLocation": {
            "id": body["location"]["id"],
            "name": body["location"]["name"],
            "corporateId": body["corporateId"],
            "taxRegistrationId": body["vatRegistrationId"],
            "gln": body["gln"],
            "countryId": address["country"]["id"],
        },
    }


ROUTES = (
    Route(
        "GET",
        "api/v3/Inventory",
        list_availability,
        (
            "inventoryId",
            "warehouseId",
            "locationId",
            "expand",
            "attributeFilter",
            "modifiedSince",
            "pageSize",
            "pageIndex",
        ),
    ),
    Route("GET", "api/v3/Customers", list_customers, ("filter", "pageSize", "pageIndex")),
)
