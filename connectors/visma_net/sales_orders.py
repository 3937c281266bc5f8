"""Sales orders: v3 of the sales order service, or v2 of the ERP where a connection says so. Payloads are v3's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import MappingError, NotFound, Rejected, RemoteUnavailable
from connectors.base import Existing, FieldInfo, Sent, Text, Written
from connectors.core import JSONDict
from connectors.maps import ResourceMap
from connectors.visma_net.api import created_keys, path_key, said, utc_text
from connectors.visma_net.fields_orders import ORDER_FIELDS
from connectors.visma_net.order_map import ORDER_MAP
from connectors.visma_net.order_v2 import to_v2
from connectors.visma_net.products import ItemTarget
from connectors.visma_net.read_values import SYSTEM, read_id, read_text
from connectors.visma_net.wrap import prune

V3_PATH = "/api/v3/SalesOrders"
V2_PATH = "/v2/salesorder"
DEFAULT_TYPE = "SO"
PAGE_SIZE = 100
CLOCKS_DIFFER = timedelta(minutes=10)
ZONES_DIFFER = timedelta(days=1)  # the zone of the ERP's times is not documented; the order service says UTC
DATE_LENGTH = 10
TIMES = frozenset(
    {"date", "requestOn", "cancelBy", "scheduledDate", "requestDate", "shipDate"}
    | {"cashDiscountDate", "dueDate", "invoiceDate"}
)


class SalesOrders(ItemTarget):
    """Sales orders; the id is `type/number`."""

    kind: ClassVar[str] = "sales_orders"
    title: ClassVar[Text] = _("Sales orders")
    natural_key: ClassVar[str] = "customer.refNo"
    default_map: ClassVar[ResourceMap] = ORDER_MAP
    can_update: ClassVar[bool] = False
    reference_length: ClassVar[int] = 15  # an order number where the order type lets us choose it

    @property
    def is_v2(self) -> bool:
        return self.erp.settings.get("order_api") == "v2"

    def create(self, payload: JSONDict, *, reference: str) -> Written:
        order = self._order(payload, reference)
        try:
            return self._create_v2(order) if self.is_v2 else self._create_v3(order)
        except Rejected:
            existing = self._with_own_number(order["type"], reference)
            if existing is None:
                raise
            return existing

    def _order(self, payload: JSONDict, reference: str) -> JSONDict:
        order: JSONDict = prune(payload)
        order.setdefault("type", self._order_type(payload))
        order.setdefault("customer", {}).setdefault("refNo", reference)
        if self._has_own_numbers:
            order.setdefault("orderId", reference)
        for index, line in enumerate(order.get("orderLines") or ()):
            if not read_text(line.get("inventoryId")):
                raise MappingError(
                    "line.without_product",
                    field=f"orderLines.{index}.inventoryId",
                    text=str(line.get("description") or ""),
                )
        return order

    def _order_type(self, payload: JSONDict) -> str:
        return str(payload.get("type") or self.erp.settings.get("order_type") or DEFAULT_TYPE)

    @property
    def _has_own_numbers(self) -> bool:
        """Whether the order type takes the number we give: then the ERP itself refuses a second order."""
        return bool(self.erp.settings.get("order_type_is_manual"))

    def _create_v3(self, order: JSONDict) -> Written:
        body = _with_times(order)
        answer = self.api.call("POST", V3_PATH, host="order", json=body, is_create=True)
        order_type, number = created_keys(answer, 2)
        return Written(id=f"{order_type}/{number}", number=number, answer=said(answer), sent=body)

    def _create_v2(self, order: JSONDict) -> Written:
        body = to_v2(order)
        answer = self.erp.send("POST", V2_PATH, body, is_create=True)
        (number,) = created_keys(answer)
        return Written(id=f"{order['type']}/{number}", number=number, answer=said(answer), sent=body)

    def find_created(self, sent: Sent) -> list[Written]:
        """No version can filter by our reference: compare it on the customer's orders changed since, or ask for the
        number where that is our reference."""
        order_type = self._order_type(sent.payload)
        existing = self._with_own_number(order_type, sent.reference)
        if existing:
            return [existing]
        customer = read_text((sent.payload.get("customer") or {}).get("id"))
        rows = self._orders_v2(customer, sent.sent_at) if self.is_v2 else self._orders_v3(customer, sent.sent_at)
        marks = {sent.reference, (sent.payload.get("customer") or {}).get("refNo") or sent.reference}
        found = {_id(row): row for row in rows if read_text(row.get("customerRefNo")) in marks}
        return [Written(id=key, number=key.partition("/")[2]) for key in found]

    def find_by_reference(self, reference: str, *, customer: str, since: datetime) -> list[Existing]:
        sent = Sent(reference, "", {"customer": {"id": customer}}, since)
        return [Existing(found.id, found.number) for found in self.find_created(sent)]

    def _orders_v3(self, customer: str | None, sent_at: datetime) -> Iterator[JSONDict]:
        query = {"customerId": customer, "modifiedSince": utc_text(sent_at - CLOCKS_DIFFER), "pageSize": PAGE_SIZE}
        index, seen = 0, 0
        while True:
            body = self.api.call("GET", V3_PATH, host="order", query=query | {"pageIndex": index}).body
            if not isinstance(body, dict) or not isinstance(body.get("value"), list):
                raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail="an order list without rows")
            rows = body["value"]
            yield from rows
            index, seen = index + 1, seen + len(rows)
            if seen >= (body.get("totalCount") or 0) and not body.get("nextPage"):
                return
            if not rows:
                raise RemoteUnavailable("remote.bad_answer", system=SYSTEM, detail="an order list that ends too early")

    def _orders_v2(self, customer: str | None, sent_at: datetime) -> Iterator[JSONDict]:
        path = f"/v1/customer/{path_key(customer)}/salesorder" if customer else V2_PATH
        query = self.erp.since(sent_at - ZONES_DIFFER) | {"showNotes": "false"}
        try:
            for page in self.erp.pages(path, query, size=PAGE_SIZE):
                yield from page
        except NotFound:
            return  # no such customer, so no order of his

    def _with_own_number(self, order_type: str, reference: str) -> Written | None:
        if not self._has_own_numbers:
            return None
        keys = f"{path_key(order_type)}/{path_key(reference)}"
        try:
            if self.is_v2:
                row = self.erp.get(f"/v1/salesorder/{keys}")
                mark = read_text(row.get("customerRefNo"))
            else:
                row = self.api.call("GET", f"{V3_PATH}/{keys}", host="order", query={"expand": "Customer"}).body
                mark = read_id(row.get("customer"), "refNo")
        except NotFound:
            return None
        if mark != reference:
            return None  # somebody else's order has this number
        return Written(id=f"{order_type}/{reference}", number=reference)

    def fields(self) -> list[FieldInfo]:
        return list(ORDER_FIELDS)


def _id(row: JSONDict) -> str:
    order_type = read_text(row.get("type")) or read_text(row.get("orderType")) or ""
    return f"{order_type}/{read_text(row.get('orderId')) or read_text(row.get('orderNo')) or ''}"


def _with_times(value: Any, name: str = "") -> Any:
    """Return the order with every bare date as the moment v3 wants."""
    if isinstance(value, dict):
        return {key: _with_times(inner, key) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_times(inner) for inner in value]
    if name not in TIMES:
        return value
    if isinstance(value, datetime):
        return utc_text(value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"{text}T00:00:00Z" if len(text) == DATE_LENGTH else text
