"""Sales orders of the order service: plain JSON, a version on every change, pages from zero."""

from __future__ import annotations

from connectors.sandbox.front import Reply
from connectors.sandbox.models import Thing
from connectors.sandbox.visma_net import store
from connectors.sandbox.visma_net.asking import Ask, Route
from connectors.sandbox.visma_net.order_document import FINAL, KIND, change_order, create_order
from connectors.sandbox.visma_net.order_shape_v3 import line_view, order_row, order_view, read_lines, read_order
from connectors.sandbox.visma_net.refusal import Refused, not_found
from connectors.sandbox.visma_net.stock_v3 import page_reply
from connectors.sandbox.visma_net.wire import JSONDict, read_zoned_time

LIST_QUERY = ("customerId", "status", "modifiedSince", "pageSize", "pageIndex", "orderBy", "filter")
ORDER_BY = {"created": "created_at", "lastmodified": "modified_at", "orderid": "key"}
BASE = "api/v3/SalesOrders"


def list_orders(ask: Ask) -> Reply:
    rows = Thing.objects.filter(account=ask.account, kind=KIND)
    for value, place in (
        (ask.keys.get("type"), "body__orderType__iexact"),
        (ask.text("customerId"), "body__customer__number"),
        (ask.text("status"), "body__status__iexact"),
        (ask.text("filter"), "body__orderNo__icontains"),
    ):
        if value:
            rows = rows.filter(**{place: value})
    since = ask.text("modifiedSince")
    if since:
        moment = read_zoned_time(since)
        if moment is None:
            raise Refused(f"The value '{since}' is not valid.", modifiedSince=since)
        rows = rows.filter(modified_at__gte=moment)
    return page_reply(ask, [order_row(thing) for thing in rows.order_by(_column(ask))])


def _column(ask: Ask) -> str:
    name, _, direction = (ask.text("orderBy") or "orderId").partition(" ")
    column = ORDER_BY.get(name.lower())
    if column is None:
        raise Refused(f"Cannot order by '{name}'.", orderBy=name)
    return f"-{column}" if direction.strip().lower() == "desc" else column


def get_order(ask: Ask) -> Reply:
    thing = _order(ask)
    wanted = {part.lower() for part in ask.many("expand")}
    view = order_view(thing, lambda part: "all" in wanted or part.lower() in wanted)
    return Reply(200, view, {"ETag": store.etag(thing)})


def post_order(ask: Ask) -> Reply:
    payload = ask.incoming.body
    _require(payload, "type", "customer")
    changes = read_order(ask.account, payload, strict=ask.is_strict)
    thing = create_order(ask.account, changes, may_number=False)
    return Reply(201, None, ask.location(f"{BASE}/{thing.body['orderType']}/{thing.body['orderNo']}"))


def patch_order(ask: Ask) -> Reply:
    thing = _order_to_change(ask)
    return _change(ask, thing, read_order(ask.account, ask.incoming.body, strict=ask.is_strict))


def delete_order(ask: Ask) -> Reply:
    thing = _order_to_change(ask)
    if thing.body["status"] in FINAL:
        raise Refused(f"The order is {thing.body['status']} and cannot be deleted.", code="1700-InvalidOrderStatus")
    thing.delete()
    return Reply(202)


def list_lines(ask: Ask) -> Reply:
    return page_reply(ask, [line_view(line) for line in _order(ask).body["lines"]])


def get_line(ask: Ask) -> Reply:
    for line in _order(ask).body["lines"]:
        if str(line["lineNbr"]) == ask.keys["line"]:
            return Reply(200, line_view(line))
    raise not_found("The line", ask.keys["line"])


def post_lines(ask: Ask) -> Reply:
    return _change(ask, _order_to_change(ask), {"lines": _lines(ask, "Insert")})


def patch_lines(ask: Ask) -> Reply:
    return _change(ask, _order_to_change(ask), {"lines": _lines(ask, "Update")})


def delete_lines(ask: Ask) -> Reply:
    ids = [int(text) for text in ask.many("ids") if text.isdigit()]
    return _change(ask, _order_to_change(ask), {"lines": [{"operation": "Delete", "lineNbr": line} for line in ids]})


def list_shipments(ask: Ask) -> Reply:
    rows = [
        {
            "id": row["shipmentNo"],
            "type": row["shipmentType"],
            "date": f"{row['shipmentDate']}Z",
            "invoiceId": row["invoiceNo"],
        }
        for row in _order(ask).body["shipments"]
    ]
    return Reply(200, rows)


def _lines(ask: Ask, operation: str) -> list[JSONDict]:
    _require(ask.incoming.body, "lines")
    return read_lines(ask.incoming.body["lines"], operation=operation, strict=ask.is_strict)


def _change(ask: Ask, thing: Thing, changes: JSONDict) -> Reply:
    change_order(ask.account, thing, changes)
    return Reply(202, None, {"ETag": store.etag(thing)})


def _require(payload: object, *names: str) -> None:
    for name in names:
        if not isinstance(payload, dict) or not payload.get(name):
            raise Refused(f"The {name} field is required.", about={name: None})


def _order(ask: Ask) -> Thing:
    return store.get(ask.account, KIND, f"{ask.keys['type']}/{ask.keys['number']}", what="The sales order")


def _order_to_change(ask: Ask) -> Thing:
    """Every change here names the version it is based on."""
    thing = _order(ask)
    version = ask.header("if-match")
    if version is None:
        raise Refused("The If-Match header is required.", about={"If-Match": None})
    store.check_version(thing, version)
    return thing


ONE = f"{BASE}/{{type}}/{{number}}"
ROUTES = (
    Route("GET", BASE, list_orders, LIST_QUERY),
    Route("POST", BASE, post_order),
    Route("GET", f"{BASE}/{{type}}", list_orders, LIST_QUERY),
    Route("GET", ONE, get_order, ("expand",)),
    Route("PATCH", ONE, patch_order),
    Route("DELETE", ONE, delete_order),
    Route("GET", f"{ONE}/lines", list_lines, ("pageSize", "pageIndex")),
    Route("POST", f"{ONE}/lines", post_lines),
    Route("PATCH", f"{ONE}/lines", patch_lines),
    Route("DELETE", f"{ONE}/lines", delete_lines, ("ids",)),
    Route("GET", f"{ONE}/lines/{{line}}", get_line),
    Route("GET", f"{ONE}/shipment", list_shipments),
)
