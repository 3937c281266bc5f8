"""Sales orders of v3 told in the names of v2, for companies that still use it. Data, and one pure function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from apicenter.errors import MappingError
from connectors.core import JSONDict
from connectors.visma_net.wrap import insert_lines, prune, wrap

DATE_LENGTH = 10
# v2 keeps a price it is given, and takes the sales account from the item: its lines have no field for it
DROPPED = frozenset({"hasManualPrice", "salesAccountId"})
DATES = frozenset({"date", "requestOn", "cancelBy", "shipping.scheduledDate"})
LINE_DATES = frozenset({"requestDate", "shipDate"})

HEAD = {
    "type": "orderType",
    "orderId": "orderNumber",
    "date": "date",
    "requestOn": "requestOn",
    "cancelBy": "cancelBy",
    "currencyId": "currency",
    "description": "description",
    "note": "note",
    "branchId": "branchNumber",
    "ownerId": "owner",
    "salesPersonId": "salesPerson",
    "taxZoneId": "customerVATZone",
    "originalOrderId": "origOrderNbr",
    "originalOrderType": "origOrderType",
    "customer.id": "customer",
    "customer.gln": "gln",
    "customer.contactId": "contactId",
    "customer.locationId": "location",
    "customer.order": "customerOrder",
    "customer.refNo": "customerRefNo",
    "customer.termsId": "terms",
    "shipping.fobPointId": "fobPoint",
    "shipping.insurance": "insurance",
    "shipping.intrastatTransactionTypeId": "transactionType",
    "shipping.preferredWarehouseId": "preferredWarehouse",
    "shipping.priority": "priority",
    "shipping.residentialDelivery": "residentialDelivery",
    "shipping.rule": "shipComplete",
    "shipping.saturdayDelivery": "saturdayDelivery",
    "shipping.scheduledDate": "schedShipment",
    "shipping.shipSeparately": "shipSeparately",
    "shipping.shipViaId": "shipVia",
    "shipping.termsId": "shippingTerms",
    "shipping.zoneId": "shippingZone",
    "paymentSettings.cashAccountId": "cashAccount",
    "paymentSettings.paymentMethodId": "paymentMethod",
    "paymentSettings.paymentReference": "paymentRef",
    "financialInformation.invoiceSeparately": "invoiceSeparately",
    "print.descriptionOnInvoice": "printDescriptionOnInvoice",
    "print.noteOnExternalDocuments": "printNoteOnExternalDocuments",
    "print.noteOnInternalDocuments": "printNoteOnInternalDocuments",
}
ADDRESS = {
    "line1": "addressLine1",
    "line2": "addressLine2",
    "line3": "addressLine3",
    "postalCode": "postalCode",
    "city": "city",
    "countryId": "countryId",
    "stateId": "county",
}
CONTACT = {name: name for name in ("name", "attention", "email", "phone1")}
PLACES = {
    "billing.address": ("soBillingAddress", "overrideAddress", ADDRESS),
    "billing.contact": ("soBillingContact", "overrideContact", CONTACT),
    "shipping.address": ("soShippingAddress", "overrideAddress", ADDRESS),
    "shipping.contact": ("soShippingContact", "overrideContact", CONTACT),
}
LINE = {
    "inventoryId": "inventoryNumber",
    "description": "lineDescription",
    "quantity": "quantity",
    "unitOfMeasure": "uom",
    "unitPrice": "unitPrice",
    "unitCost": "unitCost",
    "discountPercent": "discountPercent",
    "discountAmount": "discountAmount",
    "discountCode": "discountCode",
    "hasManualDiscount": "manualDiscount",
    "taxCategoryId": "taxCategory",
    "warehouseId": "warehouse",
    "externalLink": "externalLink",
    "note": "note",
    "branchId": "branchNumber",
    "commissionable": "commissionable",
    "projectTaskId": "projectTask",
    "reasonCode": "reasonCode",
    "salesPersonId": "salesPerson",
    "requestDate": "requestedOn",
    "shipDate": "shipOn",
    "subaccount": "subaccount",
    "shippingRule": "shipComplete",
    "overshipThreshold": "overshipThreshold",
    "undershipThreshold": "undershipThreshold",
}


def to_v2(order: JSONDict) -> JSONDict:
    """Return the wrapped body of `POST /v2/salesorder`. Raises MappingError for a field v2 does not have."""
    plain = to_v2_change({name: value for name, value in order.items() if name not in ("orderLines", "status")})
    plain |= to_v2_places(order)
    if status := order.get("status"):
        plain["hold"] = _is_hold(status)
    plain["lines"] = [to_v2_line(line) for line in order.get("orderLines") or ()]
    return wrap(insert_lines(prune(plain), "lines"))


def to_v2_places(order: Mapping[str, Any]) -> JSONDict:
    """Return the addresses and contacts of an order in v2's names, in place of the customer's. Raises MappingError."""
    found: JSONDict = {}
    for place, (name, flag, names) in PLACES.items():
        outer, inner = place.split(".")
        if part := (order.get(outer) or {}).get(inner):
            found[name] = {flag: True} | {_renamed(key, names, f"{place}."): value for key, value in part.items()}
    return found


def to_v2_change(head: Mapping[str, Any]) -> JSONDict:
    """Return fields of the head in v2's names, not wrapped yet. Raises MappingError."""
    return {_renamed(path, HEAD): _date_only(value) if path in DATES else value for path, value in _leaves(head)}


def _leaves(order: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in order.items():
        if not isinstance(value, dict):
            yield name, value
            continue
        for inner, leaf in value.items():
            if f"{name}.{inner}" not in PLACES:
                yield f"{name}.{inner}", leaf


def to_v2_line(line: Mapping[str, Any]) -> JSONDict:
    """Return a line in v2's names, not wrapped yet. Raises MappingError."""
    return {
        _renamed(name, LINE, "orderLines."): _date_only(value) if name in LINE_DATES else value
        for name, value in line.items()
        if name not in DROPPED
    }


def _renamed(path: str, names: Mapping[str, str], where: str = "") -> str:
    if path in names:
        return names[path]
    raise MappingError(
        field=f"{where}{path}", why=_("the older sales order version of this connection does not have it")
    )


def _is_hold(status: Any) -> bool:
    if status in ("Hold", "Open"):
        return bool(status == "Hold")
    raise MappingError(
        field="status", why=_("the older sales order version of this connection only knows Hold and Open")
    )


def _date_only(value: Any) -> str:
    return str(value)[:DATE_LENGTH]
