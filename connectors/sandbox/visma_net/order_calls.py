"""Sales orders of the ERP gateway, v1 and v2: wrapped on the way in, plain on the way out."""

from __future__ import annotations

import uuid

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Thing
from connectors.sandbox.visma_net import fields, store
from connectors.sandbox.visma_net.asking import Ask, Route
from connectors.sandbox.visma_net.listing import Listing, body_of, list_things
from connectors.sandbox.visma_net.order_document import FINAL, KIND, change_order, create_order
from connectors.sandbox.visma_net.refusal import Refused, not_found
from connectors.sandbox.visma_net.wire import JSONDict

BASIC = (
    "lines", "orderType", "orderNo", "status", "hold", "date", "requestOn", "customerOrder", "customerRefNo",
    "customer", "contactId", "location", "currency", "description", "orderTotal", "orderTotalInBaseCurrency",
    "vatTaxableTotal", "vatTaxableTotalInBaseCurrency", "vatExemptTotal", "vatExemptTotalInBaseCurrency", "taxTotal",
    "taxTotalInBaseCurrency", "exchangeRate", "discountTotal", "discountTotalInBaseCurrency", "lastModifiedDateTime",
    "branchNumber", "note",
)  # fmt: skip
BASIC_LINE = (
    "lineNbr", "sortOrder", "inventory", "warehouse", "uom", "quantity", "qtyOnShipments", "openQty", "unitCost",
    "unitPrice", "discountPercent", "discountAmount", "manualDiscount", "discUnitPrice", "extPrice",
    "unbilledAmount", "lineDescription", "branchNumber", "note",
)  # fmt: skip


def _with_note(ask: Ask, body: JSONDict) -> JSONDict:
    if not ask.flag("showNotes", default=False):
        body.pop("note", None)
    return body


def _basic(ask: Ask, body: JSONDict) -> JSONDict:
    body["lines"] = [{name: line[name] for name in BASIC_LINE} for line in body["lines"]]
    return _with_note(ask, {name: body[name] for name in BASIC})


FILTERS = {"orderType": "body__orderType", "status": "body__status"}
LISTING = Listing(KIND, filters=FILTERS, show=_with_note)
BASIC_LISTING = Listing(KIND, filters=FILTERS, show=_basic)


def _only(ask: Ask) -> JSONDict:
    if "customer" not in ask.keys:
        return {}
    customer = store.get(ask.account, "customer", ask.keys["customer"], what="The customer")
    return {"body__customer__number": customer.body["number"]}


def list_orders(ask: Ask) -> Reply:
    return list_things(ask, LISTING, only=_only(ask))


def list_basic(ask: Ask) -> Reply:
    return list_things(ask, BASIC_LISTING, only=_only(ask))


def get_order(ask: Ask) -> Reply:
    return Reply(200, body_of(_order(ask, ask.keys.get("type")), LISTING))


def get_basic(ask: Ask) -> Reply:
    body = body_of(_order(ask, ask.keys.get("type")), LISTING)
    body["lines"] = [{name: line[name] for name in BASIC_LINE} for line in body["lines"]]
    return Reply(200, {name: body[name] for name in BASIC})


def post_order(ask: Ask) -> Reply:
    changes = ask.payload(fields.ORDER, lines="lines", known_in_lines=fields.ORDER_LINE)
    for index, line in enumerate(changes.get("lines") or ()):
        if line.get("operation") != "Insert":
            raise Refused(f"The operation of line {index + 1} of a new order must be Insert.")
    thing = create_order(ask.account, changes, may_number=True)
    return Reply(201, None, ask.location(f"v1/salesorder/{thing.body['orderType']}/{thing.body['orderNo']}"))


def put_order(ask: Ask) -> Reply:
    changes = ask.payload(fields.ORDER, lines="lines", known_in_lines=fields.ORDER_LINE)
    if not changes.get("orderType"):
        raise Refused("'Order type' cannot be empty.")
    change_order(ask.account, _order(ask, changes["orderType"]), changes)
    return Reply(204)


def cancel_order(ask: Ask) -> Reply:
    """The body is bare here, unlike everywhere else."""
    order_type = (ask.incoming.body or {}).get("orderType")
    if not isinstance(order_type, str):
        raise Refused("'Order type' cannot be empty.")
    thing = _order(ask, order_type)
    if thing.body["status"] in FINAL:
        raise Refused(f"The order is {thing.body['status']} and cannot be cancelled.")
    thing.body |= {"status": "Cancelled", "canceled": True, "hold": False}
    store.save(thing)
    return done()


def reopen_order(ask: Ask) -> Reply:
    update = (ask.incoming.body or {}).get("saleOrderUpdateDto") or {}
    order_type = update.get("orderType")
    wanted = order_type.get("value") if isinstance(order_type, dict) else order_type
    thing = _order(ask, wanted)
    if thing.body["status"] != "Cancelled":
        raise Refused(f"The order is {thing.body['status']} and cannot be reopened.")
    thing.body |= {"status": "Open", "canceled": False}
    store.save(thing)
    return done()


def done() -> Reply:
    """Return what an action that has finished at once answers."""
    return Reply(200, {"actionId": str(uuid.uuid4()), "actionResult": "Done", "errorInfo": None})


def _order(ask: Ask, order_type: str | None) -> Thing:
    """Find by type and number; v1 may ask by number alone and gets the first type that has it."""
    number = ask.keys["number"]
    if order_type:
        return store.get(ask.account, KIND, f"{order_type}/{number}", what="The sales order")
    thing = Thing.objects.filter(account=ask.account, kind=KIND, body__orderNo=number).order_by("key").first()
    if thing is None:
        raise not_found("The sales order", number)
    return thing


def _routes(version: str) -> tuple[Route, ...]:
    query = (*LISTING.query, "showNotes")
    path = f"{version}/salesorder"
    return (
        Route("GET", path, list_orders, query),
        Route("POST", path, post_order),
        Route("GET", f"{path}/{{number}}", get_order),
        Route("PUT", f"{path}/{{number}}", put_order),
        Route("GET", f"{path}/{{type}}/{{number}}", get_order),
        Route("POST", f"{path}/{{number}}/action/cancelSalesOrder", cancel_order),
        Route("POST", f"{path}/{{number}}/action/reopenSalesOrder", reopen_order),
        Route("GET", f"{path}basic", list_basic, query),
        Route("POST", f"{path}basic", post_order),
        Route("GET", f"{path}basic/{{number}}", get_basic),
        Route("PUT", f"{path}basic/{{number}}", put_order),
        Route("GET", f"{path}basic/{{type}}/{{number}}", get_basic),
    )


ROUTES = (
    *_routes("v1"),
    *_routes("v2"),
    Route("GET", "v1/customer/{customer}/salesorder", list_orders, (*LISTING.query, "showNotes")),
    Route("GET", "v1/customer/{customer}/salesorderbasic", list_basic, (*LISTING.query, "showNotes")),
)
