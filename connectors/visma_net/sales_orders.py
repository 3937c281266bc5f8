"""Sales orders: v3 of the sales order service, or v2 of the ERP where a connection says so. Payloads are v3's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from apicenter.errors import MappingError, NotFound, Rejected, RemoteUnavailable
from connectors.base import Existing, FieldInfo, Need, Sent, Text, Written
from connectors.core import JSONDict, Totals
from connectors.http import Answer
from connectors.maps import ResourceMap
from connectors.revising import Comparing, Revision, Standing
from connectors.visma_net.api import created_keys, path_key, said, utc_text
from connectors.visma_net.availability import available, needs_of
from connectors.visma_net.dialect import name_customer
from connectors.visma_net.fields_orders import ORDER_FIELDS
from connectors.visma_net.order_map import ORDER_MAP
from connectors.visma_net.order_standing import COMPARING, gone, read_v2, read_v3, v2_body, v3_steps
from connectors.visma_net.order_v2 import to_v2
from connectors.visma_net.products import ItemTarget
from connectors.visma_net.read_values import SYSTEM, read_id, read_text, read_totals
from connectors.visma_net.subaccounts import in_v3
from connectors.visma_net.wrap import prune

V3_PATH = "/api/v3/SalesOrders"
V2_PATH = "/v2/salesorder"
DEFAULT_TYPE = "SO"
PAGE_SIZE = 100
CLOCKS_DIFFER = timedelta(days=1)  # ours may be wrong, and the zone of the ERP's times is not documented
DATE_LENGTH = 10
TIMES = frozenset(
    {"date", "requestOn", "cancelBy", "scheduledDate", "requestDate", "shipDate"}
    | {"cashDiscountDate", "dueDate", "invoiceDate"}
)

SEEN_PARTS = ("Customer", "Billing", "Shipping", "Note")


class SalesOrders(ItemTarget):
    """Sales orders; the id is `type/number`."""

    kind: ClassVar[str] = "sales_orders"
    title: ClassVar[Text] = _("Sales orders")
    natural_key: ClassVar[str] = "customer.refNo"
    standard_fields: ClassVar[tuple[FieldInfo, ...]] = ORDER_FIELDS
    default_map: ClassVar[ResourceMap] = ORDER_MAP
    can_update: ClassVar[bool] = False
    can_read: ClassVar[bool] = False
    tells_totals: ClassVar[bool] = True
    comparing: ClassVar[Comparing | None] = COMPARING
    can_revise: ClassVar[bool] = True
    reference_length: ClassVar[int] = 15  # an order number where the order type lets us choose it

    @property
    def is_v2(self) -> bool:
        return self.erp.settings.get("order_api") == "v2"

    def create(self, payload: JSONDict, *, reference: str) -> Written:
        order = self._order(payload, reference)
        try:
            return self._create_v2(order) if self.is_v2 else self._create_v3(order)
        except Rejected as error:
            existing = self._with_own_number(order["type"], reference)
            if existing is None:
                name_customer(error, order["customer"].get("id"))
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
        if order.get("orderLines"):
            order["orderLines"] = [self._line(f"orderLines.{at}", one) for at, one in enumerate(order["orderLines"])]
        return order

    def _line(self, where: str, line: Mapping[str, Any]) -> JSONDict:
        named = self.subaccounts.on_line(line, where=where)
        return named if self.is_v2 else in_v3(named)

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

    def totals_of(self, target_id: str) -> Totals | None:
        order_type, number = target_id.split("/", 1)
        path = f"{path_key(order_type)}/{path_key(number)}"
        if self.is_v2:
            return read_totals(self.erp.get(f"/v1/salesorder/{path}"), including="orderTotal", tax="taxTotal")
        order = self.api.call("GET", f"{V3_PATH}/{path}", host="order").body
        return read_totals(order.get("totals"), including="orderTotal", tax="taxTotal")

    def needs(self, payload: JSONDict) -> list[Need]:
        return needs_of(payload)

    def available(self, items: Sequence[str]) -> Mapping[str, Mapping[str, Decimal]]:
        return available(self.erp, items, is_v2=self.is_v2)

    def standing(self, target_id: str) -> Standing:
        order_type, number = target_id.split("/", 1)
        path = f"{path_key(order_type)}/{path_key(number)}"
        try:
            if self.is_v2:
                return read_v2(target_id, self.erp.get(f"/v1/salesorder/{path}"))
            answer = self.api.call("GET", f"{V3_PATH}/{path}", host="order", query={"expand": list(SEEN_PARTS)})
            lines = list(self._pages_v3(f"{V3_PATH}/{path}/lines", {}))
        except NotFound:
            return gone(target_id)
        return read_v3(target_id, answer.body, lines, version=answer.headers.get("etag", ""))

    def revise(self, standing: Standing, revision: Revision) -> Written:
        order_type, number = standing.id.split("/", 1)
        lines = [replace(one, values=self._line("orderLines", one.values)) for one in revision.lines]
        revision = replace(revision, lines=tuple(lines))
        if self.is_v2:
            body = v2_body(order_type, revision)
            self.erp.send("PUT", f"/v1/salesorder/{path_key(number)}", body, is_create=True)
            return Written(standing.id, number=number, sent=body)
        sent, version = [], standing.version
        for method, below, change, query in v3_steps(revision):
            path = f"{V3_PATH}/{path_key(order_type)}/{path_key(number)}{below}"
            answer = self._change_v3(method, path, version, body=change, query=query)
            version = answer.headers.get("etag", "") or self.standing(standing.id).version
            sent.append({"method": method, "path": below, **(change or query)})
        return Written(standing.id, number=number, sent=sent)

    def _change_v3(
        self,
        method: str,
        path: str,
        version: str,
        *,
        body: JSONDict | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Change something of the version that was seen. An answer that does not come leaves open whether it did."""
        headers = {"If-Match": version}
        return self.api.call(method, path, host="order", query=query, json=body, headers=headers, is_create=True)

    def cancel(self, standing: Standing) -> Written:
        """v2 cancels an order; v3 knows only how to delete it."""
        order_type, number = standing.id.split("/", 1)
        if not self.is_v2:
            path = f"{V3_PATH}/{path_key(order_type)}/{path_key(number)}"
            self._change_v3("DELETE", path, standing.version)
            return Written(standing.id, number=number, sent={"method": "DELETE"}, note="order.deleted_there")
        body: JSONDict = {"orderType": order_type}
        path = f"{V2_PATH}/{path_key(number)}/action/cancelSalesOrder"
        answer = self.erp.send("POST", path, body, is_create=True)
        result = answer.body if isinstance(answer.body, dict) else {}
        if result.get("actionResult") == "Failed":
            raise Rejected(system=SYSTEM, answer=read_text(result.get("errorInfo")) or "cancelSalesOrder: Failed")
        return Written(standing.id, number=number, answer=answer.body, sent=body, note="order.cancelled_there")

    def find_by_reference(self, reference: str, *, customer: str, since: datetime) -> list[Existing]:
        sent = Sent(reference, "", {"customer": {"id": customer}}, since)
        return [Existing(found.id, found.number) for found in self.find_created(sent)]

    def _orders_v3(self, customer: str | None, sent_at: datetime) -> Iterator[JSONDict]:
        return self._pages_v3(V3_PATH, {"customerId": customer, "modifiedSince": utc_text(sent_at - CLOCKS_DIFFER)})

    def _pages_v3(self, path: str, query: Mapping[str, Any]) -> Iterator[JSONDict]:
        index, seen = 0, 0
        while True:
            page = {**query, "pageSize": PAGE_SIZE, "pageIndex": index}
            body = self.api.call("GET", path, host="order", query=page).body
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
        query = self.erp.since(sent_at - CLOCKS_DIFFER) | {"showNotes": "false"}
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
