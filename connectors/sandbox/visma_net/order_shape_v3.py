"""The order service's shape of a sales order, and the way back from its payloads to a change of the order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.models import Account, Thing
from connectors.sandbox.visma_net import fields
from connectors.sandbox.visma_net.parts import v3_address
from connectors.sandbox.visma_net.refusal import Refused
from connectors.sandbox.visma_net.wire import JSONDict, number, version_text, zoned_stamp

STATUSES = ("Open", "Hold", "BackOrder")
HEAD = {"description": "description", "note": "note", "currencyId": "currency", "branchId": "branchNumber",
        "taxZoneId": "customerVATZone", "date": "date", "requestOn": "requestOn", "cancelBy": "cancelBy",
        "salesPersonId": "salesPerson", "projectId": "project"}  # fmt: skip
CUSTOMER = {"id": "customer", "locationId": "location", "order": "customerOrder", "refNo": "customerRefNo",
            "contactId": "contactId", "termsId": "terms"}  # fmt: skip
SHIPPING = {"shipViaId": "shipVia", "preferredWarehouseId": "preferredWarehouse", "scheduledDate": "schedShipment",
            "shipSeparately": "shipSeparately", "termsId": "shippingTerms", "priority": "priority",
            "rule": "shipComplete"}  # fmt: skip
PAYMENT = {"paymentMethodId": "paymentMethod", "paymentReference": "paymentRef", "cashAccountId": "cashAccount"}
LINE = {"inventoryId": "inventoryNumber", "lineId": "lineNbr", "quantity": "quantity", "unitPrice": "unitPrice",
        "unitCost": "unitCost", "discountPercent": "discountPercent", "discountAmount": "discountAmount",
        "hasManualDiscount": "manualDiscount", "description": "lineDescription", "externalLink": "externalLink",
        "note": "note", "unitOfMeasure": "uom", "warehouseId": "warehouse", "taxCategoryId": "taxCategory",
        "branchId": "branchNumber", "reasonCode": "reasonCode", "requestDate": "requestedOn",
        "shipDate": "shipOn", "subaccount": "subaccount", "salesAccountId": "_salesAccount"}  # fmt: skip
TOTALS = {"orderTotal": "orderTotal", "taxTotal": "taxTotal", "taxableTotal": "vatTaxableTotal",
          "taxExemptTotal": "vatExemptTotal", "discountTotal": "discountTotal"}  # fmt: skip


def read_order(account: Account, payload: Any, *, strict: bool) -> JSONDict:
    """Translate a new order or a patch. Raises Refused for texts that are too long and dates that are none."""
    body = _part({"order": payload}, "order", fields.ORDER_V3, "", strict=strict)
    changes = _renamed(body, HEAD)
    changes |= _renamed(_part(body, "customer", fields.CUSTOMER_V3, "customer.", strict=strict), CUSTOMER)
    changes |= _renamed(body.get("paymentSettings") or {}, PAYMENT)
    for part, prefix in (("billing", "soBilling"), ("shipping", "soShipping")):
        changes |= _place(account, body.get(part) or {}, prefix, part)
    changes |= _renamed(body.get("shipping") or {}, SHIPPING)
    changes |= _renamed(body, {"type": "orderType", "orderId": "orderNumber"})
    if body.get("status") is not None:
        if body["status"] not in STATUSES:
            raise Refused(f"The status '{body['status']}' is not allowed.", field="status")
        changes["hold"] = body["status"] == "Hold"
    if body.get("freight"):
        freight = body["freight"]
        changes["_freight"] = {
            "amount": number(freight.get("premiumAmount") or 0, name="freight.premiumAmount"),
            "cost": number(freight.get("cost") or 0, name="freight.cost"),
            "taxCategory": freight.get("taxCategoryId") or "21",
        }
    changes["lines"] = read_lines(body.get("orderLines") or [], operation="Insert", strict=strict)
    return changes


def read_lines(rows: Any, *, operation: str, strict: bool) -> list[JSONDict]:
    lines = []
    for index, row in enumerate(rows):
        line = _part({"line": row}, "line", fields.LINE_V3, f"orderLines[{index}].", strict=strict)
        if "quantity" in line and line["quantity"] is None:
            raise Refused("The JSON value could not be converted to System.Decimal.", quantity=None)
        lines.append({**_renamed(line, LINE), "operation": operation})
    return lines


def _part(body: Mapping[str, Any], name: str, known: Mapping[str, int], where: str, *, strict: bool) -> JSONDict:
    part = body.get(name) or {}
    if not isinstance(part, dict):
        raise Refused("The JSON value could not be converted to an object.", about={name: "object"})
    for field, value in part.items():
        longest = known.get(field)
        if longest is None and strict:
            raise Refused(f"The field {where}{field} is not known.", about={f"{where}{field}": "unknown"})
        if longest and isinstance(value, str) and len(value) > longest:
            message = f"The field {field} must be a string with a maximum length of {longest}."
            raise Refused(message, about={f"{where}{field}": "too long"})
    return part


def _place(account: Account, part: Mapping[str, Any], prefix: str, name: str) -> JSONDict:
    changes: JSONDict = {}
    if part.get("address"):
        address = _part(part, "address", fields.ADDRESS_V3, f"{name}.address.", strict=False)
        mapped = v3_address(account, address)
        changes[f"{prefix}Address"] = {**mapped, "countryId": mapped["country"]["id"]}
    if part.get("contact"):
        contact = _part(part, "contact", fields.CONTACT_V3, f"{name}.contact.", strict=False)
        changes[f"{prefix}Contact"] = {"attention": "", "phone1": "", "email": "", "name": "", **contact}
    return changes


def _renamed(body: Mapping[str, Any], names: Mapping[str, str]) -> JSONDict:
    return {ours: body[theirs] for theirs, ours in names.items() if theirs in body}


def order_row(thing: Thing) -> JSONDict:
    """Return an order as the list has it."""
    order = thing.body
    return {
        "type": order["orderType"],
        "orderId": order["orderNo"],
        "status": order["status"],
        "date": f"{order['date']}Z",
        "requestOn": f"{order['requestOn']}Z",
        "lastModified": zoned_stamp(thing.modified_at),
        "currency": order["currency"],
        "customerId": order["customer"]["number"],
        "customerName": order["customer"]["name"],
        "customerOrder": order["customerOrder"],
        "customerRefNo": order["customerRefNo"],
        "description": order["description"],
        "location": order["location"]["id"],
        "orderQty": _quantity(order),
        "orderTotal": order["orderTotal"],
        "_links": {"self": {"href": f"/api/v3/SalesOrders/{order['orderType']}/{order['orderNo']}"}},
    }


def order_view(thing: Thing, expand: Callable[[str], bool]) -> JSONDict:
    """Return one order; most parts come only when asked for."""
    order = thing.body
    customer, zone = order["customer"], order["customerVATZone"]
    view: JSONDict = {
        "type": order["orderType"],
        "orderId": order["orderNo"],
        "status": {"description": order["status"], "hold": order["hold"], "cancelled": order["canceled"]},
        "date": f"{order['date']}Z",
        "requestOn": f"{order['requestOn']}Z",
        "lastModified": zoned_stamp(thing.modified_at),
        "currencyId": order["currency"],
        "description": order["description"],
        "orderQty": _quantity(order),
        "isRotRutDeductable": False,
        "version": version_text(thing.pk, thing.version),
        "customer": {
            "id": customer["number"],
            "internalId": customer["internalId"],
            "name": customer["name"],
            "contactId": order["contactId"],
            "order": order["customerOrder"],
            "refNo": order["customerRefNo"],
            "location": {"id": order["location"]["id"], "name": order["location"]["name"]},
            "taxZone": {"id": zone["id"], "description": zone["description"]},
        },
        "branch": {"id": order["branchNumber"]["number"], "description": order["branchNumber"]["name"]},
        "totals": {
            **{name: order[source] for name, source in TOTALS.items()},
            **{f"{name}InBaseCurrency": order[f"{source}InBaseCurrency"] for name, source in TOTALS.items()},
            "freightTotal": order["_freight"]["amount"],
            "freightCost": order["_freight"]["cost"],
        },
    }
    return view | {name: value for name, (part, value) in _parts(order).items() if expand(part)}


def _parts(order: JSONDict) -> dict[str, tuple[str, Any]]:
    method = order["paymentMethod"] or {}
    return {
        "note": ("Note", order["note"]),
        "billing": ("Billing", _view_place(order, "soBilling")),
        "shipping": (
            "Shipping",
            {
                **_view_place(order, "soShipping"),
                "shipVia": order.get("shipVia"),
                "preferredWarehouse": order["preferredWarehouse"],
            },
        ),
        "paymentSettings": ("Payment", {"paymentMethodId": method.get("id"), "paymentReference": order["paymentRef"]}),
        "financialInformation": ("FinancialInformation", {"postPeriod": order["postPeriod"], "terms": order["terms"]}),
        "freight": ("Freight", {"cost": order["_freight"]["cost"], "premiumAmount": order["_freight"]["amount"]}),
    }


def _view_place(order: JSONDict, prefix: str) -> JSONDict:
    address, contact = order[f"{prefix}Address"], order[f"{prefix}Contact"]
    country = address["country"] or {}
    return {
        "address": {
            "line1": address["addressLine1"],
            "line2": address["addressLine2"],
            "line3": address["addressLine3"],
            "postalCode": address["postalCode"],
            "city": address["city"],
            "country": country.get("id"),
            "overridesDefault": address["overrideAddress"],
        },
        "contact": {
            **{name: contact[name] for name in ("name", "attention", "email", "phone1")},
            "overridesDefault": contact["overrideContact"],
        },
    }


def line_view(line: JSONDict) -> JSONDict:
    warehouse = line["warehouse"] or {}
    return {
        "lineId": line["lineNbr"],
        "sortOrder": line["sortOrder"],
        "inventory": {"id": line["inventory"]["number"], "description": line["inventory"]["description"]},
        "description": line["lineDescription"],
        "quantity": line["quantity"],
        "openQuantity": line["openQty"],
        "unitOfMeasure": line["uom"],
        "unitPrice": line["unitPrice"],
        "unitCost": line["unitCost"],
        "extendedPrice": line["extPrice"],
        "discountAmount": line["discountAmount"],
        "discountPercent": line["discountPercent"],
        "hasManualDiscount": line["manualDiscount"],
        "taxCategoryId": line["taxCategory"],
        "warehouseId": warehouse.get("id"),
        "externalLink": line["externalLink"],
        "note": line["note"],
        "completed": line["completed"],
        "branch": {"id": line["branchNumber"]["number"], "description": line["branchNumber"]["name"]},
        "subaccount": line.get("subaccount"),
    }


def _quantity(order: JSONDict) -> Any:
    return sum(line["quantity"] for line in order["lines"])
